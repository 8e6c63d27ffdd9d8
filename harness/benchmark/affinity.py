"""Which cores `affinity` means on a phone: from that phone's own clusters, never from a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.errors import UsageError
from harness.records import CpuCluster

WORDS = ("all", "big", "mid", "little")


class NoSuchCores(UsageError):
    """This phone has no cores that the word means, or does not say."""


def resolve(text: str, clusters: Sequence[CpuCluster]) -> frozenset[int]:
    """The cores that `big`, `mid`, `little`, `all` or a hexadecimal mask means.

    Kinds of cores go by `cpu_capacity`, where every cluster says it, else by the maximum clock: big are the strongest,
    little the weakest, mid all between. Clusters of equal strength are one kind. What a mask names beyond the cores of
    the phone is left out.

    Raises:
        NoSuchCores: with the reason.
    """
    known = frozenset(cpu for cluster in clusters for cpu in cluster.cpus)
    if text not in WORDS:
        named = frozenset(n for n in range(4 * len(text)) if int(text, 16) >> n & 1)
        if not named or (known and not named & known):
            raise NoSuchCores(f"it has no core of the mask {text}")
        return named & known if known else named
    if not known:
        raise NoSuchCores(f"it does not say which cores it has, so {text} means nothing; give a mask")
    if text == "all":
        return known
    kinds = _kinds(clusters)
    if kinds is None:
        raise NoSuchCores(f"it does not say how strong its cores are, so {text} means nothing; give a mask")
    if len(kinds) == 1:
        raise NoSuchCores(f"all its {len(known)} cores are alike, so it has no {text} ones")
    if text == "mid" and len(kinds) == 2:
        raise NoSuchCores("it has two kinds of cores, so there are none between")
    chosen = {"little": kinds[:1], "mid": kinds[1:-1], "big": kinds[-1:]}[text]
    return frozenset().union(*chosen)


def _kinds(clusters: Sequence[CpuCluster]) -> list[frozenset[int]] | None:
    """Cores by strength, ascending; None where some say nothing of it."""
    measures: Iterable[list[int | None]] = ([c.capacity for c in clusters], [c.max_khz for c in clusters])
    strengths = next((m for m in measures if all(m)), None)
    if strengths is None:
        return None
    found: dict[int, set[int]] = {}
    for strength, cluster in zip(strengths, clusters, strict=True):
        found.setdefault(strength or 0, set()).update(cluster.cpus)
    return [frozenset(found[strength]) for strength in sorted(found)]


def mask(cpus: Iterable[int]) -> str:
    """Cores as `taskset` takes them."""
    return f"{sum(1 << cpu for cpu in cpus):x}"


def resolved(options: Mapping[str, str], clusters: Sequence[CpuCluster]) -> dict[str, str]:
    """Options with the mask of that phone in place of the word.

    Raises:
        NoSuchCores: as `resolve`.
    """
    if "affinity" not in options:
        return dict(options)
    return {**options, "affinity": mask(resolve(options["affinity"], clusters))}
