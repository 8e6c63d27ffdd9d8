"""Which clocks the cores run at, and how long they stayed there. Pure; clocks in kHz."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.virtual.profile import Cluster

#: Linux counts time_in_state in ticks of 10 ms.
TICKS_PER_S = 100


@dataclass(frozen=True)
class Pinned:
    """Work that is kept to some cores. share: of what these can do (0 to 1); cores: how many of each cluster."""

    share: float
    cores: tuple[int, ...]


def cores_of(clusters: Sequence[Cluster], cpus: Collection[int]) -> tuple[int, ...]:
    """How many of each cluster's cores are in `cpus`; a phone's cores are numbered cluster by cluster."""
    found, first = [], 0
    for cluster in clusters:
        found.append(sum(1 for cpu in range(first, first + cluster.cores) if cpu in cpus))
        first += cluster.cores
    return tuple(found)


def capacity(clusters: Sequence[Cluster], cores: Sequence[int] | None = None) -> int:
    """What so many cores of each cluster can do; None: all."""
    counts = [c.cores for c in clusters] if cores is None else cores
    return sum(n * c.capacity for n, c in zip(counts, clusters, strict=True))


def strongest(clusters: Sequence[Cluster], threads: int, cores: Sequence[int] | None = None) -> int:
    """What the strongest `threads` of these cores can do: where a scheduler puts that many busy threads."""
    counts = [c.cores for c in clusters] if cores is None else cores
    all_cores = sorted((c.capacity for n, c in zip(counts, clusters, strict=True) for _ in range(n)), reverse=True)
    return sum(all_cores[:threads])


def with_pinned(clusters: Sequence[Cluster], free: float, pinned: Sequence[Pinned]) -> list[float]:
    """How busy each cluster is with free work (a share of all capacity) and work that is kept to cores."""
    found = busy_shares(clusters, free)
    for work in pinned:
        for index, cluster in enumerate(clusters):
            found[index] = min(1.0, found[index] + work.share * work.cores[index] / cluster.cores)
    return found


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


def speed_factor(clusters: Sequence[Cluster], cap: float, cores: Sequence[int] | None = None) -> float:
    """Speed under a cap as a share of the uncapped speed, as the fastest cluster feels it, of those with `cores`."""
    usable = [c for n, c in zip(cores, clusters, strict=True) if n] if cores is not None else clusters
    fastest = max(usable or clusters, key=lambda c: c.capacity)
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
