"""Files that the stand-in writes hold what the real program's held."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.protos.benchmark_result_pb2 import BenchmarkResult
from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails
from harness.protos.profiling_info_pb2 import BenchmarkProfilingData
from tests.virtual.bench.cases import RUNS, recorded
from tests.virtual.bench.test_official import machine

pytestmark = pytest.mark.skipif(not RUNS.is_dir(), reason="the shared captures are not beside this checkout")


def test_runtime_info_is_the_recorded_one_to_the_last_field(tmp_path: Path) -> None:
    recorded("runtime_info", tmp_path, *machine("runtime_info"))
    ours = ModelRuntimeDetails.FromString((tmp_path / "rti.pb").read_bytes())
    assert ours == ModelRuntimeDetails.FromString((RUNS / "runtime_info.pb").read_bytes())


def test_runtime_info_of_a_partial_gpu_numbers_kernels_as_recorded(tmp_path: Path) -> None:
    recorded("gpu_partial", tmp_path, *machine("gpu_partial"))
    ours = ModelRuntimeDetails.FromString((tmp_path / "rtg.pb").read_bytes()).subgraphs[0]
    theirs = ModelRuntimeDetails.FromString((RUNS / "gpu_partial.rti.pb").read_bytes()).subgraphs[0]
    assert list(ours.execution_plan) == list(theirs.execution_plan)
    for node in theirs.nodes:
        node.ClearField("temporaries")  # scratch tensors, which we do not list
    assert list(ours.nodes) == list(theirs.nodes)
    assert list(ours.edges) == list(theirs.edges)[: len(ours.edges)]


@pytest.mark.parametrize(
    ("name", "file"), [("dry_run", "dry.pb"), ("invoke_fails_nowarmup", "fail.pb"), ("result_file", "results.pb")]
)
def test_result_has_the_recorded_fields(name: str, file: str, tmp_path: Path) -> None:
    recorded(name, tmp_path, *machine(name))
    ours = BenchmarkResult.FromString((tmp_path / file).read_bytes())
    theirs = BenchmarkResult.FromString((RUNS / f"{name}.pb").read_bytes())
    for part in ("latency_metrics", "memory_metrics", "misc_metrics"):
        fields = [[f.name for f, _ in getattr(m, part).ListFields()] for m in (ours, theirs)]
        assert fields[0] == fields[1]
    if name != "result_file":  # how many runs fit into its seconds is the machine's
        assert ours.misc_metrics.num_runs == theirs.misc_metrics.num_runs
    if name == "dry_run":
        assert ours.latency_metrics.min_ms == theirs.latency_metrics.min_ms
        assert str(ours.misc_metrics.model_throughput_in_mb_per_sec) == "nan"


def test_profile_proto_names_the_recorded_kernels(tmp_path: Path) -> None:
    recorded("op_profiling_proto_file", tmp_path, *machine("op_profiling_proto_file"))
    ours = BenchmarkProfilingData.FromString((tmp_path / "prof.pb").read_bytes())
    theirs = BenchmarkProfilingData.FromString((RUNS / "op_profiling_proto_file.pb").read_bytes())
    for part in ("init_profile", "runtime_profile"):
        named = [
            [
                (o.run_order, o.node_type, o.name, o.times_called)
                for o in getattr(m, part).subgraph_profiles[0].per_op_profiles
            ]
            for m in (ours, theirs)
        ]
        assert named[0] == named[1]


def test_outputs_are_of_the_recorded_size_and_form(tmp_path: Path) -> None:
    recorded("io_files_conv", tmp_path, *machine("io_files_conv"))
    data = (tmp_path / "out2.bin").read_bytes()
    assert len(data) == (RUNS / "io_files_conv.out.bin").stat().st_size
    example, theirs = (tmp_path / "out2.pb").read_bytes(), (RUNS / "io_files_conv.example.pb").read_bytes()
    assert example[: -len(data)] == theirs[: -len(data)]
    assert example.endswith(data)
