"""Builds the variants of a recipe, each in a process of its own, each once for its content."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.durable import write_atomic
from harness.errors import EnvironmentFault, HostError, UsageError
from harness.variants.inspect import distinct, sparsity
from harness.variants.model_file import read_model_file
from harness.variants.recipe import Recipe, Variant

LIST = "variants.json"
SCHEMA = 1
#: What decides over the bytes of a variant beside the recipe.
_TOOLS = ("tensorflow", "keras", "tf-keras", "numpy")
#: Memory that one conversion of a phone's model takes, and a deadline that no such conversion needs.
_WORKER_MB, _WORKER_S = 3000, 3600.0


@dataclass(frozen=True)
class Built:
    """One variant: what `variants.json` says of it, and whether it was built now. `error` where there is no file."""

    name: str
    fresh: bool
    values: dict[str, Any]

    @property
    def error(self) -> str | None:
        """Why it could not be built."""
        error: str | None = self.values.get("error")
        return error


def build_variants(
    recipe: Recipe, folder: Path, out: Path, *, on_built: Callable[[Built], None] = lambda _: None
) -> list[Built]:
    """Build every variant of `recipe` into `out`; those that are there already for the same content are kept.

    Args:
        recipe: with paths as they are to be opened.
        folder: of the recipe, where factories are looked for.
        on_built: called as each is done, one call at a time.

    Returns:
        One entry a variant, in the recipe's order. `out`/variants.json says the same.

    Raises:
        EnvironmentFault: TensorFlow is not installed.
        UsageError: the source cannot be read.
        HostError: `out` cannot be written.
    """
    versions = tool_versions()
    source = {k: str(v) for k, v in recipe.source.model_dump().items() if v is not None}
    shared: dict[str, Any] = {"source": _digest(source, folder), "versions": versions, "representative": None}
    if recipe.representative is not None:
        data = {k: str(v) for k, v in recipe.representative.model_dump(exclude={"samples"}).items() if v is not None}
        shared["representative"] = [_digest(data, folder), recipe.representative.samples]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"{out} cannot be made: {error.strerror}", advice="choose another --out") from None

    # A factory trains, and every variant must come from the same weights.
    trained = _saved(source, shared["source"], folder, out) if "factory" in source else source

    def one(variant: Variant) -> Built:
        return _one(variant, recipe, trained, folder, out, shared)

    built: list[Built] = []
    with ThreadPoolExecutor(max_workers=workers(len(recipe.variants))) as pool:
        for done in pool.map(one, recipe.variants):
            built.append(done)
            on_built(done)
    document = {
        "schema": SCHEMA,
        "source": {**source, "sha256": shared["source"]},
        "representative_sha256": shared["representative"][0] if shared["representative"] else None,
        "tools": versions,
        "variants": [{"name": b.name, **b.values} for b in built],
    }
    _write(out / LIST, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return built


def tool_versions() -> dict[str, str]:
    """Versions of what builds.

    Raises:
        EnvironmentFault: TensorFlow is not installed.
    """
    found = {}
    for name in _TOOLS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if "tensorflow" not in found:
        raise EnvironmentFault("TensorFlow is not installed", advice="pip install 'phone-rack-harness[models]'")
    return found


def workers(variants: int) -> int:
    """How many conversions run at once: as many as there are cores and memory for."""
    try:
        free_mb = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    except (ValueError, OSError, AttributeError):  # not on this system
        free_mb = _WORKER_MB
    return max(1, min(variants, os.cpu_count() or 1, free_mb // _WORKER_MB))


def _one(
    variant: Variant, recipe: Recipe, source: dict[str, str], folder: Path, out: Path, shared: dict[str, Any]
) -> Built:
    from harness.variants.kinds import KINDS

    used = shared if KINDS[variant.kind].calibrates else {**shared, "representative": None}
    key = hashlib.sha256(
        json.dumps([variant.kind, variant.options, used], sort_keys=True, default=str).encode()
    ).hexdigest()
    path, sidecar = out / f"{variant.name}.tflite", out / f"{variant.name}.json"
    kept = _kept(path, sidecar, key)
    if kept is not None:
        return Built(variant.name, False, kept)
    started = time.monotonic()
    described = {"kind": variant.kind, "options": variant.options, "key": key}
    error = _convert(variant, recipe, source, folder, path)
    if error is not None:
        return Built(variant.name, True, {**described, "error": error})
    values = {**described, "file": path.name, **_facts(path), "seconds": round(time.monotonic() - started, 2)}
    _write(sidecar, json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    return Built(variant.name, True, values)


def _kept(path: Path, sidecar: Path, key: str) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = json.loads(sidecar.read_bytes())
        same = values["key"] == key and values["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return values if same else None


def _saved(source: dict[str, str], digest: str, folder: Path, out: Path) -> dict[str, str]:
    """The model that a factory returns, in a file of its own; made once for its content."""
    path = out / f".source-{digest[:16]}.keras"
    if not path.is_file():
        error = _run({"folder": str(folder.absolute()), "kind": None, "source": source}, path)
        if error is not None:
            raise UsageError(f"the source {source['factory']} failed: {error}", advice="run it by itself")
    return {"keras": str(path)}


def _convert(variant: Variant, recipe: Recipe, source: dict[str, str], folder: Path, path: Path) -> str | None:
    request = {
        "folder": str(folder.absolute()),
        "kind": variant.kind,
        "options": variant.options,
        "source": {k: str(Path(v).absolute()) for k, v in source.items()},
        "representative": _request_data(recipe),
    }
    return _run(request, path)


def _run(request: dict[str, Any], path: Path) -> str | None:
    """Let a worker write `path`; None, or why it failed. The file is there only when it is whole."""
    part = path.with_name(f".{os.getpid()}-{path.name}")
    with tempfile.TemporaryDirectory(prefix="harness-variant-") as temporary:
        asked, log = Path(temporary) / "request.json", Path(temporary) / "log"
        asked.write_text(json.dumps({**request, "out": str(part.absolute())}))
        try:
            with log.open("wb") as stderr:
                done = subprocess.run(
                    [sys.executable, "-m", "harness.variants.worker", str(asked)],
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    stdin=subprocess.DEVNULL,
                    timeout=_WORKER_S,
                    env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
                )
            answer = _answer(done.stdout)
            if answer is None:
                last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
                return f"the converter died with {done.returncode}{': ' + last[0] if last else ''}"
            if answer.get("error"):
                return str(answer["error"])
            part.replace(path)
            return None
        except subprocess.TimeoutExpired:
            return f"the converter took longer than {_WORKER_S:.0f} s"
        except OSError as error:
            return f"{path} cannot be written: {error.strerror}"
        finally:
            part.unlink(missing_ok=True)


def _request_data(recipe: Recipe) -> dict[str, Any] | None:
    data = recipe.representative
    if data is None:
        return None
    npz = str(data.npz.absolute()) if data.npz is not None else None
    return {"npz": npz, "factory": data.factory, "samples": data.samples}


def _answer(stdout: bytes) -> dict[str, Any] | None:
    for line in reversed(stdout.decode("utf-8", "replace").splitlines()):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                return None
            return found if isinstance(found, dict) else None
    return None


def _facts(path: Path) -> dict[str, Any]:
    """Size, and what is really in the file. deflated_bytes: as an APK that compresses it would hold it."""
    model = read_model_file(path)
    weights = [w for graph in model.graphs for w in graph.weights if w.values is not None]
    total = sum(w.elements for w in weights)
    zeros = sum((sparsity(w) or 0.0) * w.elements for w in weights)
    return {
        "sha256": model.sha256,
        "file_bytes": model.file_bytes,
        "deflated_bytes": len(zlib.compress(path.read_bytes(), 9)),
        "parameters": total,
        "macs": model.macs,
        "sparsity": round(zeros / total, 6) if total else None,
        "most_distinct_weights": max((distinct(w) or 0 for w in weights), default=None),
        "weight_types": sorted({w.type for w in weights}),
        "needs_flex": model.needs_flex,
    }


def _digest(named: dict[str, str], folder: Path) -> str:
    """Of what a source or dataset holds: a file, a folder's files, or the module of a factory."""
    (kind, value), *_ = named.items()
    if kind == "factory":
        path = folder / Path(*value.partition(":")[0].split(".")).with_suffix(".py")
        if not path.is_file():
            raise UsageError(f"{value}: there is no {path}", advice="put the module beside the recipe")
        return hashlib.sha256(value.encode() + path.read_bytes()).hexdigest()
    path = Path(value)
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        try:
            digest.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes())
        except OSError as error:
            raise UsageError(
                f"{file} cannot be read: {error.strerror}", advice="check source and representative"
            ) from None
    return digest.hexdigest()


def _write(path: Path, text: str) -> None:
    try:
        write_atomic(path, text)
    except OSError as error:
        raise HostError(f"{path} cannot be written: {error.strerror}", advice="make room on the disk") from None
