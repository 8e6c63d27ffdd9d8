"""One session of the TensorFlow Lite benchmark_model on a virtual phone."""

from __future__ import annotations

import numpy as np

from harness.virtual.bench import files
from harness.virtual.bench.build import ANDROID, Build
from harness.virtual.bench.compute import ComputeError, Outputs
from harness.virtual.bench.console import Console, runtime
from harness.virtual.bench.inputs import InputsAbort
from harness.virtual.bench.interpreter_errors import messages
from harness.virtual.bench.kernels import kernels
from harness.virtual.bench.memory import BASE_MB, grown, hold_first_run
from harness.virtual.bench.phases import Phase, run_phase
from harness.virtual.bench.prepare import Failed, Ready, prepare, read_flags, started
from harness.virtual.bench.profile_stats import OpProfile, Row, proto, tables, timed_rows
from harness.virtual.bench.stats import Runs, stat_line, summary
from harness.virtual.bench.wrong import spoiled
from harness.virtual.program import Call, Signalled, program

_SIGABRT = 6
_HANG_S = 3600.0


@program("benchmark_model")
async def benchmark_model(call: Call) -> int:
    """The program as built for Android."""
    return await run(call, ANDROID)


async def run(call: Call, build: Build) -> int:
    """Print and do what a program of that build would; its exit code.

    Raises:
        Signalled: it aborts, crashes or is killed.
    """
    console = Console(call, android=build.android)
    await console.info("STARTING!")
    try:
        flags, inputs = await read_flags(call, console, build)
        with call.phone.state.process(call.pid, call.argv[0].rpartition("/")[2], call.cpus) as process:
            ready = await prepare(call, console, build, flags, inputs)
            process.resident_mb, process.gpu_mb = ready.footprint.total_mb, ready.footprint.gpu_mb
            await started(call, console, ready)
            inputs.check_files(ready.graph, call.path)
            await _measure(call, console, ready)
    except Failed:
        if not build.app:  # the line is its main function's, which an app has not
            await console.error("Benchmarking failed.")
        return 1
    except InputsAbort as abort:
        await console.show([runtime(str(abort), "FATAL")])
        raise Signalled(_SIGABRT) from None
    return 0


async def _measure(call: Call, console: Console, ready: Ready) -> None:
    flags, dry = ready.flags, ready.flags["dry_run"]
    failed = isinstance(ready.outputs, ComputeError) and not dry
    rest = (flags["max_secs"], flags["run_delay"], flags["run_frequency"])
    runs, secs = (0, -1.0) if dry else (flags["warmup_runs"], flags["warmup_min_secs"])
    await hold_first_run(call)
    warm = await _phase(call, console, ready, Phase(runs, secs, *rest, True))
    if failed and len(warm):
        raise Failed
    runs, secs = (0, -1.0) if dry else (flags["num_runs"], flags["min_secs"])
    timed = await _phase(call, console, ready, Phase(runs, secs, *rest, not len(warm)))
    measured = _measured(ready, warm, timed)
    await _report(console, measured)
    if flags["enable_op_profiling"]:
        await _profile(call, console, ready, timed)
    await _save(call, console, ready, measured)
    if failed:
        raise Failed


async def _phase(call: Call, console: Console, ready: Ready, phase: Phase) -> Runs:
    await console.info(
        f"Running benchmark for at least {phase.min_runs} iterations and at least {phase.min_secs:g} seconds but "
        f"terminate if exceeding {phase.max_secs:g} seconds."
    )
    error = ready.outputs if isinstance(ready.outputs, ComputeError) else None
    if error is not None and phase.min_runs + max(0.0, phase.min_secs) > 0:
        if error.stage == "crash":
            raise Signalled(int(str(error)))
        while error.stage == "hang":
            await call.phone.clock.sleep(_HANG_S)
    runs = await run_phase(call, phase, ready.pace, failing=error is not None)
    if error is not None:
        lines = [runtime(text, "ERROR") for text in messages(str(error))]
        await console.show(lines * len(runs))
    await console.info(f"{stat_line(summary(runs))}\n")
    return runs


def _measured(ready: Ready, warm: Runs, timed: Runs) -> files.Measured:
    memory = grown(ready.footprint, warm, timed)
    return files.Measured(
        ready.init_us,
        warm,
        timed,
        memory.init_mb,
        memory.overall_mb,
        BASE_MB + memory.overall_mb if ready.flags["report_peak_memory_footprint"] else None,
        memory.file_mb,
        ready.model.file_bytes,
        ready.graph.input_bytes,
    )


