"""Sessions that a block runs for their outputs, after all that are timed: which inputs, flags, record.

The TensorFlow Lite program takes one value for each input from a file and writes what its last run gave; so it is one
short process an input. The LiteRT program has no such flags (facts of `--help`, asked of the binary).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol as Interface

from harness.benchmark.block import session_folder
from harness.benchmark.delegates import DELEGATES
from harness.benchmark.work import ModelFile, PlannedSession
from harness.records import Agreement, SessionRecord

OUTPUT_FILE = "output.bin"
_NEEDED = ("input_layer", "input_layer_shape", "input_layer_value_files", "output_filepath")
_SIGNATURE = "signature_to_run_for"
#: What says something of an output; the others are about times.
_FLAGS = frozenset({"fallback", "partial_delegation"})


@dataclass(frozen=True)
class InputFile:
    """One input's value: raw bytes in a file on the host, and its shape."""

    path: Path
    shape: tuple[int, ...]


class OutputCheck(Interface):
    """Knows the inputs, and what the host makes of them (see harness/accuracy/checks.py)."""

    def source(self, model: ModelFile) -> str:
        """Where the inputs come from, in words."""

    def inputs(self, model: ModelFile, sample: int) -> Sequence[InputFile] | str:
        """The files of one sample in the order of the model's inputs, or why it cannot be checked."""

    def judge(self, session: PlannedSession, output: Path, log: str) -> Agreement:
        """Hold the file that the program wrote against the host's outputs; `log` is what the program printed."""


def cannot(known: frozenset[str], extra_args: Sequence[str]) -> str | None:
    """Why a program cannot be asked for its outputs; None where it can.

    Args:
        known: the flags that it knows.
        extra_args: what the user gives it.
    """
    missing = [f"--{flag}" for flag in _NEEDED if flag not in known]
    if missing:
        return f"not possible: this program has no {', '.join(missing)}"
    if any(arg.startswith(f"--{_SIGNATURE}=") for arg in extra_args):
        return f"not possible: the host runs the whole model, and --{_SIGNATURE} asks for a part of it"
    return None


def input_name(place: int) -> str:
    """What an input is called in flags: the program only warns of another name, and ours needs no escapes."""
    return f"input{place}"


def output_args(session: PlannedSession, files: Sequence[InputFile]) -> list[str]:
    """Flags beside those of any session; the files themselves follow where they lie on the phone."""
    return [
        "--input_layer=" + ",".join(input_name(i) for i in range(len(files))),
        "--input_layer_shape=" + ":".join(",".join(str(n) for n in file.shape) for file in files),
        f"--output_filepath={session_folder(session.index)}/{OUTPUT_FILE}",
    ]


def with_agreement(
    record: SessionRecord, session: PlannedSession, check: OutputCheck, folder: Path, log: str
) -> SessionRecord:
    """The record of a session that ran for its outputs.

    Args:
        record: as of any session.
        folder: where its files lie.
        log: what the program printed.
    """
    source, sample = check.source(session.model), session.sample or 0
    if record.outcome not in ("ok", "fallback"):
        why = record.outcome_line or record.outcome
        agreement = Agreement(sample, source, reason=f"the program gave no output: {why}")
    else:
        agreement = check.judge(session, folder / OUTPUT_FILE, log)
        if record.outcome == "fallback" and agreement.verdict == "agrees":
            taker = DELEGATES[session.key.delegate].tool
            why = f"nothing shows that {taker} took a node: the outputs are the CPU's"
            agreement = replace(agreement, verdict=None, reason=why)
    flags = tuple(sorted(set(record.flags) & _FLAGS))
    reasons = {f: seen for f, seen in record.flag_reasons.items() if f in flags}
    checked = replace(record, kind="outputs", agreement=agreement, flags=flags, flag_reasons=reasons)
    if agreement.verdict != "wrong":
        return checked
    line = f"input {sample}: {agreement.reason}"
    flags = tuple(sorted((*flags, "wrong_output")))
    reasons |= {"wrong_output": line}
    return replace(checked, outcome="wrong_output", outcome_line=line, flags=flags, flag_reasons=reasons)


def not_checked(record: SessionRecord, session: PlannedSession, source: str, reason: str) -> SessionRecord:
    """The record of a session that was not started (see `refused` in collect.py), with the reason."""
    return replace(record, kind="outputs", agreement=Agreement(session.sample or 0, source, reason=reason))
