"""Jobs for some phones of each group: complete, seeded by name, and the same for every order of phones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.plan import Plan, make_plan
from harness.benchmark.planned import block_id
from harness.benchmark.selectors import Term, parse_selectors, why_not
from harness.benchmark.spread import PER, Spread, group_phones
from harness.benchmark.work import ModelFile, Protocol
from harness.records import PhoneRecord
from tests.records import phone

FILES = [ModelFile("m", v, Path(f"{v}.tflite"), v, 1000) for v in ("float32", "int8")]


def plan(phones: list[PhoneRecord], spread: Spread, *devices: str, seed: int = 0) -> Plan:
    return make_plan(
        FILES,
        phones,
        delegates=["cpu", "nnapi"],
        threads=[4],
        sessions=2,
        protocol=Protocol(),
        seed=seed,
        run_id="r",
        spread=spread,
        selectors=parse_selectors(devices),
    )


@st.composite
def racks(draw: st.DrawFn) -> list[PhoneRecord]:
    return [
        phone(
            f"P{n}",
            model=draw(st.sampled_from(["A", "a", "B, second", None])),
            soc=draw(st.sampled_from(["X", "Y", None])),
            tier=draw(st.sampled_from(["high", "low"])),
            sdk=draw(st.sampled_from([26, 33])),
        )
        for n in range(draw(st.integers(0, 7)))
    ]


@given(racks(), st.sampled_from(PER), st.integers(1, 4), st.randoms(use_true_random=False))
def test_every_group_has_its_jobs(rack: list[PhoneRecord], per: str, count: int, rng: Random) -> None:
    made = plan(rack, Spread(per, count))
    assert plan(rng.sample(rack, len(rack)), Spread(per, count)) == made
    kinds = Counter("all" if per == "all" else (getattr(p, per) or "").lower() for p in rack)
    del kinds[""]
    assert len(made.jobs) == sum(min(count, n) for n in kinds.values())
    assert len(made.fewer) == sum(n < count for n in kinds.values())
    unknown = {s.phone_id for s in made.skipped if s.what == "everything"}
    assert unknown == {p.phone_id for p in rack if per != "all" and not getattr(p, per)}
    assert len({j.job_id for j in made.jobs}) == len({j.name for j in made.jobs}) == len(made.jobs)
    by_id = {p.phone_id: p for p in rack}
    for job in made.jobs:
        assert job.phone_id is None and job.typical.phone_id in job.phones
        fits = {p for p in by_id if why_not(job.wanted, by_id[p]) is None}
        assert fits == set(job.phones), "the scheduler may choose from just those"
        for name in job.phones:
            block = job.bind(by_id[name])
            assert block.block_id == job.job_id and block.phone_id == name and block.sessions
    for group in {j.group for j in made.jobs}:
        typical = [j.typical.phone_id for j in made.jobs if j.group == group]
        assert len(set(typical)) == len(typical), "one phone a job"


def test_order_is_seeded_by_the_name_of_the_job() -> None:
    rack = [phone(f"P{n}", sdk=33) for n in range(3)]
    one, two = plan(rack, Spread("all", 2)).jobs
    assert (one.name, two.name, one.group) == ("any phone, phone 1", "any phone, phone 2", two.group)
    assert one.bind(rack[0]).sessions == one.bind(rack[2]).sessions != two.bind(rack[0]).sessions
    assert plan(rack, Spread("all", 2), seed=1).jobs[0].bind(rack[0]).sessions != one.bind(rack[0]).sessions
    assert plan(rack, Spread("all")).jobs[0].name == "any phone"


def test_a_job_leaves_out_what_its_phone_cannot_run() -> None:
    old, new = phone("P1", sdk=26), phone("P2", sdk=33)
    made = plan([old, new], Spread("tier"))
    (job,) = made.jobs
    assert {s.key.delegate for s in job.bind(old).sessions} == {"cpu"}
    assert {s.key.delegate for s in job.bind(new).sessions} == {"cpu", "nnapi"}
    assert [s.phone_id for s in made.skipped] == ["P1"]


def test_phones_that_can_run_nothing_are_avoided() -> None:
    old, new = phone("P1", sdk=26), phone("P2", sdk=33)
    made = make_plan(
        FILES, [old, new], delegates=["nnapi"], threads=[4], sessions=1, protocol=Protocol(), seed=0, run_id="r",
        spread=Spread("tier", 2),
    )  # fmt: skip
    (job,) = made.jobs
    assert job.phones == ("P2",) and job.avoid == {"P1"}
    assert made.skipped_lines()[-1] == "tier=mid: 2 phones are asked for, and 1 can run it"


def test_a_job_keeps_to_the_phones_that_were_chosen() -> None:
    rack = [phone("P1", soc="X", ram_mb=4000), phone("P2", soc="Y", ram_mb=8000)]
    jobs = plan(rack, Spread("soc"), "ram_mb>=3000", "P2").jobs
    assert [[",".join(map(str, terms)) for terms in j.wanted] for j in jobs] == [
        ["ram_mb>=3000,soc=X", "P2,soc=X"],
        ["ram_mb>=3000,soc=Y", "P2,soc=Y"],
    ]
    assert plan(rack, Spread("all")).jobs[0].wanted == ()


def test_groups_compare_without_regard_to_case() -> None:
    groups, unknown = group_phones([phone("P2", soc="sm8550"), phone("P1", soc="SM8550"), phone("P3")], "soc")
    assert [(g.name, g.term, [p.phone_id for p in g.phones]) for g in groups] == [
        ("soc=SM8550", Term("soc", "=", "SM8550"), ["P1", "P2"])
    ]
    assert [p.phone_id for p in unknown] == ["P3"]
    assert group_phones([], "all") == ([], [])


def test_attempts_have_blocks_of_their_own_and_are_found_again() -> None:
    rack = [phone("P1"), phone("P2")]
    (job,) = plan(rack, Spread("tier")).jobs
    assert job.job_id == block_id("r", "tier=mid")
    assert [job.bind(rack[0], n).block_id for n in (1, 2, 11)] == [job.job_id, f"{job.job_id}-a2", f"{job.job_id}-a11"]
    assert job.begun({}) is None and job.begun({"other": "P1", f"{job.job_id}-ab": "P1"}) is None
    assert job.begun({job.job_id: "P1"}) == (1, "P1")
    assert job.begun({job.job_id: "P1", f"{job.job_id}-a11": "P2", f"{job.job_id}-a2": "P1"}) == (11, "P2")
