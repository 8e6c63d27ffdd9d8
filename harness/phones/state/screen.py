"""The screen. Pure."""

from __future__ import annotations

from harness.phones.state.knob import Knob, Step, Where, setting

#: Brightness of 255: readable on every panel, and on none of them near zero, which some take for off.
_DIM = "10"
_DISPLAY = Step(
    "wakefulness",
    "Awake",
    'found=$(dumpsys power | grep -m 1 mWakefulness=) && echo "${found#*=}"',
    "case $1 in Awake) echo input keyevent 224 ;; *) echo input keyevent 223 ;; esac",
)


class Screen(Knob):
    """At one brightness, or off."""

    name = "screen"
    values = ("dim", "off")
    help = "dim: on, at one low brightness, for as long as the block runs; off: only while the phone is plugged"
    disturbs = "the screen's own draw is part of any idle window, and another one under each value"

    def why_not(self, value: str, where: Where) -> str | None:
        """Without a plug and a screen the kernel suspends, and the benchmark with it."""
        if value == "off" and where.plugged is not True:
            return "the phone is not plugged in: with its screen off it would sleep in the middle of a run"
        return super().why_not(value, where)

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """dim: the sensor's say first, then the brightness; both: see that the display is as wanted."""
        if value == "off":
            return (Step("wakefulness", "Asleep", _DISPLAY.get, _DISPLAY.hand),)
        return (
            setting("system", "screen_brightness_mode", "0"),
            setting("system", "screen_brightness", _DIM),
            setting("system", "screen_off_timeout", "2147483647"),
            _DISPLAY,
        )
