"""What to do about a phone that adb does not name, or names in a state that nobody can work with. Pure."""

from __future__ import annotations

NO_PHONE = (
    "plug one in with a data cable; on it open Settings, About phone, tap Build number seven times, and switch on USB "
    "debugging under Developer options"
)
#: The interface class is adb's own, so that one line serves every maker. 51 sorts it before the rules that act on tags.
UDEV = (
    'echo \'SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:ff4201:*", TAG+="uaccess"\' | '
    "sudo tee /etc/udev/rules.d/51-android.rules && sudo udevadm control --reload && sudo udevadm trigger"
)
NO_PHONE_LINUX = f"if it is plugged in and not shown, give yourself access to it: {UDEV}"
WITHOUT_PHONE = "or add --virtual 2 for virtual phones"

_TAP = "unlock it and tap Allow on its USB debugging dialog"
_ANDROID = "restart it into Android"
#: By the beginning of adb's word for the state.
_ADVICE = {
    "unauthorized": f"{_TAP}; if there is none, pull the cable and plug it in again",
    "authorizing": _TAP,
    "offline": "pull the cable and plug it in again, or restart the phone",
    "no permissions": f"this user may not open the USB device: {UDEV}; then plug it in again",
    "connecting": "wait a moment",
    "recovery": _ANDROID,
    "rescue": _ANDROID,
    "sideload": _ANDROID,
    "bootloader": _ANDROID,
    "host": _ANDROID,
}
#: States that a person's tap, or a moment, turns into a phone.
WAITING = ("unauthorized", "authorizing", "connecting", "offline")


def advice(state: str) -> str:
    """What to do about a phone in `state`, adb's word for it."""
    return next((text for word, text in _ADVICE.items() if state.startswith(word)), "restart the phone")


def short(state: str) -> str:
    """adb's word for a state without the addresses that it adds."""
    return state.partition(";")[0].partition(" (")[0].strip()


def waits_for(state: str) -> str:
    """What a phone that waits is waiting for, as the end of a sentence."""
    if state in ("unauthorized", "authorizing"):
        return "is waiting: unlock it and tap Allow"
    return f"is {state}: {advice(state)}"


def unseen(debugging: bool) -> str:
    """Why adb does not name a phone that sits on a USB port, as the end of a sentence."""
    if debugging:
        return "the adb server does not see it: another adb server may hold it, or this user may not open it"
    return "USB debugging is off: Settings, About phone, tap Build number seven times, then Developer options"
