"""Faults of what the benchmark program prints."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pydantic import Field

from harness.virtual.faults.catalogue.bench import RunFault
from harness.virtual.faults.fault import fault
from harness.virtual.hook import RunHook

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


class _Cut(RunHook):
    def __init__(self, keep: int) -> None:
        self._left = keep

    async def printed(self, data: bytes) -> bytes:
        kept = data[: self._left]
        self._left -= len(kept)
        return kept


class _Doubled(RunHook):
    async def printed(self, data: bytes) -> bytes:
        return b"".join(line * 2 for line in data.splitlines(keepends=True))


class _Rubbish(RunHook):
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    async def printed(self, data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        return b"".join(self._spoiled(line) if self._random.random() < 0.5 else line for line in lines)

    def _spoiled(self, line: bytes) -> bytes:
        at = self._random.randrange(len(line))
        return line[:at] + self._random.randbytes(self._random.randint(1, 64)) + line[at:]


@fault
class OutputCut(RunFault):
    """What the benchmark program prints is cut off; it ends as if nothing were wrong."""

    kind = "output_cut"
    keep_bytes: int = Field(default=1500, ge=0, description="bytes that are printed")

    @classmethod
    def draw(cls, rng: random.Random) -> OutputCut:
        """Somewhere."""
        return cls(keep_bytes=rng.randrange(1200))

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Cut."""
        return _Cut(self.keep_bytes)


@fault
class OutputDoubled(RunFault):
    """Every line that the benchmark program prints is there twice."""

    kind = "output_doubled"

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Double."""
        return _Doubled()


@fault
class OutputRubbish(RunFault):
    """Random bytes stand in every other line that the benchmark program prints."""

    kind = "output_rubbish"
    seed: int = Field(default=0, description="of the bytes")

    @classmethod
    def draw(cls, rng: random.Random) -> OutputRubbish:
        """Other bytes each time."""
        return cls(seed=rng.randrange(1 << 30))

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Spoil."""
        return _Rubbish(self.seed)
