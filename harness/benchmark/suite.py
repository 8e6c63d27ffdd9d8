"""What is to be measured: a suite from a YAML file or from the command line.

Both give the same `Suite`. A file is checked by pydantic and then as a whole; every fault is told with file, line, key
and what to do. `suite.schema.json` beside this module is for editors (`harness schema suite` prints it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from harness.benchmark.delegates import DELEGATES, parse_delegate
from harness.benchmark.models import built_files, model_name, printable, read_model
from harness.benchmark.selectors import parse_selectors
from harness.benchmark.spread import Spread
from harness.benchmark.work import ModelFile, OutputsWanted, Protocol
from harness.errors import UsageError
from harness.limits import CareLimits, ContradictionError
from harness.yaml_file import Keys, YamlFile, explain, key_path

#: Flags of the program that the harness sets itself; one of them in extra_args would make a row's key untrue.
_OWN_FLAGS = frozenset(
    {"graph", "num_runs", "min_secs", "max_secs", "warmup_runs", "warmup_min_secs", "num_threads"}
    | {"require_full_delegation", "result_file_path", "export_model_runtime_info", "model_runtime_info_output_file"}
    | {flag.lstrip("-").partition("=")[0] for d in DELEGATES.values() for flags in d.flags.values() for flag in flags}
)
#: The same where outputs are checked.
_OUTPUT_FLAGS = frozenset({"input_layer", "input_layer_shape", "input_layer_value_files", "output_filepath"})
#: What `harness bench` takes where nothing is said: see `suite_from_flags`.
QUICK_RUNS, QUICK_COOLDOWN_S = 10, 30.0
_ADVICE_DELEGATES = f"one of {', '.join(DELEGATES)}; options as gpu:precision=fp32"


class _Strict(BaseModel):
    """Unknown keys are faults, and a value of another type is not bent into shape (`sessions: yes` is no 1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


ModelPath = Annotated[Path, Field(strict=False)]


class SuiteTolerance(_Strict):
    """How far the phone's outputs may lie from the host's, in place of the harness's own limits per delegate."""

    error_pct: float | None = Field(default=None, ge=0, description="Largest error, as a share of the host's range.")
    steps: float | None = Field(default=None, ge=0, description="The same in steps of the output's quantization.")
    cosine_min: float | None = Field(default=None, ge=-1, le=1, description="Least cosine with the host's output.")


class SuiteOutputs(_Strict):
    """The phone's outputs are held against the host's, for the same file and inputs, after everything is timed."""

    inputs: ModelPath | None = Field(
        default=None, description="An .npz file of real inputs, relative to the suite file; none: random ones."
    )
    samples: int = Field(default=OutputsWanted.samples, ge=1, le=100, description="At most so many inputs.")
    tolerance: SuiteTolerance = SuiteTolerance()

    def wanted(self) -> OutputsWanted:
        """The same as the work takes it."""
        return OutputsWanted(self.inputs, self.samples, **self.tolerance.model_dump())


class SuiteModel(_Strict):
    """One model: a path, several variants of it by name, or a folder of built variants."""

    name: str = Field(min_length=1, description="Name in reports.")
    path: ModelPath | None = Field(default=None, description="The .tflite file, relative to the suite file.")
    variants: dict[str, ModelPath] = Field(
        default={}, description="Variant name (float32, int8, …) to .tflite file, relative to the suite file."
    )
    outputs: SuiteOutputs | None = Field(default=None, description="Check its outputs; in place of the suite's.")
    built: ModelPath | None = Field(
        default=None, description="A folder of `harness variants build`: every variant that its variants.json lists."
    )
    accuracy: ModelPath | None = Field(
        default=None, description="An accuracy.json of `harness variants evaluate`; default: one beside the model file."
    )


class SuiteProtocol(_Strict):
    """How each session is run: phone seconds and runs as benchmark_model defines them."""

    num_runs: int = Field(default=Protocol.num_runs, ge=1, description="At least this many timed runs.")
    min_secs: float = Field(default=Protocol.min_secs, ge=0, description="At least this long a timed phase.")
    max_secs: float = Field(default=Protocol.max_secs, gt=0, description="A phase ends after this, runs or not.")
    warmup_runs: int = Field(default=Protocol.warmup_runs, ge=0, description="At least this many warm-up runs.")
    warmup_min_secs: float = Field(default=Protocol.warmup_min_secs, ge=0, description="At least this long a warm-up.")
    session_timeout_s: float = Field(
        default=Protocol.session_timeout_s, gt=0, description="A session that takes longer is ended: timeout."
    )
    cooldown_timeout_s: float = Field(
        default=Protocol.cooldown_timeout_s, ge=0, description="Gate before a session: wait at most this to cool down."
    )
    cooldown_total_s: float | None = Field(
        default=Protocol.cooldown_total_s, ge=0, description="All waits to cool down of one phone together, at most."
    )
    cooldown_above_idle_c: float = Field(
        default=Protocol.cooldown_above_idle_c, ge=0, description="Gate: cool is at most this above the block's start."
    )
    sample_period_s: float = Field(default=Protocol.sample_period_s, gt=0, description="Period of the sampler.")
    idle_s: float = Field(
        default=Protocol.idle_s, ge=0, description="Idle window before and after, for an energy baseline."
    )
    require_full_delegation: bool = Field(
        default=Protocol.require_full_delegation, description="A model that a delegate takes only in part is refused."
    )
    extra_args: list[str] = Field(default=[], description="More flags for the benchmark program, as --name=value.")


class SuiteGates(_Strict):
    """What a phone must meet to take part, beyond what makes any phone unfit. (The gate between sessions is the
    protocol's cool-down.)
    """

    battery_pct_min: float | None = Field(default=None, ge=0, le=100, description="Least charge.")
    battery_c_max: float | None = Field(default=None, gt=0, description="Hottest battery.")
    on_battery: bool = Field(default=False, description="Not charging, as energy needs it; over Wi-Fi, then.")

    def why_not(self, level_pct: float | None, temperature_c: float | None, charging: str | None) -> str | None:
        """None where a phone meets the gates, else why not; what is unknown meets no gate.

        Args:
            level_pct: charge of the battery.
            temperature_c: its temperature.
            charging: why it counts as charging, None on battery.
        """
        if self.battery_pct_min is not None and (level_pct is None or level_pct < self.battery_pct_min):
            have = "unknown" if level_pct is None else f"{level_pct:g} %"
            return f"the gate asks for a battery of {self.battery_pct_min:g} %, and it is {have}"
        if self.battery_c_max is not None and (temperature_c is None or temperature_c > self.battery_c_max):
            have = "unknown" if temperature_c is None else f"{temperature_c:g} °C"
            return f"the gate asks for a battery of at most {self.battery_c_max:g} °C, and it is {have}"
        if self.on_battery and charging is not None:
            return f"the gate asks for a phone on battery, and it is {charging}"
        return None


class SuiteCare(_Strict):
    """How phones are cared for: charge and heat of the battery within which they work; phone seconds."""

    floor_pct: float = Field(
        default=CareLimits.floor_pct, ge=0, le=100, description="No session starts below it; the rest stays undone."
    )
    start_pct: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="No job starts below it: the phone charges first. Default: 20, or floor.",
    )
    resume_pct: float | None = Field(
        default=None, ge=0, le=100, description="A phone that charges goes on from here. Default: 5 above start_pct."
    )
    max_start_c: float = Field(
        default=CareLimits.max_start_c, gt=0, le=60, description="No job starts above it: the phone cools down first."
    )
    resume_c: float | None = Field(
        default=None, gt=0, le=60, description="A phone that cools goes on from here. Default: 2 below max_start_c."
    )
    hard_stop_c: float | None = Field(
        default=CareLimits.hard_stop_c, gt=0, le=60, description="A session is ended at this temperature; null: never."
    )
    wait_s: float = Field(
        default=CareLimits.wait_s, ge=0, description="A job waits at most this long for charge or cold."
    )

    def limits(self) -> CareLimits:
        """The same as the rack takes it; what is left out follows what is given.

        Raises:
            ContradictionError: one contradicts another.
        """
        start_pct = self.start_pct if self.start_pct is not None else max(CareLimits.start_pct, self.floor_pct)
        higher_pct = start_pct + CareLimits.resume_pct - CareLimits.start_pct
        lower_c = self.max_start_c + CareLimits.resume_c - CareLimits.max_start_c
        return CareLimits(
            floor_pct=self.floor_pct,
            start_pct=start_pct,
            resume_pct=self.resume_pct if self.resume_pct is not None else min(100.0, higher_pct),
            max_start_c=self.max_start_c,
            resume_c=self.resume_c if self.resume_c is not None else lower_c,
            hard_stop_c=self.hard_stop_c,
            wait_s=self.wait_s,
        )


