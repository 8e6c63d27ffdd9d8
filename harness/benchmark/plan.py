"""From a suite and phones to what each phone does, in which order. Pure; the same seed gives the same plan.

See harness/benchmark/planned.py for the order, and harness/benchmark/spread.py for suites that run on some phones of
each kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.benchmark.delegates import parse_delegate
from harness.benchmark.kinds import as_it_runs
from harness.benchmark.planned import Conditions, PlannedJob, block_id
from harness.benchmark.selectors import Term
from harness.benchmark.spread import Group, Spread, group_phones
from harness.benchmark.work import Block, ModelFile, PlannedSession, Protocol
from harness.records import UNTIMED_KINDS, PhoneRecord

#: Process start, dumps and collection around a session, s.
_OVERHEAD_S = 1.5
#: Starting an app, unlocking the phone before it, and hearing that it is done.
_APP_S = 4.0
#: The same of sessions that are not timed: no dumps.
_UNTIMED_S = 0.5


@dataclass(frozen=True)
class Skip:
    """A condition that a phone cannot run, with the reason."""

    phone_id: str
    what: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What is to run; `skipped` says what is left out and why, `fewer` where there are fewer phones than asked for."""

    jobs: tuple[PlannedJob, ...]
    skipped: tuple[Skip, ...] = ()
    fewer: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """A block a job: of a job for any phone of a group, as one of them would run it."""
        return tuple(job.typical for job in self.jobs)

    @property
    def sessions(self) -> int:
        """Sessions over all phones."""
        return sum(len(b.sessions) for b in self.blocks)

    def words(self) -> str:
        """`36 sessions`, or `36 sessions, 27 for outputs and 12 for memory`."""
        counts = Counter(s.kind if s.kind in UNTIMED_KINDS else "" for b in self.blocks for s in b.sessions)
        timed = counts.pop("", 0)
        rest = [f"{n} for {kind}" for kind, n in counts.items()]
        text = ", ".join([f"{timed} session{'' if timed == 1 else 's'}", *rest[:-1]])
        return f"{text} and {rest[-1]}" if rest else text

    def estimate_s(self) -> float:
        """Phone seconds of the longest block, at least; phones work at the same time."""
        return max((estimate_block_s(b) for b in self.blocks), default=0.0)

    def limit_s(self) -> float:
        """Phone seconds of the longest block, at most."""
        return max((limit_block_s(b) for b in self.blocks), default=0.0)

    def skipped_lines(self) -> list[str]:
        """A sentence a condition that is left out, and a group that has too few phones."""
        return [f"{s.phone_id}: {s.what} is left out: {s.reason}" for s in self.skipped] + list(self.fewer)


def estimate_block_s(block: Block) -> float:
    """Phone seconds of one block at least: phases at their least duration, and no cool-down."""
    p, rest = block.protocol, _untimed(block)
    timed_s = (len(block.sessions) - len(rest)) * (p.min_secs + p.warmup_min_secs + 2 * p.idle_s + _OVERHEAD_S)
    own = [as_it_runs(block, session).protocol for session in rest]
    in_app = sum(s.context == "app" for s in block.sessions)
    return timed_s + sum(p.min_secs + p.warmup_min_secs + _UNTIMED_S for p in own) + in_app * _APP_S


def limit_block_s(block: Block) -> float:
    """Phone seconds of one block at most: every session ends at its deadline, after the longest cool-down."""
    p, rest = block.protocol, len(_untimed(block))
    timed = len(block.sessions) - rest
    longest = min(2 * p.max_secs, p.session_timeout_s) + _OVERHEAD_S
    cooling = timed * p.cooldown_timeout_s
    cooling = cooling if p.cooldown_total_s is None else min(cooling, p.cooldown_total_s)
    in_app = sum(s.context == "app" for s in block.sessions)
    return (timed + rest) * longest + timed * 2 * p.idle_s + cooling + in_app * _APP_S


def _untimed(block: Block) -> list[PlannedSession]:
    return [s for s in block.sessions if s.kind in UNTIMED_KINDS]


