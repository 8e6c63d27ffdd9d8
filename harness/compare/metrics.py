"""What is compared: one entry a metric. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.compare.pairs import Pair
from harness.records import Quantity, SessionRecord


@dataclass(frozen=True)
class Metric:
    """A figure of a session.

    Attributes:
        name: with its unit, as in the JSON.
        words: for people.
        of: its value; where it is not known, the reason.
        times: whether `slower` is the word for more of it; else people read `more`.
    """

    name: str
    words: str
    of: Callable[[SessionRecord], Quantity]
    times: bool = True

    def values(self, pairs: tuple[Pair, ...]) -> tuple[list[float], list[float]]:
        """Values of A and of B, of the pairs where both are known and come from the same source.

        Another gauge, or another way to count memory, would be a difference that no arm makes.
        """
        found: tuple[list[float], list[float]] = ([], [])
        for pair in pairs:
            a, b = self.of(pair.a), self.of(pair.b)
            if a.value is not None and b.value is not None and a.source == b.source:
                found[0].append(a.value)
                found[1].append(b.value)
        return found

    def why(self, pairs: tuple[Pair, ...]) -> str:
        """Why no pair has two values that can be compared."""
        sides = [self.of(session) for pair in pairs for session in (pair.a, pair.b)]
        known = all(side.value is not None for side in sides)
        missing = next(
            (side.reason for side in sides if side.value is None and side.reason), "the program printed none"
        )
        return "the two sides of each pair were measured by different sources" if known else f"not measured: {missing}"

    def say(self, verdict: str) -> str:
        """The verdict in words that fit the metric."""
        return verdict if self.times else {"slower": "more", "faster": "less"}.get(verdict, verdict)


def _ms(us: float | None) -> Quantity:
    return Quantity(None if us is None else us / 1000)


METRICS: tuple[Metric, ...] = (
    Metric("latency_ms", "latency", lambda s: _ms(s.inference_avg_us)),
    Metric("init_ms", "initialisation", lambda s: _ms(s.init_us)),
    Metric("first_ms", "first run", lambda s: _ms(s.first_us)),
    Metric("peak_rss_mb", "peak memory", lambda s: s.peak_rss_mb, times=False),
    Metric("energy_mj", "energy", lambda s: s.energy_mj, times=False),
)
LATENCY, ENERGY = METRICS[0], METRICS[-1]
