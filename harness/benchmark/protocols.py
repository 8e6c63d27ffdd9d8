"""Named protocols: what each sets, and what it guarantees. Pure; one entry a protocol.

A suite names one (`protocol: energy`) and may change single values of it; then the page shows which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Seconds of one step of a chain: long enough for a steady mean, short enough to see a clock fall.
_STEP_S = 10.0


@dataclass(frozen=True)
class Named:
    """A protocol by its name.

    Attributes:
        help: what it is for, in a few words.
        guarantees: what holds for every session that carries no flag, a sentence each.
        sessions: of each condition, where nothing is said.
        values: of harness.benchmark.work.Protocol, where they differ from `standard`.
    """

    name: str
    help: str
    guarantees: tuple[str, ...]
    sessions: int
    values: Mapping[str, Any] = field(default_factory=dict)


_INTERLEAVED = "Conditions take turns in rounds of a seeded random order, so that drift falls on all alike."
_GATE = "No session starts before the battery is within 2 °C of its cool idle and no clock is capped, or it is flagged."

PROTOCOLS: dict[str, Named] = {
    p.name: p
    for p in (
        Named(
            "quick",
            "an answer while you wait",
            ("Three fresh processes a condition, which give a wide interval.", _INTERLEAVED,
             "All waits to cool down together take 30 s at most; what starts warm is flagged."),
            3,
            {"num_runs": 10, "cooldown_total_s": 30.0},
        ),
        Named(
            "standard",
            "figures to compare and to decide by",
            ("Five fresh processes a condition of 50 runs each.", _INTERLEAVED, _GATE),
            5,
        ),
        Named(
            "energy",
            "energy of an inference, on battery",
            ("A minute of idle on both sides of a minute of work, so that a slow gauge settles and its idle is known.",
             _INTERLEAVED, _GATE, "No figure while anything charges, nor where the gauge is not proven."),
            5,
            {"min_secs": 60.0, "max_secs": 150.0, "session_timeout_s": 420.0, "idle_s": 60.0,
             "cooldown_timeout_s": 180.0},
        ),
        Named(
            "sustained",
            "what is left after minutes of work: the throttling curve",
            ("A chain of processes of 10 s without a rest for 5 minutes, one condition at a time.",
             "Every chain starts cool, after up to 5 minutes of rest, or is flagged.",
             "Latency is that of the cool first step, so that it compares with other protocols."),
            3,
            {"chain_s": 300.0, "min_secs": _STEP_S, "warmup_min_secs": 0.0, "num_runs": 1,
             "cooldown_timeout_s": 300.0},
        ),
        Named(
            "cold",
            "the first load, with caches cleared, against a later one",
            ("Each round has a process after every cache that the shell may clear was cleared, then a warm one.",
             "It says which caches were cleared, and which it may not clear.", _INTERLEAVED, _GATE),
            5,
            {"cold": True, "num_runs": 10},
        ),
    )
}  # fmt: skip


def changed(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those values that differ from what the protocol of that name sets.

    Args:
        values: of a Protocol, as a suite has them.
    """
    from harness.benchmark.work import Protocol

    own = PROTOCOLS[name].values
    plain = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k != "name"}
    return {k: v for k, v in plain.items() if v != own.get(k, getattr(Protocol, k, v))}
