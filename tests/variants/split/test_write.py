"""Stages as files: what they hold, and that they give what the whole gives."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HostError, UsageError
from harness.variants.flatbuffer import read_object, write_object
from harness.variants.model_file import read_model_file
from harness.variants.split.points import cut_points
from harness.variants.split.write import split_model
from tests.racks import MODELS, harness
from tests.variants.split.random_models import NODES, Node, random_model
from tests.virtual.bench.tiny import two_signatures

DIGITS = MODELS / "digits_int8.tflite"


def at(tensors: tuple[int, ...]) -> str:
    return ",".join(f"#{t}" for t in tensors)


@pytest.mark.parametrize("name", ["digits_float32", "digits_float16", "digits_int8", "partial_gpu", "dynamic"])
def test_real_models_give_the_same_from_stages(tmp_path: Path, name: str) -> None:
    model = MODELS / f"{name}.tflite"
    points = cut_points(read_model_file(model).graphs[0])
    found = split_model(model, [at(p.tensors) for p in points[:: max(1, len(points) // 3)]], tmp_path)
    for resolver in ("plain", "xnnpack"):
        assert found["equal"][resolver]["identical"] is True, found["equal"]
        assert found["equal"][resolver]["inputs"] >= 3
    parts = sum(stage["file_bytes"] for stage in found["stages"])
    assert parts < model.stat().st_size + 2500 * len(found["stages"]), "no weight is in two stages"


@settings(max_examples=25, deadline=None)
@given(NODES, st.integers(1, 2), st.integers(0, 2), st.data())
def test_any_cuts_give_the_same_result(nodes: list[Node], inputs: int, extra: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = random_model(Path(folder) / "m.tflite", nodes, inputs, extra)
        points = cut_points(read_model_file(model).graphs[0])
        if not points:
            return
        chosen = data.draw(st.lists(st.sampled_from(points), min_size=1, max_size=3, unique_by=lambda p: p.ops_before))
        try:
            found = split_model(model, [at(p.tensors) for p in chosen], Path(folder) / "out")
        except UsageError:
            assert len(chosen) > 1, "each point can be cut by itself"
            return
        assert [e["identical"] for e in found["equal"].values()] == [True, True]


def test_signature_quantization_and_metadata_are_kept(tmp_path: Path) -> None:
    whole = read_model_file(DIGITS)
    cut = next(t for t in whole.graphs[0].tensors if t.name.endswith("AvgPool"))
    found = split_model(DIGITS, [cut.name], tmp_path)
    first, second = (read_model_file(tmp_path / stage["file"]) for stage in found["stages"])
    assert list(first.signatures[0].inputs) == list(whole.signatures[0].inputs)
    assert list(second.signatures[0].outputs) == list(whole.signatures[0].outputs)
    assert list(first.signatures[0].outputs) == [cut.name] == list(second.signatures[0].inputs)
    assert first.signatures[0].key == whole.signatures[0].key
    for model, places in ((first, first.graphs[0].outputs), (second, second.graphs[0].inputs)):
        (tensor,) = (model.graphs[0].tensors[t] for t in places)
        assert (tensor.quantization, tensor.shape, tensor.type) == (cut.quantization, cut.shape, cut.type)
        assert model.metadata["min_runtime_version"] == 16
    assert first.macs + second.macs == whole.macs
    codes = {op.op for op in second.graphs[0].ops}
    object_ = read_object(tmp_path / found["stages"][1]["file"])
    assert len(object_.operatorCodes) == len(codes) and len(object_.subgraphs[0].tensors) < 10
    assert found["stages"][1]["inputs"][0]["from"] == 1 and found["outputs"][0]["stage"] == 2


def test_constants_stay_aligned_for_vector_reads(tmp_path: Path) -> None:
    from ai_edge_litert import schema_py_generated as schema

    found = split_model(MODELS / "digits_float32.tflite", ["#18"], tmp_path)
    for stage in found["stages"]:
        data = (tmp_path / stage["file"]).read_bytes()
        model = schema.Model.GetRootAs(data, 0)
        for number in range(model.BuffersLength()):
            buffer = model.Buffers(number)
            if buffer.DataLength():
                start = buffer._tab.Vector(buffer._tab.Offset(4))
                assert start % 16 == 0


def test_a_second_split_leaves_no_stage_of_the_first(tmp_path: Path) -> None:
    split_model(DIGITS, ["#16", "#22"], tmp_path)
    (tmp_path / "other.tflite").write_bytes(DIGITS.read_bytes())
    split_model(DIGITS, ["#22"], tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "digits_int8-1.tflite", "digits_int8-2.tflite", "other.tflite", "split.json",
    ]  # fmt: skip


def changed(path: Path, change: Any) -> Path:
    """The digits model with something else in it."""
    model = read_object(DIGITS)
    change(model)
    path.write_bytes(write_object(model))
    return path


def test_a_difference_is_told_and_not_hidden(tmp_path: Path) -> None:
    from harness.variants.split.cut import plan_stages
    from harness.variants.split.verify import compare

    graph = read_model_file(DIGITS).graphs[0]
    found = split_model(DIGITS, ["#22"], tmp_path)
    files = [tmp_path / stage["file"] for stage in found["stages"]]

    def shift(model: Any) -> None:
        tensor = model.subgraphs[0].tensors[model.subgraphs[0].outputs[0]]
        tensor.quantization.scale = tensor.quantization.scale * np.float32(3)

    model = read_object(files[0])
    shift(model)
    files[0].write_bytes(write_object(model))
    equal = compare(DIGITS, files, plan_stages(graph, [(22,)]), graph.inputs, graph.outputs)
    assert all(e["identical"] is False and e["max_difference"] >= 1 for e in equal.values())


def test_what_a_cut_cannot_keep_is_refused(tmp_path: Path) -> None:
    from ai_edge_litert import schema_py_generated as schema

    with pytest.raises(UsageError, match=r"several entry points \(plus, times\)"):
        split_model(two_signatures(tmp_path / "two.tflite"), ["y"], tmp_path)

    def order(model: Any) -> None:
        entry, buffer = schema.MetadataT(), schema.BufferT()
        buffer.data = np.array([1, 2], np.uint8)
        model.buffers.append(buffer)
        entry.name, entry.buffer = b"model_control_dependencies", len(model.buffers) - 1
        model.metadata.append(entry)

    with pytest.raises(UsageError, match="control dependencies"):
        split_model(changed(tmp_path / "order.tflite", order), ["#22"], tmp_path)

    def outside(model: Any) -> None:
        model.buffers[3].offset, model.buffers[3].size, model.buffers[3].data = 4096, 128, None

    with pytest.raises(UsageError, match=r"weights outside of the flatbuffer, as models above 2 GB do"):
        split_model(changed(tmp_path / "outside.tflite", outside), ["#22"], tmp_path)

    def handle(model: Any) -> None:
        model.subgraphs[0].tensors[22].type = schema.TensorType.RESOURCE

    with pytest.raises(UsageError, match=r"\(#22\) is a handle"):
        split_model(changed(tmp_path / "handle.tflite", handle), ["#22"], tmp_path)

    def state(model: Any) -> None:
        for code in model.operatorCodes:
            code.builtinCode, code.deprecatedBuiltinCode = schema.BuiltinOperator.CALL_ONCE, 127

    with pytest.raises(UsageError, match=r"both sides of the cut use variables or tables \(CALL_ONCE\)"):
        split_model(changed(tmp_path / "state.tflite", state), ["#22"], tmp_path)

    def variable(model: Any) -> None:
        model.subgraphs[0].tensors[1].isVariable = True
        for op in model.subgraphs[0].operators[-2:]:
            op.inputs = np.append(op.inputs, np.int32(1))

    with pytest.raises(UsageError, match=r"\(#1\) is a variable that both sides"):
        split_model(changed(tmp_path / "variable.tflite", variable), ["#22"], tmp_path)
    assert not list(tmp_path.glob("*-1.tflite")), "nothing is written before it is sure"


def test_subgraphs_come_with_the_stage_that_runs_them(tmp_path: Path) -> None:
    model = MODELS / "control.tflite"
    graph = read_model_file(model).graphs[0]
    (joined,) = next(op.outputs for op in graph.ops if op.op == "IF")
    found = split_model(model, [f"#{joined}"], tmp_path)
    parts = [read_model_file(tmp_path / stage["file"]) for stage in found["stages"]]
    assert [len(part.graphs) for part in parts] == [3, 3], "IF and WHILE run two subgraphs each"
    assert [e["identical"] for e in found["equal"].values()] == [True, True]
    for point in cut_points(graph):
        assert split_model(model, [at(point.tensors)], tmp_path)["equal"]["plain"]["identical"] is True


def test_a_variable_is_not_torn_apart(tmp_path: Path) -> None:
    model = MODELS / "variable.tflite"
    graph = read_model_file(model).graphs[0]
    multiplied, added = (next(op.outputs[0] for op in graph.ops if op.op == kind) for kind in ("MUL", "ADD"))
    found = split_model(model, [f"#{multiplied}"], tmp_path)
    assert found["equal"]["plain"]["identical"] is True, "the variable lies in one stage, over all runs"
    with pytest.raises(UsageError, match="does not separate"):
        split_model(model, [f"#{added}"], tmp_path)
    handle = next(op.outputs[0] for op in graph.ops if op.op == "VAR_HANDLE")
    with pytest.raises(UsageError, match="is a handle"):
        split_model(model, [f"#{added},#{handle}"], tmp_path)
    assert not cut_points(graph), "places where a handle would cross are not listed"


def test_metadata_that_counts_tensors_is_left_out_and_said(tmp_path: Path) -> None:
    def remark(model: Any) -> None:
        from ai_edge_litert import schema_py_generated as schema

        entry = schema.MetadataT()
        entry.name, entry.buffer = b"OfflineMemoryAllocation", 0
        model.metadata.append(entry)

    found = split_model(changed(tmp_path / "m.tflite", remark), ["#22"], tmp_path / "out")
    assert found["metadata_dropped"] == ["OfflineMemoryAllocation"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="choose another --out"):
        split_model(DIGITS, ["#22"], tmp_path / "file" / "out")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_told_and_no_more(data: st.DataObject) -> None:
    whole = (MODELS / "partial_gpu.tflite").read_bytes()
    at = data.draw(st.integers(8, len(whole)))
    damaged = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + data.draw(st.integers(0, 40)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.tflite"
        path.write_bytes(data.draw(st.sampled_from([damaged, damaged[:at]])))
        try:
            read_object(path)
        except UsageError as error:
            assert "model" in str(error) and ";" in str(error)


def test_as_a_command(tmp_path: Path) -> None:
    listed = harness("variants", "split", str(DIGITS))
    assert listed.code == 0 and "8 places to cut" in listed.out
    points = json.loads(harness("variants", "split", str(DIGITS), "--json").out)["cut_points"]
    done = harness("variants", "split", str(DIGITS), "--at", points[-2]["at"], "--out", str(tmp_path))
    assert done.code == 0 and done.out.count("bit by bit, on 4 inputs") == 2
    document = json.loads((tmp_path / "split.json").read_text())
    assert document["schema"] == 1 and [s["file"] for s in document["stages"]] == [
        "digits_int8-1.tflite", "digits_int8-2.tflite",
    ]  # fmt: skip
    no_out = harness("variants", "split", str(DIGITS), "--at", "#22")
    assert no_out.code == 2 and "--out" in no_out.err


def test_a_users_own_inputs(tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(-128, 128, (5, 64, 64, 1)).astype(np.int8)
    np.savez(tmp_path / "own.npz", image=images)
    arguments = ("variants", "split", str(DIGITS), "--at", "#22", "--out", str(tmp_path / "out"))
    done = harness(*arguments, "--inputs", str(tmp_path / "own.npz"), "--json")
    assert json.loads(done.out)["equal"]["plain"] == {
        "inputs": 9, "identical": True, "max_difference": 0.0, "reason": None,
    }  # fmt: skip
    np.savez(tmp_path / "float.npz", image=images / 128.0)
    wrong = harness(*arguments, "--inputs", str(tmp_path / "float.npz"))
    assert wrong.code == 2 and "give quantized values" in wrong.err


@pytest.mark.slow
def test_stages_are_benchmarked_by_themselves(tmp_path: Path) -> None:
    found = split_model(DIGITS, ["#18"], tmp_path)
    files = [str(tmp_path / stage["file"]) for stage in found["stages"]]
    done = harness(
        "bench", *files, "--virtual", "1", "--delegate", "cpu", "--sessions", "1", "--out", str(tmp_path), "--json",
        timeout=300,
    )  # fmt: skip
    rows = json.loads(done.out)["rows"]
    assert [(r["model"], r["outcome"]) for r in rows] == [("digits_int8-1", "ok"), ("digits_int8-2", "ok")]
