"""The file that stands for a benchmark program on virtual phones.

It is pushed, verified and started as an official build would be; what it starts is played by the rack (harness/virtual/
bench/). It names itself virtual, so that nobody takes it for a build.
"""

from __future__ import annotations

from typing import Literal

STANDIN_MARK = b"# harness virtual stand-in for benchmark_model"
_PROGRAMS = {"tflite": b"benchmark_model", "litert": b"litert_benchmark_model"}


def standin_bytes(flavour: Literal["tflite", "litert"] = "tflite") -> bytes:
    """The stand-in's content, for one of the two programs of that name."""
    return (
        STANDIN_MARK
        + b"""
# It runs only on a virtual phone of the harness; no figure that it prints is a real phone's.
exec "${PHONE_ROOT}/system/bin/"""
        + _PROGRAMS[flavour]
        + b"""" "$@"
"""
    )
