"""The order and the bounds of the ladder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rack.failure import Kind
from harness.rack.ladder import LADDER_S, RUNG_S, Rung, ladder
from harness.rack.machine.recovering import Recovering

ORDER = list(Rung)
calls = st.tuples(st.sampled_from(Kind), st.booleans(), st.booleans())


@given(calls)
def test_every_rung_once_and_cheapest_first(call: tuple[Kind, bool, bool]) -> None:
    kind, several, server_answers = call
    rungs = ladder(kind, several=several, server_answers=server_answers)
    assert len(set(rungs)) == len(rungs)
    # Without the server no other rung can be tried, so it comes first then.
    ordered = rungs if server_answers else rungs[1:]
    assert [ORDER.index(r) for r in ordered] == sorted(ORDER.index(r) for r in ordered)


@given(calls)
def test_every_ladder_ends_before_its_state_is_late(call: tuple[Kind, bool, bool]) -> None:
    kind, several, server_answers = call
    assert sum(RUNG_S[r] for r in ladder(kind, several=several, server_answers=server_answers)) <= LADDER_S
    # The last rung may begin just before the end.
    assert Recovering.deadline_s >= LADDER_S + max(RUNG_S.values())


@given(calls)
def test_the_server_is_restarted_only_for_several_phones_or_where_it_is_silent(call: tuple[Kind, bool, bool]) -> None:
    kind, several, server_answers = call
    if Rung.SERVER in ladder(kind, several=several, server_answers=server_answers):
        assert several or not server_answers or kind is Kind.SERVER_LOST


@given(calls)
def test_a_server_restart_comes_before_what_ends_a_job(call: tuple[Kind, bool, bool]) -> None:
    kind, several, server_answers = call
    rungs = ladder(kind, several=several, server_answers=server_answers)
    for costly in (Rung.REBOOT, Rung.POWER):
        if Rung.SERVER in rungs and costly in rungs:
            assert rungs.index(Rung.SERVER) < rungs.index(costly)


@given(calls)
def test_somebodys_own_phone_is_neither_rebooted_nor_switched_off(call: tuple[Kind, bool, bool]) -> None:
    kind, several, server_answers = call
    rungs = ladder(kind, several=several, server_answers=server_answers, gentle=True)
    assert not {Rung.REBOOT, Rung.POWER} & set(rungs)


@pytest.mark.parametrize("kind", [Kind.UNAUTHORIZED, Kind.UNFIT, Kind.TOO_HOT, Kind.POISON, Kind.CANNOT, Kind.HOST])
def test_what_no_ladder_heals_has_none(kind: Kind) -> None:
    assert ladder(kind, several=True, server_answers=False) == ()


def test_every_rung_is_of_use_somewhere() -> None:
    used = {r for kind in Kind for r in ladder(kind, several=True)}
    assert used == set(Rung) == set(RUNG_S)
