"""What a fault may do to one run of a benchmark program. The base class leaves everything as it is."""

from __future__ import annotations


class RunHook:
    """Sees everything that the program prints, in its order, and how it ends."""

    async def printed(self, data: bytes) -> bytes:
        """What is truly printed of it."""
        return data

    async def after(self, data: bytes) -> None:
        """It was printed; may wait for ever, or raise Signalled or Exited."""

    async def at_end(self, code: int) -> tuple[bytes, int]:
        """What is printed last, and the exit code that is seen."""
        return b"", code
