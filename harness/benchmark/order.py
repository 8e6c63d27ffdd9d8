"""The order of two arms that are compared on one phone. Pure.

Method: A-B-B-A and B-A-A-B rounds, read as pairs of neighbours. What drifts evenly over a round (heat, a filling
cache) lengthens the later session of each pair, which is B in one pair of a round and A in the other, so it cancels
from the round's mean log ratio. Rounds come in couples, one of each kind, whose order is drawn: then what is left of a
drift that bends, and what a session leaves behind for the next one, falls on both arms alike too.
"""

from __future__ import annotations

import random

ARMS = ("A", "B")
#: Sessions and pairs of a round.
ROUND_SESSIONS, ROUND_PAIRS = 4, 2
_KINDS = ("ABBA", "BAAB")


def arm_order(rounds: int, seed: str) -> list[tuple[int, str]]:
    """Sessions in their order, each as (pair, arm); a pair's two sessions are neighbours.

    Args:
        rounds: of four sessions each.
        seed: the same one gives the same order.
    """
    rng = random.Random(seed)
    kinds: list[str] = []
    while len(kinds) < rounds:
        kinds += rng.sample(_KINDS, len(_KINDS))
    arms = "".join(kinds[:rounds])
    return [(place // 2, arm) for place, arm in enumerate(arms)]
