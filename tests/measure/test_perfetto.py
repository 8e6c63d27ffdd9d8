"""Power out of perfetto traces: whole, cut, packed, and of things that are none."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.perfetto import SUPPLY, battery_log, read_power
from harness.measure.sources import rails_trace
from harness.protos.perfetto_power_pb2 import BatteryCounters, PowerRails, Trace, TracePacket


def battery(second: float, current: int = -400_000, charge: int | None = None, volts: int | None = None) -> TracePacket:
    counters = BatteryCounters(current_ua=current, charge_counter_uah=charge, voltage_uv=volts)
    return TracePacket(timestamp=round(second * 1e9), battery=counters)


def rails(second: float, *micro_ws: int, names: tuple[str, ...] = ()) -> TracePacket:
    made = PowerRails()
    for index, name in enumerate(names):
        made.rail_descriptor.add(index=index, rail_name=name)
    for index, energy in enumerate(micro_ws):
        made.energy_data.add(index=index, timestamp_ms=round(second * 1000), energy=energy)
    return TracePacket(timestamp=round(second * 1e9), power_rails=made)


PACKETS = [
    rails(10, 0, 5_000_000, names=("CPU", "GPU")),
    battery(10, charge=3_000_000, volts=4_000_000),
    battery(10.25, -410_000),
    rails(11, 2_000_000, 5_500_000),
    battery(11),
    rails(12, 5_000_000, 6_000_000),
]
WHOLE = Trace(packet=PACKETS).SerializeToString()


def test_a_trace_tells_counters_and_rails_on_the_phone_s_clock() -> None:
    found = read_power(WHOLE)
    assert found.current == ((10.0, -400_000.0), (10.25, -410_000.0), (11.0, -400_000.0))
    assert found.voltage == ((10.0, 4e6),) and found.charge == ((10.0, 3e6),)
    assert [(r.name, r.points[-1]) for r in found.rails] == [("CPU", (12.0, 5000.0)), ("GPU", (12.0, 6000.0))]


def test_rails_add_up_exactly_between_readings() -> None:
    trace = rails_trace(read_power(WHOLE).rails)
    assert trace is not None
    assert trace.points == ((10.0, 2500.0), (11.0, 3500.0)) and trace.until_s == 12.0
    assert trace.while_charging and not trace.whole and trace.source.startswith("power rails")


def test_rails_that_count_backwards_or_once_are_no_source() -> None:
    backwards = [rails(10, 500, names=("CPU",)), rails(11, 900), rails(12, 100)]
    assert rails_trace(read_power(Trace(packet=backwards).SerializeToString()).rails) is None
    assert rails_trace(read_power(Trace(packet=backwards[:1]).SerializeToString()).rails) is None
    assert rails_trace(()) is None


def test_a_rail_asked_for_twice_between_two_of_its_updates_has_one_reading() -> None:
    twice = [rails(10, 0, names=("CPU",)), rails(10, 0), rails(11, 1_000_000)]
    (rail,) = read_power(Trace(packet=twice).SerializeToString()).rails
    assert rail.points == ((10.0, 0.0), (11.0, 1000.0))


@given(st.integers(0, len(WHOLE)))
def test_a_trace_that_was_cut_is_read_up_to_there(length: int) -> None:
    cut, whole = read_power(WHOLE[:length]), read_power(WHOLE)
    assert cut.current == whole.current[: len(cut.current)]


def test_packed_packets_are_unpacked() -> None:
    packed = Trace(packet=[TracePacket(compressed_packets=zlib.compress(WHOLE))]).SerializeToString()
    assert read_power(packed) == read_power(WHOLE)
    damaged = Trace(packet=[TracePacket(compressed_packets=b"\x78rubbish"), battery(9)]).SerializeToString()
    assert read_power(damaged).current == ((9.0, -400_000.0),)


def test_what_is_on_another_clock_or_no_value_does_not_count() -> None:
    other = battery(3)
    other.timestamp_clock_id = 3
    boottime = battery(5)
    boottime.timestamp_clock_id = 6
    none = battery(4, -(2**31))
    second = battery(6)
    second.battery.name = "pack 2"
    trace = Trace(packet=[other, none, boottime, second]).SerializeToString()
    assert read_power(trace).current == ((5.0, -400_000.0),)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda b: WHOLE[:40] + b))
def test_any_bytes_are_read_or_passed_over(data: bytes) -> None:
    read_power(data)


def test_counters_look_like_any_gauge_s() -> None:
    log = battery_log(read_power(WHOLE), volts=3.9)
    assert log.window(f"{SUPPLY}.current_now", 0, 99)[1] == (10.25, -410_000.0)
    assert log.window(f"{SUPPLY}.voltage_now", 0, 99) == [(10.0, 4e6)]
    # Builds before Android 15 trace no voltage: then that of the battery service holds.
    bare = battery_log(read_power(Trace(packet=[battery(1), battery(2)]).SerializeToString()), volts=3.9)
    assert [v for _, v in bare.window(f"{SUPPLY}.voltage_now", 0, 99)] == pytest.approx([3.9e6, 3.9e6])
