"""How a trial stands on one phone, and whether it goes on. Pure.

It is replayed batch by batch from the journal, so that a command that goes on with a run decides as the first one did.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.benchmark.order import ROUND_PAIRS, ROUND_SESSIONS
from harness.compare.metrics import LATENCY, Metric
from harness.compare.pairs import Paired, pair_up
from harness.compare.trial import Trial
from harness.records import SessionRecord
from harness.stats.ratio import Comparison, compare

#: More pairs of one phone than these nobody would wait for.
_MOST_PAIRS = 200
NOT_COMPLETE, ALL_RAN = "not every session ran", "all rounds ran"


@dataclass(frozen=True)
class Standing:
    """A trial on one phone.

    Attributes:
        rounds: that ran, whole ones.
        paired: their sessions, and those of a batch that is not complete.
        batch: the one to run or to go on with; None where it has ended.
        stopped: why it has ended, or has not, in words.
    """

    rounds: int
    paired: Paired
    batch: int | None
    stopped: str


def by_block(sessions: Iterable[SessionRecord]) -> dict[str, list[SessionRecord]]:
    """Sessions by the block they ran in."""
    found: dict[str, list[SessionRecord]] = defaultdict(list)
    for session in sessions:
        found[session.block_id].append(session)
    return found


def standing(trial: Trial, run_id: str, phone_id: str, blocks: Mapping[str, Sequence[SessionRecord]]) -> Standing:
    """How far a phone is. blocks: sessions by block id, of the run."""
    plan = trial.batches()
    kept: list[SessionRecord] = []
    paired, rounds = Paired(), 0
    for batch, count in enumerate(plan):
        new = blocks.get(trial.block_id(run_id, phone_id, batch), ())
        kept += new
        # A batch that was not begun has no pairs that could be missing.
        paired = pair_up(kept, 0, ROUND_PAIRS * (rounds + count)) if new or not batch else paired
        if len(new) < ROUND_SESSIONS * count:
            return Standing(rounds + len(new) // ROUND_SESSIONS, paired, batch, NOT_COMPLETE)
        rounds += count
        stopped = _enough(trial, paired)
        if stopped is not None:
            return Standing(rounds, paired, None, stopped)
    spent = ALL_RAN if trial.until_pct is None else f"{rounds} rounds are spent"
    return Standing(rounds, paired, None, spent)


def of_metric(trial: Trial, metric: Metric, pairs: Sequence[Paired], among: int = 1) -> Comparison:
    """Ratio B to A of one metric over the pairs of one phone, or of several together, and the verdict.

    among: the interval is one of so many, which hold all together (Bonferroni); 1: it stands by itself.
    """
    base: list[float] = []
    new: list[float] = []
    for paired in pairs:
        a, b = metric.values(paired.whole)
        base += a
        new += b
    confidence = 1 - (1 - trial.look_confidence) / among
    return compare(base, new, paired=True, margin_pct=trial.margin_pct, confidence=confidence)


def _enough(trial: Trial, paired: Paired) -> str | None:
    """Why no further batch is needed; None where one is."""
    if trial.until_pct is None:
        return None
    if not paired.whole:
        return "no pair counts, and more of the same would not"
    found = of_metric(trial, LATENCY, [paired])
    if found.verdict != "undecided":
        return "the verdict is settled"
    if found.lo is None or found.hi is None or math.sqrt(found.hi / found.lo) > 1 + trial.until_pct / 100:
        return None
    return f"the interval is within ±{trial.until_pct:g} %"


def rounds_to_settle(trial: Trial, metric: Metric, pairs: Sequence[Paired]) -> int | None:
    """How many more rounds would settle an undecided verdict, if pairs go on to scatter as they did.

    Method: the verdict on made-up pairs that have the same mean and standard deviation of their log ratios, of the
    least number that is not undecided (half of their ratios above the mean, half below). A guess from few pairs.

    Returns:
        Rounds on each phone that has pairs; None where there is nothing to go by, or where the ratio lies so close to a
        limit that 200 pairs a phone settle nothing.
    """
    ratios = [math.log(b / a) for p in pairs for a, b in zip(*metric.values(p.whole), strict=True) if a > 0 and b > 0]
    if len(ratios) < 2:
        return None
    phones = sum(bool(metric.values(p.whole)[0]) for p in pairs)
    middle, spread = statistics.fmean(ratios), statistics.stdev(ratios)

    def settles(count: int) -> bool:
        off = spread * math.sqrt((count - 1) / count)
        made = [math.exp(middle + (off if n % 2 else -off)) for n in range(count)]
        found = compare([1.0] * count, made, paired=True, margin_pct=trial.margin_pct, confidence=trial.look_confidence)
        return found.verdict != "undecided"

    for count in range(len(ratios) + ROUND_PAIRS - len(ratios) % ROUND_PAIRS, _MOST_PAIRS * phones + 1, ROUND_PAIRS):
        if settles(count):
            return math.ceil((count - len(ratios)) / ROUND_PAIRS / phones)
    return None
