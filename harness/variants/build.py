"""Builds the variants of a recipe, each in a process of its own, each once for its content."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from harness import __version__
from harness.durable import write_atomic
from harness.errors import EnvironmentFault, HostError, UsageError
from harness.variants.facts import facts
from harness.variants.kinds import KINDS
from harness.variants.recipe import Recipe, Representative, Training, Variant

LIST = "variants.json"
SCHEMA = 1
#: What decides over the bytes of a variant beside the recipe.
_TOOLS = (
    "tensorflow", "keras", "tf-keras", "tensorflow-model-optimization", "ai-edge-quantizer", "litert-torch", "numpy",
)  # fmt: skip
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
        EnvironmentFault: TensorFlow, or what else builds from such a source, is not installed.
        UsageError: the source cannot be read.
        HostError: `out` cannot be written.
    """
    source = recipe.source.named
    versions = tool_versions(*source)
    shared: dict[str, Any] = {"source": [_digest(source, folder), recipe.source.batch], "tools": versions}
    for section in (recipe.representative, recipe.training):
        if section is not None:
            asked = section.model_dump(mode="json", exclude={"npz", "factory"})
            shared[type(section).__name__.lower()] = [_digest(section.named, folder), asked]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"{out} cannot be made: {error.strerror}", advice="choose another --out") from None

    # A factory trains, and every variant must come from the same weights.
    trained = _saved(source, shared["source"][0], folder, out)

    def one(variant: Variant) -> Built:
        built = _one(variant, recipe, trained, folder, out, shared)
        with lock:
            on_built(built)
        return built

    lock = Lock()
    with ThreadPoolExecutor(max_workers=workers(len(recipe.variants))) as pool:
        try:
            built = list(pool.map(one, recipe.variants))
        except BaseException:  # Ctrl-C: what is being built ends by the same signal, the rest must not begin
            pool.shutdown(cancel_futures=True)
            raise
    document = {
        "schema": SCHEMA,
        "source": {**source, "sha256": shared["source"][0]},
        **{f"{name}_sha256": shared[name][0] if name in shared else None for name in ("representative", "training")},
        "tools": versions,
        "variants": [{"name": b.name, **b.values} for b in built],
    }
    _write(out / LIST, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return built


def tool_versions(source: str) -> dict[str, str]:
    """Versions of what builds from a source of this kind.

    Raises:
        EnvironmentFault: what it needs most is not installed.
    """
    found = {"harness": __version__}
    for name in _TOOLS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    needed = {"torch": "litert-torch", "tflite": "ai-edge-quantizer"}.get(source, "tensorflow")
    if needed not in found:
        extra = "torch" if source == "torch" else "models"
        raise EnvironmentFault(f"{needed} is not installed", advice=f"pip install 'phone-rack-harness[{extra}]'")
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
    kind, options = KINDS[variant.kind], variant.checked.model_dump(mode="json")
    needs = {"training": kind.trains, "representative": kind.conversion.calibrates(variant.checked)}
    used = {name: value for name, value in shared.items() if needs.get(name, True)}
    key = hashlib.sha256(json.dumps([variant.kind, options, used], sort_keys=True).encode()).hexdigest()
    path, sidecar = out / f"{variant.name}.tflite", out / f"{variant.name}.json"
    kept = _kept(path, sidecar, key)
    if kept is not None:
        return Built(variant.name, False, kept)
    started = time.monotonic()
    described = {"kind": variant.kind, "options": options, "key": key}
    answer = _convert(variant, recipe, source, folder, path)
    if answer.get("error"):
        return Built(variant.name, True, {**described, "error": answer["error"]})
    values = {
        **described,
        "file": path.name,
        **facts(path),
        "source_sha256": used["source"][0],
        "representative_sha256": used.get("representative", [None])[0],
        "training_sha256": used.get("training", [None])[0],
        "tools": used["tools"],
        **answer,
        "seconds": round(time.monotonic() - started, 2),
    }
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
    """What can be opened: for a factory, the file of what it returns, made once for its content."""
    (kind, value), *_ = source.items()
    if kind not in ("factory", "torch"):
        return source
    made, suffix = ("keras", ".keras") if kind == "factory" else ("tflite", ".tflite")
    path = out / f".source-{digest[:16]}{suffix}"
    if not path.is_file():
        answer = _run({"folder": str(folder.absolute()), "kind": None, "source": source}, path)
        if answer.get("error"):
            raise UsageError(f"the source {value} failed: {answer['error']}", advice="run it by itself")
    return {made: str(path)}


def _convert(variant: Variant, recipe: Recipe, source: dict[str, str], folder: Path, path: Path) -> dict[str, Any]:
    request = {
        "folder": str(folder.absolute()),
        "kind": variant.kind,
        "options": variant.options,
        "source": {**{k: str(Path(v).absolute()) for k, v in source.items()}, "batch": recipe.source.batch},
        "representative": _request_data(recipe.representative),
        "training": _request_data(recipe.training),
    }
    return _run(request, path)


def _run(request: dict[str, Any], path: Path) -> dict[str, Any]:
    """Let a worker write `path`, and its answer; `error` in it where it failed. The file is there only when whole."""
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
                return {"error": f"the converter died with {done.returncode}{': ' + last[0] if last else ''}"}
            if not answer.get("error"):
                part.replace(path)
            return answer
        except subprocess.TimeoutExpired:
            return {"error": f"the converter took longer than {_WORKER_S:.0f} s"}
        except OSError as error:
            return {"error": f"{path} cannot be written: {error.strerror}"}
        finally:
            part.unlink(missing_ok=True)


def _request_data(section: Representative | Training | None) -> dict[str, Any] | None:
    if section is None:
        return None
    npz = str(section.npz.absolute()) if section.npz is not None else None
    return {**section.model_dump(mode="json"), "npz": npz}


def _answer(stdout: bytes) -> dict[str, Any] | None:
    for line in reversed(stdout.decode("utf-8", "replace").splitlines()):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                return None
            return found if isinstance(found, dict) else None
    return None


def _digest(named: dict[str, str], folder: Path) -> str:
    """Of what a source or dataset holds: a file, a folder's files, or the module of a factory."""
    (kind, value), *_ = named.items()
    if kind in ("factory", "torch"):
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
