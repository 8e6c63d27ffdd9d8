"""Whether the phone was awake and watched all the time. Pure."""

from __future__ import annotations

from harness.measure.rules.rule import Evidence, Rule

#: Periods of the sampler without a tick: a sample is missing, the phone slept; and seconds at least for the latter.
_MISSING, _SLEPT, _SLEPT_S = 4, 10, 5.0


class NoTimes(Rule):
    """Nothing says when it ran."""

    name = "no_times"
    meaning = "the phone did not say when it ran, so what it went through is unknown"
    threshold = "no start or stop marker of run.sh"
    why = "what was sampled cannot be laid beside it"

    def broken(self, e: Evidence) -> str | None:
        """From the markers."""
        return "a marker is missing" if e.start_s is None or e.end_s is None else None


class Suspended(Rule):
    """CLOCK_BOOTTIME goes on in suspend, the sampler does not."""

    name = "suspended"
    voids = True
    meaning = "the phone slept during the run; such a session does not count"
    threshold = f"no sample for {_SLEPT} periods and {_SLEPT_S:g} s"
    why = "a benchmark does not run while the phone sleeps, and its clock goes on"

    def broken(self, e: Evidence) -> str | None:
        """Only of sessions that are long enough for several samples."""
        gap, period = _gap(e)
        return f"no sample for {gap:.1f} s" if period and gap > max(_SLEPT * period, _SLEPT_S) else None


class SamplerGap(Rule):
    """What happened in between is not known."""

    name = "sampler_gap"
    meaning = "a sample is missing"
    threshold = f"no sample at all, none for {_MISSING} periods, or the sampler was killed"
    why = "a cap or a charger in the gap would not be seen"

    def broken(self, e: Evidence) -> str | None:
        """Says nothing where the phone slept, which says it already."""
        if e.sampler_died:
            return "the sampler was killed"
        if e.start_s is None or e.end_s is None:
            return None
        if e.log is None or not e.log.times_s:
            return "the sampler wrote nothing"
        gap, period = _gap(e)
        slept = gap > max(_SLEPT * period, _SLEPT_S)
        return f"no sample for {gap:.1f} s" if period and not slept and gap > _MISSING * period else None


def _gap(e: Evidence) -> tuple[float, float]:
    """The longest time without a tick, and the period; zeros where the session was too short for it."""
    if e.start_s is None or e.end_s is None or e.log is None or not e.log.times_s:
        return 0.0, 0.0
    if e.end_s - e.start_s <= _MISSING * e.log.period_s:
        return 0.0, 0.0
    return e.log.largest_gap_s(e.start_s, e.end_s), e.log.period_s
