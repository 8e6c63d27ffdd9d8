"""What a file says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.benchmark.elf import Looks, look_at
from tests.benchmark.elves import MACHINES, elf


@pytest.mark.parametrize("abi", list(MACHINES))
@pytest.mark.parametrize(
    ("marks", "flavour"),
    [
        (b"num_runs", "tflite"),
        (b"num_runs TfLiteFlexDelegate", "tflite-plus-flex"),
        (b"num_runs dispatch_library_path", "litert"),
    ],
)
def test_abi_flavour_and_size(tmp_path: Path, abi: str, marks: bytes, flavour: str) -> None:
    path = tmp_path / "p"
    path.write_bytes(elf(abi, marks=marks))
    assert look_at(path) == Looks(abi, flavour, True, True)
    for size in (len(elf(abi)) - 1, 1000, 60, 20):
        path.write_bytes(elf(abi, marks=marks)[:size])
        found = look_at(path)
        assert found is not None and found.abi == abi and not found.whole
    for other in (b"", b"\x7fELF", b"<html>" * 9):
        path.write_bytes(other)
        assert look_at(path) is None
