"""Samples a phone's battery gauge for a while, to learn how the gauge behaves."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path
from harness.errors import HarnessError
from harness.measure.energy.answer import LoadStep
from harness.measure.gauge import GaugeFacts, describe_gauges
from harness.measure.sampler import parse_sampler
from harness.resources import resource_dir

_PERIOD_S = 0.1
_NODES = (".current_now", ".voltage_now", ".charge_counter", ".status")


@dataclass(frozen=True)
class GaugeWatch:
    """A sampler log of the gauges, empty where none can be read, and the load that ran meanwhile, if one did."""

    log: str = ""
    load: LoadStep | None = None

    def gauges(self, charging: str | None) -> tuple[GaugeFacts, ...]:
        """What the gauges are like. charging: why the phone counts as charging, None on battery."""
        return tuple(describe_gauges(parse_sampler(self.log), charging, self.load)) if self.log else ()


def watch_gauge(phone: Phone, nodes: Mapping[str, str], seconds: float, *, busy: bool) -> GaugeWatch:
    """Sample the phone's gauges.

    Args:
        nodes: readable nodes, name to path.
        seconds: of the phone's clock.
        busy: so long idle, so long with all cores busy, and so long idle again; else idle only.

    Raises:
        PhoneError, PhoneTransientError: the phone does not answer; nothing is left behind.
    """
    wanted = {name: path for name, path in sorted(nodes.items()) if name.endswith(_NODES)}
    if not wanted or seconds <= 0:
        return GaugeWatch()
    scripts = resource_dir("device_scripts")
    script, sampler = (phone.push(scripts / name).path for name in ("gauge.sh", "sampler.sh"))
    folder = f"{DEVICE_ROOT}/gauge-{secrets.token_hex(4)}"
    idle_s, busy_s = round(seconds), round(seconds) if busy else 0
    try:
        phone.write("".join(f"{name} {path}\n" for name, path in wanted.items()).encode(), f"{folder}/nodes")
        command = f"sh {device_path(script)} {device_path(folder)} {device_path(sampler)} {_PERIOD_S} {idle_s} {busy_s}"
        phone.shell(command, timeout_s=2 * (2 * idle_s + busy_s) + 30, check=True)
        log = phone.read(f"{folder}/log").decode("utf-8", "replace")
        marks = phone.read(f"{folder}/marks").decode("utf-8", "replace") if busy_s else ""
    finally:
        with contextlib.suppress(HarnessError):
            phone.shell(f"rm -rf {device_path(folder)}", timeout_s=10)
    return GaugeWatch(log, _step(marks, idle_s))


def _step(marks: str, idle_s: float) -> LoadStep | None:
    moments = {words[1]: float(words[0]) for words in map(str.split, marks.splitlines()) if len(words) == 2}
    if "start" not in moments or "stop" not in moments:
        return None
    return LoadStep(moments["start"], moments["stop"], idle_s)
