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
from harness.benchmark.apk import PACKAGE
from harness.benchmark.binary import check_abi, describe
from harness.benchmark.block import archive, command, program_args, session_folder, settings
from harness.benchmark.collect import make_record, not_started, read_markers
from harness.benchmark.details import cannot_detail
from harness.benchmark.device_block import BlockState, DeviceBlock
from harness.benchmark.in_app import app_command
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
from harness.benchmark.plan import estimate_block_s
from harness.benchmark.session_files import SessionFiles
from harness.benchmark.usb_cut import UsbCut
from harness.benchmark.watch import LINK_S, POLL_S, Ending, Over, watch
from harness.benchmark.work import BinaryFile, Block, PlannedSession
from harness.clock import Clock
from harness.errors import HostTransientError, PhoneTransientError
from harness.measure.gauge import GaugeFacts
from harness.phones.app import install_app, open_folders
from harness.phones.lease import Lease
from harness.phones.state import Where, over_wifi, plan_state
from harness.records import PhoneRecord, Runtime, SessionRecord
from harness.resources import resource_dir

log = logging.getLogger("harness.session")

#: Bytes of a push that takes a moment.
_WORTH_TELLING = 1_000_000
#: Android 10: perfetto takes text configs, and knows power.
_PERFETTO_SDK = 29
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
    gauges: tuple[GaugeFacts, ...] = ()


