"""perfetto: battery counters and power rails of this phone, as its data source `android.power` has them."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf import text_format

from harness.protos.perfetto_config_pb2 import AndroidPowerConfig, TraceConfig
from harness.protos.perfetto_power_pb2 import BatteryCounters, PowerRails, Trace, TracePacket
from harness.virtual.physics.machine import Machine
from harness.virtual.program import Call, program

#: The shell user has the program since Android 9, its text configs since 10, and the voltage since 15.
_SDK_PROGRAM, _SDK_TEXT, _SDK_VOLTAGE = 28, 29, 35
_LEAST_POLL_MS, _USUAL_POLL_MS = 100, 1000
_FOLDER = "/data/misc/perfetto-traces/"
_WITH_VALUE = {"-c": "config", "--config": "config", "-o": "out", "--out": "out"}
_DETACHED = ("-d", "--background", "-D", "--background-wait")


class _Refused(Exception):
    """Why it does not start."""


@dataclass(frozen=True)
class _Asked:
    out: str
    power: AndroidPowerConfig
    duration_s: float
    detached: bool


@program("perfetto")
async def perfetto(call: Call) -> int:
    """Trace power into a file: text configs on standard input, into the folder for traces, detached or not."""
    if call.phone.profile.sdk < _SDK_PROGRAM:
        await call.err("perfetto: inaccessible or not found\n")
        return 127
    try:
        asked = await _read(call)
        file = call.path(asked.out).open("wb")
    except (_Refused, OSError) as error:
        await call.err(f"perfetto_cmd.cc: {error}\n")
        return 1
    with file:
        if asked.detached:
            await call.daemonise()
        state, clock = call.phone.state, call.phone.clock
        poll_s = max(_LEAST_POLL_MS, asked.power.battery_poll_ms or _USUAL_POLL_MS) / 1000
        began_s, first = clock.now_s(), True
        while clock.now_s() - began_s < asked.duration_s:
            now_s = clock.now_s()
            state.ledger  # noqa: B018 - brings the machine to this moment
            for packet in packets(state.machine, asked.power, now_s, first=first):
                # A trace is its packets one after the other, so that one that is cut off can be read up to there.
                file.write(Trace(packet=[packet]).SerializeToString())
            file.flush()
            first = False
            await clock.sleep(poll_s - now_s % poll_s)
    return 0


async def _read(call: Call) -> _Asked:
    args, values, text, detached = call.argv[1:], {"config": "", "out": ""}, False, False
    while args:
        arg = args.pop(0)
        if arg in _WITH_VALUE and args:
            values[_WITH_VALUE[arg]] = args.pop(0)
        elif arg == "--txt" and call.phone.profile.sdk >= _SDK_TEXT:
            text = True
        elif arg in _DETACHED:
            detached = True
        else:
            raise _Refused(f"unrecognized option '{arg}'")
    if values["config"] != "-" or not text:
        raise _Refused("this phone takes text configs on standard input only")
    out = call.phone.strip_root(values["out"])
    if not out.startswith(_FOLDER):
        raise _Refused(f"Failed to open {out}: Permission denied")
    config = _config(call.phone.profile.sdk, (await call.stdin()).decode("utf-8", "replace"))
    sources = [s.config for s in config.data_sources if s.config.name == "android.power"]
    if not sources:
        raise _Refused("No data sources")
    return _Asked(out, sources[0].android_power_config, (config.duration_ms or 10**9) / 1000, detached)


def _config(sdk: int, text: str) -> TraceConfig:
    """Read a config; one name that this build does not know makes all of it void."""
    if sdk < _SDK_VOLTAGE and "BATTERY_COUNTER_VOLTAGE" in text:
        raise _Refused("<stdin>: Invalid value BATTERY_COUNTER_VOLTAGE for enum field battery_counters")
    try:
        return text_format.Parse(text, TraceConfig())
    except text_format.ParseError as error:
        raise _Refused(f"<stdin>: {error}") from None


def packets(machine: Machine, power: AndroidPowerConfig, now_s: float, *, first: bool) -> list[TracePacket]:
    """What the data source writes at one poll; first: rails are named then only."""
    found = []
    if power.battery_counters:
        counters = BatteryCounters()
        wanted = set(power.battery_counters)
        if AndroidPowerConfig.BATTERY_COUNTER_CHARGE in wanted:
            counters.charge_counter_uah = machine.gauge.counter_uah
        if AndroidPowerConfig.BATTERY_COUNTER_CAPACITY_PERCENT in wanted:
            counters.capacity_percent = machine.level
        if AndroidPowerConfig.BATTERY_COUNTER_CURRENT in wanted:
            # Passed on as the gauge has it, in whatever unit and sign.
            counters.current_ua = machine.gauge.shown
        if AndroidPowerConfig.BATTERY_COUNTER_VOLTAGE in wanted:
            counters.voltage_uv = round(machine.flow.voltage_v * 1000) * 1000
        found.append(TracePacket(timestamp=round(now_s * 1e9), battery=counters))
    if power.collect_power_rails and machine.rail_mj:
        rails = PowerRails()
        for index, (name, mj) in enumerate(machine.rail_mj.items()):
            if first:
                rails.rail_descriptor.add(index=index, rail_name=name, subsys_name=name.rpartition("_")[2])
            rails.energy_data.add(index=index, timestamp_ms=int(now_s * 1000), energy=int(mj * 1000))
        found.append(TracePacket(timestamp=round(now_s * 1e9), power_rails=rails))
    return found
