"""Whether what a session left can be believed: output that is no text, or that its own result file contradicts."""

from __future__ import annotations

import math
import re
from pathlib import Path

from harness.benchmark.output import BenchmarkOutput, ResultFileError, read_result_file

#: Control characters that no program of ours prints; tabs, line ends and colours are none of them.
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
#: The log has six digits, the result file single precision.
_NEAR = 1e-3


def is_garbled(folder: Path, output: BenchmarkOutput) -> bool:
    """True where bytes on the way from the program to here were lost, changed or added.

    Args:
        folder: of the session, with `out`, `err` and, where the program writes one, `result.pb`.
        output: what was read of its output.
    """
    return any(_spoiled(folder / name) for name in ("out", "err")) or _contradicted(folder, output)


def _spoiled(file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False  # a session without output has no figures either
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return _CONTROLS.search(data) is not None


def _contradicted(folder: Path, output: BenchmarkOutput) -> bool:
    printed = output.inference_avg_us
    if printed is None:
        return False
    try:
        written = read_result_file((folder / "result.pb").read_bytes()).inference_avg_us
    except FileNotFoundError:
        return False  # older programs write none
    except (OSError, ResultFileError):
        return True
    return written is None or not math.isclose(printed, written, rel_tol=_NEAR)
