"""What sessions for details show of the others. Pure."""

from __future__ import annotations

from harness.measure.rules.rule import Evidence, Rule

#: MiB in swap, and the least share of a run that its operators should explain.
_SWAP_MB, _EXPLAINED = 1.0, 0.8


class Swapped(Rule):
    """A model that does not fit beside what else runs."""

    name = "swapped"
    meaning = "part of the process was in swap: the phone was short of memory"
    threshold = f"{_SWAP_MB:g} MiB or more of VmSwap in a session for memory"
    why = "resident memory is then less than the process needs, and pages that come back cost time"

    def broken(self, e: Evidence) -> str | None:
        """Only where the process was looked at."""
        return f"{e.swap_mb:.1f} MiB in swap" if e.swap_mb is not None and e.swap_mb >= _SWAP_MB else None


class ProfileGap(Rule):
    """Operators are not all of a run."""

    name = "profile_gap"
    meaning = "the operators' times add up to much less than a run"
    threshold = f"under {_EXPLAINED:.0%} of the profiled session's own mean run"
    why = "the rest is copying to and from the unit, waiting for it, or events that the profiler dropped"

    def broken(self, e: Evidence) -> str | None:
        """Only of profiled sessions; their own mean, since profiling slows a run."""
        if not e.operators_ms or not e.run_ms or e.operators_ms >= _EXPLAINED * e.run_ms:
            return None
        return f"operators {e.operators_ms:.3g} ms of {e.run_ms:.3g} ms"
