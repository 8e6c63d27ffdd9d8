"""Reads the single figures of a log: final timings, memory, sizes, settings, LiteRT's block of results."""

from __future__ import annotations

import math
import re
from typing import Any

from harness.benchmark.output.numbers import NUMBER, number

_TIMING = re.compile(
    rf"\b(Init|First inference|Warmup \(avg\)|Warmup|Inference \(avg\)|Inference|no stats): ({NUMBER})"
)
_NAMES = {
    "Init": "init_us",
    "First inference": "first_us",
    "Warmup (avg)": "warmup_avg_us",
    "Warmup": "warmup_avg_us",
    "Inference (avg)": "inference_avg_us",
    "Inference": "inference_avg_us",
    "no stats": "inference_avg_us",
}
_SESSION = re.compile(rf"Initialized session in ({NUMBER}) ?ms")
_MODEL_MB = re.compile(rf"The input model file size \(MB\): ({NUMBER})")
_MEMORY = re.compile(rf"^(.{{0,120}}[Mm]emory footprint[^:]{{0,120}}): init=({NUMBER}) overall=({NUMBER})")
_OLD_MEMORY = re.compile(rf"^\[(Init Phase|Overall)\] - Memory usage: max resident set size[^=]{{0,40}}= ({NUMBER}) MB")
_PEAK = re.compile(rf"Overall peak memory footprint \(MB\) via periodic monitoring: ({NUMBER})")
_UNCONSUMED = re.compile(r"Unconsumed cmdline flags: (.*)|unrecognized commandline flag: (.*)")
_SETTING = re.compile(r"^(#?[A-Za-z][^:\[\]]{1,80}?) ?: \[(.{0,4096})\]$")
_FLAG = re.compile(r"(?<!\S)[\"']?(--[\w-]{1,60})=([^\s\"']{0,4096})")
_LITERT = re.compile(
    rf"^([A-Z][A-Za-z]+(?: [a-z]+)?(?: \([a-z]+\))?):\s+({NUMBER})(?: (?:ms|MB/s|MB))?(?: \((\d{{1,9}}) runs\))?$"
)
_MILLI = {
    "Model initialization": "init_us",
    "Warmup (first)": "first_us",
    "Warmup (avg)": "warmup_avg_us",
    "Inference (avg)": "inference_avg_us",
}
_MEGA = {"Init footprint": "init_mb", "Overall footprint": "overall_mb", "Peak memory": "peak_mb"}
_MOST = 256
_LONGEST_FLAG = 300


class FigureReader:
    """Fed line by line. Keeps the last of a figure that a run prints once, and the first size and setting."""

    def __init__(self) -> None:
        self.values: dict[str, float | None] = {}
        self.memory: dict[str, Any] = {}
        self.flags: list[str] = []
        self.settings: dict[str, str] = {}
        #: whether the final timings say that a timed run took place
        self.finished = False
        self.rows, self.ended = 0, False
        #: whether the log holds what comes before the warm-up
        self.began = False
        #: the program whose words these are
        self.flavour: str | None = None

    def see(self, text: str) -> None:
        """Take notice of one line."""
        if "nference timings in us" in text:
            self._timings(text)
        elif text.startswith(("Loaded model ", "Loading model from: ")):
            self.settings.setdefault("Loaded model", text.split(" ", 2)[2].removeprefix("from: ")[:4096])
        elif text.endswith("]"):
            if (found := _SETTING.match(text)) and len(self.settings) < _MOST:
                self.settings.setdefault(found[1], found[2])
        elif "Initialized session" in text:
            self.began = True
            if found := _SESSION.search(text):
                self.values.setdefault("init_us", (number(found[1]) or 0.0) * 1000)
        elif "emory" in text and self._memory(text):
            pass
        elif "flag" in text:
            if found := _UNCONSUMED.search(text):
                new = [flag[:_LONGEST_FLAG] for flag in (found[1] or found[2]).split()]
                self.flags += new[: _MOST - len(self.flags)]
        elif text.startswith("The input model file size"):
            if found := _MODEL_MB.match(text):
                self.values.setdefault("model_mb", number(found[1]))
        elif ":" in text and (found := _LITERT.match(text)):
            self._litert(found[1], number(found[2]), found[3])

    def see_command(self, text: str) -> None:
        """Take notice of the command that started the program."""
        for name, value in _FLAG.findall(text)[: _MOST - len(self.settings)]:
            self.settings.setdefault(name, value)

    def _timings(self, text: str) -> None:
        for name, value in _TIMING.findall(text[text.index("nference timings in us") :]):
            self.values[_NAMES[name]] = number(value)
        # The program begins its line so; where another one quotes it, nothing is proven.
        own = text.startswith(("Inference timings in us", "Average inference timings in us"))
        self.finished = own and (self.values.get("inference_avg_us") or 0) > 0
        self.flavour = self.flavour or "tflite"

    def _memory(self, text: str) -> bool:
        if found := _PEAK.search(text):
            self.memory["peak_mb"] = number(found[1])
        elif found := _MEMORY.match(text):
            self.memory.update(label=found[1].strip(), init_mb=number(found[2]), overall_mb=number(found[3]))
        elif found := _OLD_MEMORY.match(text):
            self.memory["init_mb" if found[1] == "Init Phase" else "overall_mb"] = number(found[2])
            self.memory["label"] = "[Overall] - Memory usage"
        else:
            return False
        return True

    def _litert(self, name: str, value: float | None, runs: str | None) -> None:
        if name in _MILLI:
            self.flavour = "litert"
            # The block rounds to ten microseconds; the line of the session does not.
            self.values.setdefault(_MILLI[name], value * 1000 if value else None)
            self.rows += 1
            if name == "Inference (avg)" and runs and int(runs) > 0 and (value or 0) >= 0:
                self.ended = True
            # One such line alone may be any program's; the block holds several.
            self.finished = self.finished or (self.ended and self.rows > 1)
        elif name in _MEGA:
            self.memory[_MEGA[name]] = value
            self.memory.setdefault("label", "Memory Usage")


def phase_role(average: float | None, iterations: str | None, announcements: int, figures: FigureReader) -> str:
    """Which phase a log's only `count=` line is of: "warmup" or "timed".

    Args:
        average: of that line, microseconds.
        iterations: that were announced before it, or None.
        announcements: how many phases were announced.

    The final averages tell where they differ; else the announcement, by what the program was asked for or its defaults.
    """
    warmup, timed = (figures.values.get(f"{name}_avg_us") for name in ("warmup", "inference"))
    if average is not None and timed is not None:
        near_timed, near_warmup = (v is not None and math.isclose(average, v, rel_tol=1e-5) for v in (timed, warmup))
        if near_timed != near_warmup:
            return "timed" if near_timed else "warmup"
    if announcements == 0:
        # An average of 0 says that no timed run ended.
        return "timed" if timed else "warmup"
    wanted = figures.settings.get("Min num runs", figures.settings.get("Num runs", "50"))
    first = figures.settings.get("Min warmup runs", figures.settings.get("Warmup runs", "1"))
    # The warm-up is announced first, so in a log that has its beginning the only announcement is that of the warm-up.
    is_excerpt = not figures.began and announcements == 1
    return "timed" if is_excerpt and iterations == wanted != first else "warmup"
