"""The service `thermalservice`, of Android 10 and later: what the thermal HAL measures, and an override for tests."""

from __future__ import annotations

from harness.virtual.physics.heat import status_limits_c
from harness.virtual.profile import Place
from harness.virtual.program import Call
from harness.virtual.programs.services import FAILED, Service, register, unknown_command

#: AOSP's numbers of temperature types (hardware/interfaces thermal 2.0).
_TYPE: dict[Place, int] = {"cpu": 0, "gpu": 1, "battery": 2, "skin": 3, "usb": 4, "npu": 9}
_COOLING_CPU, _COOLING_GPU = 2, 3
_SDK_HEADROOM = 35
_NAN7 = ", ".join(["NaN"] * 7)


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys thermalservice`."""
    state, profile = call.phone.state, call.phone.profile
    temperatures = _temperatures(call)
    thermal = profile.thermal
    lines = [
        f"IsStatusOverride: {'true' if state.thermal_override is not None else 'false'}",
        *("ThermalEventListeners:", "\tcallbacks: 2", "\tkilled: false", "\tbroadcasts count: -1"),
        *("ThermalStatusListeners:", "\tcallbacks: 1", "\tkilled: false", "\tbroadcasts count: -1"),
        f"Thermal Status: {state.thermal_status}",
        "Cached temperatures:",
        *temperatures,
        "HAL Ready: true",
        "HAL connection:",
        f"\t{thermal.hal} connected: yes",
        "Current temperatures from HAL:",
        *temperatures,
        "Current cooling devices from HAL:",
        *(_cooling(call, name) for name in thermal.cooling),
        "Temperature static thresholds from HAL:",
    ]
    skin = [(name, place) for name, place in thermal.sensors.items() if place == "skin"]
    if thermal.thresholds:
        limits = ", ".join(f"{limit:.1f}" for limit in status_limits_c(profile.heat))
        lines += [
            f"\tTemperatureThreshold{{mType={_TYPE[place] + thermal.type_shift}, mName={name}, "
            f"mHotThrottlingThresholds=[NaN, {limits}], mColdThrottlingThresholds=[{_NAN7}]}}"
            for name, place in skin
        ]
    if profile.sdk >= _SDK_HEADROOM:
        severe = profile.heat.throttle_skin_c + 4
        shares = ", ".join(f"{1 + (limit - severe) / 30:.2f}" for limit in status_limits_c(profile.heat))
        lines += ["Temperature headroom thresholds:", f"[NaN, {shares}]" if thermal.thresholds else f"[{_NAN7}]"]
    await call.out("\n".join(lines) + "\n")
    return 0


def _temperatures(call: Call) -> list[str]:
    machine, thermal = call.phone.state.machine, call.phone.profile.thermal
    return [
        f"\tTemperature{{mValue={machine.temperature_c(place):.1f}, mType={_TYPE[place] + thermal.type_shift}, "
        f"mName={name}, mStatus={machine.thermal_status if place == 'skin' else 0}}}"
        for name, place in thermal.sensors.items()
    ]


def _cooling(call: Call, name: str) -> str:
    kind = _COOLING_GPU if "gpu" in name.lower() else _COOLING_CPU
    steps = round((1 - call.phone.state.machine.cap) * 10)
    return f"\tCoolingDevice{{mValue={steps}, mType={kind}, mName={name}}}"


async def command(call: Call, args: list[str]) -> int:
    """`cmd thermalservice override-status N | reset`: changes what listeners hear, not the phone."""
    state = call.phone.state
    match args:
        case ["reset"]:
            state.thermal_override = None
        case ["override-status", value] if value.isdigit() and int(value) <= 6:
            state.thermal_override = int(value)
        case ["override-status", *_]:
            await call.out("Invalid status: use 0 (none) to 6 (shutdown)\n")
            return FAILED
        case [other, *_]:
            return await unknown_command(call, other)
        case _:
            await call.out("ThermalService (thermalservice) commands: override-status STATUS, reset\n")
    return 0


register(
    Service(
        "thermalservice",
        "android.os.IThermalService",
        dump,
        command,
        present=lambda p: p.sdk >= 29 and p.thermal.hal is not None,
    )
)
