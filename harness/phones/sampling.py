"""Samples a phone's battery gauge for a while, to learn how the gauge behaves."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path
from harness.errors import HarnessError
from harness.resources import resource_dir

_PERIOD_S = 0.1
_NODES = (".current_now", ".voltage_now", ".charge_counter")


def gauge_log(phone: Phone, nodes: Mapping[str, str], seconds: float) -> str:
    """A sampler log of the phone's gauges, empty where none can be read.

    Args:
        nodes: readable nodes, name to path.
        seconds: of the phone's clock.

    Raises:
        PhoneError, PhoneTransientError: the phone does not answer; nothing is left behind.
    """
    wanted = {name: path for name, path in sorted(nodes.items()) if name.endswith(_NODES)}
    if not wanted or seconds <= 0:
        return ""
    script = phone.push(resource_dir("device_scripts") / "sampler.sh").path
    folder = f"{DEVICE_ROOT}/gauge-{secrets.token_hex(4)}"
    out, listed = device_path(f"{folder}/log"), device_path(f"{folder}/nodes")
    try:
        phone.write("".join(f"{name} {path}\n" for name, path in wanted.items()).encode(), f"{folder}/nodes")
        command = f"sh {device_path(script)} {out} {_PERIOD_S} {round(seconds)} /dev/null {listed}"
        phone.shell(command, timeout_s=2 * seconds + 30, check=True)
        return phone.read(f"{folder}/log").decode("utf-8", "replace")
    finally:
        with contextlib.suppress(HarnessError):
            phone.shell(f"rm -rf {device_path(folder)}", timeout_s=10)
