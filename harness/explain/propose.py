"""Which layers to leave out of 8 bits so that the accuracy is back, as few as will do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.explain.layers import LayerError
from harness.explain.pair import Layer, Pair

#: The scores of the model with these operators kept out of 8 bits, for each set of them; larger is better.
Scorer = Callable[[Sequence[frozenset[int]]], Sequence[float]]
#: Layers that are tried in each round, the worst first, and rounds.
_TRIED, _ROUNDS = 6, 8


@dataclass(frozen=True)
class Step:
    """One round of the search: the operators kept after it, and the score that a simulation then gives."""

    keep: frozenset[int]
    score: float


@dataclass(frozen=True)
class Search:
    """keep: operators to leave out of 8 bits, empty where nothing helps. enough: whether the simulation meets the goal.

    steps: from all quantized onwards, one a round.
    """

    keep: frozenset[int]
    enough: bool
    steps: tuple[Step, ...]


def rank(errors: Sequence[LayerError]) -> list[LayerError]:
    """Layers with a part of their own in the loss, the worst first.

    By the noise in the model's outputs that each makes alone: an error that the rest of the model does not notice
    counts for nothing, however large it is.
    """
    return sorted((e for e in errors if e.ranked), key=lambda e: (-e.effect.noise, e.layer.index))


def search(pair: Pair, ranked: Sequence[LayerError], score: Scorer, goal: float) -> Search:
    """Keep what helps most until `goal` is met, then drop what is not needed for it.

    Args:
        ranked: see `rank`.
        score: see `Scorer`.
        goal: a score that is good enough.
    """
    ask = _Asked(score)
    keep: frozenset[int] = frozenset()
    steps = [Step(keep, ask.one(keep))]
    while steps[-1].score < goal and len(steps) <= _ROUNDS:
        left = [e.layer for e in ranked if _around(pair, e.layer) - keep][:_TRIED]
        tries = {keep | more for layer in left for more in (frozenset({layer.index}), _around(pair, layer))} - {keep}
        if not tries:
            break
        scores = ask.all(sorted(tries, key=sorted))
        best = max(scores, key=lambda k: (scores[k], -len(k), sorted(k)))
        if scores[best] <= steps[-1].score:
            # Two layers can spoil the result each by itself, and then neither helps alone: go on with the worst.
            best = keep | _around(pair, left[0])
        keep = best
        steps.append(Step(keep, ask.one(keep)))
    found = max(steps, key=lambda s: (min(s.score, goal), -len(s.keep)))
    enough = found.score >= goal
    return Search(_shortest(found.keep, ask, goal if enough else found.score), enough, tuple(steps))


class _Asked:
    """Scores, each asked for once."""

    def __init__(self, score: Scorer) -> None:
        self._score = score
        self._known: dict[frozenset[int], float] = {}

    def all(self, keeps: Sequence[frozenset[int]]) -> dict[frozenset[int], float]:
        new = [k for k in keeps if k not in self._known]
        if new:
            self._known.update(zip(new, self._score(new), strict=True))
        return {k: self._known[k] for k in keeps}

    def one(self, keep: frozenset[int]) -> float:
        return self.all([keep])[keep]


def _shortest(keep: frozenset[int], ask: _Asked, goal: float) -> frozenset[int]:
    """Drop one after the other what is not needed for the goal."""
    for index in sorted(keep):
        if ask.one(keep - {index}) >= goal:
            keep -= {index}
    return keep


def _around(pair: Pair, layer: Layer) -> frozenset[int]:
    """The layer and all that read its output, through layers that only pass it on: its output is then never rounded."""
    by_index = {each.index: each for each in pair.layers}

    def readers(of: Layer) -> Iterator[int]:
        for index in pair.consumers(of.tensor):
            reader = by_index.get(index)
            if reader is None or not (reader.quantized or reader.passes_on):
                continue
            yield index
            if reader.passes_on:
                yield from readers(reader)

    return frozenset({layer.index, *readers(layer)})
