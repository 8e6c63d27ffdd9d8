"""One try of one job on one phone: take the lease, run the block, or say why not."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from harness.adb.phone import Phone
from harness.benchmark.outputs import OutputCheck
from harness.benchmark.plan import limit_block_s
from harness.benchmark.session import BlockReport, Surroundings, run_block
from harness.benchmark.usb_cut import UsbCut
from harness.benchmark.watch import LINK_S
from harness.benchmark.work import BinaryFile, Block
from harness.clock import Clock
from harness.errors import HarnessError
from harness.phones.lease import Lease, claim, renew, standing
from harness.rack.failure import Failure
from harness.rack.outcome import of_error, of_report
from harness.records import PhoneRecord, SessionRecord
from harness.results.folder import RunFolder
from harness.results.journal import BlockStart

log = logging.getLogger("harness.rack")

#: Real seconds that preparing, pushing and collecting may take beside the block itself.
_BESIDE_S = 600.0


@dataclass(frozen=True)
class PhoneWork:
    """What a job is on one phone: the block, the program that runs it, what its outputs are held against, and the
    benchmark app where it has sessions in it.
    """

    block: Block
    binary: BinaryFile
    check: OutputCheck | None = None
    app: BinaryFile | None = None


@dataclass(frozen=True)
class Try:
    """What came of one try. finished: sessions that were collected in it."""

    failure: Failure | None
    report: BlockReport = field(default_factory=BlockReport)
    lease: Lease | None = None
    finished: int = 0


@dataclass(frozen=True)
class Tools:
    """What tries share.

    Attributes:
        clock: the phones', at their rate.
        owner: user@host:pid of this command.
        stop: when set, what runs on phones is ended.
        link_s: real seconds for which a link may be lost while a phone works.
    """

    folder: RunFolder
    clock: Clock
    owner: str
    stop: threading.Event
    on_session: Callable[[SessionRecord], None]
    link_s: float = LINK_S

    @property
    def run_id(self) -> str:
        """The run that leases are taken for."""
        return str(self.folder.meta["run_id"])


def perform(
    phone: Phone,
    record: PhoneRecord,
    around: Surroundings,
    work: PhoneWork,
    tools: Tools,
    push_slot: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
    *,
    begin: bool = True,
    cut: UsbCut | None = None,
) -> Try:
    """Run what is left of a job's block on a phone; never raises for the phone's or the job's fault.

    Sessions that are in the journal already are not run again. What the phone finished unwatched is collected.

    Args:
        push_slot: a context to push in.
        begin: False only collects what the phone has.
        cut: the port that feeds the phone, where its hub switches it.
    """
    done = tools.folder.journal.sessions
    left = tuple(s for s in work.block.sessions if work.block.session_id(s.index) not in done)
    block = replace(work.block, sessions=left)
    if not left:
        return Try(None)
    finished: list[str] = []
    lease: Lease | None = None

    def keep(session: SessionRecord) -> None:
        tools.on_session(session)
        finished.append(session.session_id)

    def begun(block_id: str) -> None:
        assert lease is not None
        tools.folder.journal.begin_block(BlockStart(block_id, record.phone_id, (lease.number, lease.key)))

    try:
        lease = take(phone, block, tools)
        report = run_block(
            phone,
            record,
            block,
            work.binary,
            around,
            clock=tools.clock,
            run_folder=tools.folder.path,
            on_session=keep,
            run_started=begun,
            stop=tools.stop,
            check=work.check,
            app=work.app,
            lease=lease,
            link_s=tools.link_s,
            begin=begin,
            cut=cut,
            push_slot=push_slot,
        )
    except HarnessError as error:
        log.debug("%s: %s", record.serial, error)
        return Try(of_error(error), lease=lease, finished=len(finished))
    return Try(of_report(report, len(left), stopped=tools.stop.is_set()), report, lease, len(finished))


def take(phone: Phone, block: Block, tools: Tools) -> Lease:
    """Hold a phone long enough for a block: go on with the lease that this run has, or claim one.

    The journal's lock lets one command at a time run a run, so a lease of this run is always ours to go on with, also
    one that was taken just before a crash and is not in the journal.

    Raises:
        LeaseHeldError: somebody else holds it.
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    for_s = limit_block_s(block) + _BESIDE_S * getattr(tools.clock, "rate", 1.0)
    known = tools.folder.journal.blocks.get(block.block_id)
    held = standing(phone).lease
    if held is not None and not held.released:
        ours = held.run_id == tools.run_id or (known is not None and known.lease == (held.number, held.key))
        if ours and (kept := renew(phone, held, for_s)) is not None:
            return kept
    return claim(phone, owner=tools.owner, run_id=tools.run_id, for_s=for_s)
