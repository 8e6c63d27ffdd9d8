"""Wi-Fi, mobile data, Bluetooth and NFC. Pure."""

from __future__ import annotations

from harness.phones.state.knob import Knob, Step, Where

#: The framework's own record of each; NFC has none, and its service is missing where the phone has no NFC.
_GET = {
    "wifi": "settings get global wifi_on",
    "data": "settings get global mobile_data",
    "bluetooth": "settings get global bluetooth_on",
    "nfc": "if dumpsys nfc 2>/dev/null | grep -q mState=on; then echo 1; else echo 0; fi",
}


class Radios(Knob):
    """Off one by one, or all by airplane mode."""

    name = "radios"
    values = ("off", "airplane")
    help = "off: Wi-Fi, mobile data, Bluetooth and NFC, one by one; airplane: airplane mode (Android 11 and later)"
    disturbs = "whatever the phone's apps do over a network stops, and adb over Wi-Fi with it"

    def why_not(self, value: str, where: Where) -> str | None:
        """Whoever saws off the branch that adb sits on cannot put it back."""
        if where.over_wifi:
            return "adb itself comes over a network, and would be cut off"
        if value == "airplane" and where.sdk is not None and where.sdk < 30:
            return "this Android is older than API level 30, which lets the shell user switch it; use off"
        return super().why_not(value, where)

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """`svc` works where makers refuse `settings put`."""
        if value == "airplane":
            way = "echo cmd connectivity airplane-mode"
            hand = f"case $1 in 1) {way} enable ;; *) {way} disable ;; esac"
            return (Step("airplane_mode_on", "1", "settings get global airplane_mode_on", hand),)
        return tuple(
            Step(name, "0", get, f"case $1 in 0|null) echo svc {name} disable ;; *) echo svc {name} enable ;; esac")
            for name, get in _GET.items()
        )
