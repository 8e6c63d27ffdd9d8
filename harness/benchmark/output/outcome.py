"""Decides what a log says came of the run. Exit code first, then the most specific line.

Rules of trust: an ERROR line alone is no failure (delegates print what they do not take that way); a measured invoke
that fails still prints the final timings, so a bad exit code or `Benchmarking failed.` beats them; without a finished
timed run nothing is ok; what a shell or the linker may say of any program counts only in a short log or in one in
which a benchmark program speaks.
"""

from __future__ import annotations

import re

from harness.benchmark.output.signs import SIGNS

_CRASH_CODES = {132: "SIGILL", 133: "SIGTRAP", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV"}
_KILL_CODES = {137: "SIGKILL", 143: "SIGTERM", 129: "SIGHUP"}
#: Nearly every line holds none of these, and then no sign.
_WORDS = tuple(dict.fromkeys(word for sign in SIGNS for word in sign.words))
#: Lines of a log that nothing but a shell's refusal explains.
_SHORT = 60
_LONGEST = 2000
#: What the programs print before they fail or return a code that hides it.
_FAILED = ("Benchmarking failed", "Error while running a single-option run", "Error while parsing the flags for multi")
_REFUSALS = ("link_error", "wrong_abi", "permission", "not_found")
#: The end of a process as the system tells it: in a log of an app it comes after a run that was fine, too.
_DEATH = re.compile(
    r"(?P<crash>\bsignal (?:4|6|7|8|11)\b|SIG(?:SEGV|ABRT|BUS|ILL|FPE))|(?P<killed>[Kk]ill|died|signal 9)"
)


class Verdict:
    """Collects signs line by line; `decide` weighs them. Keeps one line per kind, so memory stays flat."""

    def __init__(self) -> None:
        self._signs: dict[int, str] = {}
        self._fatal: str | None = None
        self._failed: str | None = None
        self._afar: tuple[str, str] | None = None
        self._lines = 0
        #: whether a timed run came to its end; whether a benchmark program speaks in this log
        self.finished = False
        self.spoke = False
        #: whether the program that tries several options got as far as its summary
        self.summed_up = False

    def see(self, severity: str | None, text: str) -> None:
        """Take notice of one line of the benchmark's own process, or of its shell."""
        if text:
            self._lines += 1
        text = text[:_LONGEST]
        if text.startswith(_FAILED):
            self._failed = self._failed or text
            self.spoke = True
        if severity == "FATAL":
            self._fatal = self._fatal or text
        for word in _WORDS:
            if word in text:
                self._weigh(text)
                return

    def _weigh(self, text: str) -> None:
        for rank, sign in enumerate(SIGNS):
            for word in sign.words:
                if word in text:
                    if rank not in self._signs and sign.pattern.search(text):
                        self._signs[rank] = text
                        return
                    break

    def see_afar(self, text: str) -> None:
        """Take notice of what the system says about the benchmark's process."""
        if self._afar is None and (found := _DEATH.search(text)):
            self._afar = ("crash" if found["crash"] else "killed", text[:_LONGEST])

    def decide(self, exit_code: int | None) -> tuple[str, str | None]:
        """The outcome, and the line that says so (None where only the exit code or a missing line does)."""
        if exit_code is None and not self.spoke and self._lines > _SHORT:
            self._signs = {rank: text for rank, text in self._signs.items() if not SIGNS[rank].anyone}
            self._fatal = None
        strongest = min(self._signs, key=self._order, default=None)
        sign = None if strongest is None else (SIGNS[strongest].outcome, self._signs[strongest])
        if exit_code in _KILL_CODES:
            return "killed", sign[1] if sign and sign[0] == "killed" else None
        if self._fatal is not None or exit_code in _CRASH_CODES:
            return "crash", self._fatal or (sign[1] if sign else None)
        if exit_code == 124:
            return "timeout", None
        failed = exit_code not in (None, 0) or self._failed is not None or (exit_code is None and self._deadly())
        if self.finished and not failed:
            return "ok", None
        if sign is not None:
            return sign
        if self._afar is not None and not self.finished:
            return self._afar
        if exit_code == 127:
            return "not_found", None
        if exit_code == 126:
            return "permission", None
        return "other", self._failed

    def _order(self, rank: int) -> tuple[bool, int]:
        # What keeps a program from starting explains nothing once it has spoken: drivers miss libraries and files, too.
        return self.spoke and SIGNS[rank].outcome in _REFUSALS and SIGNS[rank].anyone, rank

    def _deadly(self) -> bool:
        # Without an exit code, signs that a program prints about its own end count even after the timings.
        if self.summed_up:
            return False
        return any(SIGNS[rank].outcome in ("crash", "killed", "invoke_failed") for rank in self._signs)
