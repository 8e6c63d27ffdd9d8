"""Jobs, phones and racks for tests of the scheduler."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from harness.benchmark.selectors import Term, parse_selectors
from harness.rack.jobs import Job, PhoneView
from tests.records import phone

NOW_S = 1000.0
#: Few values, so that jobs and phones often fit.
SELECTORS: tuple[list[str], ...] = (
    [],
    ["soc=A"],
    ["soc=B"],
    ["tier=high"],
    ["tier=high,soc=A"],
    ["soc=A", "soc=C"],
    ["label=x"],
    ["sdk>=33"],
)


def wanted(*texts: str) -> tuple[tuple[Term, ...], ...]:
    """What `--device` given these texts means."""
    return tuple(tuple(terms) for terms in parse_selectors(texts))


def job(job_id: str, run_id: str = "run", order: int = 0, *devices: str, **fields: Any) -> Job:
    """A job that any phone takes, or any that meets `devices`."""
    return Job(job_id, run_id, order, **{"wanted": wanted(*devices), **fields})


def view(phone_id: str, busy: str | None = None, **fields: Any) -> PhoneView:
    """A phone with these properties; those of a view go there, the others into its record."""
    own = {k: fields.pop(k) for k in ("free_kb", "battery_pct", "labels", "known") if k in fields}
    return PhoneView(phone(phone_id, **fields), busy, **own)


@st.composite
def racks(draw: st.DrawFn, most: int = 6) -> list[PhoneView]:
    """Phones of few kinds, some busy."""
    return [
        view(
            f"P{number}",
            draw(st.sampled_from([None, None, "leased by a@b:1"])),
            soc=draw(st.sampled_from(["A", "B", "C", None])),
            tier=draw(st.sampled_from(["high", "low"])),
            sdk=draw(st.sampled_from([30, 34])),
            labels=draw(st.sampled_from([frozenset[str](), frozenset({"x"})])),
            free_kb=draw(st.sampled_from([None, 10, 100])),
            battery_pct=draw(st.sampled_from([None, 15.0, 90.0])),
            known=draw(st.sampled_from([True, True, True, False])),
        )
        for number in range(draw(st.integers(0, most)))
    ]


@st.composite
def queues(draw: st.DrawFn, most: int = 9) -> list[Job]:
    """Jobs of few runs, pinned and not."""
    return [
        job(
            f"j{number}",
            draw(st.sampled_from("abc")),
            draw(st.integers(0, 5)),
            *draw(st.sampled_from(SELECTORS)),
            priority=draw(st.integers(0, 2)),
            phone_id=draw(st.sampled_from([None, None, "P0", "P1", "P9"])),
            free_kb=draw(st.sampled_from([None, None, 50])),
            battery_pct=draw(st.sampled_from([None, None, 30.0])),
            avoid=draw(st.frozensets(st.sampled_from(["P0", "P1", "P2"]), max_size=2)),
            not_before_s=draw(st.sampled_from([0.0, 0.0, NOW_S, NOW_S + 5])),
        )
        for number in range(draw(st.integers(0, most)))
    ]
