"""Writes the stages of a model and `split.json`, which says what feeds what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.durable import write_atomic
from harness.errors import HostError
from harness.variants.flatbuffer import read_object, write_object
from harness.variants.metadata.attach import read_metadata, with_metadata
from harness.variants.metadata.divide import metadata_of_stage
from harness.variants.model_file import GraphInfo, ModelInfo, read_model_file
from harness.variants.split.cut import Stage, find_tensors, plan_stages
from harness.variants.split.refuse import check_model, check_stages
from harness.variants.split.stage import KEY, build_stage, dropped_metadata, stage_names
from harness.variants.split.verify import Array, compare

Place = tuple[str, int | None]
LIST = "split.json"
SCHEMA = 1


def split_model(path: Path, cuts: Sequence[str], out: Path, given: Sequence[list[Array]] = ()) -> dict[str, Any]:
    """Cut a model and write `STEM-1.tflite`, `STEM-2.tflite`, … and `split.json` into `out`.

    Args:
        cuts: one a cut, each the names of the tensors that cross it (see `find_tensors`).
        given: inputs to compare stages and whole on, beside random ones.

    Returns:
        What `split.json` says: `model`, `sha256`, `stages` (file, sizes, work, `inputs` and `outputs` by the names of
        the stage's signature; `from` is the number of the stage that gives an input, or "model"), `outputs` of the
        model with the stage that gives each, `equal` (see `compare`) and `metadata_dropped`.

    Raises:
        UsageError: the model cannot be read or written again, or cannot be cut there.
        HostError: `out` cannot be written.
    """
    info = read_model_file(path)
    check_model(info)
    graph = info.graphs[0]
    stages = plan_stages(graph, [find_tensors(graph, asked) for asked in cuts])
    model = read_object(path)
    check_stages(info, model, stages)
    names = stage_names(info, stages)
    key = info.signatures[0].key if info.signatures else KEY
    _remove_earlier(out)
    files = [out / f"{path.stem}-{number}.tflite" for number in range(1, len(stages) + 1)]
    told = read_metadata(path)
    for number, (file, stage, named) in enumerate(zip(files, stages, names, strict=True), 1):
        title = f"Stage {number} of {len(stages)} of {path.name}"
        made = build_stage(model, stage, *named, key, title)
        metadata = None if told is None else metadata_of_stage(told, *_places(graph, *named))
        _write(file, write_object(made) if metadata is None else with_metadata(made, metadata))
    document = {
        "schema": SCHEMA,
        "model": path.name,
        "sha256": info.sha256,
        "stages": [_described(graph, file, stage, n) for file, stage, n in zip(files, stages, names, strict=True)],
        "outputs": _outputs(info, stages, names),
        "equal": compare(path, files, stages, graph.inputs, graph.outputs, given),
        "metadata_dropped": dropped_metadata(model),
    }
    _write(out / LIST, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    return document


def _places(graph: GraphInfo, inputs: dict[str, int], outputs: dict[str, int]) -> tuple[list[Place], list[Place]]:
    """The place of each among the model's own inputs and outputs; None for what crosses a cut."""
    return (
        [(name, graph.inputs.index(t) if t in graph.inputs else None) for name, t in inputs.items()],
        [(name, graph.outputs.index(t) if t in graph.outputs else None) for name, t in outputs.items()],
    )


def _described(
    graph: GraphInfo, file: Path, stage: Stage, names: tuple[dict[str, int], dict[str, int]]
) -> dict[str, Any]:
    inputs, outputs = names
    written = read_model_file(file)
    sources = dict(zip(stage.inputs, stage.feeds, strict=True))
    return {
        "file": file.name,
        "sha256": written.sha256,
        "file_bytes": written.file_bytes,
        "ops": len(stage.ops),
        "macs": written.macs,
        "inputs": [{"name": name, "from": _source(sources[t]), **_tensor(graph, t)} for name, t in inputs.items()],
        "outputs": [{"name": name, **_tensor(graph, t)} for name, t in outputs.items()],
    }


def _source(stage: int | None) -> int | str:
    return "model" if stage is None else stage + 1


def _tensor(graph: GraphInfo, number: int) -> dict[str, Any]:
    tensor = graph.tensors[number]
    return {"tensor": tensor.name, "shape": list(tensor.shape), "type": tensor.type, "bytes": tensor.bytes}


def _outputs(
    info: ModelInfo, stages: Sequence[Stage], names: Sequence[tuple[dict[str, int], dict[str, int]]]
) -> list[dict[str, Any]]:
    found = []
    for tensor in info.graphs[0].outputs:
        number = next(n for n, stage in enumerate(stages) if tensor in stage.outputs)
        found.append({"name": next(n for n, t in names[number][1].items() if t == tensor), "stage": number + 1})
    return found


def _remove_earlier(out: Path) -> None:
    """Stages of an earlier split into this folder, which would be benchmarked with the new ones."""
    try:
        listed = [stage["file"] for stage in json.loads((out / LIST).read_bytes())["stages"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name in listed:
        if isinstance(name, str) and Path(name).name == name and name.endswith(".tflite"):
            (out / name).unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".tflite":
            part = path.with_name(f".{path.name}.part")
            part.write_bytes(data)
            part.replace(path)
        else:
            write_atomic(path, data.decode())
    except OSError as error:
        raise HostError(f"{path} cannot be written: {error.strerror}", advice="choose another --out") from None
