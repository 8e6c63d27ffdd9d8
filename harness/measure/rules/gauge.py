"""What the battery gauge is worth. Pure."""

from __future__ import annotations

from harness.measure.rules.rule import Evidence, Rule


class GaugeStuck(Rule):
    """A value that does not move is none."""

    name = "gauge_stuck"
    meaning = "the battery gauge hung, so power and energy are unknown"
    threshold = "too few changes of its value in a minute or more, or a time without one that chance does not explain"
    why = "a gauge that hangs shows the draw of another moment"

    def broken(self, e: Evidence) -> str | None:
        """As the session's own samples show it, on battery only."""
        return e.gauge_stuck


class GaugeUnchecked(Rule):
    """Nothing but the gauge itself speaks for its figure."""

    name = "gauge_unchecked"
    meaning = "nothing confirms the battery gauge: it may show one of two battery packs"
    threshold = "energy from a gauge whose current was not held against the charge counter"
    why = "one of two packs shows half of the energy; ratios on this phone hold all the same"

    def broken(self, e: Evidence) -> str | None:
        """Only where there is a figure."""
        return e.gauge_unchecked
