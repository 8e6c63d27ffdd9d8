"""The files of a block as the phone gets them (see device_scripts/run.sh). Pure."""

from __future__ import annotations

import io
import math
import tarfile
from collections.abc import Mapping, Sequence

from harness.adb.quote import device_path, quote
from harness.benchmark.caches import cache_args
from harness.benchmark.delegates import delegate_args
from harness.benchmark.details import profile_args
from harness.benchmark.work import Block, PlannedSession, Protocol
from harness.phones.lease import Lease

SESSIONS = "s"
#: Seconds; the shell's numbers have 32 bits.
_NO_LIMIT = 1_000_000


def session_folder(index: int) -> str:
    """Where a session's files lie below the block's folder."""
    return f"{SESSIONS}/{index:04d}"


def program_args(session: PlannedSession, protocol: Protocol, flavour: str, known: frozenset[str]) -> list[str]:
    """Flags for one session except `--graph`; result files only where this build knows them.

    Raises:
        UsageError: this flavour cannot run the delegate.
    """
    args = [
        f"--num_runs={protocol.num_runs}",
        f"--min_secs={protocol.min_secs:g}",
        f"--max_secs={protocol.max_secs:g}",
        f"--warmup_runs={protocol.warmup_runs}",
        f"--warmup_min_secs={protocol.warmup_min_secs:g}",
        *delegate_args(session.key, flavour),
    ]
    if protocol.cold:
        args += cache_args(session, known)
    folder = session_folder(session.index)
    if "result_file_path" in known:
        args.append(f"--result_file_path={folder}/result.pb")
    if "model_runtime_info_output_file" in known:
        if "export_model_runtime_info" in known:
            args.append("--export_model_runtime_info=true")
        args.append(f"--model_runtime_info_output_file={folder}/runtime.pb")
    if protocol.require_full_delegation and session.key.delegate != "cpu":
        args.append("--require_full_delegation=true")
        if flavour == "litert":
            # On by default there as what to fall back to, and it aborts where both are asked for.
            args.append("--use_cpu=false")
    if session.kind == "operators":
        args += profile_args(folder, known)
    return [*args, *protocol.extra_args]


def command(
    binary: str, model: str, args: Sequence[str], options: Mapping[str, str], inputs: Mapping[str, str] | None = None
) -> str:
    """One shell command line; `exec` so that the process watched is the program itself.

    Args:
        binary, model: paths on the phone.
        args: flags of the program.
        options: of the delegate; `affinity` pins the program to cores, `dispatch` is where vendor libraries lie.
        inputs: name in flags to the path on the phone of the file with its value.
    """
    words = " ".join(quote(a) for a in args)
    if inputs:
        words += " --input_layer_value_files=" + ",".join(f"{n}:{device_path(path)}" for n, path in inputs.items())
    libraries = quote(options["dispatch"]) if "dispatch" in options else ""
    setup = f"export LD_LIBRARY_PATH={libraries} ADSP_LIBRARY_PATH={libraries}; " if libraries else ""
    pinned = f"taskset {quote(options['affinity'])} " if "affinity" in options else ""
    return f"{setup}exec {pinned}{device_path(binary)} --graph={device_path(model)} {words}\n"


def settings(
    protocol: Protocol,
    *,
    thermal_service: bool,
    perfetto: bool = False,
    lease: Lease | None = None,
    cool_c: float | None = None,
) -> str:
    """The assignments that run.sh reads.

    Args:
        perfetto: the phone may have it, so that it is tried where energy is asked for.
        lease: without one it runs whoever holds the phone.
        cool_c: the battery at rest; None: as the block finds it counts as rest.
    """
    values = {
        "thermal_service": int(thermal_service),
        "period": f"{protocol.sample_period_s:g}",
        "memory_period": f"{protocol.memory_period_s:g}",
        "memory_quick": f"{protocol.memory_period_s / 5:g}",
        "deadline_s": round(protocol.session_timeout_s),
        "idle_s": f"{protocol.idle_s:g}",
        "cut_usb": int(protocol.cut_usb),
        "perfetto": int(perfetto and protocol.idle_s > 0),
        "cooldown_s": round(protocol.cooldown_timeout_s),
        "cooldown_total_s": _NO_LIMIT if protocol.cooldown_total_s is None else round(protocol.cooldown_total_s),
        "cool_above_tenths": round(protocol.cooldown_above_idle_c * 10),
        "cool_idle_tenths": "" if cool_c is None else round(cool_c * 10),
        "lease_number": lease.name if lease else "",
        "lease_key": lease.key if lease else "",
        "battery_floor_pct": math.ceil(protocol.battery_floor_pct),
        "hard_stop_tenths": 0 if protocol.hard_stop_c is None else round(protocol.hard_stop_c * 10),
    }
    return "".join(f"{k}={v}\n" for k, v in values.items())


def archive(
    block: Block, commands: Mapping[int, str], nodes: Mapping[str, str], setup: str, further: Mapping[str, str]
) -> bytes:
    """Everything that the phone needs for a block as one tar file; same input, same bytes.

    Args:
        further: path in the block's folder to text of what else run.sh reads: its `lib/`, and the phone's `state/`.
    """
    files = {
        **further,
        "settings": setup,
        "nodes": "".join(f"{name} {path}\n" for name, path in sorted(nodes.items())),
        "plan": "".join(
            f"{s.index:04d} {s.kind}{' goes-on' if s.step else ''}\n" for s in block.sessions if s.index in commands
        ),
    }
    files.update({f"{session_folder(i)}/cmd": text for i, text in commands.items()})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, text in sorted(files.items()):
            data = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
