"""The file that stands for the benchmark program on virtual phones.

It is pushed, verified and started as an official build would be; what it starts is played by the rack (harness/virtual/
bench/). It names itself virtual, so that nobody takes it for a build.
"""

from __future__ import annotations

STANDIN_MARK = b"# harness virtual stand-in for benchmark_model"

_TEXT = (
    STANDIN_MARK
    + b"""
# It runs only on a virtual phone of the harness; no figure that it prints is a real phone's.
exec "${PHONE_ROOT}/system/bin/%s" "$@"
"""
)


def standin_bytes(flavour: str = "tflite") -> bytes:
    """The stand-in's content. flavour: "tflite" or "litert", as in harness/benchmark/work.py."""
    name = b"benchmark_model" if flavour == "tflite" else b"litert_benchmark_model"
    return _TEXT % name