async def _report(console: Console, measured: files.Measured) -> None:
    warm, timed = summary(measured.warm), summary(measured.timed)
    await console.info(
        f"Inference timings in us: Init: {measured.init_us}, First inference: {warm.first}, "
        f"Warmup (avg): {warm.average:g}, Inference (avg): {timed.average:g}",
        "Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual "
        "memory footprint of the model at runtime. Take the information at your discretion.",
        f"Memory footprint delta from the start of the tool (MB): init={measured.init_mb:g} "
        f"overall={measured.overall_mb:g}",
    )
    if measured.peak_mb is not None:
        total, mapped = measured.peak_mb, min(measured.peak_mb, measured.file_mb)
        await console.info(
            f"Overall peak memory footprint (MB) via periodic monitoring: {total:g}",
            "Memory status at the end of exeution:",
            f"- VmRSS              : {int(total)} MB",
            f"+ RssAnnon           : {int(total - mapped)} MB",
            f"+ RssFile + RssShmem : {int(mapped)} MB",
        )


async def _profile(call: Call, console: Console, ready: Ready, timed: Runs) -> None:
    flags = ready.flags
    if not len(timed):
        return
    found = _op_profile(ready, timed)
    old = flags["profiling_output_csv_file"]
    mode, target = ("csv", old) if old else (flags["op_profiling_output_mode"], flags["op_profiling_output_file"])
    if mode == "proto":
        data = proto(found)
        if not target or not files.write(call, target, data):
            await console.info(_debug_text(data))
        return
    sections = tables(found, commas=mode == "csv")
    if not target or not files.write(call, target, "".join(sections).encode()):
        await console.info(*sections)


def _debug_text(data: bytes) -> str:
    from harness.protos.profiling_info_pb2 import BenchmarkProfilingData

    return str(BenchmarkProfilingData.FromString(data))


def _op_profile(ready: Ready, timed: Runs) -> OpProfile:
    parts = timed_rows(kernels(ready.delegation, ready.timing.node_ms), timed, ready.pace.rng)
    modify, allocate = ("ModifyGraphWithDelegate", "AllocateTensors")
    shares = {modify: 0.35, allocate: 0.6} if ready.delegation.applied else {allocate: 0.2}
    memory_kb = {modify: ready.footprint.init_mb * 1024 * 0.3, allocate: ready.footprint.init_mb * 1024 * 0.2}
    calls = max(1, len(ready.delegation.applied))  # tensors are allocated anew for each delegate
    init = [
        Row(kind, f"{kind}/0", np.array([int(ready.init_us * share)]), calls, float(round(memory_kb[kind])))
        for kind, share in shares.items()
    ]
    return OpProfile(init, parts)


async def _save(call: Call, console: Console, ready: Ready, measured: files.Measured) -> None:
    flags = ready.flags
    if name := flags["result_file_path"]:
        if files.write(call, name, files.result(measured)):
            await console.info(f"Saving benchmark result to: {name}", f"Saved benchmark result to: {name}")
        else:
            await console.error(f"Failed to save benchmark result to: {name}")
    if isinstance(ready.outputs, ComputeError):
        return
    if not flags["output_filepath"] and not flags["output_proto_filepath"]:
        return
    data = _computed(call, ready, ready.outputs)
    if name := flags["output_filepath"]:
        files.write(call, name, data)
    if name := flags["output_proto_filepath"]:
        files.write(call, name, files.example(ready.graph, data, ready.outputs.parts))


def _computed(call: Call, ready: Ready, outputs: Outputs) -> bytes:
    """What this phone makes of it: the right outputs, or what its fault makes of them."""
    fault, found = call.phone.faults.wrong_outputs, ready.delegation
    first = call.phone.state.first_outputs.setdefault((ready.flags["graph"], len(outputs.data)), outputs.data)
    workers = {name.lower() for name in ("GPU", "NNAPI") if found.nodes(name)} or {"cpu"}
    if fault is None or fault.delegate not in workers:
        return outputs.data
    tensors = [ready.graph.tensors[t] for t in ready.graph.outputs]
    return spoiled(outputs.data, outputs.parts, tensors, fault.how, first)
