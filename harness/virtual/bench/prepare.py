"""The first half of a session: flags, model, delegates, tensors; with every way in which that can fail."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from harness.virtual.bench import gpu_cache
from harness.virtual.bench.build import Build
from harness.virtual.bench.compute import ComputeError, Outputs, Wanted, compute
from harness.virtual.bench.console import Console, runtime, tool
from harness.virtual.bench.delegation import Delegation, Setting, default, explicit
from harness.virtual.bench.files import runtime_info, write
from harness.virtual.bench.flags import FlagError, Parsed, known_flags, parameter_lines, parse_flags, usage
from harness.virtual.bench.graph import Graph, Model
from harness.virtual.bench.inputs import Inputs, InputsError, read_inputs
from harness.virtual.bench.interpreter_errors import messages
from harness.virtual.bench.law import Placement, Timing, in_app, session_factor, timing
from harness.virtual.bench.memory import BASE_MB, Footprint, footprint, hold
from harness.virtual.bench.nnapi import uses_reference
from harness.virtual.bench.phases import Pace
from harness.virtual.bench.taking import ApplyError
from harness.virtual.program import Call, Signalled

_INIT_CPU_SHARE = 0.3
#: Share of the initialisation after which memory grows.
_LOADED = 0.4


class Failed(Exception):
    """The run failed and has said why; the program ends with 1."""


@dataclass(frozen=True)
class Ready:
    """A prepared session.

    Attributes:
        outputs: what the model gives, or the error of its first run.
    """

    flags: Parsed
    model: Model
    graph: Graph
    delegation: Delegation
    outputs: Outputs | ComputeError
    timing: Timing
    pace: Pace
    init_us: int
    footprint: Footprint


async def read_flags(call: Call, console: Console, build: Build) -> tuple[Parsed, Inputs]:
    """Parse and log the flags.

    Raises:
        Failed: a value cannot be used.
        InputsAbort: the flags about inputs do not fit together.
    """
    known = known_flags(build.parts)
    help_text = usage(call.argv[0], known)
    try:
        flags = parse_flags(call.argv[1:], known)
    except FlagError as error:
        await console.error(str(error), help_text)
        raise Failed from None
    if flags["help"]:
        await console.error(help_text)
        raise Failed
    if flags.unconsumed:
        await console.show([tool(f"Unconsumed cmdline flags: {' '.join(flags.unconsumed)}", "WARN")])
    try:
        inputs = _checked(flags)
    except InputsError as error:
        await console.error(str(error))
        raise Failed from None
    nnapi = call.phone.profile.speed.nnapi
    extra = {}
    if nnapi is not None and flags.get("use_nnapi"):
        extra["nnapi_accelerator_name"] = f"NNAPI accelerators available: [{','.join(nnapi.accelerators)}]"
    await console.info(
        f"Log parameter values verbosely: [{int(flags['verbose'])}]", *parameter_lines(flags, known, extra)
    )
    if flags["memory_footprint_check_interval_ms"] <= 0:
        text = "memory_footprint_check_interval_ms should be positive: 50 is used instead."
        await console.show([tool(text, "WARN")])
    return flags, inputs


def _checked(flags: Parsed) -> Inputs:
    if not flags["graph"]:
        raise InputsError("Please specify the name of your TF Lite input file with --graph")
    mode = flags["op_profiling_output_mode"]
    if mode not in ("stdout", "csv", "proto"):
        raise InputsError(f"Output mode{mode} is not supported. Supported values are: 'stdout', 'csv' and 'proto'.")
    return read_inputs(flags)


async def prepare(call: Call, console: Console, build: Build, flags: Parsed, inputs: Inputs) -> Ready:
    """Load the model, apply delegates, allocate.

    Raises:
        Failed: and why is printed.
        InputsAbort: inputs do not fit the model.
        Signalled: the model crashes the interpreter, or the phone has too little memory.
    """
    clock, state, speed = call.phone.clock, call.phone.state, call.phone.profile.speed
    started = clock.awake_s()
    rng = random.Random(state.random.getrandbits(64))
    await call.resident(BASE_MB)
    with state.load("cpu", _INIT_CPU_SHARE, call.pid):
        model, graph = await _load(call, console, build, flags)
        cache = gpu_cache.find(call, flags, model)
        setting = Setting(graph, flags, speed, build, call.argv[0], cache)
        try:
            found = explicit(setting)
        except ApplyError as error:
            await console.show(error.lines)
            raise Failed from None
        await console.show(found.lines)
        try:
            for warning in inputs.against(graph):
                await console.show([tool(warning, "WARN")])
        except InputsError as error:
            await console.error(str(error))
            raise Failed from None
        await console.show(default(setting, found))
        outputs = await _outputs(call, console, flags, inputs, model, found)
        if isinstance(outputs, Outputs):
            graph = graph.resized(outputs.shapes)
        where = placement(flags, found, call)
        times = timing(graph, speed, where)
        if build.app:
            times = in_app(times, call.phone.profile, where.threads)
        memory = footprint(graph, model.file_bytes, speed, where)
        factor = session_factor(speed, rng)
        if call.pid in state.pids:
            state.pids[call.pid].threads = where.threads
        init_ms = times.init_ms * factor / state.speed("cpu", call.pid)
        # The model is there, and what is made of it comes after: whoever looks may tell the two apart.
        await clock.sleep(started + _LOADED * init_ms / 1000 - clock.awake_s())
        await hold(call, memory, flags["graph"])
        # What the host took to read and run the model is part of it, where the phone is slower.
        await clock.sleep(started + init_ms / 1000 - clock.awake_s())
    gpu_cache.keep(call, cache, found, graph)
    init_us = round(init_ms * 1000)
    return Ready(flags, model, graph, found, outputs, times, Pace(times, where, factor, rng), init_us, memory)


async def _load(call: Call, console: Console, build: Build, flags: Parsed) -> tuple[Model, Graph]:
    name = flags["graph"]
    try:
        path = call.path(name)
        if path.stat().st_size == 0:
            await console.error(
                "mmap of size 0 requested.", "The model allocation is null/empty", f"Failed to load model {name}"
            )
            raise Failed
        model = await compute().model(path)
    except OSError:
        await console.error(
            f"Could not open '{name}'.", "The model allocation is null/empty", f"Failed to load model {name}"
        )
        raise Failed from None
    except ComputeError as error:
        _end_of_process(error)
        if error.stage == "load":
            await console.error(*messages(str(error)), f"Failed to load model {name}")
            raise Failed from None
        await console.info(f"Loaded model {name}")
        await console.error(*messages(str(error)), "Failed to initialize the interpreter")
        raise Failed from None
    await console.info(f"Loaded model {name}")
    if flags["list_signatures"]:
        await _list_signatures(console, model)
        raise Failed
    graph = await _signature(console, model, flags["signature_to_run_for"])
    if build.android:
        await console.show([runtime("Initialized TensorFlow Lite runtime.")])
    return model, graph


def _end_of_process(error: ComputeError) -> None:
    if error.stage == "crash":
        raise Signalled(int(str(error)))


async def _list_signatures(console: Console, model: Model) -> None:
    await console.info(f"The Model contains {len(model.signatures)} signature key(s).")
    if model.signatures:
        await console.info("They are listed below: ")
    await console.info(*(f"-> Signature Key: {key}" for key in sorted(model.signatures)))


async def _signature(console: Console, model: Model, key: str) -> Graph:
    wrong = key not in model.signatures if key else len(model.signatures) > 1
    if wrong:
        keys = "".join(f"\n #> Signature key: {k}" for k in sorted(model.signatures))
        text = "Signature not specified or incorrect. Pass one of the following to the flag"
        await console.error(f'{text} "--signature_to_run_for"{keys}')
        raise Failed
    if key:
        await console.info(f"Using signature: {key}")
    return model.graphs[model.signatures[key] if key else 0]


async def _outputs(
    call: Call, console: Console, flags: Parsed, inputs: Inputs, model: Model, found: Delegation
) -> Outputs | ComputeError:
    # The model runs for real now; how it went is told when the program gets there.
    numerics, half = _numerics(flags, found)
    key = flags["signature_to_run_for"]
    wanted = Wanted(
        call.path(flags["graph"]),
        numerics,
        half,
        model.signatures[key] if key else 0,
        key,
        inputs.names,
        {name: call.path(path) for name, path in inputs.files.items()},
        inputs.ranges,
        inputs.shapes,
    )
    try:
        try:
            return await compute().run(wanted)
        except (OSError, ComputeError) as error:
            if not inputs.files or (isinstance(error, ComputeError) and error.stage == "prepare"):
                raise
            # A file that does not fit is looked at later: by then the model must have been prepared without it.
            return await compute().run(replace(wanted, files={}))
    except ComputeError as error:
        if error.stage in ("invoke", "crash", "hang"):
            return error
        await console.show(runtime(text, "ERROR") for text in messages(str(error)))
        await console.error("Failed to allocate tensors!")
        raise Failed from None


def _numerics(flags: Parsed, found: Delegation) -> tuple[str, frozenset[int]]:
    half: frozenset[int] = frozenset()
    if flags.get("gpu_precision_loss_allowed", True):
        half |= found.nodes("GPU")
    if flags["use_xnnpack"] and flags["xnnpack_force_fp16"]:
        half |= found.nodes("XNNPACK")
    if flags["allow_fp16"] or flags.get("nnapi_allow_fp16"):
        half |= found.nodes("NNAPI")
    if half:
        return "half", half
    plain = not found.xnnpack and not flags["use_xnnpack"] and not found.applied
    return "plain" if plain else "default", half


def placement(flags: Parsed, found: Delegation, call: Call) -> Placement:
    """Where each node runs, for the law of times."""
    nnapi = call.phone.profile.speed.nnapi
    gpu, npu = found.nodes("GPU"), found.nodes("NNAPI")
    xnnpack = flags["use_xnnpack"] or found.xnnpack
    return Placement(
        cpu=frozenset(n.index for n in found.graph.nodes) - gpu - npu,
        gpu=gpu,
        npu=npu,
        gpu_kernels=found.kernels("GPU"),
        npu_kernels=found.kernels("NNAPI"),
        threads=max(1, flags["num_threads"]),
        xnnpack=xnnpack,
        cpu_half=bool(flags["use_xnnpack"] and flags["xnnpack_force_fp16"]),
        gpu_half=flags.get("gpu_precision_loss_allowed", True),
        npu_is_reference=nnapi is not None and uses_reference(flags, nnapi),
        gpu_from_cache=found.gpu_from_cache,
    )


async def started(call: Call, console: Console, ready: Ready) -> None:
    """What is printed and written between initialisation and the first run."""
    flags = ready.flags
    await console.info(
        f"The input model file size (MB): {ready.model.file_bytes / 1e6:g}",
        f"Initialized session in {ready.init_us / 1000:g}ms.",
    )
    if flags["export_model_runtime_info"]:
        target = flags["model_runtime_info_output_file"]
        if not target or not write(call, target, runtime_info(ready.delegation)):
            await console.error(f"Failed to open file: {target}")
