"""Phones on USB ports, from a tree in the form of Linux's sysfs."""

from __future__ import annotations

from pathlib import Path

from harness.adb.server import _LINE, DeviceLine, _device_line
from harness.adb.usb import UsbPhone, usb_controller, usb_name, usb_phones


def plug(
    root: Path, port: str, product: str, *interfaces: tuple[str, str, str, str], serial: str = "", vendor: str = "18d1"
) -> None:
    device = root / port
    device.mkdir(parents=True)
    (device / "product").write_text(f"{product}\n")
    (device / "idVendor").write_text(f"{vendor}\n")
    if serial:
        (device / "serial").write_text(f"{serial}\n")
    for number, (kind, subclass, protocol, name) in enumerate(interfaces):
        folder = root / f"{port}:1.{number}"
        folder.mkdir()
        values = {"bInterfaceClass": kind, "bInterfaceSubClass": subclass, "bInterfaceProtocol": protocol}
        for key, value in {**values, "interface": name}.items():
            (folder / key).write_text(f"{value}\n")


def test_phones_are_found_with_debugging_on_and_off(tmp_path: Path) -> None:
    plug(tmp_path, "1-4", "Pixel 6", ("ff", "42", "01", "ADB Interface"), serial="1A2B")
    plug(tmp_path, "1-5", "SAMSUNG_Android", ("06", "01", "01", ""))
    plug(tmp_path, "2-1.3", "Redmi", ("ff", "ff", "00", "MTP"), serial="77")
    plug(tmp_path, "4-1", "Other phone", ("06", "01", "01", ""), vendor="05ac")
    plug(tmp_path, "4-2", "Camera", ("06", "01", "01", "MTP"), vendor="04a9")
    plug(tmp_path, "3-1", "USB Keyboard", ("03", "01", "01", ""))
    assert usb_phones(tmp_path) == [
        UsbPhone("1-4", "Pixel 6", "1A2B", True),
        UsbPhone("1-5", "SAMSUNG Android", None, False),
        UsbPhone("2-1.3", "Redmi", "77", False),
    ]
    assert usb_name("1-4", tmp_path) == "Pixel 6" and usb_name("9-9", tmp_path) is None


def test_a_machine_that_does_not_say(tmp_path: Path) -> None:
    assert usb_phones(tmp_path / "none") == [] and usb_name("../../etc", tmp_path) is None


def test_the_controller_of_a_port(tmp_path: Path) -> None:
    root = tmp_path / "bus"
    root.mkdir()
    for name, where in {
        "1-4": "pci0000:00/0000:00:14.0/usb1/1-4",
        "2-3.1.2": "pci0000:00/0000:00:14.0/usb2/2-3/2-3.1/2-3.1.2",
        "3-1": "pci0000:00/0000:00:1c.4/0000:03:00.0/usb3/3-1",
        "5-1": "platform/soc/xhci-hcd.0.auto/usb5/5-1",
        "odd": "platform/elsewhere/odd",
    }.items():
        device = tmp_path / "devices" / where
        device.mkdir(parents=True)
        (root / name).symlink_to(device)
    found = {p: usb_controller(p, root) for p in ("1-4", "2-3.1.2", "3-1", "5-1", "odd", "9-9", "17825792X")}
    assert found == {
        "1-4": "0000:00:14.0",
        "2-3.1.2": "0000:00:14.0",
        "3-1": "0000:03:00.0",
        "5-1": "xhci-hcd.0.auto",
        "odd": None,
        "9-9": None,
        "17825792X": None,
    }


def read(line: str) -> DeviceLine | None:
    found = _LINE.fullmatch(line)
    return _device_line(found) if found else None


def test_lines_of_the_adb_server() -> None:
    tail = "usb:1-4 product:oriole model:Pixel_6 device:oriole transport_id:3"
    assert read(f"1A2B                   device {tail}") == DeviceLine("1A2B", "device", "1-4")
    assert read("192.168.1.5:5555 unauthorized transport_id:2") == DeviceLine("192.168.1.5:5555", "unauthorized")
    denied = "no permissions (missing udev rules? user is in the plugdev group); see [http://developer.android.com/x]"
    assert read(f"1A2B {denied} usb:17825792X transport_id:1") == DeviceLine("1A2B", denied, "17825792X")
    assert read("(no serial number) offline usb:1-1") == DeviceLine("(no serial number)", "offline", "1-1")
    assert read("") is None
