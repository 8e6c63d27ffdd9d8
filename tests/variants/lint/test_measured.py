"""The tables beside what phones did: agreement, differences, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import Delegation, Runtime, SessionKey, SessionRecord
from harness.variants.lint.lint import Forecast, forecast
from harness.variants.lint.measured import Comparison, compare, judge_measured
from harness.variants.lint.table import Table, load_dynamic, load_table
from harness.variants.model_file import read_model_file
from tests.racks import MODELS
from tests.records import phone, session

MODEL = read_model_file(MODELS / "digits_float32.tflite")
TABLES = {t.measured_as: t for t in map(load_table, ("gpu", "nnapi", "xnnpack", "npu"))}
ALL = Delegation("completely", 9, 9, 1, "runtime_info")


def expect(sha256: str, table: Table, sdk: int | None) -> Forecast | None:
    """What is forecast for the digits."""
    return forecast(MODEL, table, load_dynamic(), sdk=sdk or 30) if sha256 == MODEL.sha256 else None


def ran(delegate: str = "gpu", found: Delegation = ALL, *, number: int = 0, **fields: Any) -> SessionRecord:
    """A session of the digits on one phone."""
    key = SessionKey("digits", "", delegate, fields.pop("options", {}), 1)
    values = {"model_sha256": MODEL.sha256, "key": key, "delegation": found, **fields}
    return session(f"b/{number}", **values)


def one(*sessions: SessionRecord, sdk: int | None = 33) -> Comparison:
    """The comparison that they give."""
    (found,) = compare(sessions, [phone(sdk=sdk)], TABLES, expect)
    return found


def test_agreement() -> None:
    found = one(ran(), ran(number=1))
    assert (found.verdict, found.text, found.delegate, found.sdk) == ("agrees", "9 of 9 nodes", "gpu", 33)
    assert one(ran("cpu")).delegate == "xnnpack"


def test_a_difference_says_both_numbers() -> None:
    found = one(ran(found=Delegation("partially", 8, 9, 2, "runtime_info")))
    assert found.verdict == "differs" and found.text == "the table says 9 of 9 nodes, the phone delegated 8"
    assert found.forecast is not None and found.measured.nodes_delegated == 8


def test_which_nodes_the_phone_left_and_took() -> None:
    eight = Delegation("partially", 8, 9, 2, "runtime_info")
    (found,) = compare([ran(found=eight)], [phone()], TABLES, expect, lambda _s, _t: frozenset(range(8)))
    assert found.text.endswith("the phone delegated 8: it left SOFTMAX 8") and (found.left, found.extra) == ((8,), ())
    (found,) = compare([ran()], [phone()], TABLES, expect, lambda _s, _t: frozenset(range(9)))
    assert (found.verdict, found.left, found.extra) == ("agrees", (), ())

    def half(sha256: str, table: Table, sdk: int | None) -> Forecast | None:
        expected = expect(sha256, table, sdk)
        groups = ((True, (0, 1, 2)), (False, (3, 4, 5, 6, 7, 8)))
        return expected and replace(expected, nodes_delegated=3, extent="partially", partitions=2, groups=groups)

    three = Delegation("partially", 3, 9, 2, "runtime_info")
    (found,) = compare([ran(found=three)], [phone()], TABLES, half, lambda _s, _t: frozenset([0, 1, 7]))
    assert found.verdict == "differs" and found.text.endswith("it left CONV_2D 2 and took FULLY_CONNECTED 7")


def test_a_delegate_that_was_not_applied_took_nothing() -> None:
    for outcome in ("delegate_failed", "fallback"):
        found = one(ran(found=Delegation(), outcome=outcome))
        assert found.verdict == "differs" and found.text.endswith("the phone delegated 0"), outcome


def test_by_the_words_of_a_log_alone() -> None:
    assert one(ran(found=Delegation("completely", None, None, None, "log"))).verdict == "agrees"
    found = one(ran(found=Delegation("partially", None, None, None, "log")))
    assert found.text == "the table says completely, the phone partially"


def test_partitions_count_too() -> None:
    expected = expect(MODEL.sha256, TABLES["gpu"], 30)
    assert expected is not None
    split = replace(expected, nodes_delegated=4, extent="partially", partitions=3)
    assert judge_measured(split, Delegation("partially", 4, 9, 3))[0] == "agrees"
    verdict, text = judge_measured(split, Delegation("partially", 4, 9, 5))
    assert verdict == "differs" and text == "the table says 3 partitions, the phone has 5"
    assert judge_measured(split, Delegation("partially", 4, 10, 3))[1] == "the model has 9 nodes, the phone saw 10"


def test_sessions_that_differ_among_themselves() -> None:
    found = one(ran(), ran(found=Delegation("partially", 8, 9, 2), number=1))
    assert found.verdict == "differs" and "9 of 9 nodes and 8 of 9 nodes" in found.text


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (ran(model_sha256="f" * 64), "the model's file is not at hand"),
        (ran("cpu", options={"xnnpack": "off"}), "XNNPACK was switched off"),
        (ran(runtime=Runtime("litert", None, "1" * 64)), "of the tflite program's delegate, and this is the litert"),
        (ran(found=Delegation()), "no proof"),
        (ran(outcome="unresolved_op", found=Delegation()), "its sessions ended as unresolved_op"),
        (ran("npu", runtime=Runtime("litert", None, "1" * 64)), "the table cannot tell, the phone delegated 9 of 9"),
    ],
)
def test_what_cannot_be_compared_says_why(record: SessionRecord, told: str) -> None:
    found = one(record)
    assert found.verdict == "not compared" and told in found.text


def test_an_npu_that_takes_more_than_any_plugin_offers_is_a_difference() -> None:
    unknown = expect(MODEL.sha256, TABLES["npu"], 30)
    assert unknown is not None and unknown.nodes_delegated is None
    verdict, text = judge_measured(replace(unknown, nodes_at_most=5), Delegation("partially", 7, 9, 3))
    assert verdict == "differs" and "at most 5 nodes" in text


def test_nnapi_is_held_to_the_phone_s_own_android() -> None:
    whole, none = ALL, Delegation("none", 0, 9, 1, "runtime_info")
    assert one(ran("nnapi", whole), sdk=30).verdict == "agrees"
    assert one(ran("nnapi", none), sdk=26).verdict == "agrees", "NNAPI came with 27"
    assert one(ran("nnapi", none), sdk=None).verdict == "differs", "where it is unknown, the level asked for holds"


def test_other_delegates_and_unknown_models_are_left_out() -> None:
    assert compare([ran("hexagon"), ran(model_sha256=None)], [phone()], TABLES, expect) == []


@given(st.integers(0, 9), st.integers(0, 12))
def test_equal_numbers_agree_and_others_do_not(table: int, taken: int) -> None:
    expected = expect(MODEL.sha256, TABLES["gpu"], 30)
    assert expected is not None
    extent = {0: "none", 9: "completely"}.get(table, "partially")
    given_ = replace(expected, nodes_delegated=table, extent=extent, partitions=2)
    found = judge_measured(given_, Delegation({0: "none", 9: "completely"}.get(taken, "partially"), taken, 9, 2))
    assert (found[0] == "agrees") == (table == taken)
