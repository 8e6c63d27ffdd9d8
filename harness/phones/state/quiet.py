"""What Android does by itself when nobody looks: doze, battery saver, setting the clock. Pure."""

from __future__ import annotations

from harness.phones.state.knob import Knob, Step, Where, setting


class Doze(Knob):
    """Doze changes what the rest of the phone does, and when."""

    name = "doze"
    values = ("off",)
    help = "the phone does not doze, whose maintenance windows wake everything at once"

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """`dumpsys deviceidle` also takes commands; a boot undoes it."""
        hand = "case $1 in 0) echo dumpsys deviceidle disable ;; *) echo dumpsys deviceidle enable ;; esac"
        return (Step("deviceidle", "0", "cmd deviceidle enabled", hand),)


class BatterySaver(Knob):
    """It lowers clocks."""

    name = "battery_saver"
    values = ("off",)
    help = "battery saver is off; it lowers clocks"

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """`cmd power` works where makers refuse `settings put`."""
        get = "case $(settings get global low_power) in 1) echo 1 ;; *) echo 0 ;; esac"
        return (Step("low_power", "0", get, "echo cmd power set-mode $1"),)


class AutoTime(Knob):
    """The wall clock steps when the network says so."""

    name = "auto_time"
    values = ("off",)
    help = "the network does not set the clock, so that wall times of one block can be compared"

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """One setting."""
        return (setting("global", "auto_time", "0"),)
