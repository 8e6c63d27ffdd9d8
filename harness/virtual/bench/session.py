"""One session of benchmark_model on a virtual phone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from harness.virtual.bench import files
from harness.virtual.bench.compute import ComputeError, Wanted, compute
from harness.virtual.bench.flags import FlagError, Parsed, known_flags, log_value, parse_flags, usage
from harness.virtual.bench.graph import Graph, read_graph
from harness.virtual.bench.inputs import Inputs, InputsAbort, InputsError, read_inputs
from harness.virtual.bench.law import Placement, Timing, session_factor, timing
from harness.virtual.bench.phases import Phase, run_phase
from harness.virtual.bench.plan import ApplyError, Build, Delegation, delegate, placement
from harness.virtual.bench.stats import mean, phase_line
from harness.virtual.program import Call, Signalled, program

_SIGABRT, _SIGKILL = 6, 9
#: What the process holds before a model is loaded, MiB.
_BASE_MB = 6.2


class Failed(Exception):
    """The run failed; the lines are printed on standard error before `Benchmarking failed.`"""


@dataclass(frozen=True)
class Ready:
    """A prepared session."""

    graph: Graph
    flags: Parsed
    inputs: Inputs
    model: Path
    delegation: Delegation
    where: Placement
    timing: Timing
    init_us: int
    init_mb: float
    factor: float
    rng: random.Random


@program("benchmark_model")
async def benchmark_model(call: Call) -> int:
    """The TensorFlow Lite program, as built for Android."""
    return await run(call, Build())


async def run(call: Call, build: Build) -> int:
    """Print and do what a program of that build would.

    Raises:
        Signalled: it aborts or is killed.
    """
    await call.out("INFO: STARTING!\n")
    try:
        flags = await _flags(call, build)
        ready = await _prepare(call, flags, build)
        return await _measure(call, ready)
    except Failed as failure:
        await call.err(f"{failure}ERROR: Benchmarking failed.\n")
        return 1
    except InputsAbort as abort:
        await call.err(f"FATAL: {abort}\n")
        raise Signalled(_SIGABRT) from None


async def _flags(call: Call, build: Build) -> Parsed:
    known = known_flags(gpu=build.gpu, android=build.android)
    try:
        flags = parse_flags(call.argv[1:], known)
    except FlagError as error:
        raise Failed(f"ERROR: {error}\nERROR: {usage(call.argv[0], known)}\n") from None
    if flags["help"]:
        raise Failed(f"ERROR: {usage(call.argv[0], known)}\n")
    if flags.unconsumed:
        await call.out(f"WARN: Unconsumed cmdline flags: {' '.join(flags.unconsumed)}\n")
    if not flags["graph"]:
        raise Failed(
            "ERROR: Please specify the name of your TF Lite input file with --graph\n"
            f"ERROR: {usage(call.argv[0], known)}\n"
        )
    if flags["op_profiling_output_mode"] not in ("stdout", "csv", "proto"):
        raise Failed("ERROR: Output mode " + flags["op_profiling_output_mode"] + " is not supported.\n")
    read_inputs(flags, call, check_names_only=True)
    await call.out(f"INFO: Log parameter values verbosely: [{int(flags['verbose'])}]\n")
    lines = [
        f"INFO: {f.label}: [{log_value(flags[f.name])}]\n"
        for f in known
        if f.label and (f.always or flags.was_given(f.name) or flags["verbose"])
    ]
    if flags.was_given("num_threads") or flags["verbose"]:
        place = next(
            (i for i, line in enumerate(lines) if "delegated partitions" in line or "Use " in line), len(lines)
        )
        lines.insert(place, f"INFO: #threads used for CPU inference: [{flags['num_threads']}]\n")
    nnapi = call.phone.profile.speed.nnapi
    if flags.values.get("use_nnapi") and nnapi:
        lines.append(f"INFO: NNAPI accelerators available: [{','.join(nnapi.accelerators)}]\n")
    await call.out("".join(lines))
    return flags


async def _load(call: Call, flags: Parsed) -> tuple[Graph, Path]:
    name = flags["graph"]
    path = call.path(name)
    load = f"ERROR: Failed to load model {name}\n"
    try:
        data = path.read_bytes()
    except OSError:
        raise Failed(f"ERROR: Could not open '{name}'.\nERROR: The model allocation is null/empty\n{load}") from None
    if not data:
        raise Failed(f"ERROR: mmap of size 0 requested.\nERROR: The model allocation is null/empty\n{load}")
    try:
        graph = read_graph(data)
    except ValueError:
        raise Failed(f"ERROR: The model is not a valid Flatbuffer buffer\n{load}") from None
    await call.out(f"INFO: Loaded model {name}\n")
    return graph, path


async def _prepare(call: Call, flags: Parsed, build: Build) -> Ready:
    graph, path = await _load(call, flags)
    if build.android:
        await call.err("INFO: Initialized TensorFlow Lite runtime.\n")
    profile, state = call.phone.profile, call.phone.state
    if len(graph.signatures) > 1 and not flags["signature_to_run_for"]:
        keys = "".join(f" #> Signature key: {s}\n" for s in graph.signatures)
        raise Failed(
            "ERROR: Signature not specified or incorrect. Pass one of the following to the flag "
            f'"--signature_to_run_for"\n{keys}'
        )
    try:
        inputs = read_inputs(flags, call, graph=graph)
    except InputsError as error:
        raise Failed(f"ERROR: {error}\n") from None
    try:
        found = delegate(graph, flags, profile.speed, build)
    except ApplyError as error:
        await _print(call, error.args[0].lines)
        raise Failed("") from None
    where = placement(graph, flags, found, profile.speed.nnapi)
    rng = random.Random(state.random.getrandbits(64))
    factor = session_factor(profile.speed, rng)
    times = timing(graph, profile.speed, where)
    init_ms = times.init_ms * factor / state.speed("cpu")
    init_mb = _init_mb(call, graph, where)
    with state.load("cpu", 0.3):
        await _hold(call, _BASE_MB + init_mb)
        await call.phone.clock.sleep(init_ms / 1000)
    await _print(call, found.lines)
    await call.out(f"INFO: The input model file size (MB): {graph.file_bytes / 1e6:g}\n")
    init_us = round(init_ms * 1000)
    await call.out(f"INFO: Initialized session in {init_us / 1000:g}ms.\n")
    inputs.check_files()
    if flags["export_model_runtime_info"] and flags["model_runtime_info_output_file"]:
        target = call.path(flags["model_runtime_info_output_file"])
        if not files.write(target, files.runtime_info(graph, found)):
            await call.err(f"ERROR: Failed to open file: {flags['model_runtime_info_output_file']}\n")
    return Ready(graph, flags, inputs, path, found, where, times, init_us, init_mb, factor, rng)


async def _measure(call: Call, ready: Ready) -> int:
    flags = ready.flags
    dry = flags["dry_run"]
    output = b""
    error: ComputeError | None = None
    if not dry:
        numerics = "f16" if ready.where.gpu and ready.where.gpu_precision == "f16" else "default"
        if not ready.where.xnnpack and not ready.where.gpu:
            numerics = "plain"
        try:
            output = await compute().output(Wanted(ready.model, numerics, ready.inputs.files, ready.inputs.ranges))
        except ComputeError as refused:
            error = refused
    if error is not None and error.stage == "prepare":
        raise Failed(_interpreter_lines(error))
    runs, seconds = (0, -1.0) if dry else (flags["warmup_runs"], flags["warmup_min_secs"])
    warm = await _phase(call, ready, Phase(runs, seconds, flags["max_secs"], first=True), error)
    if error is not None and warm:
        raise Failed("")
    runs, seconds = (0, -1.0) if dry else (flags["num_runs"], flags["min_secs"])
    timed = await _phase(call, ready, Phase(runs, seconds, flags["max_secs"]), error)
    grown = ready.init_mb + 0.35 + 16e-6 * (len(warm) + len(timed))
    await _summary(call, ready, warm, timed, grown)
    if flags["result_file_path"]:
        await files.save_result(call, flags["result_file_path"], ready, warm, timed, grown)
    if flags["output_filepath"] and output:
        files.write(call.path(flags["output_filepath"]), output)
    if error is not None:
        raise Failed("")
    return 0


async def _phase(call: Call, ready: Ready, phase: Phase, error: ComputeError | None) -> list[int]:
    await call.out(
        f"INFO: Running benchmark for at least {phase.min_runs} iterations and at least {phase.min_secs:g} seconds but "
        f"terminate if exceeding {phase.max_secs:g} seconds.\n"
    )
    values = await run_phase(call, phase, ready.timing, ready.factor, ready.rng, ready.where, ready.flags)
    if error is not None:
        await call.err(_interpreter_lines(error) * len(values))
    await call.out(f"INFO: {phase_line(values)}\n\n")
    return values


async def _summary(call: Call, ready: Ready, warm: list[int], timed: list[int], grown: float) -> None:
    first = warm[0] if warm else 0
    await call.out(
        f"INFO: Inference timings in us: Init: {ready.init_us}, First inference: {first}, "
        f"Warmup (avg): {mean(warm):g}, Inference (avg): {mean(timed):g}\n"
        "INFO: Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the "
        "actual memory footprint of the model at runtime. Take the information at your discretion.\n"
        f"INFO: Memory footprint delta from the start of the tool (MB): init={ready.init_mb:g} overall={grown:g}\n"
    )
    if ready.flags["report_peak_memory_footprint"]:
        total = _BASE_MB + grown
        shared = min(total, 5 + ready.graph.file_bytes / 2**20)
        await call.out(
            f"INFO: Overall peak memory footprint (MB) via periodic monitoring: {total:g}\n"
            "INFO: Memory status at the end of exeution:\n"
            f"INFO: - VmRSS              : {int(total)} MB\n"
            f"INFO: + RssAnnon           : {int(total - shared)} MB\n"
            f"INFO: + RssFile + RssShmem : {int(shared)} MB\n"
        )


def _init_mb(call: Call, graph: Graph, where: Placement) -> float:
    speed = call.phone.profile.speed
    arena = graph.activation_bytes * 0.5 / 2**20
    packed = graph.weights_bytes / 2**20 * (2 if graph.half_weights else 1) if where.xnnpack and where.cpu else 0.0
    total = 2.6 + graph.file_bytes / 2**20 + arena + packed
    if where.gpu and speed.gpu:
        total += speed.gpu.memory_mb
    if where.npu and speed.nnapi:
        total += speed.nnapi.memory_mb
    return round(total * 256) / 256  # whole pages, as the kernel counts


async def _hold(call: Call, megabytes: float) -> None:
    state = call.phone.state
    if megabytes * 1024 > state.mem_available_kb:
        # The low-memory killer of the system and its two lines in the log.
        state.log("I", "lowmemorykiller", f"Kill 'benchmark_model' ({call.pid}), uid 2000, oom_score_adj 0", pid=500)
        raise Signalled(_SIGKILL)
    await call.resident(megabytes)


async def _print(call: Call, lines: list[tuple[str, str]]) -> None:
    for stream, text in lines:
        await (call.out if stream == "o" else call.err)(text)


def _interpreter_lines(error: ComputeError) -> str:
    # Python's interpreter joins the kernel's message and the node's.
    text = str(error).replace("Node number", "\nNode number")
    lines = [line for line in text.splitlines() if line.strip()]
    return "".join(f"ERROR: {_own_words(line)}\n" for line in lines)


def _own_words(line: str) -> str:
    # A file and line may stand in front.
    return line.split("] ", 1)[-1] if line.startswith("[") else line
