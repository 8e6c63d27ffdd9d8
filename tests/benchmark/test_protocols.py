"""Named protocols: values, what a suite changes of them, and the order that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.benchmark.caches import cache_args
from harness.benchmark.kinds import as_it_runs
from harness.benchmark.plan import make_plan
from harness.benchmark.protocols import PROTOCOLS, changed
from harness.benchmark.suite import load_suite, suite_from_flags
from harness.benchmark.work import Block, ModelFile, PlannedSession, Protocol
from harness.errors import UsageError
from harness.records import SessionKey
from tests.racks import MODELS
from tests.records import phone

INT8 = MODELS / "digits_int8.tflite"
FILE = ModelFile("m", "", Path("m.tflite"), "ab" * 32, 1000)


def suite(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "suite.yaml"
    path.write_text(f"models: [{INT8}]\n{text}")
    return path


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_each_can_be_named_and_says_what_it_guarantees(tmp_path: Path, name: str) -> None:
    made = load_suite(suite(tmp_path, f"protocol: {name}\n"))
    protocol = made.work_protocol()
    assert protocol.name == name and made.least_sessions == PROTOCOLS[name].sessions
    assert all(getattr(protocol, key) == value for key, value in PROTOCOLS[name].values.items())
    assert PROTOCOLS[name].help and all(text.endswith(".") for text in PROTOCOLS[name].guarantees)
    flags = suite_from_flags([INT8], delegates=["cpu"], threads=[1], sessions=None, protocol=name)
    assert flags.protocol.idle_s == protocol.idle_s and flags.least_sessions == PROTOCOLS[name].sessions


def test_single_values_may_differ_and_are_known(tmp_path: Path) -> None:
    made = load_suite(suite(tmp_path, "protocol: {name: energy, idle_s: 20}\nsessions: 2\n"))
    assert made.protocol.idle_s == 20 and made.protocol.min_secs == 60 and made.least_sessions == 2
    assert changed("energy", made.protocol.model_dump()) == {"idle_s": 20.0}
    assert changed("standard", Protocol().__dict__) == {}


def test_a_suite_of_before_is_the_same_measurement(tmp_path: Path) -> None:
    measured = load_suite(suite(tmp_path, "sessions: 3\n")).measured()
    assert measured["sessions"] == 3 and not {"name", "chain_s", "cold"} & set(measured["protocol"])
    assert "repeats" not in measured


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("protocol: fast\n", "protocol.name should be 'quick', 'standard', 'energy', 'sustained' or 'cold', not 'fast'"),
        ("protocol: {name: cold, chain_s: 60}\n", "protocol.cold: a chain has no cold starts; leave out one of"),
        ("protocol: {chain_s: 1.5}\n", "protocol.chain_s: 1.5 s are no two processes of min_secs, 1 s"),
        ("repeats: {within_pct: 0}\n", "repeats.within_pct should be greater than 0"),
        ("repeats: {most: 4}\n", "repeats.most: 4 is less than the sessions to begin with, 5"),
        ("sessions: 2\nrepeats: {}\n", "repeats: 2 sessions have no interval; begin with 3 sessions or more"),
    ],
)  # fmt: skip
def test_contradictions(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_suite(suite(tmp_path, text))
    assert expected in str(caught.value)


def order(protocol: Protocol) -> list[tuple[str, str, int, int | None]]:
    plan = make_plan(
        [FILE],
        [phone(sdk=33)],
        delegates=["cpu", "gpu"],
        threads=[4],
        sessions=2,
        protocol=protocol,
        seed=0,
        run_id="r",
    )
    return [(s.key.delegate, s.kind, s.repeat, s.step) for s in plan.blocks[0].sessions]


def test_a_chain_is_never_torn_apart() -> None:
    found = order(Protocol(chain_s=25, min_secs=10))
    assert len(found) == 2 * 2 * 3
    for start in range(0, len(found), 3):
        assert len({(d, kind, repeat) for d, kind, repeat, _ in found[start : start + 3]}) == 1
        assert [step for *_, step in found[start : start + 3]] == [0, 1, 2]


def test_a_cold_start_comes_right_before_its_warm_one() -> None:
    found = order(Protocol(cold=True))
    for cold, warm in zip(found[::2], found[1::2], strict=True):
        assert (cold[0], cold[2]) == (warm[0], warm[2]) and (cold[1], warm[1]) == ("cold", "timing")


def planned(delegate: str, kind: str = "timing", **options: str) -> PlannedSession:
    return PlannedSession(0, 0, SessionKey("m", "", delegate, options, 4), FILE, kind)


def test_a_cold_start_is_one_run() -> None:
    session = planned("gpu", "cold")
    protocol = as_it_runs(Block("b", "p", (session,), Protocol(idle_s=5)), session).protocol
    assert (protocol.num_runs, protocol.min_secs, protocol.warmup_runs, protocol.idle_s) == (1, 0.0, 1, 0.0)
    timing = planned("gpu")
    block = Block("b", "p", (timing,), Protocol(idle_s=5))
    assert as_it_runs(block, timing) is block


def test_delegates_keep_what_they_compile_where_the_build_can() -> None:
    both = {"delegate_serialize_dir", "delegate_serialize_token"}
    gpu, exact = cache_args(planned("gpu"), both), cache_args(planned("gpu", precision="fp32"), both)
    assert gpu[0] == "--delegate_serialize_dir=cache" and gpu != exact
    assert cache_args(planned("gpu"), {"delegate_serialize_dir"}) == []
    assert cache_args(planned("cpu"), both) == []
    assert cache_args(planned("npu"), {"compiler_cache_path"}) == ["--compiler_cache_path=cache"]
    litert = cache_args(planned("gpu"), {"gpu_serialization_dir", "gpu_model_cache_key"})
    assert litert[0] == "--gpu_serialization_dir=cache" and len(litert) == 2
