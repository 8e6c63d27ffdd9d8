from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TraceConfig(_message.Message):
    __slots__ = ("buffers", "data_sources", "duration_ms", "write_into_file", "file_write_period_ms")
    class BufferConfig(_message.Message):
        __slots__ = ("size_kb", "fill_policy")
        class FillPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            UNSPECIFIED: _ClassVar[TraceConfig.BufferConfig.FillPolicy]
            RING_BUFFER: _ClassVar[TraceConfig.BufferConfig.FillPolicy]
            DISCARD: _ClassVar[TraceConfig.BufferConfig.FillPolicy]
        UNSPECIFIED: TraceConfig.BufferConfig.FillPolicy
        RING_BUFFER: TraceConfig.BufferConfig.FillPolicy
        DISCARD: TraceConfig.BufferConfig.FillPolicy
        SIZE_KB_FIELD_NUMBER: _ClassVar[int]
        FILL_POLICY_FIELD_NUMBER: _ClassVar[int]
        size_kb: int
        fill_policy: TraceConfig.BufferConfig.FillPolicy
        def __init__(self, size_kb: _Optional[int] = ..., fill_policy: _Optional[_Union[TraceConfig.BufferConfig.FillPolicy, str]] = ...) -> None: ...
    class DataSource(_message.Message):
        __slots__ = ("config",)
        CONFIG_FIELD_NUMBER: _ClassVar[int]
        config: DataSourceConfig
        def __init__(self, config: _Optional[_Union[DataSourceConfig, _Mapping]] = ...) -> None: ...
    BUFFERS_FIELD_NUMBER: _ClassVar[int]
    DATA_SOURCES_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    WRITE_INTO_FILE_FIELD_NUMBER: _ClassVar[int]
    FILE_WRITE_PERIOD_MS_FIELD_NUMBER: _ClassVar[int]
    buffers: _containers.RepeatedCompositeFieldContainer[TraceConfig.BufferConfig]
    data_sources: _containers.RepeatedCompositeFieldContainer[TraceConfig.DataSource]
    duration_ms: int
    write_into_file: bool
    file_write_period_ms: int
    def __init__(self, buffers: _Optional[_Iterable[_Union[TraceConfig.BufferConfig, _Mapping]]] = ..., data_sources: _Optional[_Iterable[_Union[TraceConfig.DataSource, _Mapping]]] = ..., duration_ms: _Optional[int] = ..., write_into_file: _Optional[bool] = ..., file_write_period_ms: _Optional[int] = ...) -> None: ...

class DataSourceConfig(_message.Message):
    __slots__ = ("name", "android_power_config")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ANDROID_POWER_CONFIG_FIELD_NUMBER: _ClassVar[int]
    name: str
    android_power_config: AndroidPowerConfig
    def __init__(self, name: _Optional[str] = ..., android_power_config: _Optional[_Union[AndroidPowerConfig, _Mapping]] = ...) -> None: ...

class AndroidPowerConfig(_message.Message):
    __slots__ = ("battery_poll_ms", "battery_counters", "collect_power_rails")
    class BatteryCounters(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BATTERY_COUNTER_UNSPECIFIED: _ClassVar[AndroidPowerConfig.BatteryCounters]
        BATTERY_COUNTER_CHARGE: _ClassVar[AndroidPowerConfig.BatteryCounters]
        BATTERY_COUNTER_CAPACITY_PERCENT: _ClassVar[AndroidPowerConfig.BatteryCounters]
        BATTERY_COUNTER_CURRENT: _ClassVar[AndroidPowerConfig.BatteryCounters]
        BATTERY_COUNTER_CURRENT_AVG: _ClassVar[AndroidPowerConfig.BatteryCounters]
        BATTERY_COUNTER_VOLTAGE: _ClassVar[AndroidPowerConfig.BatteryCounters]
    BATTERY_COUNTER_UNSPECIFIED: AndroidPowerConfig.BatteryCounters
    BATTERY_COUNTER_CHARGE: AndroidPowerConfig.BatteryCounters
    BATTERY_COUNTER_CAPACITY_PERCENT: AndroidPowerConfig.BatteryCounters
    BATTERY_COUNTER_CURRENT: AndroidPowerConfig.BatteryCounters
    BATTERY_COUNTER_CURRENT_AVG: AndroidPowerConfig.BatteryCounters
    BATTERY_COUNTER_VOLTAGE: AndroidPowerConfig.BatteryCounters
    BATTERY_POLL_MS_FIELD_NUMBER: _ClassVar[int]
    BATTERY_COUNTERS_FIELD_NUMBER: _ClassVar[int]
    COLLECT_POWER_RAILS_FIELD_NUMBER: _ClassVar[int]
    battery_poll_ms: int
    battery_counters: _containers.RepeatedScalarFieldContainer[AndroidPowerConfig.BatteryCounters]
    collect_power_rails: bool
    def __init__(self, battery_poll_ms: _Optional[int] = ..., battery_counters: _Optional[_Iterable[_Union[AndroidPowerConfig.BatteryCounters, str]]] = ..., collect_power_rails: _Optional[bool] = ...) -> None: ...