class SuitePhones(_Strict):
    """Which phones run everything: each of them, or so many of each group, whichever are free first."""

    per: Literal["each", "model", "soc", "tier", "all"] = Field(
        default="each", description="What phones are grouped by (all: one group), or each: every phone."
    )
    count: int = Field(default=1, ge=1, le=1000, description="Phones of each group.")


def _plain_per(value: Any) -> Any:
    return {"per": value} if isinstance(value, str) else value


def _plain_path(value: Any) -> Any:
    return {"name": model_name(Path(value)), "path": value} if isinstance(value, str) and value else value


class Suite(_Strict):
    """Models × variants × delegates × threads × sessions, on the phones that match."""

    models: list[Annotated[SuiteModel, BeforeValidator(_plain_path, json_schema_input_type=str | SuiteModel)]] = Field(
        min_length=1, description="Paths of .tflite files, or mappings with name and path or variants."
    )
    delegates: list[str] = Field(default=["cpu", "gpu"], min_length=1, description=_ADVICE_DELEGATES)
    threads: list[Annotated[int, Field(ge=1, le=64)]] = Field(default=[4], min_length=1, description="CPU threads.")
    sessions: int = Field(default=3, ge=1, le=1000, description="Fresh processes per condition; 3 give an interval.")
    devices: list[str] = Field(default=[], description="Phones, as --device takes them; none: all that are connected.")
    gates: SuiteGates = SuiteGates()
    care: SuiteCare = SuiteCare()
    phones: Annotated[SuitePhones, BeforeValidator(_plain_per, json_schema_input_type=str | SuitePhones)] = Field(
        default=SuitePhones(), description="each, or {per: tier, count: 2}: two phones of each tier run everything."
    )
    priority: int = Field(
        default=0, ge=-100, le=100, description="Of runs that wait for one phone, the higher goes first."
    )
    seed: int = Field(default=0, description="Seed of the order of sessions.")
    protocol: SuiteProtocol = SuiteProtocol()
    outputs: SuiteOutputs | None = Field(default=None, description="Check the outputs of every model.")

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

    def work_protocol(self) -> Protocol:
        """The protocol as the session takes it."""
        values = self.protocol.model_dump()
        care = {"battery_floor_pct": self.care.floor_pct, "hard_stop_c": self.care.hard_stop_c}
        return Protocol(**{**values, **care, "extra_args": tuple(values["extra_args"])})

    def spread(self) -> Spread | None:
        """On how many phones of each group it runs; None: on every phone."""
        return None if self.phones.per == "each" else Spread(self.phones.per, self.phones.count)

    def measured(self) -> dict[str, Any]:
        """What makes two suites one measurement, beside models and outputs, as run.json keeps it."""
        # Runs that are older than these keys know nothing of them.
        unsaid = {key for key in ("phones", "care") if getattr(self, key) == type(self).model_fields[key].default}
        return self.model_dump(mode="json", exclude={"models", "outputs", "priority"} | unsaid)

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
    models = [_rebase(m, base) for m in suite.models]
    suite = suite.model_copy(update={"models": models, "outputs": _rebase_outputs(suite.outputs, base)})
    for fault in _faults(suite):
        raise UsageError(f"{file.place(fault.keys)}: {key_path(fault.keys)}: {fault.text}", advice=fault.advice)
    return suite


