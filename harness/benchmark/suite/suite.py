"""The suite as a whole, from a YAML file or from the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from harness.benchmark.delegates import DELEGATES, parse_delegate
from harness.benchmark.details import PROFILE_FLAGS
from harness.benchmark.models import built_files, model_name, printable, read_model
from harness.benchmark.protocols import PROTOCOLS
from harness.benchmark.selectors import parse_selectors
from harness.benchmark.spread import Spread
from harness.benchmark.suite.contexts import DESCRIPTION, Context, context_faults
from harness.benchmark.suite.details import Detail, detail_faults, in_order
from harness.benchmark.suite.models import SuiteModel, SuiteOutputs, rebase, rebase_outputs
from harness.benchmark.suite.part import Fault, Strict
from harness.benchmark.suite.phones import SuiteCare, SuiteGates, SuitePhones, care_faults, plain_per
from harness.benchmark.suite.protocol import OUTPUT_FLAGS, OWN_FLAGS, SuiteProtocol, plain_name, protocol_faults
from harness.benchmark.suite.repeats import SuiteRepeats, repeats_faults
from harness.benchmark.suite.state import SuiteState, wanted_state
from harness.benchmark.work import ModelFile, OutputsWanted, Protocol
from harness.errors import UsageError
from harness.stats.sequential import Repeats
from harness.yaml_file import Keys, YamlFile, explain, key_path

#: Phone seconds for which `harness bench` waits for a phone that is too low or too hot.
_QUICK_CARE_S = 60.0
_ADVICE_DELEGATES = f"one of {', '.join(DELEGATES)}; options as gpu:precision=fp32"


def _plain_path(value: Any) -> Any:
    return {"name": model_name(Path(value)), "path": value} if isinstance(value, str) and value else value


class Suite(Strict):
    """Models × variants × delegates × threads × sessions, on the phones that match."""

    models: list[Annotated[SuiteModel, BeforeValidator(_plain_path, json_schema_input_type=str | SuiteModel)]] = Field(
        min_length=1, description="Paths of .tflite files, or mappings with name and path or variants."
    )
    delegates: list[str] = Field(default=["cpu", "gpu"], min_length=1, description=_ADVICE_DELEGATES)
    threads: list[Annotated[int, Field(ge=1, le=64)]] = Field(default=[4], min_length=1, description="CPU threads.")
    contexts: list[Context] = Field(default=["shell"], min_length=1, description=DESCRIPTION)
    sessions: int | None = Field(
        default=None, ge=1, le=1000, description="Fresh processes per condition; null: as the protocol has it."
    )
    repeats: SuiteRepeats | None = Field(default=None, description="Go on until intervals are narrow enough.")
    devices: list[str] = Field(default=[], description="Phones, as --device takes them; none: all that are connected.")
    gates: SuiteGates = SuiteGates()
    care: SuiteCare = SuiteCare()
    phones: Annotated[SuitePhones, BeforeValidator(plain_per, json_schema_input_type=str | SuitePhones)] = Field(
        default=SuitePhones(), description="each, or {per: tier, count: 2}: two phones of each tier run everything."
    )
    priority: int = Field(
        default=0, ge=-100, le=100, description="Of runs that wait for one phone, the higher goes first."
    )
    seed: int = Field(default=0, description="Seed of the order of sessions.")
    protocol: Annotated[SuiteProtocol, BeforeValidator(plain_name, json_schema_input_type=str | SuiteProtocol)] = Field(
        default=SuiteProtocol(),
        description="quick, standard, energy, sustained or cold, or a mapping with name and more.",
    )
    state: SuiteState = SuiteState()  # type: ignore[valid-type]
    outputs: SuiteOutputs | None = Field(default=None, description="Check the outputs of every model.")
    details: list[Detail] = Field(
        default=[], description="What else to look into, in sessions of their own that are not timed."
    )

    def detail_kinds(self) -> tuple[str, ...]:
        """Kinds of sessions that the details need, in the order in which they run."""
        return in_order(self.details)

    def outputs_wanted(self) -> dict[str, OutputsWanted]:
        """Model name to what its outputs are checked on, for those that are checked."""
        asked = {m.name: m.outputs or self.outputs for m in self.models}
        return {name: outputs.wanted() for name, outputs in asked.items() if outputs is not None}

    def model_files(self, base: Path = Path()) -> list[ModelFile]:
        """Every model file, read and checked; relative paths start at `base`.

        Raises:
            UsageError: a file is missing or no model.
        """
        return [read_model(base / path, name=name, variant=variant) for name, variant, path, _ in self._paths()]

    def accuracy_files(self) -> dict[Path, Path]:
        """Model file to the accuracy.json that its suite names."""
        named = {m.name: m.accuracy for m in self.models if m.accuracy is not None}
        return {path: named[name] for name, _, path, _ in self._paths() if name in named}

    @property
    def least_sessions(self) -> int:
        """Sessions of each condition; of a run that goes on by itself the least."""
        return self.sessions if self.sessions is not None else PROTOCOLS[self.protocol.name].sessions

    def wanted_repeats(self) -> Repeats | None:
        """How long conditions go on; None: each has `least_sessions`."""
        asked = self.repeats
        return None if asked is None else Repeats(asked.within_pct, self.least_sessions, asked.most)

    def work_protocol(self) -> Protocol:
        """The protocol as the session takes it."""
        values = self.protocol.model_dump()
        care = {"battery_floor_pct": self.care.floor_pct, "hard_stop_c": self.care.hard_stop_c}
        held = wanted_state(self.state)
        return Protocol(**{**values, **care, "extra_args": tuple(values["extra_args"]), "state": held})

    def spread(self) -> Spread | None:
        """On how many phones of each group it runs; None: on every phone."""
        return None if self.phones.per == "each" else Spread(self.phones.per, self.phones.count)

    def measured(self) -> dict[str, Any]:
        """What makes two suites one measurement, beside models and outputs, as run.json keeps it."""
        # Runs that are older than these keys know nothing of them.
        new_keys, fields = ("phones", "care", "contexts", "repeats", "state", "details"), type(self).model_fields
        unsaid = {key for key in new_keys if getattr(self, key) == fields[key].default}
        found = self.model_dump(mode="json", exclude={"models", "outputs", "priority"} | unsaid)
        new = {key: SuiteProtocol.model_fields[key].default for key in ("name", "chain_s", "cold")}
        found["protocol"] = {k: v for k, v in found["protocol"].items() if k not in new or v != new[k]}
        return {**found, "sessions": self.least_sessions}

    def _paths(self) -> Iterator[tuple[str, str, Path, Keys]]:
        for index, model in enumerate(self.models):
            if model.path is not None:
                yield model.name, "", model.path, ("models", index, "path")
            for variant, path in model.variants.items():
                yield model.name, variant, path, ("models", index, "variants", variant)
            if model.built is not None:
                for variant, path in built_files(model.built).items():
                    yield model.name, variant, path, ("models", index, "built")


SUITE = TypeAdapter(Suite)


def load_suite(path: Path) -> Suite:
    """Read and check a suite file; paths in it become relative to the file's folder.

    Raises:
        UsageError: naming file, line and key, and what to do.
    """
    file = YamlFile.read(path)
    if file.data is None:
        raise UsageError(f"{path} is empty", advice="begin with models:")
    suite = file.check(SUITE)
    base = path.parent
    models = [rebase(m, base) for m in suite.models]
    suite = suite.model_copy(update={"models": models, "outputs": rebase_outputs(suite.outputs, base)})
    for fault in _faults(suite):
        raise UsageError(f"{file.place(fault.keys)}: {key_path(fault.keys)}: {fault.text}", advice=fault.advice)
    return suite


def suite_from_flags(
    models: Sequence[Path],
    *,
    delegates: Sequence[str],
    threads: Sequence[int],
    sessions: int | None,
    protocol: str = "quick",
    repeats: tuple[float, int] | None = None,
    devices: Sequence[str] = (),
    num_runs: int | None = None,
    min_secs: float | None = None,
    warmup_min_secs: float | None = None,
    seed: int = 0,
    outputs: OutputsWanted | None = None,
    contexts: Sequence[str] = ("shell",),
    state: Mapping[str, str] | None = None,
    details: Sequence[str] = (),
) -> Suite:
    """The suite that `harness bench` means; deadlines grow with the phases asked for.

    Somebody sits beside it, so the protocol is `quick` where nothing is said, and a phone that is too low or too hot to
    begin is given up after a minute. A model is named by its file's stem, or by its path where two stems are the same.
    A folder stands for the variants built into it.

    Args:
        sessions: of each condition; None: as the protocol has it.
        repeats: go on until each interval is within so many per cent, for so many sessions at most.

    Raises:
        UsageError: an unknown delegate, a model given twice, a value out of range.
    """
    given = {"num_runs": num_runs, "min_secs": min_secs, "warmup_min_secs": warmup_min_secs}
    values: dict[str, Any] = {"name": protocol, **{k: v for k, v in given.items() if v is not None}}
    own = PROTOCOLS[protocol].values if protocol in PROTOCOLS else {}
    phase_s = max(values.get("min_secs", 0.0), values.get("warmup_min_secs", 0.0))
    longest_s = own.get("max_secs", Protocol.max_secs)
    longest_s = 2 * phase_s if phase_s > longest_s else longest_s
    values["max_secs"] = longest_s
    timeout_s = own.get("session_timeout_s", Protocol.session_timeout_s)
    values["session_timeout_s"] = max(timeout_s, 2 * longest_s + 60)
    names = _distinct_names(models)
    data = {
        "models": [{"name": n, "built" if p.is_dir() else "path": p} for n, p in zip(names, models, strict=True)],
        "delegates": list(delegates),
        "threads": list(threads),
        "contexts": list(contexts),
        "sessions": sessions,
        "repeats": None if repeats is None else {"within_pct": repeats[0], "most": repeats[1]},
        "devices": list(devices),
        "seed": seed,
        "protocol": values,
        "care": {"wait_s": _QUICK_CARE_S},
        "state": dict(state or {}),
        "outputs": None if outputs is None else {"inputs": outputs.inputs, "samples": outputs.samples},
        "details": list(details),
    }
    try:
        suite = SUITE.validate_python(data)
    except ValidationError as error:
        raise explain(error, SUITE.json_schema(), lambda _keys: "the command line") from None
    for fault in _faults(suite):
        raise UsageError(fault.text, advice=fault.advice)
    return suite


def suite_schema() -> dict[str, Any]:
    """The JSON Schema of a suite file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **SUITE.json_schema(),
        "title": "Suite of phone-rack-harness",
    }


