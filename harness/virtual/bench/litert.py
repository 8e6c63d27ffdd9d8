"""One session of the LiteRT benchmark_model (the CompiledModel one) on a virtual phone.

Written after its sources and logs of others; no run of it was recorded, so the lines are held to less than those of the
other program. An NPU is there where the phone has an accelerator of its own and a dispatch library lies in the folder
that the flags name; it then takes what NNAPI's accelerator would.
"""

from __future__ import annotations

import random
import stat
from dataclasses import dataclass

from harness.virtual.bench import files
from harness.virtual.bench.compute import ComputeError, Outputs, Wanted, compute
from harness.virtual.bench.console import Console, Line, litert, runtime, tool
from harness.virtual.bench.delegation import Delegation, broken_operator, replace_nodes, take_xnnpack
from harness.virtual.bench.flags import FlagError, Parsed, parameter_lines, parse_flags, usage
from harness.virtual.bench.graph import Graph, Model
from harness.virtual.bench.interpreter_errors import messages
from harness.virtual.bench.kernels import kernels
from harness.virtual.bench.law import Placement, Timing, session_factor, timing
from harness.virtual.bench.litert_flags import LITERT_FLAGS
from harness.virtual.bench.litert_profile import litert_table
from harness.virtual.bench.memory import BASE_MB, Footprint, footprint, grown, hold, hold_first_run
from harness.virtual.bench.nnapi import REFERENCE
from harness.virtual.bench.phases import Pace, Phase, run_phase
from harness.virtual.bench.profile_stats import timed_rows
from harness.virtual.bench.stats import Runs, stat_line, summary
from harness.virtual.bench.support import gpu_refusal, nnapi_refusal
from harness.virtual.bench.taking import Taking
from harness.virtual.program import Call, Signalled, program

_SIGABRT = 6
_LIBRARIES = "libLiteRtDispatch_*.so"


class _Failed(Exception):
    pass


@dataclass(frozen=True)
class _Ready:
    flags: Parsed
    model: Model
    graph: Graph
    outputs: Outputs | ComputeError
    pace: Pace
    init_us: int
    memory: Footprint
    delegation: Delegation
    timing: Timing


@program("litert_benchmark_model")
async def litert_benchmark_model(call: Call) -> int:
    """The program as built for Android."""
    console = Console(call, android=True)
    try:
        flags = await _flags(call, console)
        if flags is None:
            return 0
        ready = await _prepare(call, console, flags)
        with call.phone.state.process(call.pid, call.argv[0].rpartition("/")[2], call.cpus) as process:
            process.resident_mb, process.gpu_mb = ready.memory.total_mb, ready.memory.gpu_mb
            await _measure(call, console, ready)
    except _Failed:
        await console.error("Benchmarking failed.")
        return 1
    return 0


async def _flags(call: Call, console: Console) -> Parsed | None:
    # None: only help was asked for.
    try:
        flags = parse_flags(call.argv[1:], LITERT_FLAGS)
    except FlagError as error:
        await console.info("STARTING!")
        await console.error(str(error), usage(call.argv[0], LITERT_FLAGS))
        raise _Failed from None
    if flags["help"]:
        await call.out("NPU Vendor Flags from LiteRT:\n")
        await console.info("STARTING!")
        await console.error(usage(call.argv[0], LITERT_FLAGS))
        return None
    await console.info("STARTING!")
    if flags.unconsumed:
        await console.show([tool(f"Unconsumed cmdline flags: {' '.join(flags.unconsumed)}", "WARN")])
    if not flags["graph"]:
        await console.error("Please specify the name of your TF Lite input file with --graph")
        raise _Failed
    await console.info(
        f"Log parameter values verbosely: [{int(flags['verbose'])}]", *parameter_lines(flags, LITERT_FLAGS, {})
    )
    if flags["gpu-precision"] not in ("auto", "fp16", "fp32"):
        await _abort(console, f"Invalid GPU precision: {flags['gpu-precision']}")
    if flags["require_full_delegation"] and flags["use_cpu"]:
        await _abort(console, "Requesting full delegation and CPU acceleration are incompatible.")
    return flags


async def _abort(console: Console, text: str) -> None:
    await console.show([litert("benchmark_litert_model.cc:118", text, "FATAL")])
    raise Signalled(_SIGABRT)