@dataclass(frozen=True)
class _Program:
    """A benchmark program on the phone: its path there, the flags it knows, and what it is."""

    path: str
    flags: frozenset[str]
    runtime: Runtime


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
    app: BinaryFile | None = None,
    lease: Lease | None = None,
    link_s: float = LINK_S,
    begin: bool = True,
    cut: UsbCut | None = None,
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
        app: the benchmark app, for blocks with sessions in it.
        lease: under which the phone is held. What an earlier owner left at work there is ended.
        link_s: real seconds for which the link may be lost.
        cut: the port whose power is off while the phone measures, where the protocol asks for it.
        begin: False collects what the phone has of the block, and starts nothing.
        push_slot: a context to push in, which may wait for other phones on the same cable.

    Raises:
        PhoneError: the phone cannot run it (wrong ABI, storage full, program does not start).
        PhoneTransientError: the link was lost for too long.
    """
    for program in (binary, *(s.binary for s in block.sessions if s.binary is not None)):
        check_abi(program, record.abilist, record.serial)
    runner = _Runner(phone, record, _paced(block, clock), binary, around, run_folder, on_session, check, app)
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
    runner.watch(clock, stop, link_s, cut if block.protocol.cut_usb else None)
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
        app: BinaryFile | None,
    ) -> None:
        self.check = check
        self.app = app
        self.app_refusal: str | None = None
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
        self.programs: dict[str, _Program] = {}
        self.runtimes: dict[int, Runtime] = {}
        self.left = {s.index: s for s in block.sessions}
        self.warned = False
        self.device: DeviceBlock

    def prepare(self) -> bool:
        """Push what is needed, refuse what does not fit; False where nothing is left to run."""
        scripts = resource_dir("device_scripts")
        run_script, sampler, ender = (self._push(scripts / name) for name in ("run.sh", "sampler.sh", "end.sh"))
        self.device = DeviceBlock(self.phone, self.block.block_id, (run_script, sampler, ender))
        if any(s.context == "app" for s in self.block.sessions):
            self.app_refusal = self._install()
        pushed: dict[Path, str] = {}
        for session in self.block.sessions:
            program = self._program(session.binary or self.binary)
            in_app = session.context == "app"
            self.runtimes[session.index] = self._app_runtime() if in_app else program.runtime
            inputs = self._inputs(session, program.flags)
            reason = (
                self._too_large(session) or self._no_cores(session) or (inputs if isinstance(inputs, str) else None)
            )
            if in_app:
                reason = reason or self.app_refusal
            reason = reason or cannot_detail(session.kind, program.flags)
            if reason is not None or isinstance(inputs, str):
                self._refuse(session, reason or "")
                continue
            for path in (session.model.path, *(file.path for file in inputs)):
                if path not in pushed:
                    pushed[path] = self._push(path)
            protocol = as_it_runs(self.block, session).protocol
            model = pushed[session.model.path]
            if in_app:
                # A cold start keeps caches in the block's folder, where the app may not write.
                args = program_args(session, replace(protocol, cold=False), "tflite", frozenset())
                open_folders(self.phone, model)
                self.commands[session.index] = app_command(session_folder(session.index), model, args)
                self.args[session.index] = tuple(args)
                continue
            args = program_args(session, protocol, program.runtime.flavour, program.flags)
            if inputs:
                args += output_args(session, inputs)
            values = {input_name(i): pushed[file.path] for i, file in enumerate(inputs)}
            options = resolved(session.key.options, self.record.clusters)
            self.commands[session.index] = command(program.path, model, args, options, values)
            self.args[session.index] = tuple(args)
        return bool(self.left)

    def _install(self) -> str | None:
        """Have the app on the phone; why there are no sessions in it, where there are none."""
        if self.app is None:
            return "there is no benchmark app for this phone"
        installed = install_app(self.phone, self.app.path, self.app.sha256, PACKAGE)
        self.report.bytes_pushed += installed.bytes_sent
        return installed.refusal

    def _app_runtime(self) -> Runtime:
        app = self.app
        return Runtime("tflite", app.version if app else None, app.sha256 if app else None)

    def _program(self, binary: BinaryFile) -> _Program:
        """A program as this phone has it; pushed and asked once."""
        if binary.sha256 not in self.programs:
            path = self._push(binary.path, executable=True)
            described = describe(self.phone, path)
            runtime = Runtime(described.flavour, binary.version, binary.sha256)
            self.programs[binary.sha256] = _Program(path, described.flags, runtime)
        return self.programs[binary.sha256]

    def _inputs(self, session: PlannedSession, known: frozenset[str]) -> Sequence[InputFile] | str:
        """The files that a session reads; none for a timed one; or why its outputs cannot be asked for."""
        if session.sample is None:  # only what runs for its outputs has one
            return ()
        if self.check is None:
            return "the outputs of this run are not checked"
        return cannot(known, self.block.protocol.extra_args) or self.check.inputs(session.model, session.sample)

    def _refuse(self, session: PlannedSession, reason: str) -> None:
        record = not_started(session, self.block, self.record, self.runtimes[session.index], "refused", reason)
        if session.sample is not None and self.check is not None:
            record = not_checked(record, session, self.check.source(session.model), reason)
        self._finish(session.index, record)

    def archive(self, lease: Lease | None) -> bytes:
        """The files of the block that the phone gets: only what is left to run."""
        commands = {i: c for i, c in self.commands.items() if i in self.left}
        around = self.around
        setup = settings(
            self.block.protocol,
            thermal_service=around.thermal_service,
            perfetto=(self.record.sdk or _PERFETTO_SDK) >= _PERFETTO_SDK,
            lease=lease,
            cool_c=around.cool_c,
        )
        lib = {f"lib/{p.name}": p.read_text() for p in sorted((resource_dir("device_scripts") / "lib").iterdir())}
        state = plan_state(dict(self.block.protocol.state), self._where())
        return archive(self.block, commands, self.around.nodes, setup, {**lib, **state.files})

    def _where(self) -> Where:
        plugged = self.around.plugged
        wifi = over_wifi(self.phone.serial, plugged)
        return Where(self.record.sdk, wifi, None if plugged is None else bool(plugged))

    def watch(self, clock: Clock, stop: threading.Event, link_s: float, cut: UsbCut | None) -> None:
        """Collect until the block is over; then remove it from the phone."""

        def alone() -> None:
            if cut is not None and cut.works:
                left = replace(self.block, sessions=tuple(self.left.values()))
                cut.alone(estimate_block_s(left), clock, stop, self.device.started)
            else:
                stop.wait(POLL_S)

        quiet_s = self.block.protocol.idle_s
        self.over(
            watch(
                self.device,
                self._collect,
                clock=clock,
                stop=stop,
                quiet_s=quiet_s,
                link_s=link_s,
                alone=alone if cut is not None else None,
            )
        )
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
        if "still-plugged" in state.markers and not self.warned:
            self.warned = True
            log.warning("%s: its hub did not cut its power: it said that it charges all the same", self.phone.serial)
        times = read_markers(state.markers)
        for index in indices:
            start, end = times.get(index, (None, None))
            session = self.left[index]
            files = SessionFiles(self.raw / session_folder(index), start, end, state.boot_id)
            block = as_it_runs(self.block, session)
            args, gauges = self.args[index], self.around.gauges
            runtime = self.runtimes[index]
            made = make_record(files, session, block, self.record, runtime, args, self.run_folder, gauges)
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
