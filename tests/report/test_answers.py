"""The first lines of a report promise no more than its rows hold."""

from __future__ import annotations

from harness.records import Delegation, Quantity, SessionKey, SessionRecord
from harness.report.answers import Answer, find_answers, limits, sentence
from harness.report.document import build_document
from tests.records import session
from tests.report.runs import repeated, run_of

CPU, GPU, NNAPI = (SessionKey("m", "v", d, {}, 4) for d in ("cpu", "gpu", "nnapi"))


def timed(phone: int, key: SessionKey, middle_us: float, spread: float = 0.01, **fields: object) -> list[SessionRecord]:
    times = (middle_us * (1 - spread), middle_us, middle_us * (1 + spread))
    return repeated(f"{phone}{key.delegate}", *times, phone_id=f"P{phone}", key=key, **fields)


def answer(*groups: list[SessionRecord], phones: int) -> Answer:
    (found,) = find_answers(build_document(run_of(*(s for group in groups for s in group), phones=phones)))
    return found


def test_a_lead_beyond_the_intervals_on_every_phone_is_clear() -> None:
    found = answer(timed(1, CPU, 2000), timed(1, GPU, 1000), timed(2, CPU, 4000), timed(2, GPU, 2000), phones=2)
    assert found.best is not None and found.best["delegate"] == "gpu" and found.sure
    assert found.verdict == "clearly ahead of CPU 4 threads on every phone"
    assert sentence(found).startswith("Tier mid, m v: GPU, 1.50 ms (")


def test_phones_that_disagree_are_counted() -> None:
    found = answer(
        timed(1, CPU, 2000), timed(1, GPU, 1000), timed(2, CPU, 1000), timed(2, GPU, 1500), timed(3, CPU, 2000, 0.3),
        timed(3, GPU, 1900, 0.3), phones=3,
    )  # fmt: skip
    assert found.verdict == "against CPU 4 threads: ahead on 1, behind on 1, cannot be told apart on 1 of 3 phones"
    assert not found.sure and found.rival is not None and found.rival["delegate"] == "cpu"
    assert sentence(found).startswith("Tier mid, m v: GPU or CPU 4 threads, 1.50 ms")


def test_without_intervals_nothing_is_sure() -> None:
    found = answer(repeated("a", 1000, key=GPU), repeated("b", 5000, key=CPU), phones=1)
    assert not found.sure and found.verdict == "cannot be told apart from CPU 4 threads"


def test_a_fallback_never_wins() -> None:
    fallen = timed(1, GPU, 1, outcome="fallback", delegation=Delegation("none", 0, 9))
    found = answer(timed(1, CPU, 2000), fallen, phones=1)
    assert found.best is not None and found.best["delegate"] == "cpu"
    assert found.verdict == "the only one that ran on every phone"


def test_what_did_not_run_on_every_phone_cannot_be_shipped_to_the_tier() -> None:
    refused = [session("r/0", phone_id="P2", key=GPU, outcome="delegate_failed", inference_avg_us=None)]
    found = answer(timed(1, CPU, 2000), timed(2, CPU, 2000), timed(1, GPU, 1), refused, phones=2)
    assert found.best is not None and found.best["delegate"] == "cpu"
    nothing = answer(timed(1, GPU, 1), refused, phones=2)
    assert nothing.best is None and nothing.verdict == "no delegate can be named: none ran on more than 1 of 2 phones"
    assert sentence(nothing).endswith("phones.")


def test_limits_name_what_is_missing() -> None:
    unknown = Quantity(reason="charging over USB")
    good = timed(1, CPU, 2000, flags=("throttled",), power_mw=unknown, energy_mj=unknown)
    said = " ".join(limits(build_document(run_of(*good, failures={"P9": "the link was lost"}, finished=False))))
    for part in ("not finished", "P9 did not finish: the link was lost.", "rests on 1 phone", "charging over USB",
                 "throttled", "accuracy", "adb's shell"):  # fmt: skip
        assert part in said
    assert said.count("charging over USB") == 1


def test_an_empty_run_has_no_answers() -> None:
    document = build_document(run_of())
    assert find_answers(document) == [] and limits(document) == []
