from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BenchmarkProfilingData(_message.Message):
    __slots__ = ("model_name", "init_profile", "runtime_profile")
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    INIT_PROFILE_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_PROFILE_FIELD_NUMBER: _ClassVar[int]
    model_name: str
    init_profile: ModelProfilingData
    runtime_profile: ModelProfilingData
    def __init__(self, model_name: _Optional[str] = ..., init_profile: _Optional[_Union[ModelProfilingData, _Mapping]] = ..., runtime_profile: _Optional[_Union[ModelProfilingData, _Mapping]] = ...) -> None: ...

class ModelProfilingData(_message.Message):
    __slots__ = ("subgraph_profiles", "delegate_profiles")
    SUBGRAPH_PROFILES_FIELD_NUMBER: _ClassVar[int]
    DELEGATE_PROFILES_FIELD_NUMBER: _ClassVar[int]
    subgraph_profiles: _containers.RepeatedCompositeFieldContainer[SubGraphProfilingData]
    delegate_profiles: _containers.RepeatedCompositeFieldContainer[DelegateProfilingData]
    def __init__(self, subgraph_profiles: _Optional[_Iterable[_Union[SubGraphProfilingData, _Mapping]]] = ..., delegate_profiles: _Optional[_Iterable[_Union[DelegateProfilingData, _Mapping]]] = ...) -> None: ...

class SubGraphProfilingData(_message.Message):
    __slots__ = ("subgraph_name", "subgraph_index", "per_op_profiles")
    SUBGRAPH_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBGRAPH_INDEX_FIELD_NUMBER: _ClassVar[int]
    PER_OP_PROFILES_FIELD_NUMBER: _ClassVar[int]
    subgraph_name: str
    subgraph_index: int
    per_op_profiles: _containers.RepeatedCompositeFieldContainer[OpProfileData]
    def __init__(self, subgraph_name: _Optional[str] = ..., subgraph_index: _Optional[int] = ..., per_op_profiles: _Optional[_Iterable[_Union[OpProfileData, _Mapping]]] = ...) -> None: ...

class DelegateProfilingData(_message.Message):
    __slots__ = ("delegate_name", "per_op_profiles")
    DELEGATE_NAME_FIELD_NUMBER: _ClassVar[int]
    PER_OP_PROFILES_FIELD_NUMBER: _ClassVar[int]
    delegate_name: str
    per_op_profiles: _containers.RepeatedCompositeFieldContainer[OpProfileData]
    def __init__(self, delegate_name: _Optional[str] = ..., per_op_profiles: _Optional[_Iterable[_Union[OpProfileData, _Mapping]]] = ...) -> None: ...

class OpProfileData(_message.Message):
    __slots__ = ("node_type", "inference_microseconds", "mem_kb", "times_called", "name", "run_order")
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    INFERENCE_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    MEM_KB_FIELD_NUMBER: _ClassVar[int]
    TIMES_CALLED_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_ORDER_FIELD_NUMBER: _ClassVar[int]
    node_type: str
    inference_microseconds: OpProfilingStat
    mem_kb: OpProfilingStat
    times_called: int
    name: str
    run_order: int
    def __init__(self, node_type: _Optional[str] = ..., inference_microseconds: _Optional[_Union[OpProfilingStat, _Mapping]] = ..., mem_kb: _Optional[_Union[OpProfilingStat, _Mapping]] = ..., times_called: _Optional[int] = ..., name: _Optional[str] = ..., run_order: _Optional[int] = ...) -> None: ...

class OpProfilingStat(_message.Message):
    __slots__ = ("first", "last", "avg", "stddev", "variance", "min", "max", "sum", "count")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    AVG_FIELD_NUMBER: _ClassVar[int]
    STDDEV_FIELD_NUMBER: _ClassVar[int]
    VARIANCE_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    SUM_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    avg: int
    stddev: float
    variance: float
    min: int
    max: int
    sum: int
    count: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ..., avg: _Optional[int] = ..., stddev: _Optional[float] = ..., variance: _Optional[float] = ..., min: _Optional[int] = ..., max: _Optional[int] = ..., sum: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...
