"""What a phone runs next follows from what it has run alone, ends, and gives more sessions to what is wide only."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.benchmark.adaptive import first_block_id, next_block
from harness.benchmark.plan import make_plan
from harness.benchmark.planned import PlannedJob
from harness.benchmark.work import Block, ModelFile, Protocol
from harness.records import PhoneRecord, SessionRecord
from harness.stats.sequential import Repeats
from tests.records import phone, session

FILE = ModelFile("m", "int8", Path("m.tflite"), "m", 1000)
PHONE = phone()


def job(protocol: Protocol | None = None, sessions: int = 3) -> PlannedJob:
    plan = make_plan(
        [FILE], [PHONE], delegates=["cpu", "gpu"], threads=[4], sessions=sessions, protocol=protocol or Protocol(),
        seed=1, run_id="r",
    )  # fmt: skip
    return plan.jobs[0]


def ran(block: Block, times: dict[str, list[float | None]]) -> list[SessionRecord]:
    """What a phone makes of a block; `times` are used up, and None is a failure."""
    found = []
    for s in block.sessions:
        value = times[s.key.delegate].pop(0) if s.kind in ("timing", "sustained") and not s.step else 1000.0
        outcome = "ok" if value is not None else "crash"
        found.append(
            session(block.session_id(s.index), key=s.key, kind=s.kind, repeat=s.repeat, step=s.step, outcome=outcome,
                    inference_avg_us=value)
        )  # fmt: skip
    return found


def play(work: PlannedJob, repeats: Repeats | None, times: dict[str, list[float | None]]) -> list[SessionRecord]:
    """All blocks of a job; each is asked for again with half of its sessions there, as after a crash."""
    found: list[SessionRecord] = []
    for _ in range(200):
        block = next_block(work, PHONE, 1, found, repeats)
        if block is None:
            return found
        new = ran(block, times)
        half = found + new[: len(new) // 2]
        assert next_block(work, PHONE, 1, half, repeats) == block
        found += new
    raise AssertionError("it never ends")


def test_without_repeats_a_job_is_its_first_block() -> None:
    work = job()
    first = next_block(work, PHONE, 1, [], None)
    assert first == work.bind(PHONE)
    found = play(work, None, {"cpu": [1.0] * 3, "gpu": [1.0] * 3})
    assert len(found) == 6


def test_the_wide_one_goes_on_and_the_narrow_one_does_not() -> None:
    wide = [1000.0, 1300.0, 900.0, 1100.0] * 10
    found = play(job(), Repeats(2.0, 3, 12), {"cpu": [1000.0, 1001.0] * 20, "gpu": list(wide)})
    count = Counter(s.key.delegate for s in found)
    assert count == {"cpu": 5, "gpu": 12}
    assert sorted(s.repeat or 0 for s in found if s.key.delegate == "gpu") == list(range(12))
    assert len({s.session_id for s in found}) == len(found)


def test_what_always_fails_is_not_tried_again_and_what_fails_now_and_then_is() -> None:
    found = play(job(), Repeats(2.0, 3, 9), {"cpu": [None] * 20, "gpu": [1000.0, None, 1001.0] * 9})
    count = Counter(s.key.delegate for s in found)
    assert count["cpu"] == 3
    assert count["gpu"] == 7, "five that count are enough here"


def test_chains_and_cold_starts_go_on_as_wholes() -> None:
    chains = play(
        job(Protocol(chain_s=30, min_secs=10)), Repeats(2.0, 3, 5), {"cpu": [9.0, 11.0] * 5, "gpu": [10.0] * 9}
    )
    for (_, repeat, delegate), steps in _groups(chains).items():
        assert steps == [0, 1, 2], (repeat, delegate)
    cold = play(job(Protocol(cold=True)), Repeats(2.0, 3, 5), {"cpu": [9.0, 11.0] * 5, "gpu": [10.0] * 9})
    kinds = Counter((s.key.delegate, s.kind) for s in cold)
    assert kinds == {("cpu", "cold"): 5, ("cpu", "timing"): 5, ("gpu", "cold"): 5, ("gpu", "timing"): 5}


def _groups(found: list[SessionRecord]) -> dict[tuple[str, int | None, str], list[int | None]]:
    groups: dict[tuple[str, int | None, str], list[int | None]] = {}
    for s in found:
        groups.setdefault((s.block_id, s.repeat, s.key.delegate), []).append(s.step)
    return groups


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(500, 2000)), min_size=60, max_size=60),
    st.floats(0.5, 10),
    st.integers(3, 20),
    st.integers(0, 20),
)
def test_it_ends_within_the_budget(times: list[float | None], within: float, least: int, over: int) -> None:
    repeats = Repeats(within, least, least + over)
    found = play(job(sessions=least), repeats, {"cpu": list(times), "gpu": [1000.0] * 60})
    for count in Counter(s.key.delegate for s in found).values():
        assert least <= count <= repeats.most


def test_ids_of_blocks() -> None:
    assert first_block_id("r-P1-0a1b2c-r3") == first_block_id("r-P1-0a1b2c") == "r-P1-0a1b2c"
    assert first_block_id("r-P1-0a1b2c-a2-r12") == "r-P1-0a1b2c-a2"


def test_another_phone_begins_anew() -> None:
    work, other = job(), PhoneRecord("P2", "s2", "virtual")
    found = ran(work.bind(PHONE), {"cpu": [1.0] * 3, "gpu": [1.0] * 3})
    block = next_block(work, other, 2, found, Repeats(2.0, 3, 9))
    assert block is not None and block.block_id == work.block_id(2) and len(block.sessions) == 6
