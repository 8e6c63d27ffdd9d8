"""How a phone is at the moment, beyond its battery: clock, load, what is in front, what its services say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.dumps.text import decimal, lines_of, whole
from harness.measure.around import busy_share

#: Android 11 lets a computer's key expire, after 7 days without a link where nothing else is set.
_KEYS_SDK, _KEY_DAYS, _DAY_MS = 30, 7.0, 86_400_000
_FOCUS = re.compile(r"mCurrentFocus=Window\{\S+ (?:u\d+ )?([\w.]+)/\S+\}")
_HOME = re.compile(r"^([\w.]+)/\S+$", re.MULTILINE)
#: Packages with these in their name are home screens, or Android's own bar and dialogs.
_AT_HOME = re.compile(r"launcher|\.home$|systemui|^android$", re.IGNORECASE)
#: What Android answers where two home screens are there and none is chosen.
_CHOOSER = "android"


@dataclass(frozen=True)
class Condition:
    """What a phone said of itself at one moment; None where it does not say, or cannot be known.

    Attributes:
        clock_ahead_s: its clock against this computer's.
        load_per_core: threads that ran or waited over the last minute, per core.
        busy_share: share of all cores that was busy while it was asked, the asking included.
        front_app: package of the app that has the screen, where that is not the home screen.
        updating: programs that compile or install apps.
        thermal_status: 0 none to 6 shutdown; only where its heat service has limits, since it never moves without.
        thermal_ready: whether the heat service has a source.
        adb_key_days: days without a link after which it forgets this computer's key; 0: never.
        watchdog: it reboots after 600 s without an adb client.
        exec_refused: what it said when it would not start a program; "" where it did start it.
    """

    clock_ahead_s: float | None = None
    load_per_core: float | None = None
    busy_share: float | None = None
    front_app: str | None = None
    updating: tuple[str, ...] = ()
    thermal_status: int | None = None
    thermal_ready: bool | None = None
    adb_key_days: float | None = None
    watchdog: bool = False
    exec_refused: str | None = None


def read_condition(
    sections: Mapping[str, str],
    props: Mapping[str, str],
    heat: Mapping[str, Any],
    *,
    sdk: int | None,
    cores: int | None,
    host_epoch_s: float | None,
) -> Condition:
    """Make a condition of probe.sh's sections. Pure.

    Args:
        sections: by name.
        props: its properties.
        heat: what `dumpsys thermalservice` says, as harness/dumps/thermal.py reads it.
        sdk, cores: of its record.
        host_epoch_s: this computer's seconds since 1970 when the phone said its own; None: not known.
    """
    load, share = _load(lines_of(sections.get("load", "")))
    now = whole(sections.get("now"))
    # A virtual phone whose clock runs at a rate of its own is soon far from this computer's, and rightly so.
    comparable = now is not None and host_epoch_s is not None and "ro.harness.virtual.rate" not in props
    return Condition(
        clock_ahead_s=now - host_epoch_s if comparable and now is not None and host_epoch_s is not None else None,
        load_per_core=load / cores if load is not None and cores else None,
        busy_share=share,
        front_app=_front(sections.get("front", "")),
        updating=tuple(sorted(set(sections.get("updates", "").split()))),
        thermal_status=heat["thermal_status"] if heat["thresholds"] else None,
        thermal_ready=heat["hal_ready"],
        adb_key_days=_key_days(sections.get("adb_keys", "").strip(), sdk),
        watchdog="1" in (props.get("persist.sys.test_harness"), props.get("persist.adb.watchdog")),
        exec_refused=_refused(sections.get("exec", "").strip()),
    )


def _load(lines: list[str]) -> tuple[float | None, float | None]:
    """The load average of a minute, and the share of the cores' time that was busy between two lines of /proc/stat."""
    words = lines[0].split() if lines else []
    load = decimal(words[0]) if len(words) == 5 else None
    ticks = [[whole(w) or 0 for w in line.split()[1:9]] for line in lines if line.startswith("cpu ")]
    if len(ticks) != 2 or any(len(t) != 8 for t in ticks):
        return load, None
    passed = [after - before for before, after in zip(*ticks, strict=True)]
    return load, busy_share(f"{sum(passed)} {passed[3] + passed[4]}")


def _front(text: str) -> str | None:
    focus, home = _FOCUS.search(text), _HOME.search(text)
    if focus is None or home is None or home[1] in (_CHOOSER, focus[1]) or _AT_HOME.search(focus[1]):
        return None
    return focus[1]


def _key_days(said: str, sdk: int | None) -> float | None:
    if sdk is None or sdk < _KEYS_SDK:
        return None
    if said == "null":
        return _KEY_DAYS
    milliseconds = whole(said)
    return None if milliseconds is None else max(0, milliseconds) / _DAY_MS


def _refused(said: str) -> str | None:
    # Where nothing was said, storage was full, and the program could not even be written.
    if not said:
        return None
    lines = said.splitlines()
    return "" if "runs" in lines else lines[0]
