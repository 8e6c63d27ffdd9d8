"""Why a job waits, in words that a person can act on."""

from __future__ import annotations

from typing import Any

from harness.rack.jobs import Job, PhoneView
from harness.rack.schedule import schedule
from tests.rack.jobs import NOW_S, job, view


def said(one: Job, phones: list[PhoneView], *others: Job) -> str:
    """What is said of the job where others go first."""
    made = schedule([one, *others], phones, NOW_S)
    assert one.job_id not in made.starts
    return {**made.waits, **made.hopeless}[one.job_id]


def test_a_pinned_job() -> None:
    pinned = job("j", phone_id="P1", battery_pct=30.0)
    until = "leased by alice@lab:7 until 22:10"
    assert said(pinned, [view("P1", until)]) == f"waits for P1: {until}"
    flat = "waits for P1: its charge is 12 %, and the job asks for 30 %"
    assert said(pinned, [view("P1", battery_pct=12.0)]) == flat
    assert said(pinned, [view("P1")]) == "waits for P1: its charge is unknown, and the job asks for 30 %"
    first = job("first", "hers", priority=1)
    assert said(job("j", phone_id="P1"), [view("P1")], first) == "waits for P1: first of hers goes first"
    assert said(pinned, [view("P1", known=False)]) == "waits for P1: nothing is known of it yet"
    assert said(pinned, [view("P2")]) == "P1 is no phone of this rack"
    again = job("j", phone_id="P1", avoid=frozenset({"P1"}))
    assert said(again, [view("P1")]) == "P1 will never do: the job failed on it before"
    other = job("j", "run", 0, "soc=B", phone_id="P1")
    assert said(other, [view("P1", soc="A")]) == "P1 will never do: not soc=B: its soc is A"


def test_a_job_for_a_kind_of_phone() -> None:
    needs = job("j", "run", 0, "soc=SM8550", free_kb=2 * 1024**2)
    room: dict[str, Any] = {"soc": "SM8550", "free_kb": 3 * 1024**2}
    busy = [view("P1", "leased", **room), view("P2", "leased", **room), view("P3", soc="A")]
    what = "waits for a phone with soc=SM8550 and 2.0 GiB free: "
    assert said(needs, busy) == what + "2 match, both busy"
    assert said(needs, busy[1:]) == what + "only P2 matches, and leased"
    full = view("P4", soc="SM8550", free_kb=1024**2)
    assert said(needs, [full]) == (
        what + "only P4 matches, and its free storage is 1.0 GiB, and the job asks for 2.0 GiB"
    )
    mixed = [*busy, full, view("P5", **room), view("P6", "away", known=False), view("P7", known=False)]
    first = job("first", "hers", priority=1, phone_id="P5")
    assert said(needs, mixed, first) == (
        what + "6 match, 3 busy, 1 not looked at yet, 1 short of storage, 1 taken by jobs that go first"
    )


def test_any_phone() -> None:
    assert said(job("j"), [view(f"P{n}", "leased") for n in range(3)]) == "waits for any phone: 3 match, all busy"
    flat = [view(f"P{n}", battery_pct=5.0) for n in range(2)]
    assert said(job("j", battery_pct=20.0), flat) == (
        "waits for any phone and 20 % charge: 2 match, both short of charge"
    )


def test_a_pause() -> None:
    paused = job("j", not_before_s=NOW_S + 41.6)
    assert said(paused, [view("P1")]) == "pauses for another 45 s before it is tried again"


def test_what_no_phone_will_ever_take() -> None:
    phones = [
        view("P1", soc="A"),
        view("P2", soc="C"),
        view("P3", soc="B", tier="low"),
        view("P4", soc="B", tier="high"),
    ]
    needs = job("j", "run", 0, "soc=B,tier=high", avoid=frozenset({"P4"}))
    assert said(needs, phones) == (
        "no phone of the rack will do for a phone with soc=B,tier=high: "
        "2 phones: not soc=B; P3: not tier=high; P4: the job failed on it before"
    )
    assert said(job("j", "run", 0, "soc=X", "label=x"), phones) == (
        "no phone of the rack will do for a phone with soc=X or label=x: 4 phones: not soc=X and not label=x"
    )
    assert said(job("j"), []) == "the rack has no phone"
