"""Runs of benchmark programs, as the ledger counts them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from harness.virtual.apps import BENCHMARK
from harness.virtual.ledger import PhoneLedger

if TYPE_CHECKING:
    from harness.virtual.calls import ClientCall

PROGRAMS = ("benchmark_model", "litert_benchmark_model", BENCHMARK)
#: A session's folder below its block, as the program's output or its result files name it.
_SESSION = re.compile(r"(?:^|[/=])(s/\d+)/")


def begin_run(ledger: PhoneLedger, call: ClientCall) -> int | None:
    """Note that a benchmark program starts; its number, or None where the call is another program."""
    name = posixpath.basename(call.argv[0])
    if name not in PROGRAMS:
        return None
    return ledger.begin_run(
        program=name,
        argv=call.argv[1:],
        cwd=call.cwd,
        pid=call.pid,
        model=model_of(call),
        session=session_of(call),
        stdout=call.stdout or None,
    )


def model_of(call: ClientCall) -> str | None:
    """The model file on the phone; None where none is named, as in `--help`, and for other programs."""
    if posixpath.basename(call.argv[0]) not in PROGRAMS:
        return None
    paths = [a.removeprefix("--graph=") for a in call.argv if a.startswith("--graph=")]
    return call.phone.strip_root(paths[-1]) if paths else None


def session_of(call: ClientCall) -> str | None:
    """Folder of the session below the block's (`s/0003`); None for a run outside of a block."""
    for text in (call.stdout, *call.argv[1:]):
        if found := _SESSION.search(text):
            return found[1]
    return None
