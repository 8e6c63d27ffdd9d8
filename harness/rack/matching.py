"""One by one, gives each item a place of its own where that is possible, moving earlier items to make room. Pure.

Method: augmenting paths (Kuhn 1955). Items that can be placed together form a transversal matroid (Edmonds and
Fulkerson 1965), so offering them in order of preference places a largest set, and of the largest sets the best one in
that order: no item is left out for one that was offered later.
"""

from __future__ import annotations

from collections.abc import Iterator


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Matching:
    """Which item has which place; places are bits of a mask."""

    def __init__(self) -> None:
        self.item_at: dict[int, int] = {}
        self._allowed: dict[int, int] = {}
        self._taken = 0
        #: Places that no later item can have: whatever is moved, those who hold them need them all.
        self._closed = 0

    def offer(self, item: int, allowed: int) -> bool:
        """Place an item; those placed before stay placed, perhaps elsewhere.

        Args:
            item: a number that has no place yet.
            allowed: the places that would do.

        Returns:
            False where it cannot be placed, now or later.
        """
        self._allowed[item] = allowed
        came_from: dict[int, int] = {}
        seen = self._closed
        waiting = [item]
        for mover in waiting:  # grows while it is walked: breadth first
            new = self._allowed[mover] & ~seen
            seen |= new
            free = new & ~self._taken
            if free:
                self._move(mover, (free & -free).bit_length() - 1, came_from, item)
                return True
            for place in bits(new):
                holder = self.item_at[place]
                came_from[holder] = mover
                waiting.append(holder)
        self._closed = seen
        return False

    def _move(self, mover: int, place: int, came_from: dict[int, int], item: int) -> None:
        self._taken |= 1 << place
        places = {i: p for p, i in self.item_at.items()} if mover != item else {}
        while True:
            self.item_at[place] = mover
            if mover == item:
                return
            place, mover = places[mover], came_from[mover]
