"""Where a suite's sessions run: programs of adb's shell, the official benchmark app, or both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from harness.benchmark.suite.part import Fault

Context = Literal["shell", "app"]
DESCRIPTION = (
    "shell, app or both: as a program of adb's shell, in the official benchmark app, or each condition in each, in the "
    "same rounds; the row of the app then says how it compares with the shell's."
)


def context_faults(contexts: Sequence[str]) -> Iterator[Fault]:
    for index, context in enumerate(contexts):
        if contexts.index(context) != index:
            yield Fault(("contexts", index), f"context {context!r} is named twice", "leave one out")
