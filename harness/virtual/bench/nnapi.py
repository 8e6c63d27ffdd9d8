"""What NNAPI takes on a virtual phone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.virtual.bench.console import runtime
from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.graph import Graph, Node
from harness.virtual.bench.partition import partition
from harness.virtual.bench.support import half_weights, nnapi_refusal, with_half_weights
from harness.virtual.bench.taking import ApplyError, Taking
from harness.virtual.profile import NnapiSpeed

#: NNAPI's own CPU code, on every phone.
REFERENCE = "nnapi-reference"


def take(graph: Graph, plan: Sequence[Node], flags: Parsed, speed: NnapiSpeed) -> Taking:
    """What the accelerator takes that the flags name, or any of them.

    Raises:
        ApplyError: there is no such accelerator.
    """
    name = flags["nnapi_accelerator_name"]
    if name and name not in speed.accelerators:
        known = ",".join(speed.accelerators)
        text = f"Could not find the specified NNAPI accelerator: {name}. Must be one of: {{{known}}}."
        raise ApplyError([runtime(text, "ERROR")])
    reference = uses_reference(flags, speed)
    if reference and not name and flags["disable_nnapi_cpu"]:
        return Taking(())
    taken = _supported(graph, plan, speed, reference=reference)
    if half_weights(graph, plan) and len(taken) < len(_supported(graph, plan, speed, reference=True)):
        # A driver that refuses a node of such a model gets none: the delegate takes back what it changed in the graph.
        return Taking(())
    most = flags["max_delegated_partitions"]
    if most > 0:
        groups = [s.nodes for s in partition(graph, plan, frozenset(taken)) if s.taken]
        taken = sorted(n for group in sorted(groups, key=len, reverse=True)[:most] for n in group)
    return Taking(tuple(taken))


def _supported(graph: Graph, plan: Sequence[Node], speed: NnapiSpeed, *, reference: bool) -> list[int]:
    refusal = nnapi_refusal(graph, speed, reference=reference)
    return sorted(with_half_weights(graph, plan, [n.index for n in plan if refusal(n) is None]))


def uses_reference(flags: Parsed, speed: NnapiSpeed) -> bool:
    """True where NNAPI would run its own CPU code: by name, or since the phone has nothing else."""
    name = flags.get("nnapi_accelerator_name")
    return name == REFERENCE or (not name and set(speed.accelerators) <= {REFERENCE})
