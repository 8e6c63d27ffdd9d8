"""A comparison as it is planned: arms, protocol, how many rounds, and the blocks that a phone runs. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from harness.benchmark.order import ROUND_PAIRS, ROUND_SESSIONS, arm_order
from harness.benchmark.planned import block_id, cannot_run
from harness.benchmark.work import Block, PlannedSession, Protocol
from harness.compare.arm import Arm
from harness.errors import UsageError
from harness.records import PhoneRecord

#: Where nothing is said: 5 rounds are 10 pairs (facts: an interval of some 4 % where sessions differ by 2 %).
ROUNDS, MARGIN_PCT, MOST_ROUNDS = 5, 2.0, 20


@dataclass(frozen=True)
class Trial:
    """Two arms that every phone runs in turns.

    Attributes:
        name: tells several trials of one run apart; "" where there is one.
        rounds: of the first batch, four sessions each.
        margin_pct: differences up to this are the same.
        until_pct: go on until the interval reaches no further than this from the ratio, or the verdict is settled;
            None: one batch.
        most_rounds: are spent on a phone.
        confidence: of the interval, whenever it was stopped.
    """

    a: Arm
    b: Arm
    protocol: Protocol
    rounds: int = ROUNDS
    seed: int = 0
    margin_pct: float = MARGIN_PCT
    until_pct: float | None = None
    most_rounds: int = MOST_ROUNDS
    confidence: float = 0.95
    name: str = ""

    def batches(self) -> list[int]:
        """Rounds of each batch: each but the first doubles what there is, up to `most_rounds`."""
        found = [self.rounds]
        while self.until_pct is not None and sum(found) < self.most_rounds:
            found.append(min(sum(found), self.most_rounds - sum(found)))
        return found

    @property
    def look_confidence(self) -> float:
        """Confidence of the interval at each look at the results, so that `confidence` holds over all looks together.

        Method: Bonferroni over the batches. Stopping as soon as a plain interval is decided would find differences
        between equal arms far more often than it says.
        """
        return 1 - (1 - self.confidence) / len(self.batches())

    def block_id(self, run_id: str, phone_id: str, batch: int) -> str:
        """The id of a batch's block on a phone; the same on a resume."""
        return block_id(run_id, " ".join(filter(None, (phone_id, self.name, f"batch {batch + 1}" if batch else ""))))

    def block(self, run_id: str, phone: PhoneRecord, batch: int) -> Block:
        """The sessions of one batch on one phone; pairs are numbered over all batches."""
        rounds = self.batches()
        seed = json.dumps([self.seed, self.name, phone.phone_id, batch])
        first = ROUND_PAIRS * sum(rounds[:batch])
        arms = {arm.name: arm for arm in (self.a, self.b)}
        sessions = [
            PlannedSession(
                index,
                first + pair,
                arms[name].key(self.name),
                arms[name].model,
                arm=name,
                binary=arms[name].binary,
                extra_args=arms[name].extra_args,
                work=arms[name].work,
            )
            for index, (pair, name) in enumerate(arm_order(rounds[batch], seed))
        ]
        work = max(self.a.work, self.b.work)
        # An arm that does more gets the time for it.
        longer = replace(
            self.protocol,
            max_secs=self.protocol.max_secs * work,
            session_timeout_s=self.protocol.session_timeout_s * work,
        )
        return Block(self.block_id(run_id, phone.phone_id, batch), phone.phone_id, tuple(sessions), longer)

    def first_sessions(self) -> int:
        """Of one phone, before it is looked at whether it goes on."""
        return ROUND_SESSIONS * self.rounds

    def meta(self) -> dict[str, Any]:
        """What makes two trials the same, as run.json keeps it."""
        return {
            "name": self.name,
            "arms": {arm.name: arm.meta() for arm in (self.a, self.b)},
            "rounds": self.rounds,
            "seed": self.seed,
            "margin_pct": self.margin_pct,
            "until_pct": self.until_pct,
            "most_rounds": self.most_rounds,
            "confidence": self.confidence,
        }


def check_trial(trial: Trial) -> None:
    """Refuse what cannot work before a phone is touched.

    Raises:
        UsageError: too few rounds for a verdict, or a margin or width that is not positive.
    """
    if trial.rounds * ROUND_PAIRS < 3:
        raise UsageError(f"{trial.rounds} round gives too few pairs for an interval", advice="give --rounds 2 or more")
    if trial.margin_pct <= 0:
        raise UsageError("--margin must be above 0", advice="give the smallest difference that matters to you, in %")
    if trial.until_pct is not None and trial.until_pct <= 0:
        raise UsageError("--until must be above 0", advice="give how wide the interval may be to each side, in %")
    if trial.until_pct is not None and trial.most_rounds < trial.rounds:
        raise UsageError(f"--most {trial.most_rounds} is less than --rounds {trial.rounds}", advice="give more")


def why_not(trial: Trial, phone: PhoneRecord, flavour: str | None) -> str | None:
    """Why a phone cannot run an arm at all; None where it may. flavour: of the phone's own program, where known."""
    for arm in (trial.a, trial.b):
        reason = cannot_run(arm.delegate, arm.options, phone, arm.binary.flavour if arm.binary else flavour)
        if reason is not None:
            return f"{arm.name}, {arm.delegate}: {reason}"
    return None