def suite_from_flags(
    models: Sequence[Path],
    *,
    delegates: Sequence[str],
    threads: Sequence[int],
    sessions: int,
    devices: Sequence[str] = (),
    num_runs: int | None = None,
    min_secs: float | None = None,
    warmup_min_secs: float | None = None,
    seed: int = 0,
    outputs: OutputsWanted | None = None,
) -> Suite:
    """The suite that `harness bench` means; deadlines grow with the phases asked for.

    Somebody sits beside it: all waits to cool down together take `QUICK_COOLDOWN_S` at most, since a phone that charges
    may never cool, and ten runs a session are enough, since the interval comes from the sessions. A model is named by
    its file's stem, or by its path where two stems are the same. A folder stands for the variants built into it.

    Raises:
        UsageError: an unknown delegate, a model given twice, a value out of range.
    """
    given = {"num_runs": num_runs, "min_secs": min_secs, "warmup_min_secs": warmup_min_secs}
    values: dict[str, Any] = {"num_runs": QUICK_RUNS, "cooldown_total_s": QUICK_COOLDOWN_S}
    values |= {k: v for k, v in given.items() if v is not None}
    phase_s = max(values.get("min_secs", 0.0), values.get("warmup_min_secs", 0.0))
    longest_s = 2 * phase_s if phase_s > Protocol.max_secs else Protocol.max_secs
    values["max_secs"] = longest_s
    values["session_timeout_s"] = max(Protocol.session_timeout_s, 2 * longest_s + 60)
    names = _distinct_names(models)
    data = {
        "models": [{"name": n, "built" if p.is_dir() else "path": p} for n, p in zip(names, models, strict=True)],
        "delegates": list(delegates),
        "threads": list(threads),
        "sessions": sessions,
        "devices": list(devices),
        "seed": seed,
        "protocol": values,
        "outputs": None if outputs is None else {"inputs": outputs.inputs, "samples": outputs.samples},
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


class _Fault(NamedTuple):
    """What is wrong with a suite as a whole."""

    keys: Keys
    text: str
    advice: str


def _faults(suite: Suite) -> Iterator[_Fault]:
    """Everything that the types alone cannot say, in the order of the file."""
    names = [m.name for m in suite.models]
    for index, model in enumerate(suite.models):
        if names.index(model.name) != index:
            yield _Fault(("models", index), f"model {model.name!r} is named twice", "give one of them another name")
        if (model.path is not None) + bool(model.variants) + (model.built is not None) != 1:
            text = f"model {model.name!r} needs one of path, variants and built"
            yield _Fault(("models", index), text, "give one of the three")
        if model.accuracy is not None and not model.accuracy.is_file():
            text = f"there is no file {str(model.accuracy)!r}"
            yield _Fault(("models", index, "accuracy"), text, "make it with harness variants evaluate")
        if model.built is not None:
            try:
                built_files(model.built)
            except UsageError as error:
                yield _Fault(("models", index, "built"), error.message, error.advice)
                return  # the files of this suite cannot be listed
    for _, _, path, keys in suite._paths():
        if not path.exists():
            yield _Fault(keys, f"there is no file {str(path)!r}", "give the path of a .tflite file")
    for keys, outputs in _outputs(suite):
        if outputs.inputs is not None and not outputs.inputs.exists():
            text = f"there is no file {str(outputs.inputs)!r}"
            yield _Fault((*keys, "inputs"), text, "give an .npz file, or leave it out for random inputs")
    if suite.phones.per == "each" and suite.phones.count > 1:
        yield _Fault(("phones", "count"), "each phone runs everything once", "leave it out, or give per")
    yield from _delegate_faults(suite)
    for index, count in enumerate(suite.threads):
        if suite.threads.index(count) != index:
            yield _Fault(("threads", index), f"{count} threads are named twice", "leave one out")
    for index, text in enumerate(suite.devices):
        try:
            parse_selectors([text])
        except UsageError as error:
            yield _Fault(("devices", index), error.message, error.advice)
    own = _OWN_FLAGS | _OUTPUT_FLAGS if suite.outputs_wanted() else _OWN_FLAGS
    yield from _protocol_faults(suite.protocol, own)
    yield from _care_faults(suite.care)


def _outputs(suite: Suite) -> Iterator[tuple[Keys, SuiteOutputs]]:
    if suite.outputs is not None:
        yield ("outputs",), suite.outputs
    for index, model in enumerate(suite.models):
        if model.outputs is not None:
            yield ("models", index, "outputs"), model.outputs


def _delegate_faults(suite: Suite) -> Iterator[_Fault]:
    seen = []
    for index, text in enumerate(suite.delegates):
        try:
            parsed = parse_delegate(text)
        except UsageError as error:
            yield _Fault(("delegates", index), error.message, error.advice)
            continue
        if parsed in seen:
            yield _Fault(("delegates", index), f"delegate {text!r} is named twice", "leave one out")
        seen.append(parsed)


def _care_faults(care: SuiteCare) -> Iterator[_Fault]:
    try:
        care.limits()
    except ContradictionError as error:
        yield _Fault(("care", error.key), str(error), "change one of the two")


def _protocol_faults(protocol: SuiteProtocol, own: frozenset[str]) -> Iterator[_Fault]:
    for name in ("min_secs", "warmup_min_secs"):
        if getattr(protocol, name) > protocol.max_secs:
            text = f"{getattr(protocol, name):g} s is more than max_secs, {protocol.max_secs:g} s"
            yield _Fault(("protocol", name), text, "make max_secs larger")
    if protocol.session_timeout_s <= protocol.max_secs:
        text = f"{protocol.session_timeout_s:g} s is no more than max_secs, {protocol.max_secs:g} s"
        yield _Fault(("protocol", "session_timeout_s"), text, "a session has two phases: make it over twice max_secs")
    for index, arg in enumerate(protocol.extra_args):
        keys = ("protocol", "extra_args", index)
        name = arg.removeprefix("--").partition("=")[0]
        if not arg.startswith("--") or not name:
            yield _Fault(keys, f"{arg!r} is no flag", "write it as --name=value")
        elif name in own:
            advice = "leave outputs out" if name in _OUTPUT_FLAGS else "use delegates, threads or protocol for it"
            yield _Fault(keys, f"the harness sets --{name} itself", advice)


def _distinct_names(models: Sequence[Path]) -> list[str]:
    stems = [model_name(m) for m in models]
    return [s if stems.count(s) == 1 else printable(str(m)) for s, m in zip(stems, models, strict=True)]


def _rebase(model: SuiteModel, base: Path) -> SuiteModel:
    path = base / model.path if model.path is not None else None
    others = {k: base / v for k in ("built", "accuracy") if (v := getattr(model, k)) is not None}
    variants = {v: base / p for v, p in model.variants.items()}
    outputs = _rebase_outputs(model.outputs, base)
    return model.model_copy(update={"path": path, "variants": variants, "outputs": outputs, **others})


def _rebase_outputs(outputs: SuiteOutputs | None, base: Path) -> SuiteOutputs | None:
    if outputs is None or outputs.inputs is None:
        return outputs
    return outputs.model_copy(update={"inputs": base / outputs.inputs})
