"""How each session of a suite is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, model_validator

from harness.benchmark.delegates import DELEGATES
from harness.benchmark.protocols import PROTOCOLS
from harness.benchmark.suite.part import Fault, Strict
from harness.benchmark.work import Protocol

#: Flags of the program that the harness sets itself; one of them in extra_args would make a row's key untrue.
OWN_FLAGS = frozenset(
    {"graph", "num_runs", "min_secs", "max_secs", "warmup_runs", "warmup_min_secs", "num_threads"}
    | {"require_full_delegation", "result_file_path", "export_model_runtime_info", "model_runtime_info_output_file"}
    | {flag.lstrip("-").partition("=")[0] for d in DELEGATES.values() for flags in d.flags.values() for flag in flags}
)
#: The same where outputs are checked.
OUTPUT_FLAGS = frozenset({"input_layer", "input_layer_shape", "input_layer_value_files", "output_filepath"})


class SuiteProtocol(Strict):
    """How each session is run: phone seconds and runs as benchmark_model defines them."""

    name: Literal["quick", "standard", "energy", "sustained", "cold"] = Field(
        default="standard", description="What the other values are, where they are not given."
    )
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
    chain_s: float = Field(
        default=Protocol.chain_s,
        ge=0,
        le=7200,
        description="Processes without a rest for so long make a chain; 0: none.",
    )
    cold: bool = Field(default=Protocol.cold, description="Before each timed session one with the caches cleared.")
    cut_usb: bool = Field(
        default=Protocol.cut_usb, description="Cut the phone's USB power at its hub while it measures (see rack file)."
    )
    require_full_delegation: bool = Field(
        default=Protocol.require_full_delegation, description="A model that a delegate takes only in part is refused."
    )
    extra_args: list[str] = Field(default=[], description="More flags for the benchmark program, as --name=value.")

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        """What is not given is as the named protocol has it."""
        name = given.get("name", "standard") if isinstance(given, dict) else None
        return {**PROTOCOLS[name].values, **given} if isinstance(name, str) and name in PROTOCOLS else given


def protocol_faults(protocol: SuiteProtocol, own: frozenset[str]) -> Iterator[Fault]:
    if protocol.chain_s and protocol.cold:
        yield Fault(("protocol", "cold"), "a chain has no cold starts", "leave out one of chain_s and cold")
    if protocol.chain_s and protocol.chain_s < 2 * protocol.min_secs:
        text = f"{protocol.chain_s:g} s are no two processes of min_secs, {protocol.min_secs:g} s"
        yield Fault(("protocol", "chain_s"), text, "make it longer, or min_secs shorter")
    for name in ("min_secs", "warmup_min_secs"):
        if getattr(protocol, name) > protocol.max_secs:
            text = f"{getattr(protocol, name):g} s is more than max_secs, {protocol.max_secs:g} s"
            yield Fault(("protocol", name), text, "make max_secs larger")
    if protocol.session_timeout_s <= protocol.max_secs:
        text = f"{protocol.session_timeout_s:g} s is no more than max_secs, {protocol.max_secs:g} s"
        yield Fault(("protocol", "session_timeout_s"), text, "a session has two phases: make it over twice max_secs")
    for index, arg in enumerate(protocol.extra_args):
        keys = ("protocol", "extra_args", index)
        name = arg.removeprefix("--").partition("=")[0]
        if not arg.startswith("--") or not name:
            yield Fault(keys, f"{arg!r} is no flag", "write it as --name=value")
        elif name in own:
            advice = "leave outputs out" if name in OUTPUT_FLAGS else "use delegates, threads or protocol for it"
            yield Fault(keys, f"the harness sets --{name} itself", advice)


def plain_name(value: Any) -> Any:
    """`protocol: energy` is short for `protocol: {name: energy}`."""
    return {"name": value} if isinstance(value, str) else value
