"""What is compared: one entry a metric. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.compare.pairs import Pair
from harness.records import SessionRecord


@dataclass(frozen=True)
class Metric:
    """A figure of a session.

    Attributes:
        name: with its unit, as in the JSON.
        words: for people.
        of: its value; None where it is not known.
        why: it is not known.
        times: whether `slower` is the word for more of it; else people read `more`.
    """

    name: str
    words: str
    of: Callable[[SessionRecord], float | None]
    why: Callable[[SessionRecord], str | None] = lambda _: None
    times: bool = True

    def values(self, pairs: tuple[Pair, ...]) -> tuple[list[float], list[float]]:
        """Values of A and of B, of the pairs where both are known."""
        known = [(a, b) for p in pairs if (a := self.of(p.a)) is not None and (b := self.of(p.b)) is not None]
        return [a for a, _ in known], [b for _, b in known]

    def say(self, verdict: str) -> str:
        """The verdict in words that fit the metric."""
        return verdict if self.times else {"slower": "more", "faster": "less"}.get(verdict, verdict)


def _ms(us: float | None) -> float | None:
    return None if us is None else us / 1000


METRICS: tuple[Metric, ...] = (
    Metric("latency_ms", "latency", lambda s: _ms(s.inference_avg_us)),
    Metric("init_ms", "initialisation", lambda s: _ms(s.init_us)),
    Metric("first_ms", "first run", lambda s: _ms(s.first_us)),
    Metric("peak_rss_mb", "peak memory", lambda s: s.peak_rss_mb.value, lambda s: s.peak_rss_mb.reason, times=False),
    Metric("energy_mj", "energy", lambda s: s.energy_mj.value, lambda s: s.energy_mj.reason, times=False),
)
LATENCY = METRICS[0]
