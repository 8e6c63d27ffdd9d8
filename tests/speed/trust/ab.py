"""A/B in turns on equal arms: how often they are told apart, on phones that heat up, and by how much an order misleads.

False is an interval that excludes 1; in brackets the mean error of the ratio, all in percent. Bar for rounds of A-B-B-A
and B-A-A-B: at most 6 % in 10 pairs, and the same where rounds go on until the verdict stands (`--until`). It is 5 % for
normal noise, and up to 5.6 % where two placements share the sessions about evenly. The margin, which calls small
differences the same, is left out of account. The other orders are there to show what they would do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from harness.benchmark.order import ARMS, arm_order
from harness.stats.intervals import Array
from harness.stats.ratio import ratio_limits
from tests.compare.sides import trial
from tests.speed.trust.phones import Phone, Rng, racks

HEAD = ["order", "phone", "steady", "heats by 10 %", "heats, then settles", "with --until", "bar 6 %"]
ROUNDS, BAR = 5, 0.06
#: Orders of one draw each; a phone has its own.
_SEEDS = 20
#: What the n-th of so many sessions takes longer, in logarithms.
DRIFTS: dict[str, Callable[[int], Array]] = {
    "steady": lambda count: np.zeros(count),
    "heats": lambda count: np.linspace(0, np.log(1.1), count),
    "settles": lambda count: np.log(1.1) * (1 - np.exp(-np.arange(count) / 5)),
}


def in_rounds(rounds: int, seed: int) -> str:
    """As the harness runs them."""
    return "".join(arm for _, arm in arm_order(rounds, str(seed)))


ORDERS: dict[str, Callable[[int, int], str]] = {
    "A-B-B-A": in_rounds,
    "A-B in turns": lambda rounds, _seed: "AB" * (2 * rounds),
    "all A, then all B": lambda rounds, _seed: "A" * (2 * rounds) + "B" * (2 * rounds),
}


def rows(seed: int = 1, draws: int = 10_000, phones: Sequence[Phone] | None = None) -> list[list[str]]:
    """One row an order and phone: false verdicts in percent, and the mean error of the ratio in brackets."""
    rng = np.random.default_rng(seed)
    table = []
    every = racks() if phones is None else phones
    for name in ORDERS:
        for phone in every if name == "A-B-B-A" else every[:3]:
            found = [told_apart(name, phone, drift, rng, draws) for drift in DRIFTS]
            cells = [f"{100 * false:.1f} ({100 * error:+.2f})" for false, error in found]
            if name == "A-B-B-A":
                stopping = until(phone, rng, draws)
                good = max(stopping, *(false for false, _ in found)) <= BAR
                table.append([name, phone.name, *cells, f"{100 * stopping:.1f}", "ok" if good else "MISSED"])
            else:
                table.append([name, phone.name, *cells, "", ""])
    return table


def told_apart(order: str, phone: Phone, drift: str, rng: Rng, draws: int) -> tuple[float, float]:
    """Share of intervals that exclude 1 for equal arms, and the mean error of the ratio."""
    base, new = _pairs(order, phone, drift, ROUNDS, rng, draws)
    ratio, lows, highs = ratio_limits(base, new, paired=True)
    return float(((lows > 1) | (highs < 1)).mean()), float(ratio.mean() - 1)


def until(phone: Phone, rng: Rng, draws: int) -> float:
    """Share of comparisons that exclude 1 at any of their looks, though the arms are equal."""
    one = trial(rounds=3, until_pct=1, most_rounds=24)
    base, new = _pairs("A-B-B-A", phone, "steady", one.most_rounds, rng, draws)
    false = np.zeros(len(base), bool)
    for pairs in 2 * np.cumsum(one.batches()):
        _, lows, highs = ratio_limits(base[:, :pairs], new[:, :pairs], paired=True, confidence=one.look_confidence)
        false |= (lows > 1) | (highs < 1)
    return float(false.mean())


def _pairs(order: str, phone: Phone, drift: str, rounds: int, rng: Rng, draws: int) -> tuple[Array, Array]:
    """Values of A and of B by pair, a row a draw."""
    count = 4 * rounds
    sides: tuple[list[Array], list[Array]] = ([], [])
    for seed in range(_SEEDS):
        times = phone.draw(rng, (draws // _SEEDS, count)) * np.exp(DRIFTS[drift](count))
        arms: npt.NDArray[np.str_] = np.array(list(ORDERS[order](rounds, seed)))
        for side, arm in zip(sides, ARMS, strict=True):
            side.append(times[:, arms == arm])
    return np.concatenate(sides[0]), np.concatenate(sides[1])