def _faults(suite: Suite) -> Iterator[Fault]:
    """Everything that the types alone cannot say, in the order of the file."""
    names = [m.name for m in suite.models]
    for index, model in enumerate(suite.models):
        if names.index(model.name) != index:
            yield Fault(("models", index), f"model {model.name!r} is named twice", "give one of them another name")
        if (model.path is not None) + bool(model.variants) + (model.built is not None) != 1:
            text = f"model {model.name!r} needs one of path, variants and built"
            yield Fault(("models", index), text, "give one of the three")
        if model.accuracy is not None and not model.accuracy.is_file():
            text = f"there is no file {str(model.accuracy)!r}"
            yield Fault(("models", index, "accuracy"), text, "make it with harness variants evaluate")
        if model.built is not None:
            try:
                built_files(model.built)
            except UsageError as error:
                yield Fault(("models", index, "built"), error.message, error.advice)
                return  # the files of this suite cannot be listed
    for _, _, path, keys in suite._paths():
        if not path.exists():
            yield Fault(keys, f"there is no file {str(path)!r}", "give the path of a .tflite file")
    for keys, outputs in _outputs(suite):
        if outputs.inputs is not None and not outputs.inputs.exists():
            text = f"there is no file {str(outputs.inputs)!r}"
            yield Fault((*keys, "inputs"), text, "give an .npz file, or leave it out for random inputs")
    if suite.phones.per == "each" and suite.phones.count > 1:
        yield Fault(("phones", "count"), "each phone runs everything once", "leave it out, or give per")
    yield from _delegate_faults(suite)
    yield from context_faults(suite.contexts)
    for index, count in enumerate(suite.threads):
        if suite.threads.index(count) != index:
            yield Fault(("threads", index), f"{count} threads are named twice", "leave one out")
    for index, text in enumerate(suite.devices):
        try:
            parse_selectors([text])
        except UsageError as error:
            yield Fault(("devices", index), error.message, error.advice)
    own = OWN_FLAGS | OUTPUT_FLAGS if suite.outputs_wanted() else OWN_FLAGS
    own |= PROFILE_FLAGS if "operators" in suite.details else set()
    yield from detail_faults(suite.details)
    yield from protocol_faults(suite.protocol, own)
    yield from care_faults(suite.care)
    yield from repeats_faults(suite.repeats, suite.least_sessions)


def _outputs(suite: Suite) -> Iterator[tuple[Keys, SuiteOutputs]]:
    if suite.outputs is not None:
        yield ("outputs",), suite.outputs
    for index, model in enumerate(suite.models):
        if model.outputs is not None:
            yield ("models", index, "outputs"), model.outputs


def _delegate_faults(suite: Suite) -> Iterator[Fault]:
    seen = []
    for index, text in enumerate(suite.delegates):
        try:
            parsed = parse_delegate(text)
        except UsageError as error:
            yield Fault(("delegates", index), error.message, error.advice)
            continue
        if parsed in seen:
            yield Fault(("delegates", index), f"delegate {text!r} is named twice", "leave one out")
        seen.append(parsed)


def _distinct_names(models: Sequence[Path]) -> list[str]:
    stems = [model_name(m) for m in models]
    return [s if stems.count(s) == 1 else printable(str(m)) for s, m in zip(stems, models, strict=True)]
