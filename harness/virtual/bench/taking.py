"""What one delegate takes of a graph, and what it says of that."""

from __future__ import annotations

from dataclasses import dataclass

from harness.virtual.bench.console import Line


class ApplyError(Exception):
    """A delegate cannot be applied and the program ends with 1; `lines` are printed before that."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines


@dataclass(frozen=True)
class Taking:
    """Nodes taken, in the order of the plan.

    Attributes:
        before, after: lines printed before and after the nodes are replaced.
        failed: its kernels cannot be initialised; `after` says why.
        backend: `cl` or `gl` for a GPU.
        from_cache: a GPU's programs are kept from an earlier session.
    """

    nodes: tuple[int, ...]
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    failed: bool = False
    backend: str = ""
    from_cache: bool = False
