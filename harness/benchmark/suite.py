"""What is to be measured: a suite from a YAML file or from the command line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.benchmark.delegates import parse_delegate
from harness.benchmark.models import read_model
from harness.benchmark.work import ModelFile, Protocol
from harness.errors import UsageError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SuiteModel(_Strict):
    """One model: a path, or several variants of it by name."""

    name: str = Field(min_length=1, description="Name in reports.")
    path: Path | None = Field(default=None, description="The .tflite file, relative to the suite file.")
    variants: dict[str, Path] = Field(default={}, description="Variant name to .tflite file.")


class SuiteProtocol(_Strict):
    """How each session is run; see `harness bench --help`."""

    num_runs: int = Field(default=50, ge=1)
    min_secs: float = Field(default=1.0, ge=0)
    max_secs: float = Field(default=30.0, gt=0)
    warmup_runs: int = Field(default=1, ge=0)
    warmup_min_secs: float = Field(default=0.5, ge=0)
    session_timeout_s: float = Field(default=120.0, gt=0)
    cooldown_timeout_s: float = Field(default=30.0, ge=0)
    cooldown_above_idle_c: float = Field(default=2.0, ge=0)
    sample_period_s: float = Field(default=0.5, gt=0)
    idle_s: float = Field(default=0.0, ge=0)
    require_full_delegation: bool = False
    extra_args: list[str] = Field(default=[])


class Suite(_Strict):
    """Models × variants × delegates × threads × sessions, on the phones that match."""

    models: list[SuiteModel] = Field(min_length=1)
    delegates: list[str] = Field(default=["cpu", "gpu"], min_length=1, description="e.g. gpu or gpu:precision=fp32")
    threads: list[Annotated[int, Field(ge=1, le=64)]] = Field(default=[4], min_length=1)
    sessions: int = Field(default=3, ge=1, le=1000, description="Fresh processes per condition.")
    devices: list[str] = Field(default=[], description="Phones, as --device takes them; none: all.")
    seed: int = Field(default=0, description="Seed of the order of sessions.")
    protocol: SuiteProtocol = SuiteProtocol()

    def model_files(self, base: Path = Path()) -> list[ModelFile]:
        """Every model file, read and checked; relative paths start at `base`.

        Raises:
            UsageError: a file is missing or no model.
        """
        files = []
        for model in self.models:
            if model.path is not None:
                files.append(read_model(base / model.path, name=model.name))
            for variant, path in model.variants.items():
                files.append(read_model(base / path, name=model.name, variant=variant))
        return files

    def work_protocol(self) -> Protocol:
        """The protocol as the session takes it."""
        values = self.protocol.model_dump()
        return Protocol(**{**values, "extra_args": tuple(values["extra_args"])})


def load_suite(path: Path) -> Suite:
    """Read and check a suite file; paths in it become relative to the file's folder.

    Raises:
        UsageError: naming file, line and key, and what to do.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{where} is no YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(data, dict):
        raise UsageError(f"{path} is empty or no mapping", advice="begin with models:")
    try:
        suite = Suite.model_validate(data)
    except ValidationError as error:
        raise _explain(path, node, error) from None
    _check(suite, str(path), lambda key, index: f"{path}:{_line(node, [key, index])}")
    base = path.parent
    return suite.model_copy(update={"models": [_rebase(m, base) for m in suite.models]})


def suite_from_flags(
    models: Sequence[Path],
    *,
    delegates: Sequence[str],
    threads: Sequence[int],
    sessions: int,
    num_runs: int | None = None,
    min_secs: float | None = None,
    warmup_min_secs: float | None = None,
    seed: int = 0,
) -> Suite:
    """The suite that the command line describes.

    Raises:
        UsageError: an unknown delegate, two models of one name, no model.
    """
    given = {"num_runs": num_runs, "min_secs": min_secs, "warmup_min_secs": warmup_min_secs}
    protocol = SuiteProtocol(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    if protocol.min_secs > protocol.max_secs:
        protocol = protocol.model_copy(update={"max_secs": protocol.min_secs * 2})
    longest = protocol.max_secs * 2 + 60
    if longest > protocol.session_timeout_s:
        protocol = protocol.model_copy(update={"session_timeout_s": longest})
    names = _distinct_names(models)
    suite = Suite(
        models=[SuiteModel(name=n, path=p) for n, p in zip(names, models, strict=True)],
        delegates=list(delegates),
        threads=list(threads),
        sessions=sessions,
        seed=seed,
        protocol=protocol,
    )
    _check(suite, "the command line", lambda _key, _index: "the command line")
    return suite


def _distinct_names(models: Sequence[Path]) -> list[str]:
    stems = [m.stem for m in models]
    return [s if stems.count(s) == 1 else str(m) for s, m in zip(stems, models, strict=True)]


def _rebase(model: SuiteModel, base: Path) -> SuiteModel:
    path = base / model.path if model.path is not None else None
    return model.model_copy(update={"path": path, "variants": {v: base / p for v, p in model.variants.items()}})


def _check(suite: Suite, source: str, place: Any) -> None:
    for index, delegate in enumerate(suite.delegates):
        try:
            parse_delegate(delegate)
        except UsageError as error:
            raise UsageError(f"{place('delegates', index)}: {error.message}", advice=error.advice) from None
    names = [m.name for m in suite.models]
    for index, model in enumerate(suite.models):
        if names.index(model.name) != index:
            raise UsageError(f"{place('models', index)}: model {model.name!r} is named twice", advice="rename one")
        if (model.path is None) == (not model.variants):
            raise UsageError(
                f"{place('models', index)}: model {model.name!r} needs a path or variants", advice="give one of the two"
            )
    for key in ("delegates", "threads"):
        values = getattr(suite, key)
        if len(set(values)) != len(values):
            raise UsageError(f"{source}: {key} names {values} twice", advice="leave one out")


def _explain(path: Path, node: Any, error: ValidationError) -> UsageError:
    first = error.errors()[0]
    keys = list(first["loc"])
    line = _line(node, keys)
    name = ".".join(str(k) for k in keys)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(keys[-1]), _known(keys[:-1]), n=1)
        known = ", ".join(_known(keys[:-1]))
        advice = f"did you mean {near[0]}?" if near else f"known keys: {known}"
        return UsageError(f"{path}:{line}: there is no key {name!r}", advice=advice)
    return UsageError(f"{path}:{line}: {name}: {first['msg'][:1].lower()}{first['msg'][1:]}")


def _known(keys: Sequence[Any]) -> list[str]:
    if not keys:
        return list(Suite.model_fields)
    return list((SuiteProtocol if keys[0] == "protocol" else SuiteModel).model_fields)


def _line(node: Any, keys: Sequence[Any]) -> int:
    """Line of a key in a composed YAML document, or of the nearest thing above it."""
    line = node.start_mark.line if node is not None else 0
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
        else:
            break
    return int(line) + 1
