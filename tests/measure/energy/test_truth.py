"""The energy table's bars (tests/speed/trust/energy.py), over a few phones a kind of gauge."""

from __future__ import annotations

import pytest

from tests.speed.trust.energy import KINDS, GaugeKind, failures, simulate

_LONG_S = 300.0


@pytest.mark.slow
@pytest.mark.parametrize("kind", [k for k in KINDS if k.plan.load_s <= _LONG_S], ids=lambda k: k.name)
def test_no_wrong_figure_without_a_flag(kind: GaugeKind) -> None:
    assert failures(kind, simulate(kind, range(2))) == []
