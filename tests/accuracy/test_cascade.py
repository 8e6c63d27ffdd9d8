"""What a cascade gains at each threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.cascade import answers, at_threshold, recommend, spread, sweep

_EXAMPLES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9, 1.0]), st.booleans(), st.booleans()), min_size=1, max_size=40
)


def arrays(rows: list[tuple[float, bool, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    confidence, light, heavy = zip(*rows, strict=True)
    return np.array(confidence), np.array(light), np.array(heavy)


@given(_EXAMPLES, st.floats(0, 1.1))
def test_every_point_is_what_counting_by_hand_gives(rows: list[tuple[float, bool, bool]], asked: float) -> None:
    points = sweep(*arrays(rows))
    for point in [*points, at_threshold(points, asked)]:
        passed = [c < point.threshold for c, _, _ in rows]
        right = [h if up else lt for up, (_, lt, h) in zip(passed, rows, strict=True)]
        assert point.escalated == sum(passed) and point.accuracy == pytest.approx(sum(right) / len(rows))
    if asked <= 1.0:
        assert at_threshold(points, asked).escalated == sum(c < asked for c, _, _ in rows)
    assert points[0].share == 0 and points[-1].share == 1
    assert len(points) == len({c for c, _, _ in rows}) + 1


@given(_EXAMPLES)
def test_ends_are_the_two_models(rows: list[tuple[float, bool, bool]]) -> None:
    confidence, light, heavy = arrays(rows)
    points = sweep(confidence, light, heavy)
    assert points[0].accuracy == pytest.approx(light.mean()) and points[-1].accuracy == pytest.approx(heavy.mean())


@given(_EXAMPLES, st.floats(0, 1), st.floats(0, 1))
def test_no_other_threshold_is_better_than_the_recommended_one(
    rows: list[tuple[float, bool, bool]], target: float, budget: float
) -> None:
    points = sweep(*arrays(rows))
    reached = recommend(points, min_accuracy=target)
    cheaper = [p for p in points if reached is None or p.escalated < reached.escalated]
    assert all(p.accuracy < target for p in cheaper)
    best = recommend(points, max_share=budget)
    assert best is not None, "escalating nothing is within every budget"
    assert best.share <= budget and all(p.accuracy <= best.accuracy for p in points if p.share <= budget)
    both = recommend(points, min_accuracy=target, max_share=budget)
    assert both is None or (both.share <= budget and both.accuracy >= target)


def test_an_assumed_accuracy_has_no_interval_where_it_counts() -> None:
    points = sweep(np.array([0.2, 0.8]), np.array([False, True]), 0.9)
    assert [p.accuracy for p in points] == pytest.approx([0.5, 0.95, 0.9])
    assert points[0].accuracy_interval.lo is not None
    assert points[1].accuracy_interval.lo is None and "assumed" in str(points[1].accuracy_interval.reason)


def test_costs_follow_the_share_and_stay_unknown() -> None:
    first, second, last = sweep(np.array([0.2, 0.8]), np.array([False, True]), np.array([True, True]))
    assert (first.expected(2, 10), second.expected(2, 10), last.expected(2, 10)) == (2, 7, 12)
    assert first.expected(2, None) == 2 and second.expected(2, None) is None and second.expected(None, 3) is None


def test_intervals_are_wilsons() -> None:
    point = sweep(np.linspace(0, 1, 10), np.array([True] * 8 + [False] * 2), np.zeros(10, bool))[0]
    low, high = point.accuracy_interval.lo, point.accuracy_interval.hi
    # 8 of 10: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    z, n, p = 1.959964, 10, 0.8
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = [(p + z**2 / (2 * n) + side * half) / (1 + z**2 / n) for side in (-1, 1)]
    assert [low, high] == pytest.approx(expected, abs=1e-5) and point.share_interval.lo == pytest.approx(0, abs=1e-12)


def test_probabilities_logits_and_two_classes_by_one_value() -> None:
    classes, confidence, softmax = answers(np.array([[0.2, 0.8], [0.6, 0.4]]))
    assert list(classes) == [1, 0] and list(confidence) == [0.8, 0.6] and not softmax
    _, lead, _ = answers(np.array([[0.2, 0.8], [0.6, 0.4]]), "margin")
    assert list(lead) == pytest.approx([0.6, 0.2])
    classes, confidence, softmax = answers(np.array([[0.0, math.log(3)], [100.0, -100.0]]))
    assert list(classes) == [1, 0] and list(confidence) == pytest.approx([0.75, 1.0]) and softmax
    classes, confidence, softmax = answers(np.array([[0.9], [0.3]]))
    assert list(classes) == [1, 0] and list(confidence) == pytest.approx([0.9, 0.7]) and not softmax
    _, _, softmax = answers(np.full((1, 4), 0.26))  # quantized probabilities add up only nearly
    assert not softmax


@pytest.mark.parametrize("wrong", [np.zeros((2, 0)), np.array([[math.nan, 1.0]]), np.zeros((0, 3))])
def test_what_is_no_classifier(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"one value a class|not a number"):
        answers(wrong)
    with pytest.raises(ValueError, match="at least one"):
        sweep(np.array([]), np.array([], bool), 0.5)


def test_a_table_is_spread_over_the_shares() -> None:
    points = sweep(np.linspace(0, 1, 1000), np.zeros(1000, bool), np.ones(1000, bool))
    shown = spread(points, 11)
    assert [round(p.share, 3) for p in shown] == [n / 10 for n in range(11)]
    assert len(spread(points[:1], 11)) == 1
