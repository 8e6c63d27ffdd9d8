"""Flags that say how far a session can be trusted. Pure."""

from __future__ import annotations

from harness.measure.sampler import SamplerLog
from harness.records import FrequencyRecord, ThermalRecord

#: A cap below this share of the maximum clock is throttling.
_THROTTLED_PCT = 97.0
#: More than this share of all cores busy while the harness only looked at the phone: something else runs.
_BUSY_SHARE = 0.5


def validity_flags(
    *,
    log: SamplerLog | None,
    start_s: float,
    end_s: float,
    frequency: FrequencyRecord,
    thermal: ThermalRecord,
    charging: str | None,
    warm_start: bool,
    others_busy: float | None,
) -> tuple[str, ...]:
    """Sorted flags of one session.

    Args:
        log: sampler log of the session.
        start_s, end_s: when the program ran, CLOCK_BOOTTIME.
        frequency, thermal: what was read around it.
        charging: why the phone counts as charging, None where it does not.
        warm_start: the cool-down did not end in time.
        others_busy: share of the cores that was busy before the start, while nothing of ours ran; None: unknown.
    """
    flags = set()
    if charging is not None and charging.startswith("charging"):
        flags.add("charging")
    if warm_start:
        flags.add("warm_start")
    if frequency.min_cap_pct is not None and frequency.min_cap_pct < _THROTTLED_PCT:
        flags.add("throttled")
    if (thermal.status_after or 0) > 0 or (thermal.status_before or 0) > 0:
        flags.add("throttled")
    if others_busy is not None and others_busy > _BUSY_SHARE:
        flags.add("busy")
    if log is None or not log.times_s:
        flags.add("sampler_gap")
    elif end_s - start_s > 4 * log.period_s:
        gap = log.largest_gap_s(start_s, end_s)
        if gap > max(10 * log.period_s, 5.0):
            flags.add("suspended")
        elif gap > 4 * log.period_s:
            flags.add("sampler_gap")
    return tuple(sorted(flags))
