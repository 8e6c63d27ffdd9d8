from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper

DESCRIPTOR: _descriptor.FileDescriptor

class ModelRuntimeDetails(_message.Message):
    __slots__ = ("model_name", "subgraphs")
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBGRAPHS_FIELD_NUMBER: _ClassVar[int]
    model_name: str
    subgraphs: _containers.RepeatedCompositeFieldContainer[RuntimeSubgraph]
    def __init__(
        self, model_name: str | None = ..., subgraphs: _Iterable[RuntimeSubgraph | _Mapping] | None = ...
    ) -> None: ...

class RuntimeSubgraph(_message.Message):
    __slots__ = ("edges", "execution_plan", "name", "nodes", "subgraph_id", "subgraph_type")
    class SubgraphType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNKNOWN_SUBGRAPH: _ClassVar[RuntimeSubgraph.SubgraphType]
        TFLITE_SUBGRAPH: _ClassVar[RuntimeSubgraph.SubgraphType]
        DELEGATE_SUBGRAPH: _ClassVar[RuntimeSubgraph.SubgraphType]

    UNKNOWN_SUBGRAPH: RuntimeSubgraph.SubgraphType
    TFLITE_SUBGRAPH: RuntimeSubgraph.SubgraphType
    DELEGATE_SUBGRAPH: RuntimeSubgraph.SubgraphType
    SUBGRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_PLAN_FIELD_NUMBER: _ClassVar[int]
    SUBGRAPH_TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    subgraph_id: int
    edges: _containers.RepeatedCompositeFieldContainer[Edge]
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    execution_plan: _containers.RepeatedScalarFieldContainer[int]
    subgraph_type: RuntimeSubgraph.SubgraphType
    name: str
    def __init__(
        self,
        subgraph_id: int | None = ...,
        edges: _Iterable[Edge | _Mapping] | None = ...,
        nodes: _Iterable[Node | _Mapping] | None = ...,
        execution_plan: _Iterable[int] | None = ...,
        subgraph_type: RuntimeSubgraph.SubgraphType | str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class Node(_message.Message):
    __slots__ = (
        "delegate_node_details",
        "delegated_to_node_id",
        "id",
        "inputs",
        "intermediates",
        "name",
        "outputs",
        "temporaries",
        "type",
    )
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    INTERMEDIATES_FIELD_NUMBER: _ClassVar[int]
    TEMPORARIES_FIELD_NUMBER: _ClassVar[int]
    DELEGATE_NODE_DETAILS_FIELD_NUMBER: _ClassVar[int]
    DELEGATED_TO_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    type: str
    inputs: _containers.RepeatedScalarFieldContainer[int]
    outputs: _containers.RepeatedScalarFieldContainer[int]
    intermediates: _containers.RepeatedScalarFieldContainer[int]
    temporaries: _containers.RepeatedScalarFieldContainer[int]
    delegate_node_details: DelegateNodeDetails
    delegated_to_node_id: int
    def __init__(
        self,
        id: int | None = ...,
        name: str | None = ...,
        type: str | None = ...,
        inputs: _Iterable[int] | None = ...,
        outputs: _Iterable[int] | None = ...,
        intermediates: _Iterable[int] | None = ...,
        temporaries: _Iterable[int] | None = ...,
        delegate_node_details: DelegateNodeDetails | _Mapping | None = ...,
        delegated_to_node_id: int | None = ...,
    ) -> None: ...

class DelegateNodeDetails(_message.Message):
    __slots__ = ("delegate_name", "tflite_node_ids_replaced")
    DELEGATE_NAME_FIELD_NUMBER: _ClassVar[int]
    TFLITE_NODE_IDS_REPLACED_FIELD_NUMBER: _ClassVar[int]
    delegate_name: str
    tflite_node_ids_replaced: _containers.RepeatedScalarFieldContainer[int]
    def __init__(
        self, delegate_name: str | None = ..., tflite_node_ids_replaced: _Iterable[int] | None = ...
    ) -> None: ...

class Edge(_message.Message):
    __slots__ = ("allocation_type", "data_type", "id", "layout_type", "name", "shape", "size")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    ALLOCATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    data_type: int
    shape: _containers.RepeatedScalarFieldContainer[int]
    allocation_type: str
    layout_type: str
    size: int
    def __init__(
        self,
        id: int | None = ...,
        name: str | None = ...,
        data_type: int | None = ...,
        shape: _Iterable[int] | None = ...,
        allocation_type: str | None = ...,
        layout_type: str | None = ...,
        size: int | None = ...,
    ) -> None: ...
