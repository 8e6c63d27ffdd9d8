"""/sys/devices/system/cpu: which cores there are, their clocks, caps and residency. Readable on every phone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.virtual.nodes import DENIED, Node
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import Cluster, Profile

ROOT = "sys/devices/system/cpu"


def policies(clusters: Sequence[Cluster]) -> list[tuple[str, range, Cluster]]:
    """Folder, cores and cluster of each cpufreq policy; a policy is named after its first core."""
    found, first = [], 0
    for cluster in clusters:
        members = range(first, first + cluster.cores)
        found.append((f"{ROOT}/cpufreq/policy{first}", members, cluster))
        first += cluster.cores
    return found


def links(profile: Profile) -> Iterator[tuple[str, str]]:
    """Symbolic links: each core's `cpufreq` leads to its policy."""
    for folder, members, _ in policies(profile.clusters):
        for cpu in members:
            yield f"{ROOT}/cpu{cpu}/cpufreq", f"../cpufreq/{folder.rpartition('/')[2]}"


def fixed(profile: Profile) -> Iterator[Node]:
    """Cores, limits and tables."""
    total = sum(c.cores for c in profile.clusters)
    for name in ("online", "possible", "present"):
        yield Node(f"{ROOT}/{name}", f"0-{total - 1}\n")
    yield Node(f"{ROOT}/offline", "\n")
    yield Node(f"{ROOT}/kernel_max", "31\n")
    for number, (folder, members, cluster) in enumerate(policies(profile.clusters)):
        cores = " ".join(map(str, members))
        values = {
            "affected_cpus": cores,
            "related_cpus": cores,
            "cpuinfo_max_freq": cluster.khz[-1],
            "cpuinfo_min_freq": cluster.khz[0],
            "cpuinfo_transition_latency": 0,
            # The kernel prints this list with a blank at its end.
            "scaling_available_frequencies": " ".join(map(str, cluster.khz)) + " ",
            "scaling_available_governors": "performance powersave " + cluster.governor + " ",
            "scaling_driver": "cpufreq-dt",
            "scaling_governor": cluster.governor,
            "scaling_min_freq": cluster.khz[0],
        }
        for name, value in values.items():
            yield Node(f"{folder}/{name}", f"{value}\n")
        yield Node(f"{folder}/cpuinfo_cur_freq", f"{cluster.khz[0]}\n", DENIED)
        for cpu in members:
            yield Node(f"{ROOT}/cpu{cpu}/cpu_capacity", f"{cluster.capacity}\n")
            yield Node(f"{ROOT}/cpu{cpu}/online", "1\n")
            yield Node(f"{ROOT}/cpu{cpu}/topology/core_id", f"{cpu}\n")
            yield Node(f"{ROOT}/cpu{cpu}/topology/physical_package_id", f"{number}\n")


def live(machine: Machine) -> Iterator[tuple[str, str]]:
    """Clocks, caps and residency."""
    caps, clocks = machine.max_khz(), machine.khz()
    for index, (folder, _, _) in enumerate(policies(machine.profile.clusters)):
        yield f"{folder}/scaling_cur_freq", f"{clocks[index]}\n"
        yield f"{folder}/scaling_max_freq", f"{caps[index]}\n"
        if machine.profile.time_in_state:
            rows = machine.residency.ticks(index).items()
            yield f"{folder}/stats/time_in_state", "".join(f"{khz} {ticks}\n" for khz, ticks in rows)
            yield f"{folder}/stats/total_trans", f"{machine.residency.transitions[index]}\n"
