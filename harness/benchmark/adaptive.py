"""More sessions where an interval is still wide: what a phone runs next, from what it has run. Pure.

A job is then several blocks on one phone, `JOB`, `JOB-r2`, `JOB-r3`, …: each holds more rounds of the conditions whose
interval was too wide after the blocks before it. As each follows from the sessions of those before it alone, a run that
is gone on with finds the same blocks again.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.benchmark.planned import Condition, PlannedJob, interleave, kinds_of
from harness.benchmark.work import Block, PlannedSession
from harness.measure.rules import counts
from harness.records import PhoneRecord, SessionRecord
from harness.stats.sequential import Repeats, decide

_LATER = re.compile(r"-r\d+$")


def first_block_id(block_id: str) -> str:
    """The id of the first of the blocks that this one goes on from."""
    return _LATER.sub("", block_id)


def next_block(
    job: PlannedJob, phone: PhoneRecord, attempt: int, sessions: Iterable[SessionRecord], repeats: Repeats | None
) -> Block | None:
    """The block to run next, as a whole; None where everything has run.

    A condition that gave no figure in all of its first sessions is not tried again.

    Args:
        sessions: of the run so far.
        repeats: None: what was planned is all.
    """
    block = job.bind(phone, attempt)
    by_block: dict[str, dict[str, SessionRecord]] = defaultdict(dict)
    for session in sessions:
        if first_block_id(session.block_id) == block.block_id:
            by_block[session.block_id][session.session_id] = session
    conditions = _conditions(block)
    found: list[SessionRecord] = []
    number = 1
    while block.sessions:
        ran = by_block.get(block.block_id, {})
        if any(block.session_id(s.index) not in ran for s in block.sessions):
            return block
        if repeats is None:
            return None
        found += ran.values()
        number += 1
        more = [(one, _more(found, one, repeats)) for one in conditions]
        block = _later(job, block, number, more)
    return None


def _conditions(block: Block) -> list[Condition]:
    seen: list[Condition] = []
    for session in block.sessions:
        one = (session.key, session.model, session.context)
        if session.kind in ("timing", "sustained") and one not in seen:
            seen.append(one)
    # By name: the order of the first block is shuffled, and differs between phones.
    return sorted(seen, key=lambda one: repr((one[0], one[2])))


def _more(sessions: Sequence[SessionRecord], condition: Condition, repeats: Repeats) -> int:
    """Rounds that a condition is to have before it is looked at again."""
    key, _, context = condition
    ran = [s for s in sessions if s.key == key and s.context == context and s.gives_latency]
    values = [s.inference_avg_us for s in sorted(ran, key=lambda s: s.repeat or 0) if s.inference_avg_us and counts(s)]
    if not values and len(ran) >= repeats.least:
        return 0
    return decide(values, repeats, len(ran)).more


def _later(job: PlannedJob, before: Block, number: int, more: list[tuple[Condition, int]]) -> Block:
    """Rounds of what is still wide, in an order of their own; without sessions where nothing is."""
    first = 1 + max((s.repeat for s in before.sessions), default=-1)
    rng = random.Random(f"{job.conditions.seed}/{job.name}/{number}")
    planned: list[PlannedSession] = []
    for place in range(max((n for _, n in more), default=0)):
        keys = [one for one, n in more if n > place]
        planned += interleave(keys, 1, kinds_of(before.protocol), rng, first=first + place, index=len(planned))
    block_id = f"{first_block_id(before.block_id)}-r{number}"
    return Block(block_id, before.phone_id, tuple(planned), before.protocol)
