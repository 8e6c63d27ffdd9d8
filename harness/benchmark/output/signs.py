"""What single lines say about how a run ended: the table of signs, most specific first."""

from __future__ import annotations

import re
from typing import NamedTuple


class Sign(NamedTuple):
    """A sign of an outcome.

    Attributes:
        words: one of them is in every line that `pattern` matches; looking for them first is ten times quicker.
        anyone: other programs print it too (a shell, the linker), so alone it says little about a long log.
    """

    outcome: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    anyone: bool = False


def _sign(outcome: str, words: str, pattern: str, *, anyone: bool = False) -> Sign:
    return Sign(outcome, tuple(words.split("|")), re.compile(pattern), anyone)


#: How a shell names the program that it could not start or that died: `sh: 3: ./x: `, `adb: `, `./run.sh: line 3: `.
_SHELL = (
    r"^(?:(?:\S*/)?(?:sh|mksh|bash|zsh|dash|ash|adb|env|nohup|taskset|su|timeout|exec|\S*\.sh)\b[^:]{0,40}: |\S+: |-)"
)
_DEATHS = (
    r"(?:Segmentation fault|Aborted|Abort\b|Bus error|Illegal instruction|Trace/breakpoint trap"
    r"|Floating point exception|segmentation fault|abort\b|bus error|illegal hardware instruction)"
)
#: What a shell puts before a death: a job (`[1] + `), a script and its line, `zsh: `; nothing in most.
_JOB = r"^(?:\[\d+\]\s*[-+]?\s*(?:\d+\s+)?|(?:\S*sh|\S+\.sh): (?:line )?\d*:?\s*(?:\d+\s+)?)?"

