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
exec "${PHONE_ROOT}/system/bin/benchmark_model" "$@"
"""
)


def standin_bytes() -> bytes:
    """The stand-in's content."""
    return _TEXT
