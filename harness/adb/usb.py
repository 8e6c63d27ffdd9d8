"""What Linux says of the phones on its USB ports, also of those that adb may not open or that hide from it.

Source: sysfs (`/sys/bus/usb/devices/PORT/product`, `PORT:C.I/bInterface*`). Other systems offer nothing as simple, so
there the answer is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys/bus/usb/devices")
_ROOT_HUB = re.compile(r"usb\d+")
#: Class, subclass, protocol of adb's interface, and those of a phone that only shows its files (PTP, MTP).
_ADB = ("ff", "42", "01")
_FILES = ("06", "01", "01")
#: USB vendor ids of makers of Android phones and their chips (source: the rules that Android's own udev file lists).
_MAKERS = frozenset(
    {"18d1", "04e8", "2717", "2a70", "22b8", "12d1", "0bb4", "0fce", "1004", "0e8d", "05c6", "2d95", "22d9", "1bbb"}
    | {"19d2", "2e04", "17ef", "0b05", "2ae5", "29a9", "1782", "339b", "2a45", "109b", "04dd", "0409"}
)


@dataclass(frozen=True)
class UsbPhone:
    """A phone on a USB port. port: as adb's `usb:` names it; debugging: whether it offers adb; serial: its own."""

    port: str
    name: str
    serial: str | None
    debugging: bool


def usb_phones(root: Path = SYSFS) -> list[UsbPhone]:
    """Every phone on a USB port of this machine, by port; none where the system does not say."""
    found = []
    for device in sorted(root.glob("*")):
        if ":" in device.name:
            continue
        kinds = {_kind(i) for i in root.glob(f"{device.name}:*")}
        # Makers' own MTP interfaces are ff/ff/00 and only their name tells them. Cameras and other makers' phones show
        # their files too, so without adb's own interface the maker must be one of Android phones.
        named = {_read(i / "interface").upper() for i in root.glob(f"{device.name}:*")}
        files = _FILES in kinds or "MTP" in named
        if _ADB in kinds or (files and _read(device / "idVendor").lower() in _MAKERS):
            serial = _read(device / "serial") or None
            found.append(UsbPhone(device.name, _name(device), serial, _ADB in kinds))
    return found


def usb_name(port: str, root: Path = SYSFS) -> str | None:
    """The product name of what is plugged into a port, as the phone tells every host; None where unknown."""
    device = root / Path(port).name
    return _name(device) if _read(device / "product") else None


def usb_controller(port: str, root: Path = SYSFS) -> str | None:
    """The USB controller that a port hangs on, as the system calls it (`0000:00:14.0`); None where it does not say.

    One controller drives a bus for USB 2 and one for USB 3, and whatever hubs hang on them: what goes to their phones
    shares its bandwidth and its slots.
    """
    try:
        device = (root / Path(port).name).resolve(strict=True)
    except OSError:
        return None
    # …/0000:00:14.0/usb1/1-4/1-4.2: the controller is what the root hub hangs on.
    hub = next((folder for folder in device.parents if _ROOT_HUB.fullmatch(folder.name)), None)
    return hub.parent.name if hub is not None else None


def _name(device: Path) -> str:
    product = _read(device / "product") or _read(device / "manufacturer")
    return product.replace("_", " ") or "an Android phone"


def _kind(interface: Path) -> tuple[str, str, str]:
    names = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
    return tuple(_read(interface / n) for n in names)  # type: ignore[return-value]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