async def _prepare(call: Call, console: Console, flags: Parsed) -> _Ready:
    clock, state, speed = call.phone.clock, call.phone.state, call.phone.profile.speed
    started, rng = clock.awake_s(), random.Random(state.random.getrandbits(64))
    await call.resident(BASE_MB)
    with state.load("cpu", 0.3, call.pid):
        npu = _npu(call, flags)
        await console.show(_registered(call, flags, npu))
        model, graph = await _load(call, console, flags)
        found = _delegate(call, flags, graph, npu)
        await console.show([runtime("Initialized TensorFlow Lite runtime."), *found.lines])
        if flags["require_full_delegation"] and found.left:
            text = "Some operators cannot be accelerated, and full delegation was required."
            await console.show([litert("benchmark_litert_model.cc:301", text, "ERROR")])
            raise _Failed
        outputs = await _outputs(call, console, flags, model, found)
        where = _placement(flags, found)
        times = timing(graph, speed, where)
        memory = footprint(graph, model.file_bytes, speed, where)
        await hold(call, memory, flags["graph"])
        factor = session_factor(speed, rng)
        if call.pid in state.pids:
            state.pids[call.pid].threads = where.threads
        init_ms = times.init_ms * factor / state.speed("cpu", call.pid)
        await clock.sleep(started + init_ms / 1000 - clock.awake_s())
    await console.info(
        f"The input model file size (MB): {model.file_bytes / 1e6:g}", f"Initialized session in {init_ms:g}ms."
    )
    if target := flags["model_runtime_info_output_file"]:
        files.write(call, target, files.runtime_info(found))
    return _Ready(
        flags, model, graph, outputs, Pace(times, where, factor, rng), round(init_ms * 1000), memory, found, times
    )


def _npu(call: Call, flags: Parsed) -> bool:
    nnapi = call.phone.profile.speed.nnapi
    if not flags["use_npu"] or nnapi is None or set(nnapi.accelerators) <= {REFERENCE}:
        return False
    try:
        folder = call.path(flags["dispatch_library_path"] or "/nowhere")
        return any(stat.S_ISREG(p.stat().st_mode) for p in folder.glob(_LIBRARIES))
    except OSError:
        return False


def _registered(call: Call, flags: Parsed, npu: bool) -> list[Line]:
    lines = [litert("cpu_registry.cc:75", "XNNPACK CPU accelerator registered.")]
    if call.phone.profile.speed.gpu is not None:
        lines.append(litert("gpu_registry.cc:109", "Statically linked GPU accelerator registered."))
    elif flags["use_gpu"]:
        text = "GPU accelerator could not be loaded and registered."
        lines.append(litert("gpu_registry.cc:153", text, "WARNING"))
    if npu:
        lines.append(litert("npu_registry.cc:49", "NPU accelerator registered."))
    elif flags["use_npu"]:
        where = flags["dispatch_library_path"] or "(no dispatch library path)"
        text = f"NPU accelerator could not be loaded and registered: no dispatch library in {where}"
        lines.append(litert("npu_registry.cc:42", f"{text}.", "WARNING"))
    return lines


async def _load(call: Call, console: Console, flags: Parsed) -> tuple[Model, Graph]:
    name = flags["graph"]
    await console.show([litert("benchmark_litert_model.cc:264", f"Loading model from: {name}")])
    try:
        model = await compute().model(call.path(name))
    except (OSError, ComputeError) as error:
        if isinstance(error, ComputeError) and error.stage == "crash":
            raise Signalled(int(str(error))) from None
        said = messages(str(error)) if isinstance(error, ComputeError) else [f"Could not open '{name}'."]
        await console.show(runtime(text, "ERROR") for text in said)
        await console.show([litert("benchmark_litert_model.cc:266", f"Failed to load model {name}", "ERROR")])
        raise _Failed from None
    key = flags["signature_to_run_for"]
    if key and key not in model.signatures:
        await console.show([litert("benchmark_litert_model.cc:273", f"Signature not found: {key}", "ERROR")])
        raise _Failed
    return model, model.graphs[model.signatures.get(key, 0)]


def _delegate(call: Call, flags: Parsed, graph: Graph, npu: bool) -> Delegation:
    speed = call.phone.profile.speed
    found = Delegation(graph, list(graph.nodes))
    if broken_operator(graph):
        return found
    if npu and speed.nnapi is not None and graph.dynamic_tensor is None:
        refusal = nnapi_refusal(graph, speed.nnapi, reference=False)
        replace_nodes("LITERT_NPU", Taking(tuple(n.index for n in found.plan if refusal(n) is None)), found)
    if flags["use_gpu"] and speed.gpu is not None and graph.dynamic_tensor is None:
        found.lines.append(litert("delegate_kernel.cc:911", "Initializing OpenCL-based API from graph."))
        refusal = gpu_refusal(graph, speed.gpu, quantized=True)
        replace_nodes("LITERT_GPU", Taking(tuple(n.index for n in found.plan if refusal(n) is None)), found)
    if found.left and not flags["require_full_delegation"]:
        found.lines.append(runtime("Created TensorFlow Lite XNNPACK delegate for CPU."))
        replace_nodes("XNNPACK", take_xnnpack(graph, found.plan), found)
    return found


