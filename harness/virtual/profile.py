"""What one kind of virtual phone is: loaded from `profiles/*.yaml`, one file a phone.

The figures follow public facts about real phones; they make a virtual phone behave like its kind, and nothing that
comes from it is ever shown as a real phone's figure.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

PROFILES = Path(__file__).parent / "profiles"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_PATH = re.compile(r"[\w./:,@+-]{1,250}")


def _inside(path: str) -> str:
    """Profiles may come from strangers' bundles, and their paths are made below the phone's root."""
    parts = PurePosixPath(path).parts
    # Only there does the tree hold no links that lead out of it.
    if not path.startswith(("/sys/", "/proc/")) or ".." in parts or len(parts) < 3 or not _PATH.fullmatch(path):
        raise ValueError("a node's path must lie below /sys or /proc, without ..")
    return path


#: A node of the phone's file tree.
NodePath = Annotated[str, AfterValidator(_inside)]
#: A folder's name.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=80)]
#: What a temperature sensor sits on.
Place = Literal["cpu", "gpu", "npu", "skin", "battery", "usb"]
#: What a graphics node shows; "denied" exists and refuses the shell user.
GpuNode = Literal["model", "busy", "utilization", "time_in_state", "memory", "clock", "denied"]


class Cluster(_Strict):
    """Cores of one kind with one clock; `khz` ascending. `part` is the ARM part number as /proc/cpuinfo prints it."""

    cores: int = Field(ge=1, le=64)
    part: Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{1,8}$")]
    capacity: int = Field(ge=1, le=1024)
    khz: list[Annotated[int, Field(gt=0, le=100_000_000)]] = Field(min_length=2, max_length=200)
    governor: str = "schedutil"

    @model_validator(mode="after")
    def _ascending(self) -> Cluster:
        if self.khz != sorted(set(self.khz)):
            raise ValueError("khz must ascend")
        return self


class CpuSpeed(_Strict):
    """CPU speed at full clock. `scaling[n-1]` is the speed-up of n threads; XNNPACK off divides by `plain_divisor`."""

    gmacs_f32: float
    gmacs_int8: float
    gmacs_f16: float
    per_op_us: float = 3.0
    init_ms_per_mb: float = 4.0
    init_ms: float = 2.0
    scaling: list[float] = Field(default=[1.0, 1.85, 2.4, 3.0])
    plain_divisor: float = 2.2


class GpuSpeed(_Strict):
    """A GPU delegate. `gmacs_f16` counts when precision loss is allowed; `unsupported_ops` stay on the CPU."""

    renderer: str
    vendor: str
    gl_version: str
    opencl: bool = True
    opengl: bool = True
    gmacs_f16: float
    gmacs_f32: float
    dispatch_us: float = 300.0
    per_op_us: float = 8.0
    init_ms: float = 250.0
    first_factor: float = 4.0
    takes_int8: bool = True
    unsupported_ops: list[str] = Field(default=[])
    memory_mb: float = 40.0


class NnapiSpeed(_Strict):
    """NNAPI on this phone. Names as `NNAPI accelerators available: […]` prints them."""

    accelerators: list[str]
    gmacs_int8: float
    gmacs_f16: float
    dispatch_us: float = 400.0
    per_op_us: float = 10.0
    init_ms: float = 120.0
    takes_float: bool = True
    supported_ops: list[str] | None = None  # None: every builtin op
    memory_mb: float = 20.0


class Speed(_Strict):
    """Speed per delegate, and how much sessions differ: relative standard deviations."""

    cpu: CpuSpeed
    gpu: GpuSpeed | None = None
    nnapi: NnapiSpeed | None = None
    noise_within: float = 0.02
    noise_between: float = 0.03


class AppPlace(_Strict):
    """How an app that has the screen fares against a program of the shell.

    `cpus` is the foreground cpuset, as `0-5`; empty: every core, as the shell's. `gpu_speed` is the speed of the GPU in
    an app over that from the shell: public measurements of one phone have 1.6 to 2.3 for the OpenCL delegate.
    """

    cpus: Annotated[str, StringConstraints(pattern=r"^(\d{1,2}(-\d{1,2})?(,\d{1,2}(-\d{1,2})?)*)?$")] = ""
    gpu_speed: float = Field(default=1.7, gt=0)


def cores_of(text: str) -> frozenset[int]:
    """Numbers in a list of cores as the kernel writes it: `0-3,6`."""
    ends = [part.partition("-")[::2] for part in text.split(",") if part]
    return frozenset(core for low, high in ends for core in range(int(low), int(high or low) + 1))


class Heat(_Strict):
    """What the units draw, first-order heat of skin and battery over ambient, and the throttling that follows."""

    ambient_c: float = 24.0
    skin_c_per_w: float = 4.0
    tau_s: float = 90.0
    battery_c_per_w: float = 2.0
    battery_tau_s: float = 400.0
    throttle_skin_c: float = 39.0
    throttle_floor: float = 0.55  # clocks never fall below this share of the maximum
    idle_w: float = 0.9  # with the screen on
    screen_w: float = 0.35  # the part of idle_w that the screen draws
    cpu_w: float = 3.2  # all cores busy at full clock
    gpu_w: float = 2.6
    npu_w: float = 1.4


class Gauge(_Strict):
    """What the battery gauge shows: unit, sign of discharging, refresh interval, lag (90 % step response), step.

    `gain` is what a unit of this kind shows over the true current; every single phone's differs from it by a seeded
    draw of `gain_spread` (relative standard deviation).

    average_s: the value is the mean over so long (then there is no other lag); 0: it is not.
    stuck: from and to which uptime the value does not move.
    pack_share, counter_share: share of the phone's charge that goes through what the current and the counter show:
    below 1 where a phone with two packs reports one of them.
    current_readable: False where voltage and counter can be read and the current cannot.
    """

    node: NodePath = "/sys/class/power_supply/battery"
    unit: Literal["ua", "ma"] = "ua"
    discharge_sign: Literal[-1, 1] = -1
    refresh_s: float = Field(default=1.0, gt=0)
    lag_s: float = Field(default=1.5, ge=0)
    step: float = Field(default=1000.0, gt=0)  # in the node's unit
    readable: bool = True
    noise: float = 0.01
    gain: float = 1.0
    gain_spread: float = 0.03
    counter_step_uah: float = Field(default=1000.0, gt=0)
    average_s: float = Field(default=0.0, ge=0)
    stuck: list[tuple[float, float]] = Field(default=[], max_length=100)
    pack_share: float = Field(default=1.0, gt=0, le=1)
    counter_share: float = Field(default=1.0, gt=0, le=1)
    current_readable: bool = True
    microamp_file: Name | None = None  # a second file beside current_now that is in µA, as on Samsung's older phones


class Battery(_Strict):
    """State at boot. `plugged`: what powers the phone; "none" is adb over Wi-Fi on battery.

    charge_limit: percent from which on a plugged phone lives on its supply and no current flows; 100: when full.
    `supplies` are the other entries of /sys/class/power_supply and what makes them `online`; "never" never is.
    """

    level: int = Field(default=76, ge=1, le=100)
    capacity_mah: int = 4500
    voltage_mv: int = 4050
    resistance_mohm: float = 110.0
    plugged: Literal["usb", "ac", "none"] = "usb"
    charge_limit: int = Field(default=100, ge=1, le=100)
    usb_w: float = 2.5
    ac_w: float = 10.0
    technology: str = "Li-ion"
    supplies: dict[Name, Literal["usb", "ac", "never"]] = Field(default={"usb": "usb", "ac": "ac", "wireless": "never"})
    dumpsys_extra: list[str] = Field(default=[])  # lines that the maker adds; {ma} is the current, {uah} the counter


class Thermal(_Strict):
    """Thermal zones under /sys/class/thermal, and what dumpsys thermalservice offers (Android 10 and later).

    `type_shift` is added to AOSP's mType numbers, as Samsung's service does. Without `thresholds` the status stays 0
    however hot the phone is.
    """

    zones: dict[str, Place] = Field(default={}, max_length=300)
    zones_readable: bool = False
    zone_unit: Literal["mc", "c", "dc"] = "mc"
    hal: str | None = "ThermalHAL 2.0"  # None: no such service
    sensors: dict[str, Place] = Field(
        max_length=300, default={"CPU": "cpu", "GPU": "gpu", "battery": "battery", "skin": "skin"}
    )
    cooling: list[str] = Field(default=[])
    thresholds: bool = True
    type_shift: int = 0


class Profile(_Strict):
    """One kind of phone. `props` are merged over those derived from the other fields (see props.py)."""

    name: str
    tier_hint: Literal["high", "mid", "low"]
    manufacturer: str
    brand: str
    model: str
    device: str
    soc_manufacturer: str | None = None  # None: ro.soc.* absent, as before Android 12
    soc_model: str | None = None
    board: str
    hardware: str
    android: str
    sdk: int
    security_patch: str
    build_id: str
    abis: list[str]
    ram_kb: int
    storage_kb: int = 110_000_000
    kernel: str
    clusters: list[Cluster] = Field(min_length=1, max_length=16)
    speed: Speed
    app: AppPlace = AppPlace()
    heat: Heat = Heat()
    gauge: Gauge = Gauge()
    battery: Battery = Battery()
    thermal: Thermal = Thermal()
    rails: dict[Name, Literal["cpu", "gpu", "npu", "screen"]] = Field(default={})  # power rails that are metered
    performance_class: int | None = None
    low_ram: bool = False
    time_in_state: bool = True
    gpu_nodes: dict[NodePath, GpuNode] = Field(default={})
    denied: list[NodePath] = Field(default=[], max_length=500)  # further nodes that exist but refuse the shell user
    fixed_performance: float | None = Field(default=None, gt=0, le=1)  # share of the clocks; None: not wired
    settings_locked: bool = False  # `settings put` refused, as Xiaomi does
    shell_v2: bool = True
    unauthorized: bool = False
    props: dict[str, str] = Field(default={})

    @model_validator(mode="after")
    def _cores(self) -> Profile:
        allowed = cores_of(self.app.cpus)
        if allowed and not allowed & set(range(sum(c.cores for c in self.clusters))):
            raise ValueError("app.cpus names no core of this phone")
        return self


@cache
def profiles() -> dict[str, Profile]:
    """Every shipped profile by name, in the order in which `harness virtual up N` hands them out."""
    found = [Profile.model_validate(yaml.safe_load(p.read_text())) for p in sorted(PROFILES.glob("*.yaml"))]
    return {p.name: p for p in found}
