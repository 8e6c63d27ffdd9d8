"""Decides what a log says came of the run. Exit code first, then the most specific line.

Rules of trust: an ERROR line alone is no failure (delegates print what they do not take that way); a measured invoke
that fails still prints the final timings, so a bad exit code or `Benchmarking failed.` beats them; without a finished
timed run nothing is ok.
"""

from __future__ import annotations

import re

#: In order of precedence: the text of a line, and what it means.
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (outcome, re.compile(pattern))
    for outcome, pattern in (
        ("unresolved_op", r"Select TensorFlow op\(s\), included in the given model|Encountered unresolved custom op"),
        ("unresolved_op", r"Didn't find op for builtin opcode|Op builtin_code out of range"),
        ("link_error", r"CANNOT LINK EXECUTABLE|cannot locate symbol|error while loading shared libraries"),
        ("link_error", r"undefined symbol: (?!cl[A-Z])|library \"[^\"]+\" not found"),
        ("wrong_abi", r"not executable: \d\d-bit|Exec format error|wrong ELF class|has bad ELF magic"),
        ("permission", r"(?:can't execute|cannot execute|sh|adb|mksh|bash|/[^:]*)[^:]*: .*[Pp]ermission denied"),
        ("not_found", r"inaccessible or not found|(?:^|: )(?:\S*/)?\S*benchmark\S*: (?:No such file|not found)"),
        ("model_load_failed", r"Failed to load model|The model is not a valid Flatbuffer|Could not open '"),
        ("model_load_failed", r"The model allocation is null|mmap of size 0|Model file not found|Failed to mmap model"),
        ("bad_flag", r"Failed to parse flag|Please specify the name of your TF Lite|num_threads should be >= 0"),
        ("bad_flag", r"^usage: \S+ <flags>"),
        ("delegate_failed", r"Failed to apply \S+ delegate|Disallowed CPU fallback|Failed to create \S+ delegate"),
        (
            "delegate_failed",
            r"Could not find the specified NNAPI accelerator|full delegation and CPU acceleration are inc",
        ),
        ("invoke_failed", r"failed to invoke|Error while running a single-option run"),
        ("invoke_failed", r"NN API returned error ANEURALNETWORKS\S* at line \d+ while running"),
        ("prepare_failed", r"failed to prepare|Failed to allocate tensors|Failed to initialize the interpreter"),
        ("prepare_failed", r"Failed to construct interpreter|Signature not specified or incorrect"),
        ("timeout", r"^timeout: |Timeout:|timed out"),
        ("crash", r"Segmentation fault|^Aborted|Bus error|Illegal instruction|Fatal signal \d+|Trace/breakpoint trap"),
        ("killed", r"^Killed\b|: Killed$|lowmemorykiller: Kill"),
        ("not_found", r"No such file or directory"),
        ("permission", r"[Pp]ermission denied"),
    )
)
#: One search for most lines, which hold no sign.
_ANY = re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _SIGNS))
_CRASH_CODES = {132: "SIGILL", 133: "SIGTRAP", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV"}
_KILL_CODES = {137: "SIGKILL", 143: "SIGTERM", 129: "SIGHUP"}


class Verdict:
    """Collects signs line by line; `decide` weighs them. Keeps one line per kind, so memory stays flat."""

    def __init__(self) -> None:
        self._signs: dict[int, str] = {}
        self._fatal: str | None = None
        self._failed: str | None = None
        self.finished = False

    def see(self, severity: str | None, text: str) -> None:
        """Take notice of one line."""
        if len(text) > 4000:
            text = text[:4000]
        if text.startswith("Benchmarking failed"):
            self._failed = text
        if severity == "FATAL":
            self._fatal = self._fatal or text
        if not _ANY.search(text):
            return
        for rank, (_, pattern) in enumerate(_SIGNS):
            if rank not in self._signs and pattern.search(text):
                self._signs[rank] = text
                return

    def decide(self, exit_code: int | None) -> tuple[str, str | None]:
        """The outcome, and the line that says so (None where only the exit code or a missing line does)."""
        strongest = min(self._signs, default=None)
        sign = None if strongest is None else (_SIGNS[strongest][0], self._signs[strongest])
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
        if exit_code == 127:
            return "not_found", None
        if exit_code == 126:
            return "permission", None
        return "other", self._failed

    def _deadly(self) -> bool:
        # Without an exit code, signs that a program prints about its own end count even after the timings.
        return any(_SIGNS[rank][0] in ("crash", "killed", "invoke_failed") for rank in self._signs)