SIGNS: tuple[Sign, ...] = (
    _sign("unresolved_op", "Select TensorFlow", r"Select TensorFlow op\(s\), included in the given model"),
    _sign("unresolved_op", "custom op", r"[Ee]ncountered unresolved custom op|Unresolved custom op"),
    _sign("unresolved_op", "opcode|builtin_code", r"Didn't find (?:custom )?op for|Op builtin_code out of range"),
    _sign(
        "link_error",
        "CANNOT LINK|cannot locate symbol|loading shared libraries",
        r"CANNOT LINK EXECUTABLE|cannot locate symbol|error while loading shared libraries",
        anyone=True,
    ),
    _sign(
        "link_error",
        "undefined symbol|not found|symbol lookup",
        r"undefined symbol: (?!cl[A-Z])|^(?!.*(?:OpenCL|dlopen)).*library \"[^\"]+\" not found|symbol lookup error",
        anyone=True,
    ),
    _sign(
        "link_error",
        "has text relocations|position independent|has unsupported e_type|dlopen failed",
        r"has text relocations|only position independent executables|has unsupported e_type|^dlopen failed:",
        anyone=True,
    ),
    _sign(
        "wrong_abi",
        "-bit|xec format error|ELF|annot execute binary|Bad CPU type",
        r"not executable: (?:\d\d-bit|magic)|[Ee]xec format error|wrong ELF class|has bad ELF magic"
        r"|\bis (?:32|64)-bit instead of|cannot execute binary file|Bad CPU type|has unexpected e_machine",
        anyone=True,
    ),
    _sign("permission", "ermission denied", _SHELL + r".{0,300}[Pp]ermission denied\W*$", anyone=True),
    _sign("permission", "not permitted", _SHELL + r".{0,300}[Oo]peration not permitted\W*$", anyone=True),
    _sign("not_found", "inaccessible or not found", r"inaccessible or not found", anyone=True),
    _sign(
        "not_found",
        "No such file|not found",
        r"(?:^|: |\")\S{0,300}benchmark\S{0,300}?\"?: (?:No such file|not found|command not found)",
        anyone=True,
    ),
    _sign(
        "not_found",
        "evice|mulator",
        r"^(?:adb(?:\.exe)?: (?:error: )?|(?:- )?error: ).{0,200}(?:no devices|device .{0,80}not found)",
        anyone=True,
    ),
    _sign(
        "model_load_failed",
        "oad model|Flatbuffer|open '|flatbuffer",
        r"[Ff]ailed to load model|not a valid Flatbuffer|Could not open '|Failed to (?:open|read) (?:the )?model",
    ),
    _sign(
        "model_load_failed",
        "null|mmap|Model file|Flatbuffer|FileIO",
        r"The model allocation is null|mmap of size 0|Model file not found|[Ff]ailed to mmap|Mmap of .{0,300} failed"
        r"|kLiteRtStatusError(?:FileIO|InvalidFlatbuffer)",
    ),
    _sign("model_load_failed", "schema version", r"Model provided (?:has|is) .{0,80}schema version"),
    _sign(
        "bad_flag",
        "parse flag|specify the name|num_threads|perf options|Output mode",
        r"Failed to parse flag|Please specify the name of your TF|num_threads should be >= 0"
        r"|There are invalid perf options|^Output mode.{0,80}is not supported|Error while parsing the flags",
    ),
    _sign(
        "bad_flag", "input_layer", r"--input_layer_shape.{0,80}(?:must be|does not|should)|should have the same number"
    ),
    _sign("bad_flag", "usage: ", r"^usage: \S+ <flags>"),
    _sign(
        "delegate_failed",
        "delegate|CPU fallback|accelerator|acceleration",
        r"Failed to apply (?:the )?(?:\S+ )?delegate\b|Disallowed CPU fallback|Failed to create \S+ delegate"
        r"|Could not find the specified NNAPI accelerator|full delegation and CPU acceleration are inc",
    ),
    _sign("delegate_failed", "failed to prepare", r"\(TfLite\w*Delegate\w*\) failed to prepare"),
    _sign(
        "delegate_failed",
        "ispatch|NPU|ccelerator",
        r"Failed to (?:initialize|create|load) .{0,80}(?:[Dd]ispatch|NPU|[Aa]ccelerator)",
    ),
    _sign("invoke_failed", "invoke", r"[Ff]ailed to invoke|Failed to run inference|Error invoking"),
    _sign("invoke_failed", "NN API returned", r"NN API returned error ANEURALNETWORKS\S* at line \d+ while running"),
    _sign(
        "prepare_failed",
        "prepare|allocate tensors|interpreter|ignature|dimensions|ompile|resize",
        r"failed to prepare|Failed to allocate tensors|Failed to (?:initialize|construct|create) (?:the )?interpreter"
        r"|Signature not specified or incorrect|^Input tensor #\d+ should have|Failed to resize"
        r"|kLiteRtStatusErrorCompilation|Failed to (?:create|build) (?:the )?[Cc]ompiled ?[Mm]odel",
    ),
    _sign("invoke_failed", "single-option run", r"Error while running a single-option run"),
    _sign("timeout", "imeout|timed out", r"^timeout: |^adb: .{0,120}timed out|^Timeout: ?$|^TIMEOUT\b", anyone=True),
    _sign("crash", "FATAL EXCEPTION", r"^FATAL EXCEPTION: "),
    _sign("crash", "pack identifier", r"An invalid pack identifier was created"),
    _sign("crash", "atal signal", r"\bFatal signal \d+ \(SIG", anyone=True),
    _sign(
        "crash",
        "identif|terminat|stack smashing",
        r"^terminate called|terminating (?:due to|with) uncaught|^\*\*\* stack",
        anyone=True,
    ),
    _sign(
        "crash",
        "signal",
        r"(?:[Tt]erminated (?:by|with) signal|^Program received signal) "
        r"(?:SIG(?:SEGV|ABRT|BUS|ILL|FPE)|(?:4|6|7|8|11)\b)",
        anyone=True,
    ),
    _sign(
        "crash",
        "ault|bort|rror|nstruction|trap|xception",
        _JOB + _DEATHS + r"(?:\s+\(core dumped\))?(?:\s{2,}.*|\s+[./]\S.*|\s*)$",
        anyone=True,
    ),
    _sign("killed", "illed", _JOB + r"[Kk]illed(?:\s{2,}.*|\s+[./]\S.*|\s*)$|: Killed$", anyone=True),
    _sign(
        "killed",
        "ill|died|signal 9",
        r"^(?:lowmemorykiller|lmkd|am_kill)\b.{0,200}[Kk]ill|[Tt]erminated (?:by|with) signal (?:9|SIGKILL)\b",
        anyone=True,
    ),
    _sign(
        "not_found",
        "No such file|not found",
        _SHELL + r".{0,300}(?:No such file or directory|: not found|command not found)\W*$",
        anyone=True,
    ),
)
