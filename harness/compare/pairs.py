"""From the sessions of a comparison to pairs of neighbours, and what stands against comparing them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harness.benchmark.order import ARMS
from harness.measure.rules import VOID_FLAGS
from harness.records import SessionRecord
from harness.report.words import OUTCOMES


@dataclass(frozen=True)
class Pair:
    """Two neighbours, one of each arm."""

    number: int
    a: SessionRecord
    b: SessionRecord


@dataclass(frozen=True)
class Paired:
    """The pairs of one phone.

    Attributes:
        whole: pairs whose two sessions count, by number.
        dropped: pair to why one of its sessions does not count, with the arm; its neighbour does not count either.
        unlike: sentences on what the arms' sessions did not have in common, of pairs that count.
    """

    whole: tuple[Pair, ...] = ()
    dropped: dict[int, str] = field(default_factory=dict)
    unlike: tuple[str, ...] = ()

    def reasons(self) -> dict[str, int]:
        """Why pairs were dropped, and how many for each reason."""
        return dict(sorted(Counter(self.dropped.values()).items()))


def pair_up(sessions: Iterable[SessionRecord], first: int, last: int) -> Paired:
    """Pairs `first` to `last` - 1 of one phone's trial.

    Args:
        sessions: of one trial on one phone; each has its `arm`, and its pair as `repeat`.
    """
    found = {(s.repeat, s.arm): s for s in sessions}
    whole, dropped = [], {}
    for number in range(first, last):
        sides = [found.get((number, arm)) for arm in ARMS]
        faults = [f"{arm}: {why}" for arm, side in zip(ARMS, sides, strict=True) if (why := _fault(side)) is not None]
        a, b = sides
        if faults or a is None or b is None:
            dropped[number] = "; ".join(faults)
        else:
            whole.append(Pair(number, a, b))
    return Paired(tuple(whole), dropped, tuple(_unlike(whole)))


def _fault(session: SessionRecord | None) -> str | None:
    """Why a session does not count."""
    if session is None:
        return "did not run"
    if session.outcome != "ok":
        return OUTCOMES.get(session.outcome, session.outcome)
    void = sorted(VOID_FLAGS & set(session.flags))
    if void:
        return f"void: {', '.join(void)}"
    return None if session.inference_avg_us else "the program printed no time"


def _unlike(pairs: Sequence[Pair]) -> Iterable[str]:
    """What one arm's sessions had more often than the other's, and states that differ."""
    if not pairs:
        return
    counts = {arm: Counter(f for s in side for f in s.flags) for arm, side in _sides(pairs)}
    for flag in sorted(set(counts["A"]) | set(counts["B"])):
        of_a, of_b = counts["A"][flag], counts["B"][flag]
        if of_a != of_b:
            yield f"{flag} in {of_a} of A's and {of_b} of B's {len(pairs)} sessions"
    states = {arm: [s.state.held for s in side] for arm, side in _sides(pairs)}
    for knob in sorted({k for held in (*states["A"], *states["B"]) for k in held}):
        values = {arm: sorted({held.get(knob, "unset") for held in helds}) for arm, helds in states.items()}
        if values["A"] != values["B"]:
            yield f"{knob} was {' or '.join(values['A'])} for A and {' or '.join(values['B'])} for B"


def _sides(pairs: Sequence[Pair]) -> tuple[tuple[str, list[SessionRecord]], ...]:
    return ("A", [p.a for p in pairs]), ("B", [p.b for p in pairs])
