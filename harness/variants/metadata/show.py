"""Metadata in plain words, for JSON and for people. Pure."""

from __future__ import annotations

from typing import Any

from harness.variants.metadata.attach import Metadata

_LABELS = ("TENSOR_AXIS_LABELS", "TENSOR_VALUE_LABELS")


def describe(metadata: Metadata) -> dict[str, Any]:
    """Keys: name, description, version, author, license (None where not told), `inputs` and `outputs` (name,
    description, image, normalization, min, max, labels, score_threshold, boxes; None where not told), `files` (bytes by
    name), `missing_files` (named and not there) and `table`, the whole as the format has it.
    """
    table = metadata.table
    graph = (table.get("subgraph_metadata") or [{}])[0]
    named = sorted({f["name"] for f in named_files(table) if "name" in f})
    return {
        **{key: table.get(key) for key in ("name", "description", "version", "author", "license")},
        "inputs": [_tensor(t, metadata) for t in graph.get("input_tensor_metadata", [])],
        "outputs": [_tensor(t, metadata) for t in graph.get("output_tensor_metadata", [])],
        "files": {name: len(content) for name, content in sorted(metadata.files.items())},
        "missing_files": [name for name in named if name not in metadata.files],
        "table": _plain(table),
    }


def line(described: dict[str, Any]) -> str:
    """The metadata in one line."""
    parts = []
    for tensor in described["inputs"]:
        said = [tensor["image"]] if tensor["image"] else []
        if tensor["normalization"]:
            found = tensor["normalization"]
            said.append(f"(x − {_values(found['mean'])}) / {_values(found['std'])}")
        parts.append(f"takes {tensor['name'] or 'an input'}" + (f" ({', '.join(said)})" if said else ""))
    for tensor in described["outputs"]:
        labels = tensor["labels"]
        said_labels = f" ({len(labels)} labels: {_few(labels)})" if labels else ""
        parts.append(f"gives {tensor['name'] or 'an output'}{said_labels}")
    name = f"{described['name']}: " if described["name"] else ""
    return name + ("; ".join(parts) or "of no input or output")


def _tensor(table: dict[str, Any], metadata: Metadata) -> dict[str, Any]:
    content = table.get("content", {}).get("content_properties", {})
    image = content.get("ImageProperties")
    units: dict[str, Any] = {}
    for unit in table.get("process_units", []):
        units.update(unit.get("options", {}))
    stats = table.get("stats", {})
    threshold = units.get("ScoreThresholdingOptions")
    return {
        "name": table.get("name"),
        "description": table.get("description"),
        "image": None if image is None else image.get("color_space", "UNKNOWN").lower(),
        "normalization": units.get("NormalizationOptions") and {"mean": [], "std": [], **units["NormalizationOptions"]},
        "min": stats.get("min"),
        "max": stats.get("max"),
        "labels": _label_names(table, metadata),
        "score_threshold": None if threshold is None else threshold.get("global_score_threshold", 0.0),
        "boxes": content.get("BoundingBoxProperties"),
    }


def _label_names(table: dict[str, Any], metadata: Metadata) -> list[str] | None:
    for file in table.get("associated_files", []):
        if file.get("type") in _LABELS and file.get("name") in metadata.files:
            return metadata.files[file["name"]].decode("utf-8", "replace").splitlines()
    return None


def named_files(value: Any) -> list[dict[str, Any]]:
    """Every AssociatedFile of a table, wherever it stands."""
    if isinstance(value, list):
        return [f for v in value for f in named_files(v)]
    if not isinstance(value, dict):
        return []
    found = [f for key in ("associated_files", "vocab_file", "sentencePiece_model") for f in value.get(key) or []]
    return found + [f for v in value.values() for f in named_files(v)]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _values(values: list[float]) -> str:
    return f"{values[0]:g}" if len(values) == 1 else "[" + ", ".join(f"{v:g}" for v in values) + "]"


def _few(labels: list[str]) -> str:
    return ", ".join(labels[:3]) + (", …" if len(labels) > 3 else "")
