"""Contexts in the plan: in the same rounds, seeded, and only what the app can do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.benchmark.adaptive import next_block
from harness.benchmark.in_app import app_cannot
from harness.benchmark.plan import estimate_block_s, limit_block_s
from harness.benchmark.work import Protocol
from harness.stats.sequential import Repeats, looks
from tests.benchmark.test_plan import plan
from tests.records import phone, session

PHONE = phone("P1", sdk=33)


def test_each_round_holds_each_condition_in_each_context() -> None:
    made = plan([PHONE], contexts=("shell", "app"), sessions=3)
    (block,) = made.blocks
    for repeat in range(3):
        counts = Counter((s.key.delegate, s.model.variant, s.context) for s in block.sessions if s.repeat == repeat)
        assert len(counts) == 3 * 2 * 2 and set(counts.values()) == {1}
    first = [s.context for s in block.sessions if s.repeat == 0]
    assert first not in (sorted(first), sorted(first, reverse=True)), "shuffled, not one context after the other"
    assert plan([PHONE], contexts=("shell", "app"), sessions=3).blocks == made.blocks
    alone = plan([PHONE], sessions=3)
    assert {s.context for s in alone.blocks[0].sessions} == {"shell"}
    both = replace(block, sessions=tuple(s for s in block.sessions if s.context == "shell"))
    assert estimate_block_s(block) > 2 * estimate_block_s(both) and limit_block_s(block) > limit_block_s(both)


def test_outputs_are_checked_from_the_shell_alone() -> None:
    made = plan([PHONE], contexts=("shell", "app"), samples={"int8": 2})
    assert {s.context for s in made.blocks[0].sessions if s.kind == "outputs"} == {"shell"}
    only = plan([PHONE], contexts=("app",), samples={"int8": 2})
    assert all(s.kind == "timing" for s in only.blocks[0].sessions)
    assert [s.what for s in only.skipped] == ["the check of outputs"]


def test_a_phone_whose_shell_runs_litert_runs_tensorflow_lite_in_the_app() -> None:
    made = plan([PHONE], contexts=("shell", "app"), delegates=["npu", "nnapi"], flavours={"P1": "litert"})
    assert {(s.key.delegate, s.context) for s in made.blocks[0].sessions} == {("npu", "shell"), ("nnapi", "app")}
    assert {s.what for s in made.skipped} == {"nnapi", "npu in the app"}


def test_cold_starts_stay_in_the_shell_and_chains_too() -> None:
    cold = plan([PHONE], contexts=("shell", "app"), protocol=Protocol(cold=True))
    assert {(s.kind, s.context) for s in cold.blocks[0].sessions} == {
        ("cold", "shell"), ("timing", "shell"), ("timing", "app"),
    }  # fmt: skip
    assert [s.what for s in cold.skipped] == ["cold starts in the app"]
    assert [s.index for s in cold.blocks[0].sessions] == list(range(len(cold.blocks[0].sessions)))
    chain = plan([PHONE], contexts=("shell", "app"), protocol=Protocol(chain_s=10))
    assert {s.context for s in chain.blocks[0].sessions} == {"shell"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("npu", {}, Protocol()), "delegates of TensorFlow Lite only"),
        (("cpu", {"affinity": "f0"}, Protocol()), "cannot pin it"),
        (("nnapi", {"accelerator": "my npu"}, Protocol()), "'my npu' has some"),
        (("cpu", {}, Protocol(extra_args=("--benchmark_name=a b",))), "'--benchmark_name=a b' has some"),
        (("cpu", {}, Protocol(extra_args=("--output_filepath=/x",))), "--output_filepath asks for a file"),
        (("gpu", {"precision": "fp32"}, Protocol(extra_args=("--allow_fp16=true",))), None),
    ],
)
def test_what_the_app_cannot_do(args: tuple[str, dict[str, str], Protocol], said: str | None) -> None:
    why = app_cannot(*args)
    assert why is None if said is None else why is not None and said in why


def test_more_sessions_go_to_the_context_that_is_still_wide() -> None:
    repeats = Repeats(within_pct=2.0, most=20)
    count = looks(repeats)[0]
    made = plan(
        [PHONE],
        models=plan([PHONE]).jobs[0].conditions.models[:1],
        delegates=["cpu"],
        contexts=("shell", "app"),
        sessions=count,
    )
    (job,) = made.jobs
    block = job.bind(PHONE)
    times = {"shell": [1000.0, 1000.5, 999.5] * count, "app": [1000.0, 1500.0, 800.0] * count}
    ran = [
        session(block.session_id(s.index), block_id=block.block_id, key=s.key, context=s.context, repeat=s.repeat,
                inference_avg_us=times[s.context][s.repeat])
        for s in block.sessions
    ]  # fmt: skip
    more = next_block(job, PHONE, 1, ran, repeats)
    assert more is not None and {s.context for s in more.sessions} == {"app"}
