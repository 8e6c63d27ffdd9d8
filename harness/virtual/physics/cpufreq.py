"""Which clocks the cores run at, and how long they stayed there. Pure; clocks in kHz."""

from __future__ import annotations

from collections.abc import Sequence

from harness.virtual.profile import Cluster

#: Linux counts time_in_state in ticks of 10 ms.
TICKS_PER_S = 100


def busy_shares(clusters: Sequence[Cluster], share: float) -> list[float]:
    """How busy each cluster is (0 to 1) when `share` of all CPU capacity is wanted: the fastest cores fill first."""
    wanted = min(1.0, max(0.0, share)) * sum(c.cores * c.capacity for c in clusters)
    found = [0.0] * len(clusters)
    for index in sorted(range(len(clusters)), key=lambda i: -clusters[i].capacity):
        offered = clusters[index].cores * clusters[index].capacity
        found[index] = min(1.0, wanted / offered)
        wanted = max(0.0, wanted - offered)
    return found


def capped_khz(cluster: Cluster, cap: float) -> int:
    """The highest clock that a cap (share of the maximum) allows; the lowest one where none fits."""
    allowed = cluster.khz[-1] * cap
    return max((k for k in cluster.khz if k <= allowed), default=cluster.khz[0])


def chosen_khz(cluster: Cluster, busy: float, cap: float) -> int:
    """The governor's choice: as fast as allowed while a benchmark keeps the cluster busy, else the lowest clock."""
    return capped_khz(cluster, cap) if busy > 0 else cluster.khz[0]


def speed_factor(clusters: Sequence[Cluster], cap: float) -> float:
    """Speed under a cap as a share of the uncapped speed, as the fastest cluster feels it."""
    fastest = max(clusters, key=lambda c: c.capacity)
    return capped_khz(fastest, cap) / fastest.khz[-1]


class Residency:
    """Seconds that each cluster spent at each of its clocks, and how often it changed."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        self._seconds = [dict.fromkeys(c.khz, 0.0) for c in clusters]
        self._last = [c.khz[0] for c in clusters]
        self.transitions = [0] * len(clusters)

    def add(self, dt_s: float, khz: Sequence[int]) -> None:
        """`dt_s` seconds passed at these clocks, one a cluster."""
        for index, clock in enumerate(khz):
            self._seconds[index][clock] += dt_s
            if clock != self._last[index]:
                self._last[index] = clock
                self.transitions[index] += 1

    def ticks(self, index: int) -> dict[int, int]:
        """Ticks of 10 ms by clock, ascending, as `time_in_state` shows them."""
        return {khz: int(seconds * TICKS_PER_S) for khz, seconds in self._seconds[index].items()}
