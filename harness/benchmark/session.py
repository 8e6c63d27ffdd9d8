"""Runs one block on one phone: prepare, start detached, watch, collect, clean up."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.adb.phone import Phone
from harness.benchmark.affinity import NoSuchCores, resolved
from harness.benchmark.binary import check_abi, describe
from harness.benchmark.block import archive, command, program_args, session_folder, settings
from harness.benchmark.collect import make_record, not_started, read_markers
from harness.benchmark.details import cannot_detail
from harness.benchmark.device_block import BlockState, DeviceBlock
from harness.benchmark.kinds import as_it_runs
from harness.benchmark.outputs import (
    InputFile,
    OutputCheck,
    cannot,
    input_name,
    not_checked,
    output_args,
    with_agreement,
)
from harness.benchmark.session_files import SessionFiles
from harness.benchmark.watch import LINK_S, Ending, Over, watch
from harness.benchmark.work import BinaryFile, Block, PlannedSession
from harness.clock import Clock
from harness.errors import HostTransientError, PhoneTransientError
from harness.phones.lease import Lease
from harness.phones.state import Where, over_wifi, plan_state
from harness.records import PhoneRecord, Runtime, SessionRecord
from harness.resources import resource_dir

log = logging.getLogger("harness.session")

#: Bytes of a push that takes a moment.
_WORTH_TELLING = 1_000_000
#: Real seconds between two samples at least.
_LEAST_PERIOD_S = 0.025


@dataclass
class BlockReport:
    """What came of a block.

    Attributes:
        missing: the sessions that did not run.
        ending: why it is over.
        running: the session that was under way when the phone died.
    """

    bytes_pushed: int = 0
    missing: tuple[int, ...] = ()
    ending: Ending = Ending.COMPLETE
    running: int | None = None


@dataclass
class Surroundings:
    """What the session needs to know of the phone beyond its record (see harness/phones/probe.py).

    cool_c: its battery at rest, of the last hours; None where nobody remembers.
    """

    nodes: dict[str, str] = field(default_factory=dict)
    thermal_service: bool = False
    mem_available_kb: int | None = None
    force: bool = False
    cool_c: float | None = None
    plugged: tuple[str, ...] | None = None


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
    check: OutputCheck | None = None,
    lease: Lease | None = None,
    link_s: float = LINK_S,
    begin: bool = True,
    push_slot: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
) -> BlockReport:
    """Run `block` on `phone` and hand every finished session to `on_session`, which must sync it.

    A block whose id the phone knows already is not started again: it is watched to its end, and what it has is
    collected. Where sessions are missing after that, another call runs them, under the same ids. The phone's files go
    only after everything was handed over.

    Args:
        clock: the phone's, for waits; the transport has real deadlines of its own.
        run_folder: raw files go to `raw/BLOCK/s/INDEX` below it.
        run_started: called with the block's id before the start command; must sync it.
        stop: when set, what runs on the phone is ended and restored, and the report says what is missing.
        check: for blocks with sessions that run for their outputs.
        lease: under which the phone is held. What an earlier owner left at work there is ended.
        link_s: real seconds for which the link may be lost.
        begin: False collects what the phone has of the block, and starts nothing.
        push_slot: a context to push in, which may wait for other phones on the same cable.

    Raises:
        PhoneError: the phone cannot run it (wrong ABI, storage full, program does not start).
        PhoneTransientError: the link was lost for too long.
    """
    check_abi(binary, record.abilist, record.serial)
    runner = _Runner(phone, record, _paced(block, clock), binary, around, run_folder, on_session, check)
    with push_slot():
        something = runner.prepare()
    if not something:
        return runner.report
    device = runner.device
    run_started(block.block_id)
    if not device.started():
        if stop.is_set() or not begin:
            runner.over(Over(Ending.INTERRUPTED if begin else Ending.GONE))
            return runner.report
        device.end_others()
        device.place(runner.archive(lease))
        device.start()
    runner.watch(clock, stop, link_s)
    return runner.report


def _paced(block: Block, clock: Clock) -> Block:
    # A sampler that shall keep up with a fast virtual clock would take the host's time from the phones.
    least_s, protocol = _LEAST_PERIOD_S * getattr(clock, "rate", 1.0), block.protocol
    periods = {name: max(getattr(protocol, name), least_s) for name in ("sample_period_s", "memory_period_s")}
    return replace(block, protocol=replace(protocol, **periods))


class _Runner:
    def __init__(
        self,
        phone: Phone,
        record: PhoneRecord,
        block: Block,
        binary: BinaryFile,
        around: Surroundings,
        run_folder: Path,
        on_session: Callable[[SessionRecord], None],
        check: OutputCheck | None,
    ) -> None:
        self.check = check
        self.phone = phone
        self.record = record
        self.block = block
        self.binary = binary
        self.around = around
        self.run_folder = run_folder
        self.on_session = on_session
        self.report = BlockReport()
        self.raw = run_folder / "raw" / block.block_id
        self.args: dict[int, tuple[str, ...]] = {}
        self.commands: dict[int, str] = {}
        self.runtime = Runtime(binary.flavour, binary.version, binary.sha256)
        self.left = {s.index: s for s in block.sessions}
        self.device: DeviceBlock

    def prepare(self) -> bool:
        """Push what is needed, refuse what does not fit; False where nothing is left to run."""
        program = self._push(self.binary.path, executable=True)
        scripts = resource_dir("device_scripts")
        run_script, sampler, ender = (self._push(scripts / name) for name in ("run.sh", "sampler.sh", "end.sh"))
        self.device = DeviceBlock(self.phone, self.block.block_id, (run_script, sampler, ender))
        described = describe(self.phone, program)
        self.runtime = replace(self.runtime, flavour=described.flavour)
        pushed: dict[Path, str] = {}
        for session in self.block.sessions:
            inputs = self._inputs(session, described.flags)
            reason = (
                self._too_large(session) or self._no_cores(session) or (inputs if isinstance(inputs, str) else None)
            )
            reason = reason or cannot_detail(session.kind, described.flags)
            if reason is not None or isinstance(inputs, str):
                self._refuse(session, reason or "")
                continue
            for path in (session.model.path, *(file.path for file in inputs)):
                if path not in pushed:
                    pushed[path] = self._push(path)
            protocol = as_it_runs(self.block, session).protocol
            args = program_args(session, protocol, described.flavour, described.flags)
            if inputs:
                args += output_args(session, inputs)
            values = {input_name(i): pushed[file.path] for i, file in enumerate(inputs)}
            model = pushed[session.model.path]
            options = resolved(session.key.options, self.record.clusters)
            self.commands[session.index] = command(program, model, args, options, values)
            self.args[session.index] = tuple(args)
        return bool(self.left)

    def _inputs(self, session: PlannedSession, known: frozenset[str]) -> Sequence[InputFile] | str:
        """The files that a session reads; none for a timed one; or why its outputs cannot be asked for."""
        if session.sample is None:  # only what runs for its outputs has one
            return ()
        if self.check is None:
            return "the outputs of this run are not checked"
        return cannot(known, self.block.protocol.extra_args) or self.check.inputs(session.model, session.sample)

    def _refuse(self, session: PlannedSession, reason: str) -> None:
        record = not_started(session, self.block, self.record, self.runtime, "refused", reason)
        if session.sample is not None and self.check is not None:
            record = not_checked(record, session, self.check.source(session.model), reason)
        self._finish(session.index, record)

    def archive(self, lease: Lease | None) -> bytes:
        """The files of the block that the phone gets: only what is left to run."""
        commands = {i: c for i, c in self.commands.items() if i in self.left}
        around = self.around
        setup = settings(self.block.protocol, thermal_service=around.thermal_service, lease=lease, cool_c=around.cool_c)
        lib = {f"lib/{p.name}": p.read_text() for p in sorted((resource_dir("device_scripts") / "lib").iterdir())}
        state = plan_state(dict(self.block.protocol.state), self._where())
        return archive(self.block, commands, self.around.nodes, setup, {**lib, **state.files})

    def _where(self) -> Where:
        plugged = self.around.plugged
        wifi = over_wifi(self.phone.serial, plugged)
        return Where(self.record.sdk, wifi, None if plugged is None else bool(plugged))

    def watch(self, clock: Clock, stop: threading.Event, link_s: float) -> None:
        """Collect until the block is over; then remove it from the phone."""
        quiet_s = self.block.protocol.idle_s
        self.over(watch(self.device, self._collect, clock=clock, stop=stop, quiet_s=quiet_s, link_s=link_s))
        # Everything is synced by now, so a link lost here costs nothing but the phone's space until `harness clean`.
        with contextlib.suppress(PhoneTransientError, HostTransientError):
            self.device.remove()

    def over(self, over: Over) -> None:
        """Report what is missing, and why."""
        self.report.missing = tuple(sorted(self.left))
        self.report.ending, self.report.running = over.ending, over.running

    def _too_large(self, session: PlannedSession) -> str | None:
        free, size = self.around.mem_available_kb, session.model.size_bytes / 1024
        if self.around.force or free is None or size <= free:
            return None
        return f"the model has {size / 1024:.0f} MiB and the phone {free / 1024:.0f} MiB free; --force tries it"

    def _no_cores(self, session: PlannedSession) -> str | None:
        try:
            resolved(session.key.options, self.record.clusters)
        except NoSuchCores as error:
            return error.message
        return None

    def _collect(self, state: BlockState) -> bool:
        indices = [i for i in state.finished if i in self.left]
        if indices:
            self.device.fetch(indices, self.raw)
            (self.raw / "markers").write_text(state.markers + "\n")
        times = read_markers(state.markers)
        for index in indices:
            start, end = times.get(index, (None, None))
            session = self.left[index]
            files = SessionFiles(self.raw / session_folder(index), start, end, state.boot_id)
            block = as_it_runs(self.block, session)
            made = make_record(files, session, block, self.record, self.runtime, self.args[index], self.run_folder)
            if session.sample is not None and self.check is not None:
                made = with_agreement(made, session, self.check, files.folder, files.printed)
            self._finish(index, made)
        return bool(self.left)

    def _finish(self, index: int, record: SessionRecord) -> None:
        self.on_session(record)
        del self.left[index]

    def _push(self, path: Path, *, executable: bool = False) -> str:
        pushed = self.phone.push(path, executable=executable)
        if pushed.bytes_sent >= _WORTH_TELLING:
            log.info("%s: pushed %s, %.1f MB", self.phone.serial, path.name, pushed.bytes_sent / 1e6)
        self.report.bytes_pushed += pushed.bytes_sent
        return pushed.path
