"""The phone stays awake while it is plugged. Pure."""

from __future__ import annotations

from harness.phones.state.knob import Knob, Step, Where


class Awake(Knob):
    """Every block holds it, but one that wants the screen off."""

    name = "awake"
    values = ("on",)
    help = "the phone does not go to sleep while it is plugged"
    condition = False

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """`svc` works where the maker refuses `settings put`; it knows these values only."""
        key = "stay_on_while_plugged_in"
        hand = (
            "case $1 in null|0) echo svc power stayon false ;; 1) echo svc power stayon ac ;; "
            "2) echo svc power stayon usb ;; 4) echo svc power stayon wireless ;; 7) echo svc power stayon true ;; "
            f'*) echo "settings put global {key} $1" ;; esac'
        )
        return (Step(key, "7", f"settings get global {key}", hand),)
