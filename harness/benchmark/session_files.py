"""The files that one session left, as they lie in the run folder."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from harness.benchmark.output import BenchmarkOutput, parse_benchmark
from harness.dumps.battery import battery
from harness.measure.energy.units import to_volts
from harness.measure.perfetto import PerfettoPower, read_power
from harness.measure.sampler import SamplerLog, parse_sampler


@dataclass(frozen=True)
class SessionFiles:
    """A pulled session: where its files lie and when its program ran (CLOCK_BOOTTIME)."""

    folder: Path
    start_s: float | None
    end_s: float | None
    boot_id: str | None

    def text(self, name: str) -> str:
        """A file's text; empty where it is missing or cannot be read."""
        try:
            return (self.folder / name).read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    def data(self, name: str) -> bytes | None:
        """A file's bytes; None where it is missing or cannot be read."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def has(self, name: str) -> bool:
        """Whether a file is there: run.sh marks things by empty ones."""
        return (self.folder / name).exists()

    def number(self, name: str) -> int | None:
        """A file that holds one whole number."""
        word = self.text(name).strip()
        return int(word) if word.lstrip("-").isdecimal() else None

    def dumps(self, when: str) -> dict[str, str]:
        """Name to text of what was dumped `before` or `after` the session."""
        folder = self.folder / when
        return {p.name: self.text(f"{when}/{p.name}") for p in sorted(folder.iterdir())} if folder.is_dir() else {}

    @property
    def printed(self) -> str:
        """What the program printed."""
        return self.text("out") + "\n" + self.text("err")

    @functools.cached_property
    def exit_code(self) -> int | None:
        """Of the program."""
        return self.number("rc")

    @functools.cached_property
    def output(self) -> BenchmarkOutput:
        """What the program printed, read."""
        return parse_benchmark(self.printed, exit_code=self.exit_code)

    @functools.cached_property
    def log(self) -> SamplerLog | None:
        """The sampler's; None where there was none."""
        return parse_sampler(self.text("sampler.tsv")) if self.has("sampler.tsv") else None

    @functools.cached_property
    def power(self) -> PerfettoPower | None:
        """What perfetto traced of power; None where there is no trace."""
        place = self.folder / "power.pftrace"
        try:
            return read_power(place.read_bytes()) if place.stat().st_size else None
        except OSError:
            return None

    @property
    def volts(self) -> float | None:
        """The battery's voltage as Android said before the session, or after it."""
        for when in ("before", "after"):
            value = battery(self.text(f"{when}/battery"))["voltage_mv"]
            if value is not None and (volts := to_volts(value)) is not None:
                return volts
        return None

    def evidence(self, run_folder: Path) -> dict[str, str]:
        """Name of each file to its path inside the run folder."""
        return {p.name: p.relative_to(run_folder).as_posix() for p in sorted(self.folder.iterdir()) if p.is_file()}
