from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Trace(_message.Message):
    __slots__ = ("packet",)
    PACKET_FIELD_NUMBER: _ClassVar[int]
    packet: _containers.RepeatedCompositeFieldContainer[TracePacket]
    def __init__(self, packet: _Optional[_Iterable[_Union[TracePacket, _Mapping]]] = ...) -> None: ...

class TracePacket(_message.Message):
    __slots__ = ("timestamp", "timestamp_clock_id", "trusted_packet_sequence_id", "battery", "power_rails", "compressed_packets")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_CLOCK_ID_FIELD_NUMBER: _ClassVar[int]
    TRUSTED_PACKET_SEQUENCE_ID_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FIELD_NUMBER: _ClassVar[int]
    POWER_RAILS_FIELD_NUMBER: _ClassVar[int]
    COMPRESSED_PACKETS_FIELD_NUMBER: _ClassVar[int]
    timestamp: int
    timestamp_clock_id: int
    trusted_packet_sequence_id: int
    battery: BatteryCounters
    power_rails: PowerRails
    compressed_packets: bytes
    def __init__(self, timestamp: _Optional[int] = ..., timestamp_clock_id: _Optional[int] = ..., trusted_packet_sequence_id: _Optional[int] = ..., battery: _Optional[_Union[BatteryCounters, _Mapping]] = ..., power_rails: _Optional[_Union[PowerRails, _Mapping]] = ..., compressed_packets: _Optional[bytes] = ...) -> None: ...

class BatteryCounters(_message.Message):
    __slots__ = ("charge_counter_uah", "capacity_percent", "current_ua", "current_avg_ua", "name", "energy_counter_uwh", "voltage_uv")
    CHARGE_COUNTER_UAH_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_UA_FIELD_NUMBER: _ClassVar[int]
    CURRENT_AVG_UA_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENERGY_COUNTER_UWH_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_UV_FIELD_NUMBER: _ClassVar[int]
    charge_counter_uah: int
    capacity_percent: float
    current_ua: int
    current_avg_ua: int
    name: str
    energy_counter_uwh: int
    voltage_uv: int
    def __init__(self, charge_counter_uah: _Optional[int] = ..., capacity_percent: _Optional[float] = ..., current_ua: _Optional[int] = ..., current_avg_ua: _Optional[int] = ..., name: _Optional[str] = ..., energy_counter_uwh: _Optional[int] = ..., voltage_uv: _Optional[int] = ...) -> None: ...

class PowerRails(_message.Message):
    __slots__ = ("rail_descriptor", "energy_data")
    class RailDescriptor(_message.Message):
        __slots__ = ("index", "rail_name", "subsys_name", "sampling_rate")
        INDEX_FIELD_NUMBER: _ClassVar[int]
        RAIL_NAME_FIELD_NUMBER: _ClassVar[int]
        SUBSYS_NAME_FIELD_NUMBER: _ClassVar[int]
        SAMPLING_RATE_FIELD_NUMBER: _ClassVar[int]
        index: int
        rail_name: str
        subsys_name: str
        sampling_rate: int
        def __init__(self, index: _Optional[int] = ..., rail_name: _Optional[str] = ..., subsys_name: _Optional[str] = ..., sampling_rate: _Optional[int] = ...) -> None: ...
    class EnergyData(_message.Message):
        __slots__ = ("index", "timestamp_ms", "energy")
        INDEX_FIELD_NUMBER: _ClassVar[int]
        TIMESTAMP_MS_FIELD_NUMBER: _ClassVar[int]
        ENERGY_FIELD_NUMBER: _ClassVar[int]
        index: int
        timestamp_ms: int
        energy: int
        def __init__(self, index: _Optional[int] = ..., timestamp_ms: _Optional[int] = ..., energy: _Optional[int] = ...) -> None: ...
    RAIL_DESCRIPTOR_FIELD_NUMBER: _ClassVar[int]
    ENERGY_DATA_FIELD_NUMBER: _ClassVar[int]
    rail_descriptor: _containers.RepeatedCompositeFieldContainer[PowerRails.RailDescriptor]
    energy_data: _containers.RepeatedCompositeFieldContainer[PowerRails.EnergyData]
    def __init__(self, rail_descriptor: _Optional[_Iterable[_Union[PowerRails.RailDescriptor, _Mapping]]] = ..., energy_data: _Optional[_Iterable[_Union[PowerRails.EnergyData, _Mapping]]] = ...) -> None: ...
