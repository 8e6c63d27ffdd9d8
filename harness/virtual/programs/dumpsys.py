"""dumpsys: battery, thermalservice, SurfaceFlinger, meminfo, gpu."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.virtual.program import Call, program

_STATUS = {"Charging": 2, "Discharging": 3, "Full": 5}
_SET = {"ac", "usb", "wireless", "status", "level", "temp", "present", "counter"}


@program("dumpsys")
async def dumpsys(call: Call) -> int:
    """What a service says of itself."""
    if len(call.argv) < 2:
        await call.err("dumpsys: name a service on a virtual phone\n")
        return 1
    name = call.argv[1]
    if name == "-l":
        await call.out("Currently running services:\n" + "".join(f"  {n}\n" for n in sorted(_SERVICES)))
        return 0
    service = _SERVICES.get(name)
    if service is None or (name == "thermalservice" and not call.phone.profile.thermal.service):
        await call.err(f"Can't find service: {name}\n")
        return 0
    return await service(call)


async def _battery(call: Call) -> int:
    state = call.phone.state
    action = call.argv[2:]
    if action[:1] == ["set"] and len(action) == 3 and action[1] in _SET:
        state.fake_battery[action[1]] = int(action[2])
        return 0
    if action[:1] == ["unplug"]:
        state.fake_battery.update(ac=0, usb=0, wireless=0)
        return 0
    if action[:1] == ["reset"]:
        state.fake_battery.clear()
        return 0
    if action:
        await call.err(f"Unknown set option: {action[-1]}\n")
        return 255
    fake = state.fake_battery
    plugged = state.plugged
    real = _STATUS["Discharging" if plugged == "none" else "Full" if state.level >= 100 else "Charging"]
    milliamps = state.current_shown / (1000 if call.phone.profile.gauge.unit == "ua" else 1)
    rows = [
        ("AC powered", _flag(fake.get("ac", int(plugged == "ac")))),
        ("USB powered", _flag(fake.get("usb", int(plugged == "usb")))),
        ("Wireless powered", _flag(fake.get("wireless", 0))),
        *([("Dock powered", "false")] if call.phone.profile.sdk >= 33 else []),
        ("Max charging current", 0 if plugged == "none" else 500000),
        ("Max charging voltage", 0 if plugged == "none" else 5000000),
        ("Charge counter", fake.get("counter", state.charge_counter_uah)),
        ("status", fake.get("status", real)),
        ("health", 2),
        ("present", "true"),
        ("level", fake.get("level", state.level)),
        ("scale", 100),
        ("voltage", state.voltage_mv),
        ("temperature", fake.get("temp", round(state.temperatures.battery_c * 10))),
        ("technology", "Li-ion"),
    ]
    head = "Current Battery Service state:\n"
    if fake:
        head += "  (UPDATES STOPPED -- use 'reset' to restart)\n"
    extra = [e.format(ma=round(milliamps)) for e in call.phone.profile.battery.dumpsys_extra]
    await call.out(head + "".join(f"  {k}: {v}\n" for k, v in rows) + "".join(f"  {e}\n" for e in extra))
    return 0


def _flag(value: int) -> str:
    return "true" if value else "false"


async def _thermal(call: Call) -> int:
    state, profile = call.phone.state, call.phone.profile
    skin, battery = state.temperatures.skin_c, state.temperatures.battery_c
    cpu = skin + 4 + 22 * state.busy("cpu")
    level = state.thermal_status if profile.thermal.thresholds else 0
    sensors = [(cpu, 0, "CPU", 0), (battery, 2, "battery", 0), (skin, 3, "skin", level)]
    lines = "".join(
        f"\tTemperature{{mValue={value:.1f}, mType={kind}, mName={name}, mStatus={status}}}\n"
        for value, kind, name, status in sensors
    )
    hot = profile.heat.throttle_skin_c
    values = ", ".join(f"{v:.1f}" for v in (hot, hot + 2, hot + 4, hot + 8, hot + 12, hot + 16))
    threshold = (
        f"\tTemperatureThreshold{{mType=3, mName=skin, mHotThrottlingThresholds=[NaN, {values}], "
        "mColdThrottlingThresholds=[NaN, NaN, NaN, NaN, NaN, NaN, NaN]}\n"
    )
    await call.out(
        f"IsStatusOverride: false\nThermalEventListeners:\n\tcallbacks: 1\n\tkilled: false\n"
        f"Thermal Status: {level}\nCached temperatures:\n{lines}HAL Ready: true\nHAL connection:\n"
        f"\tThermalHAL 2.0 connected: yes\nCurrent temperatures from HAL:\n{lines}"
        "Current cooling devices from HAL:\nTemperature static thresholds from HAL:\n"
        + (threshold if profile.thermal.thresholds else "")
    )
    return 0


async def _surface_flinger(call: Call) -> int:
    gpu = call.phone.profile.speed.gpu
    gles = f"GLES: {gpu.vendor}, {gpu.renderer}, {gpu.gl_version}\n" if gpu else ""
    await call.out(f"Build configuration: [sf PRESENT_TIME_OFFSET=0]\n{gles}Display 0 HWC layers:\n")
    return 0


async def _meminfo(call: Call) -> int:
    state = call.phone.state
    total, free = call.phone.profile.ram_kb, state.mem_available_kb
    await call.out(
        f"Applications Memory Usage (in Kilobytes):\nUptime: {round(call.phone.clock.now_s() * 1000)} "
        f"Realtime: {round(call.phone.clock.now_s() * 1000)}\n\nTotal RAM: {total:,}K (status normal)\n"
        f" Free RAM: {free:,}K\n Used RAM: {total - free:,}K\n"
    )
    return 0


async def _gpu(call: Call) -> int:
    await call.out("Memory snapshot for GPU 0:\nGlobal total: 104857600\n")
    return 0


async def _package(call: Call) -> int:
    await call.out(f"Database versions:\n  Internal:\n    sdkVersion={call.phone.profile.sdk}\n")
    return 0


_SERVICES: dict[str, Callable[[Call], Awaitable[int]]] = {
    "battery": _battery,
    "thermalservice": _thermal,
    "SurfaceFlinger": _surface_flinger,
    "meminfo": _meminfo,
    "gpu": _gpu,
    "package": _package,
}
