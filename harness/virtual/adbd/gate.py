"""A gate that several reasons may hold shut, each on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Gate:
    """Open while no reason holds it shut."""

    def __init__(self, reasons: Iterable[str] = ()) -> None:
        self._reasons = set(reasons)
        self._open = asyncio.Event()
        self._show()

    def shut(self, reason: str) -> None:
        """Hold it shut."""
        self._reasons.add(reason)
        self._show()

    def open(self, reason: str) -> None:
        """Let go; it opens where no other reason holds it."""
        self._reasons.discard(reason)
        self._show()

    def release(self) -> None:
        """Open it for all."""
        self._reasons.clear()
        self._show()

    async def passed(self) -> None:
        """Wait until it is open."""
        await self._open.wait()

    @property
    def reasons(self) -> frozenset[str]:
        """What holds it shut."""
        return frozenset(self._reasons)

    def _show(self) -> None:
        if self._reasons:
            self._open.clear()
        else:
            self._open.set()
