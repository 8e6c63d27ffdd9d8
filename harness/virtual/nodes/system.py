"""Folders, links and files of /system, /data and the root, and Android's settings, as a phone has them when new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.virtual.nodes import Node
from harness.virtual.profile import Profile

if TYPE_CHECKING:
    from harness.virtual.files import LiveFiles

FOLDERS = (
    *("apex", "data/local/tmp", "data/misc/perfetto-traces", "data/tombstones", "dev/socket", "etc", "mnt", "proc"),
    *("product", "sdcard/Download", "storage/emulated", "sys/class/power_supply", "sys/class/thermal"),
    *("system/bin", "system/etc", "vendor/etc", "vendor/lib64"),
)

BUILD_PROP = "system/build.prop"
#: Settings by (namespace, key); what is not here reads as `null`.
SETTINGS = {
    # As on a phone of a rack: otherwise it forgets a computer after a week.
    ("global", "adb_allowed_connection_time"): "0",
    ("global", "adb_enabled"): "1",
    ("global", "airplane_mode_on"): "0",
    ("global", "auto_time"): "1",
    ("global", "bluetooth_on"): "1",
    ("global", "device_provisioned"): "1",
    ("global", "low_power"): "0",
    ("global", "mobile_data"): "1",
    ("global", "stay_on_while_plugged_in"): "0",
    ("global", "wifi_on"): "1",
    ("global", "window_animation_scale"): "1.0",
    ("secure", "doze_enabled"): "1",
    ("secure", "location_mode"): "3",
    ("system", "accelerometer_rotation"): "0",
    ("system", "screen_brightness"): "102",
    ("system", "screen_brightness_mode"): "1",
    ("system", "screen_off_timeout"): "30000",
}


def links(profile: Profile) -> Iterator[tuple[str, str]]:
    """Symbolic links of the root."""
    yield "bin", "/system/bin"
    yield "d", "/sys/kernel/debug"
    yield "storage/self/primary", "/sdcard"


def fixed(profile: Profile, props: Mapping[str, str]) -> Iterator[Node]:
    """Files of the system image; build.prop has no secrets of the unit such as its serial number."""
    rows = (f"{k}={v}\n" for k, v in sorted(props.items()) if k.startswith("ro.") and "serialno" not in k)
    yield Node(BUILD_PROP, "# begin build properties\n" + "".join(rows) + "# end build properties\n")
    yield Node("system/etc/hosts", "127.0.0.1       localhost\n::1             ip6-localhost\n")
    for path in profile.denied:
        yield Node(path.lstrip("/"), "0\n", 0o000)


def protect(files: LiveFiles) -> None:
    """Let the shell user write only where a phone lets it."""
    for name in ("etc", "product", "sys", "system", "system/etc", "vendor", "vendor/etc", "vendor/lib64"):
        files.mode(name, 0o555)
    files.mode("data/tombstones", 0o000)
    files.mode(".", 0o555)
