"""svc: the screen while plugged, and the radios."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services.connectivity import radios_changed

#: Bits of stay_on_while_plugged_in.
_STAY_ON = {"true": "7", "false": "0", "ac": "1", "usb": "2", "wireless": "4"}
_RADIOS = {"wifi": "wifi_on", "data": "mobile_data", "bluetooth": "bluetooth_on", "nfc": "nfc_on"}


@program("svc")
async def svc(call: Call) -> int:
    """`svc power stayon …`, `svc power reboot`, `svc wifi|data|bluetooth|nfc enable|disable`."""
    settings = call.phone.state.settings
    match call.argv[1:]:
        case ["power", "stayon", value] if value in _STAY_ON:
            settings[("global", "stay_on_while_plugged_in")] = _STAY_ON[value]
        case ["power", "reboot", *_]:
            call.phone.reboot_soon()
        case [radio, ("enable" | "disable") as action] if radio in _RADIOS:
            settings[("global", _RADIOS[radio])] = str(int(action == "enable"))
            if radio == "wifi":
                await radios_changed(call)
        case _:
            await call.err("Available commands:\n    power\n    data\n    wifi\n    usb\n    nfc\n    bluetooth\n")
            return 1
    return 0
