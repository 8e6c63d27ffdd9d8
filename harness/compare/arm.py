"""One side of a comparison: an artefact that a phone can run, named by its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.benchmark.delegates import parse_delegate
from harness.benchmark.models import read_model
from harness.benchmark.work import BinaryFile, ModelFile
from harness.errors import UsageError
from harness.records import SessionKey

_THREADS = "threads="


@dataclass(frozen=True)
class Arm:
    """What one side runs.

    Attributes:
        name: "A" or "B".
        binary: its program; None: the one that the phone gets anyway.
        extra_args: more flags of the program.
        work: times the protocol's runs and least seconds.
    """

    name: str
    model: ModelFile
    delegate: str
    options: Mapping[str, str] = field(default_factory=dict)
    threads: int = 4
    binary: BinaryFile | None = None
    extra_args: tuple[str, ...] = ()
    work: int = 1

    def key(self, prefix: str = "") -> SessionKey:
        """What its sessions are recorded under. The variant holds the arm, so that every report keeps the two apart.

        prefix: tells several comparisons of one run apart.
        """
        variant = f"{prefix} {self.name}".strip()
        return SessionKey(self.model.name, variant, self.delegate, dict(self.options), self.threads)

    def asked(self) -> str:
        """Delegate and options as `--delegate` takes them."""
        return ":".join((self.delegate, *(f"{k}={v}" for k, v in sorted(self.options.items()))))

    def meta(self) -> dict[str, Any]:
        """The arm by content, as run.json keeps it: the same artefact is the same wherever its files lie."""
        return {
            "model": self.model.name,
            "model_sha256": self.model.sha256,
            "delegate": self.delegate,
            "options": dict(sorted(self.options.items())),
            "threads": self.threads,
            "program_sha256": self.binary.sha256 if self.binary else None,
            "program": (self.binary.name or self.binary.path.name) if self.binary else None,
            "extra_args": list(self.extra_args),
            "work": self.work,
        }


def parse_arm(
    name: str,
    text: str,
    *,
    delegate: str,
    threads: int,
    binary: BinaryFile | None = None,
    extra_args: Sequence[str] = (),
) -> Arm:
    """`m.tflite`, `m.tflite@gpu`, or `m.tflite@gpu:precision=fp32:threads=1`.

    Args:
        delegate, threads: where the text does not say.

    Raises:
        UsageError: no such file or no model, or an unknown delegate, option or number of threads.
    """
    path, asked = Path(text), delegate
    if "@" in text and not path.exists():
        before, _, after = text.rpartition("@")
        path, asked = Path(before), after
    parts = asked.split(":")
    for part in [p for p in parts if p.startswith(_THREADS)]:
        number = part.removeprefix(_THREADS)
        if not number.isdecimal() or not 1 <= int(number) <= 64:
            raise UsageError(f"{text!r}: {number!r} is no number of threads", advice="as in m.tflite@cpu:threads=4")
        threads = int(number)
    chosen, options = parse_delegate(":".join(p for p in parts if not p.startswith(_THREADS)))
    return Arm(name, read_model(path), chosen, options, threads, binary, tuple(extra_args))


def differences(a: Arm, b: Arm) -> list[str]:
    """What the two arms differ in; empty for the same artefact twice (A/A)."""
    of_a, of_b = a.meta(), b.meta()
    words = {
        "model_sha256": "model",
        "delegate": "delegate",
        "options": "options of the delegate",
        "threads": "threads",
        "program_sha256": "program",
        "extra_args": "flags",
        "work": "work",
    }
    return [word for key, word in words.items() if of_a[key] != of_b[key]]