async def _outputs(
    call: Call, console: Console, flags: Parsed, model: Model, found: Delegation
) -> Outputs | ComputeError:
    key, half = flags["signature_to_run_for"], found.nodes("LITERT_GPU")
    numerics = "half" if half and flags["gpu-precision"] != "fp32" else "default"
    wanted = Wanted(call.path(flags["graph"]), numerics, half, model.signatures.get(key, 0), key)
    try:
        return await compute().run(wanted)
    except ComputeError as error:
        if error.stage != "prepare":
            return error
        await console.show(runtime(text, "ERROR") for text in messages(str(error)))
        await console.show([litert("benchmark_litert_model.cc:310", "Failed to allocate tensors!", "ERROR")])
        raise _Failed from None


def _placement(flags: Parsed, found: Delegation) -> Placement:
    gpu, npu = found.nodes("LITERT_GPU"), found.nodes("LITERT_NPU")
    return Placement(
        cpu=frozenset(n.index for n in found.graph.nodes) - gpu - npu,
        gpu=gpu,
        npu=npu,
        gpu_kernels=found.kernels("LITERT_GPU"),
        npu_kernels=found.kernels("LITERT_NPU"),
        threads=max(1, flags["num_threads"]),
        gpu_half=flags["gpu-precision"] != "fp32",
    )


async def _measure(call: Call, console: Console, ready: _Ready) -> None:
    flags = ready.flags
    failed = isinstance(ready.outputs, ComputeError) and not flags["dry_run"]
    runs, secs = (0, -1.0) if flags["dry_run"] else (flags["warmup_runs"], flags["warmup_min_secs"])
    rest = (flags["max_secs"], flags["run_delay"], flags["run_frequency"])
    await hold_first_run(call)
    warm = await _phase(call, console, ready, Phase(runs, secs, *rest, True))
    if failed and len(warm):
        raise _Failed
    runs, secs = (0, -1.0) if flags["dry_run"] else (flags["num_runs"], flags["min_secs"])
    timed = await _phase(call, console, ready, Phase(runs, secs, *rest, not len(warm)))
    memory = grown(ready.memory, warm, timed)
    peak = BASE_MB + memory.overall_mb if flags["report_peak_memory_footprint"] else None
    sizes = (memory.file_mb, ready.model.file_bytes, ready.graph.input_bytes)
    measured = files.Measured(ready.init_us, warm, timed, memory.init_mb, memory.overall_mb, peak, *sizes)
    await console.show(_report(measured, flags["signature_to_run_for"] or "<default>"))
    if flags["use_profiler"] and len(timed):
        rows = timed_rows(kernels(ready.delegation, ready.timing.node_ms), timed, ready.pace.rng)
        await console.show([litert("benchmark_litert_model.h:146", f"\n{litert_table(rows)}")])
    if name := flags["result_file_path"]:
        files.write(call, name, files.result(measured))
    if failed:
        raise _Failed


async def _phase(call: Call, console: Console, ready: _Ready, phase: Phase) -> Runs:
    await console.info(
        f"Running benchmark for at least {phase.min_runs} iterations and at least {phase.min_secs:g} seconds but "
        f"terminate if exceeding {phase.max_secs:g} seconds."
    )
    error = ready.outputs if isinstance(ready.outputs, ComputeError) else None
    runs = await run_phase(call, phase, ready.pace, failing=error is not None)
    if error is not None and len(runs):
        if error.stage == "crash":
            raise Signalled(int(str(error)))
        await console.show([runtime(text, "ERROR") for text in messages(str(error))] * len(runs))
    await console.info(f"{stat_line(summary(runs))}\n")
    return runs


def _report(measured: files.Measured, signature: str) -> list[Line]:
    warm, timed = summary(measured.warm), summary(measured.timed)
    rows = [
        (83, "\n========== BENCHMARK RESULTS =========="),
        (85, f"Signature name:       {signature}"),
        (88, f"Model initialization: {measured.init_us / 1000:.2f} ms"),
        (89, f"Warmup (first):       {warm.first / 1000:.2f} ms"),
        (91, f"Warmup (avg):         {warm.average / 1000:.2f} ms ({warm.count} runs)"),
        (93, f"Inference (avg):      {timed.average / 1000:.2f} ms ({timed.count} runs)"),
    ]
    if timed.count:
        rows += [
            (97, f"Inference (min):      {timed.least / 1000:.2f} ms"),
            (99, f"Inference (max):      {timed.most / 1000:.2f} ms"),
            (101, f"Inference (std):      {timed.std / 1000:.2f}"),
        ]
    else:
        rows.append((104, "No inference runs were performed."))
    peak = "Peak memory usage not available. (peak_mem_mb <= 0)"
    if measured.peak_mb is not None:
        peak = f"Peak memory:          {measured.peak_mb:.2f} MB"
    rows += [
        (109, f"Throughput:           {files.throughput_mb_s(measured):.2f} MB/s"),
        (118, "\nMemory Usage:"),
        (119, f"Init footprint:       {measured.init_mb:.2f} MB"),
        (121, f"Overall footprint:    {measured.overall_mb:.2f} MB"),
        (126, peak),
        (134, "======================================"),
    ]
    return [litert(f"benchmark_litert_model.h:{number}", text) for number, text in rows]
