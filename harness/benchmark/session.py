"""Runs one block on one phone: prepare, start detached, watch, collect, clean up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path
from harness.benchmark.binary import Described, check_abi, describe
from harness.benchmark.block import archive, command, program_args, session_folder, settings
from harness.benchmark.collect import Pulled, make_record, read_markers, refused
from harness.benchmark.work import BinaryFile, Block, PlannedSession
from harness.clock import Clock
from harness.errors import PhoneTransientError
from harness.records import PhoneRecord, Runtime, SessionRecord
from harness.resources import resource_dir

#: The host's seconds between looks at a running block: real time, so that a fast clock is watched as closely.
_POLL_S = 0.4
#: Phone seconds without a heartbeat before a block counts as dead.
_SILENT_S = 90.0
#: Real seconds for which a lost link may come back.
_LINK_S = 60.0
#: A model needs about this many times its size while it runs.
_MEMORY_FACTOR = 2.0


@dataclass
class BlockReport:
    """What came of a block. `missing` are the sessions that did not run, with one reason."""

    bytes_pushed: int = 0
    missing: tuple[int, ...] = ()
    reason: str = ""


@dataclass
class Surroundings:
    """What the session needs to know of the phone beyond its record (see harness/phones/probe.py)."""

    nodes: dict[str, str] = field(default_factory=dict)
    thermal_service: bool = False
    mem_available_kb: int | None = None
    force: bool = False


def run_block(
    phone: Phone,
    record: PhoneRecord,
    block: Block,
    binary: BinaryFile,
    around: Surroundings,
    *,
    clock: Clock,
    run_folder: Path,
    on_session: Callable[[SessionRecord], None],
    run_started: Callable[[str], None],
    stop: threading.Event,
) -> BlockReport:
    """Run `block` on `phone` and hand every finished session to `on_session`, which must sync it.

    A block whose id the phone knows already is not started again: what it has is collected. The phone's files go only
    after everything was handed over.

    Args:
        clock: the phone's, for waits; the transport has real deadlines of its own.
        run_folder: raw files go to `raw/PHONE/…` below it.
        run_started: called with the block's id before the start command; must sync it.
        stop: when set, what runs on the phone is ended and restored, and the report says what is missing.

    Raises:
        PhoneError: the phone cannot run it (wrong ABI, storage full, program does not start).
        PhoneTransientError: the link was lost for too long.
    """
    check_abi(binary, record.abilist, record.serial)
    runner = _Runner(phone, record, block, binary, around, clock, run_folder, on_session, stop)
    runner.prepare(run_started)
    runner.watch()
    return runner.report


class _Runner:
    def __init__(
        self,
        phone: Phone,
        record: PhoneRecord,
        block: Block,
        binary: BinaryFile,
        around: Surroundings,
        clock: Clock,
        run_folder: Path,
        on_session: Callable[[SessionRecord], None],
        stop: threading.Event,
    ) -> None:
        self.phone = phone
        self.record = record
        self.block = block
        self.binary = binary
        self.around = around
        self.clock = clock
        self.run_folder = run_folder
        self.on_session = on_session
        self.stop = stop
        self.report = BlockReport()
        self.folder = f"{DEVICE_ROOT}/blocks/{block.block_id}"
        self.raw = run_folder / "raw" / block.block_id
        self.args: dict[int, tuple[str, ...]] = {}
        self.runtime = Runtime(binary.flavour, binary.version, binary.sha256)
        self.left = {s.index: s for s in block.sessions}

    def prepare(self, run_started: Callable[[str], None]) -> None:
        program = self._push(self.binary.path, executable=True)
        scripts = resource_dir("device_scripts")
        run_script, sampler, ender = (self._push(scripts / name) for name in ("run.sh", "sampler.sh", "end.sh"))
        described = describe(self.phone, program)
        self.runtime = replace(self.runtime, flavour=described.flavour)
        commands = self._commands(program, described)
        if not commands:
            return
        known = self.phone.shell(f"[ -d {device_path(self.folder)}/started ]").exit_code == 0
        if not known:
            setup = settings(self.block.protocol, thermal_service=self.around.thermal_service)
            data = archive(self.block, commands, self.around.nodes, setup)
            packed = f"{self.folder}/block.tar"
            self.phone.write(data, packed)
            self.phone.shell(f"cd {device_path(self.folder)} && tar -xf block.tar && rm block.tar", check=True)
        run_started(self.block.block_id)
        self.phone.start_detached(run_script, [self.folder, sampler, ender], log=f"{self.folder}/run.log")

    def _commands(self, program: str, described: Described) -> dict[int, str]:
        found = {}
        pushed: dict[str, str] = {}
        for session in self.block.sessions:
            reason = self._too_large(session)
            if reason is not None:
                self._finish(session.index, refused(session, self.block, self.record, self.runtime, reason))
                continue
            if session.model.sha256 not in pushed:
                pushed[session.model.sha256] = self._push(session.model.path)
            args = program_args(session, self.block.protocol, described.flavour, described.flags)
            affinity = session.key.options.get("affinity")
            found[session.index] = command(program, pushed[session.model.sha256], args, affinity)
            self.args[session.index] = tuple(args)
        return found

    def _too_large(self, session: PlannedSession) -> str | None:
        free = self.around.mem_available_kb
        need = session.model.size_bytes / 1024 * _MEMORY_FACTOR
        if self.around.force or free is None or need <= free:
            return None
        return f"the model needs about {need / 1024:.0f} MiB and {free / 1024:.0f} MiB are free; --force tries it"

    def watch(self) -> None:
        """Collect until the block is done; then remove it from the phone."""
        heard = self.clock.now()
        beat, lost_s, reason = "", 0.0, ""
        while self.left:
            if self.stop.is_set():
                self._end_on_phone()
                reason = "it was interrupted"
            try:
                state = self._look()
                lost_s = 0.0
            except PhoneTransientError:
                lost_s += _POLL_S
                if lost_s > _LINK_S or self.stop.is_set():
                    raise
                self.stop.wait(_POLL_S)
                continue
            self._collect(state)
            if state.beat != beat:
                beat, heard = state.beat, self.clock.now()
            if state.done or reason:
                reason = reason or f"the phone ended the block: {state.done}"
                break
            if state.rebooted:
                reason = "the phone rebooted"
                break
            if self.clock.now() - heard > _SILENT_S:
                self._end_on_phone()
                reason = "the phone stopped working on it"
                break
            self.stop.wait(_POLL_S)
        self.report.missing = tuple(sorted(self.left))
        self.report.reason = reason if self.left else ""
        self.phone.shell(f"rm -rf {device_path(self.folder)}", timeout_s=60)

    def _look(self) -> _State:
        command = (
            f"cd {device_path(self.folder)} 2>/dev/null || exit 0; cat heartbeat 2>/dev/null; echo ==; "
            'cat done 2>/dev/null; echo ==; cat boot_id "${PHONE_ROOT}"/proc/sys/kernel/random/boot_id 2>/dev/null; '
            "echo ==; ls s/*/rc 2>/dev/null; echo ==; cat markers 2>/dev/null"
        )
        parts = self.phone.shell(command, timeout_s=30).stdout.split("==\n")
        parts += [""] * (5 - len(parts))
        boots = parts[2].split()
        finished = [int(p.split("/")[1]) for p in parts[3].split()]
        return _State(
            beat=parts[0].strip(),
            done=parts[1].strip(),
            boot_id=boots[0] if boots else None,
            rebooted=len(boots) == 2 and boots[0] != boots[1],
            finished=[i for i in finished if i in self.left],
            markers=parts[4],
        )

    def _collect(self, state: _State) -> None:
        if not state.finished:
            return
        names = [session_folder(i) for i in state.finished]
        self.raw.mkdir(parents=True, exist_ok=True)
        (self.raw / "markers").write_text(state.markers)
        self.phone.pull_tree(self.folder, self.raw, names=names)
        times = read_markers(state.markers)
        for index in state.finished:
            start, end = times.get(index, (None, None))
            pulled = Pulled(self.raw / session_folder(index), start, end, state.boot_id)
            record = make_record(
                pulled,
                self.left[index],
                self.block,
                self.record,
                self.runtime,
                self.args.get(index, ()),
                self.run_folder,
            )
            self._finish(index, record)

    def _finish(self, index: int, record: SessionRecord) -> None:
        self.on_session(record)
        self.left.pop(index, None)

    def _end_on_phone(self) -> None:
        folder = device_path(self.folder)
        self.phone.shell(
            f"cd {folder} 2>/dev/null || exit 0; : >stop; kill -TERM $(cat run.pid) 2>/dev/null; "
            "n=0; while [ ! -f done ] && [ $n -lt 40 ]; do sleep 0.2; n=$((n + 1)); done; true",
            timeout_s=30,
        )

    def _push(self, path: Path, *, executable: bool = False) -> str:
        pushed = self.phone.push(path, executable=executable)
        self.report.bytes_pushed += pushed.bytes_sent
        return pushed.path


@dataclass(frozen=True)
class _State:
    beat: str
    done: str
    boot_id: str | None
    rebooted: bool
    finished: list[int]
    markers: str
