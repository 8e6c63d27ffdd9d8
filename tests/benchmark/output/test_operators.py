"""Profiles in every form that the programs write them in, and which unit ran what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.output import read_operators
from harness.benchmark.output.operators import operators_of_message, operators_of_text
from harness.benchmark.output.units import operator_unit
from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails
from harness.protos.profiling_info_pb2 import BenchmarkProfilingData
from harness.records import OperatorProfile, OperatorTime

BANNER = "============================== {} =============================="
HEAD = "\t[node type]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]"
TABLE = f"""\
INFO: Profiling Info for Benchmark Initialization:
{BANNER.format("Run Order")}
{HEAD}
\tAllocateTensors\t    9.000\t    9.000\t100.000%\t100.000%\t   768.000\t        1\tAllocateTensors/0

INFO: Operator-wise Profiling Info for Regular Benchmark Runs:
{BANNER.format("Run Order")}
{HEAD}
\t           Convolution (NHWC, F32) IGEMM\t    0.035\t    0.091\t 13.896%\t 13.896%\t     0.000\t        2\tDelegate/Convolution (NHWC, F32) IGEMM:0
\t                                   ATAN2\t    0.235\t    0.245\t 18.654%\t 32.699%\t     8.000\t        1\t[a, b]:12
\t     convolution_2d 2 -> relu 3 -> add 4\t    0.163\t    0.288\t 21.956%\t 77.230%\t     0.000\t        1\tDelegate/convolution_2d 2 -> relu 3 -> add 4:1
\tdamaged\trow

{BANNER.format("Top by Computation Time")}
{HEAD}
\t                                   ATAN2\t    0.235\t    0.245\t 18.654%\t 32.699%\t     8.000\t        1\t[a, b]:12

Number of nodes executed: 3
{BANNER.format("Summary by node type")}
\t[Node type]\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]
\t                                   ATAN2\t        1\t     0.245\t    18.654%\t    32.699%\t     8.000\t        1

Timings (microseconds): count=45 first=1 curr=2 min=1 max=3 avg=2 std=1
"""
LITERT = f"""\
{BANNER.format("Run Order")}
{"[node type]":>60} {"[start]":>10} {"[first]":>10} {"[avg ms]":>10} {"[%]":>10} {"[cdf%]":>10} {"[mem KB]":>10} {"[times called]":>15}   [Name]
{"Delegate/Convolution (NHWC, F32) IGEMM":>60} {0:10.3f} {0.1:10.3f} {0.5:10.3f} {60:9.3f}% {60:9.3f}% {0:10.3f} {20:15d}   [Delegate]:0
{"SOFTMAX":>60} {0:10.3f} {0.1:10.3f} {0.25:10.3f} {60:9.3f}% {60:9.3f}% {0:10.3f} {10:15d}   [Builtin]:8

Timings (microseconds): count=2 curr=7
"""
CSV = f"""\
Operator-wise Profiling Info for Regular Benchmark Runs:
{BANNER.format("Run Order")}
node type, first, avg_ms, %, cdf%, mem KB, times called, name
Convolution (NHWC, F32) IGEMM, 0.063, 0.06485, 32%, 32%, 0, 2, Delegate/Convolution (NHWC\t F32) IGEMM:0
CONV_2D, 0.502, 4.96e-05, 32.647%, 32.647%, 4, 1, [Relu6;Conv2D]:3

{BANNER.format("Summary by node type")}
node type, count, avg_ms, avg %, cdf %, mem KB, times called
CONV_2D, 1, 0.4, 32.647%, 32.647%, 4, 1
"""
INNER = TABLE + f"""\
Delegate internal:
{BANNER.format("Run Order")}
{HEAD}
\tDelegateOpInvoke\t    0.100\t    0.200\t 100%\t 100%\t     0.000\t        1\tDelegateOpInvoke:4