def make_plan(
    models: Sequence[ModelFile],
    phones: Iterable[PhoneRecord],
    *,
    delegates: Sequence[str],
    threads: Sequence[int],
    sessions: int,
    protocol: Protocol,
    seed: int,
    run_id: str,
    flavours: Mapping[str, str] | None = None,
    samples: Mapping[str, int] | None = None,
    contexts: Sequence[str] = ("shell",),
    details: Sequence[str] = (),
    spread: Spread | None = None,
    selectors: Sequence[Sequence[Term]] = (),
) -> Plan:
    """Give every phone every condition `sessions` times, in rounds that each hold every condition once, shuffled.

    A phone's order depends on the seed, the conditions and that phone's id alone, so adding a phone changes no other's.
    A phone that can run nothing has a block without sessions. Threads count for accelerators too: what stays on the CPU
    uses them.

    With `spread` there is a job for each of so many phones of a group instead, and its order depends on the job's name
    in place of a phone's id. Which phone takes it is settled when it starts.

    Args:
        models: at least one.
        phones: each once.
        flavours: phone_id to the flavour of its program, "tflite" or "litert"; a delegate that this flavour lacks is
            skipped. Where the flavour is not known yet, nothing is skipped for it.
        run_id: makes block ids unique, and the same on a resume.
        samples: model sha256 to the number of inputs that its outputs are checked on, with the first of `threads`.
        contexts: "shell" and "app"; each condition is run in each, in the same rounds.
        details: kinds of sessions that follow for details, one for each condition.
        spread: None: every phone runs everything.
        selectors: that the phones were chosen by; a phone that takes a job of a group must meet them too.

    Raises:
        UsageError: a delegate is unknown.
    """
    parsed = tuple((text, *parse_delegate(text)) for text in delegates)
    conditions = Conditions(
        tuple(models),
        parsed,
        tuple(threads),
        sessions,
        protocol,
        seed,
        dict(flavours or {}),
        dict(samples or {}),
        tuple(contexts),
        tuple(details),
    )
    chosen = sorted(phones, key=lambda p: p.phone_id)
    skipped = [Skip(p.phone_id, what, why) for p in chosen for what, why in conditions.skipped(p)]
    if spread is None:
        return Plan(tuple(_for_one(p, conditions, run_id) for p in chosen), tuple(skipped))
    groups, unknown = group_phones(chosen, spread.per)
    skipped += [Skip(p.phone_id, "everything", f"its {spread.per} is unknown") for p in unknown]
    jobs, fewer = [], []
    for group in groups:
        made = list(_for_group(group, spread, conditions, run_id, selectors))
        jobs += made
        if len(made) < spread.count:
            fewer.append(f"{group.name}: {spread.count} phones are asked for, and {len(made)} can run it")
    return Plan(tuple(jobs), tuple(skipped), tuple(fewer))


def _for_one(phone: PhoneRecord, conditions: Conditions, run_id: str) -> PlannedJob:
    own_id, name = block_id(run_id, phone.phone_id), phone.phone_id
    block = conditions.block(own_id, phone, name)
    return PlannedJob(own_id, name, phone.phone_id, (), frozenset(), None, (phone.phone_id,), block, conditions)


def _for_group(
    group: Group, spread: Spread, conditions: Conditions, run_id: str, selectors: Sequence[Sequence[Term]]
) -> Iterator[PlannedJob]:
    able = [p for p in group.phones if conditions.block("", p, "").sessions]
    ids = tuple(p.phone_id for p in able)
    avoid = frozenset(p.phone_id for p in group.phones) - frozenset(ids)
    for number, phone in enumerate(able[: spread.count], start=1):
        name = group.name if spread.count == 1 else f"{group.name}, phone {number}"
        job_id = block_id(run_id, name)
        block = conditions.block(job_id, phone, name)
        yield PlannedJob(job_id, name, None, group.wanted(selectors), avoid, group.name, ids, block, conditions)
