"""Rules that flag or void a session: one class a rule, one registration. Pure.

A flag is the rule's name. Nothing that a voiding rule holds for reaches a figure or a decision.
"""

from __future__ import annotations

from harness.measure.rules import clock, cores, details, gauge, heat, phone, program
from harness.measure.rules.rule import Evidence, Rule
from harness.records import SessionRecord

#: Every rule by name, in the order in which they are told.
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        program.WrongOutput(),
        program.Garbled(),
        program.CutShort(),
        phone.LeaseLost(),
        clock.Suspended(),
        heat.TooHot(),
        program.Fallback(),
        program.PartialDelegation(),
        heat.Throttled(),
        heat.WarmStart(),
        cores.WrongCores(),
        cores.StateLost(),
        phone.Busy(),
        cores.Others(),
        phone.Charging(),
        clock.NoTimes(),
        clock.SamplerGap(),
        gauge.GaugeStuck(),
        gauge.GaugeUnchecked(),
        details.Swapped(),
        details.ProfileGap(),
    )
}
#: Flags that make a session's latency void for tables and decisions.
VOID_FLAGS = frozenset(name for name, rule in RULES.items() if rule.voids)


def judge(evidence: Evidence) -> dict[str, str]:
    """Flags of a session, each with what was seen, sorted by name."""
    found = {name: rule.broken(evidence) for name, rule in sorted(RULES.items())}
    return {name: seen for name, seen in found.items() if seen is not None}


def counts(session: SessionRecord) -> bool:
    """Whether a session gave a time that counts: it went well, and no rule voids it."""
    timed = session.outcome == "ok" and session.inference_avg_us is not None
    return timed and not VOID_FLAGS.intersection(session.flags)


__all__ = ["RULES", "VOID_FLAGS", "Evidence", "Rule", "counts", "judge"]