Subgraph (index: 1, name: body) profile:
{BANNER.format("Run Order")}
{HEAD}
\tADD\t    0.100\t    0.200\t 100%\t 100%\t     0.000\t        5\t[x]:0
"""  # fmt: skip


def runtime(*delegates: str) -> bytes:
    """A runtime info file with these delegates in the plan."""
    details = ModelRuntimeDetails()
    graph = details.subgraphs.add(subgraph_id=0)
    for number, name in enumerate(delegates):
        graph.nodes.add(id=number).delegate_node_details.delegate_name = name
    return details.SerializeToString()


def profile(**files: str | bytes) -> OperatorProfile | None:
    """What is read of files, whose names have `_` for the point."""
    data = {name.replace("_", "."): v if isinstance(v, bytes) else v.encode() for name, v in files.items()}
    return read_operators(data.get)


def test_tables_of_one_run_with_units() -> None:
    found = profile(out=TABLE, runtime_pb=runtime("TfLiteGpuDelegateV2", "TfLiteXNNPackDelegate"))
    assert found and found.source == "table"
    assert found.ops == (
        OperatorTime(
            "Convolution (NHWC, F32) IGEMM", "Delegate/Convolution (NHWC, F32) IGEMM:0", 0.182, 2, unit="xnnpack"
        ),
        OperatorTime("ATAN2", "[a, b]:12", 0.245, 1, node=12, memory_kb=8.0, unit="cpu"),
        OperatorTime(
            "convolution_2d 2 -> relu 3 -> add 4", "Delegate/convolution_2d 2 -> relu 3 -> add 4:1", 0.288, unit="gpu"
        ),
    )
    assert found.total_ms == pytest.approx(0.715)


def test_through_logcat_it_is_the_same() -> None:
    dressed = "".join(f"01-02 03:04:05.678  100  100 I tflite  : {line}\n" for line in TABLE.splitlines())
    dressed = "01-02 03:04:05.678  100  100 I tflite  : STARTING!\n" + dressed.replace("INFO: ", "")
    assert [op.name for op in operators_of_text(dressed)] == [op.name for op in operators_of_text(TABLE)]


def test_the_other_programs_calls_are_those_of_all_runs() -> None:
    found = profile(err=LITERT)
    assert found
    assert [(op.node_type, op.ms, op.calls, op.node, op.unit) for op in found.ops] == [
        ("Convolution (NHWC, F32) IGEMM", 1.0, 2.0, None, "xnnpack"),
        ("SOFTMAX", 0.25, 1.0, 8, "cpu"),
    ]


def test_types_with_commas_in_a_table_with_commas() -> None:
    found = profile(profile_csv=CSV, out="no table")
    assert found and found.source == "csv"
    assert [(op.node_type, op.name, op.ms, op.node, op.memory_kb) for op in found.ops] == [
        ("Convolution (NHWC, F32) IGEMM", "Delegate/Convolution (NHWC, F32) IGEMM:0", 0.1297, None, None),
        ("CONV_2D", "[Relu6;Conv2D]:3", 4.96e-05, 3, 4.0),
    ]


def test_what_lies_inside_of_others_is_not_added_up() -> None:
    ops = operators_of_text(INNER)
    assert [(op.node_type, op.part, op.ms) for op in ops[3:]] == [
        ("DelegateOpInvoke", "inside", 0.2),
        ("ADD", "inside", 1.0),
    ]
    assert OperatorProfile("table", ops).total_ms == pytest.approx(0.715)


def test_a_summary_by_type_where_nothing_else_is_left() -> None:
    summary = TABLE[TABLE.rindex("Number of nodes") :]
    found = profile(out=summary)
    assert found and found.ops == (OperatorTime("ATAN2", None, 0.245, memory_kb=8.0, unit="cpu"),)


def test_the_message_is_preferred_and_keeps_fractions_of_a_microsecond() -> None:
    message = BenchmarkProfilingData()
    for order, (kind, name, calls) in enumerate([("B", "[b]:1", 1), ("A", "Delegate/A:0", 3)]):
        graph = (
            message.runtime_profile.subgraph_profiles[0] if order else message.runtime_profile.subgraph_profiles.add()
        )
        op = graph.per_op_profiles.add(node_type=kind, name=name, times_called=calls, run_order=1 - order)
        op.inference_microseconds.sum, op.inference_microseconds.count, op.inference_microseconds.avg = 25, 10, 2
    inside = message.runtime_profile.subgraph_profiles.add(subgraph_index=1).per_op_profiles.add(node_type="C")
    inside.inference_microseconds.avg = 7
    found = profile(profile_pb=message.SerializeToString(), out=TABLE, runtime_pb=runtime("TfLiteHexagonDelegate"))
    assert found and found.source == "proto"
    assert [(op.node_type, op.ms, op.calls, op.unit, op.part) for op in found.ops] == [
        ("A", 0.0075, 3, "dsp", "model"),
        ("B", 0.0025, 1, "cpu", "model"),
        ("C", 0.007, 1, "cpu", "inside"),
    ]


def test_no_profile_is_none() -> None:
    assert profile(out="INFO: STARTING!\n") is None
    assert profile(profile_pb=b"\xff\xff", out="") is None


@pytest.mark.parametrize(
    ("node_type", "name", "delegates", "unit"),
    [
        ("CONV_2D", "[x]:0", None, "cpu"),
        ("CONV_2D", None, None, "cpu"),
        ("TfLiteNnapiDelegate", "[x]:9", ["TfLiteNnapiDelegate"], "nnapi"),
        ("TfLiteXNNPackDelegate", "[x]:9", None, "xnnpack"),
        ("DispatchDelegate", "[x]:9", None, "npu"),
        ("SomebodysDelegate", "[x]:9", None, None),
        ("Softmax (NC, F32)", "Delegate/Softmax (NC, F32):1", None, "xnnpack"),
        ("softmax 3", "Delegate/softmax 3:1", None, "gpu"),
        ("odd", "Delegate/odd:1", None, None),
        ("odd", "Delegate/odd:1", ["LITERT_CL"], "gpu"),
        ("odd", "Delegate/odd:1", ["TfLiteGpuDelegateV2", "TfLiteXNNPackDelegate"], None),
        ("odd", "Delegate/odd:1", ["SomebodysDelegate"], None),
        # The name looks like the GPU's, and no GPU delegate holds a node.
        ("softmax 3", "Delegate/softmax 3:1", ["TfLiteNnapiDelegate", "TfLiteXNNPackDelegate"], None),
        ("odd", "Delegate/odd:1", [], None),
    ],
)
def test_units(node_type: str, name: str | None, delegates: list[str] | None, unit: str | None) -> None:
    assert operator_unit(node_type, name, delegates) == unit


lines = st.sampled_from([*TABLE.splitlines(), *LITERT.splitlines(), *CSV.splitlines(), "\t", ", , ", "a\tb\tc"])


@given(st.lists(st.one_of(lines, st.text(max_size=40)), max_size=25).map("\n".join))
def test_any_text_gives_times_that_are_times(text: str) -> None:
    for op in operators_of_text(text):
        assert op.node_type is not None and op.ms == op.ms


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    operators_of_message(data)
