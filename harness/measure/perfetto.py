"""Reads power out of a perfetto trace: battery counters and power rails, on CLOCK_BOOTTIME. Pure.

A trace is a list of packets, so one that was cut off is read up to there. Only the fields of perfetto_power.proto are
known here; everything else in a trace is passed over.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.measure.sampler import SamplerLog

if TYPE_CHECKING:
    from harness.protos.perfetto_power_pb2 import BatteryCounters, PowerRails, TracePacket

#: The supply that battery counters appear under in a sampler log.
SUPPLY = "perfetto"
_BOOTTIME = 6
#: A field of a Trace: number 1, length-delimited.
_PACKET = 0x0A
#: What a health service says that knows no value.
_NO_VALUE = frozenset({-(2**31), 2**31 - 1, -(2**63), 2**63 - 1})
_MOST_NESTED = 2
#: Bytes that packed packets may grow to.
_MOST_BYTES = 256 * 1024 * 1024

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Rail:
    """A metered power rail. points: (CLOCK_BOOTTIME s, mJ since boot), each moment once, ascending."""

    name: str
    points: Points


@dataclass(frozen=True)
class PerfettoPower:
    """What a trace tells of power, each as (CLOCK_BOOTTIME s, value) ascending.

    Attributes:
        current: in the maker's unit and sign; charge: the counter, in the maker's unit; voltage: µV.
    """

    current: Points = ()
    voltage: Points = ()
    charge: Points = ()
    rails: tuple[Rail, ...] = ()


@dataclass
class _Found:
    current: dict[float, float] = field(default_factory=dict)
    voltage: dict[float, float] = field(default_factory=dict)
    charge: dict[float, float] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    energy: dict[int, dict[float, float]] = field(default_factory=dict)


def read_power(data: bytes) -> PerfettoPower:
    """Everything that a trace, whole or cut, tells of power; of bytes that are none, nothing."""
    found = _Found()
    for packet in _packets(data):
        if packet.timestamp_clock_id in (0, _BOOTTIME):
            if packet.HasField("battery"):
                _battery(packet.battery, packet.timestamp / 1e9, found)
            elif packet.HasField("power_rails"):
                _rails(packet.power_rails, found)
    rails = [Rail(found.names.get(i, f"rail {i}"), _sorted(values)) for i, values in sorted(found.energy.items())]
    return PerfettoPower(_sorted(found.current), _sorted(found.voltage), _sorted(found.charge), tuple(rails))


def battery_log(power: PerfettoPower, volts: float | None = None) -> SamplerLog:
    """The battery counters as a sampler log of the supply `SUPPLY`, so that they are proven as any other gauge is.

    Args:
        volts: the battery's, from elsewhere, for builds that trace none.
    """
    times = sorted({t for t, _ in (*power.current, *power.voltage, *power.charge)})
    columns = {
        f"{SUPPLY}.current_now": _column(power.current, times),
        f"{SUPPLY}.charge_counter": _column(power.charge, times),
        f"{SUPPLY}.voltage_now": _column(power.voltage, times),
    }
    if not power.voltage and volts is not None:
        columns[f"{SUPPLY}.voltage_now"] = (volts * 1e6,) * len(times)
    gaps = sorted(b - a for a, b in itertools.pairwise(times))
    return SamplerLog(gaps[len(gaps) // 2] if gaps else 0.0, None, tuple(times), columns, True)


def _column(points: Points, times: list[float]) -> tuple[float | None, ...]:
    values = dict(points)
    return tuple(values.get(t) for t in times)


def _sorted(values: dict[float, float]) -> Points:
    return tuple(sorted(values.items()))


def _battery(counters: BatteryCounters, now_s: float, found: _Found) -> None:
    # Phones with several batteries name each; which of them feeds the phone is not known.
    if counters.name:
        return
    for name, values in (
        ("current_ua", found.current),
        ("voltage_uv", found.voltage),
        ("charge_counter_uah", found.charge),
    ):
        if counters.HasField(name) and getattr(counters, name) not in _NO_VALUE:
            values[now_s] = float(getattr(counters, name))


def _rails(rails: PowerRails, found: _Found) -> None:
    for descriptor in rails.rail_descriptor:
        found.names[descriptor.index] = descriptor.rail_name or f"rail {descriptor.index}"
    for data in rails.energy_data:
        # The meter's own time: a reading that is asked for twice between two of its updates is one.
        found.energy.setdefault(data.index, {}).setdefault(data.timestamp_ms / 1e3, data.energy / 1e3)


def _packets(data: bytes, nested: int = 0) -> Iterator[TracePacket]:
    from google.protobuf.message import DecodeError

    from harness.protos.perfetto_power_pb2 import TracePacket

    for piece in _fields(data):
        try:
            packet = TracePacket.FromString(piece)
        except DecodeError:
            continue
        if packet.HasField("compressed_packets"):
            if nested < _MOST_NESTED:
                yield from _packets(_inflate(packet.compressed_packets), nested + 1)
        else:
            yield packet


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST_BYTES)
    except zlib.error:
        return b""


def _fields(data: bytes) -> Iterator[bytes]:
    """The packets of a Trace; ends where something else, or nothing more, comes."""
    at = 0
    while at < len(data) and data[at] == _PACKET:
        length, at = _varint(data, at + 1)
        if length is None or at + length > len(data):
            return
        yield data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int | None, int]:
    value = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    return None, at
