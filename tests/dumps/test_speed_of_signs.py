"""No pattern takes time that grows with the square of a hostile text."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CODE = """
import sys
from harness.dumps.kinds import KINDS, guess_kind, read_dump
from harness.benchmark.output import parse_benchmark
from harness.phones.anonymous import anonymous
text = (sys.argv[1] * 100000)[:100000]
guess_kind(text), parse_benchmark(text), anonymous(dict.fromkeys(("getprop", "battery", "supplies", "thermal", "df", "nodes"), text), "SERIAL99")
for kind in KINDS:
    read_dump(kind, text)
"""


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "\n",
        "\n ",
        "\t",
        "a",
        "1 ",
        "[a]: [",
        "a, ",
        ": ",
        "(",
        "/a",
        "x: 1\n",
        "count=1 ",
        "GLES: a, ",
        "1.",
        "\\",
    ],
)
def test_every_reader_ends(piece: str) -> None:
    subprocess.run([sys.executable, "-c", _CODE, piece], check=True, timeout=30)
