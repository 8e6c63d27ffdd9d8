from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ModelRuntimeDetails(_message.Message):
    __slots__ = ("model_name", "subgraphs")
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBGRAPHS_FIELD_NUMBER: _ClassVar[int]
    model_name: str
    subgraphs: _containers.RepeatedCompositeFieldContainer[RuntimeSubgraph]
    def __init__(self, model_name: _Optional[str] = ..., subgraphs: _Optional[_Iterable[_Union[RuntimeSubgraph, _Mapping]]] = ...) -> None: ...

class RuntimeSubgraph(_message.Message):
    __slots__ = ("subgraph_id", "edges", "nodes", "execution_plan", "subgraph_type", "name")
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
    def __init__(self, subgraph_id: _Optional[int] = ..., edges: _Optional[_Iterable[_Union[Edge, _Mapping]]] = ..., nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., execution_plan: _Optional[_Iterable[int]] = ..., subgraph_type: _Optional[_Union[RuntimeSubgraph.SubgraphType, str]] = ..., name: _Optional[str] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("id", "name", "type", "inputs", "outputs", "intermediates", "temporaries", "delegate_node_details", "delegated_to_node_id")
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
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., inputs: _Optional[_Iterable[int]] = ..., outputs: _Optional[_Iterable[int]] = ..., intermediates: _Optional[_Iterable[int]] = ..., temporaries: _Optional[_Iterable[int]] = ..., delegate_node_details: _Optional[_Union[DelegateNodeDetails, _Mapping]] = ..., delegated_to_node_id: _Optional[int] = ...) -> None: ...

class DelegateNodeDetails(_message.Message):
    __slots__ = ("delegate_name", "tflite_node_ids_replaced")
    DELEGATE_NAME_FIELD_NUMBER: _ClassVar[int]
    TFLITE_NODE_IDS_REPLACED_FIELD_NUMBER: _ClassVar[int]
    delegate_name: str
    tflite_node_ids_replaced: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, delegate_name: _Optional[str] = ..., tflite_node_ids_replaced: _Optional[_Iterable[int]] = ...) -> None: ...

class Edge(_message.Message):
    __slots__ = ("id", "name", "data_type", "shape", "allocation_type", "layout_type", "size")
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
    layout_type: int
    size: int
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., data_type: _Optional[int] = ..., shape: _Optional[_Iterable[int]] = ..., allocation_type: _Optional[str] = ..., layout_type: _Optional[int] = ..., size: _Optional[int] = ...) -> None: ...
