"""Rows are found by name and by terms, and what finds none says what there is."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import UsageError
from harness.records import SessionKey
from harness.report.document import build_document
from harness.report.finder import find_rows, listing
from tests.records import session
from tests.report.runs import repeated, run_of

GPU = SessionKey("net", "int8", "gpu", {"precision": "fp32"}, 4)


@pytest.fixture
def document() -> dict[str, Any]:
    sessions = [
        *repeated("a", 1000, flags=("throttled",)),
        *repeated("b", 2000, key=GPU),
        *repeated("c", 3000, phone_id="P2"),
    ]
    return build_document(run_of(*sessions, phones=2))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("delegate=gpu", 1), ("DELEGATE=gpu", None), ("delegate=GPU", 1), ("precision=fp32", 1), ("phone_id=P2", 1),
        ("delegate=cpu", 2), ("delegate=cpu,phone_id!=P2", 1), ("flag=throttled", 1), ("flag!=throttled", 2),
        ("threads=4", 3), ("device=own phone 2", 1), ("precision!=fp32", 2), (" tier=mid , model=net ", 1),
    ],
)  # fmt: skip
def test_terms(document: dict[str, Any], text: str, count: int | None) -> None:
    if count is None:
        with pytest.raises(UsageError):
            find_rows(document, text)
        return
    assert len(find_rows(document, text)) == count


def test_names_and_their_beginnings(document: dict[str, Any]) -> None:
    for row in document["rows"]:
        assert find_rows(document, row["row"]) == find_rows(document, row["row"].upper()) == [row]
        assert row in find_rows(document, row["row"][:3])


def test_a_whole_name_is_that_row_though_another_begins_so(document: dict[str, Any]) -> None:
    one, other, _ = document["rows"]
    other["row"] = one["row"] + "0"
    assert find_rows(document, one["row"]) == [one]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ROW is empty"),
        ("zzz", "this run has no row 'zzz'; `harness report RUN` shows the names"),
        ("delegat=gpu", "rows have no 'delegat'; did you mean delegate?"),
        ("delegate=gpu,int8", "'int8' is no term; write terms as"),
        ("delegate=npu", "no row of this run has delegate=npu; delegate is cpu, gpu in this run"),
        ("delegate=gpu,phone_id=P2", "for none all of them; leave one out"),
        ("flag=busy", "flag is throttled in this run"),
    ],
)
def test_what_is_not_there(document: dict[str, Any], text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_rows(document, text)
    assert said in str(caught.value)


def test_a_name_mistyped(document: dict[str, Any]) -> None:
    name = document["rows"][0]["row"]
    with pytest.raises(UsageError, match=f"did you mean {name}"):
        find_rows(document, name[:-1] + ("0" if name[-1] != "0" else "1"))


def test_several_are_listed_with_how_to_narrow(document: dict[str, Any]) -> None:
    *lines, last = listing(find_rows(document, "delegate=cpu"))
    assert len(lines) == 2 and "P1" in lines[0] + lines[1] and last.startswith("2 rows match: give the name of one")
    assert "phone_id=P1" in last and "delegate=" not in last


def test_an_empty_run_has_no_row() -> None:
    with pytest.raises(UsageError, match="this run has no row"):
        find_rows(build_document(run_of()), "r1")


def test_many_are_cut() -> None:
    made = run_of(*(session(f"a{n}/0", phone_id=f"P{n}") for n in range(20)), phones=20)
    *_, more, last = listing(build_document(made)["rows"])
    assert more == "and 8 more" and last.startswith("20 rows match")
