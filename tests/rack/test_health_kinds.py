"""phones must not know the rack, so that their findings name kinds of failure as plain text: here they meet."""

from __future__ import annotations

import pytest

from harness.phones.care import HOT, LOW
from harness.phones.health import CHECKS, HealthCheck
from harness.rack.failure import Kind


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.name)
def test_every_check_names_a_kind_of_failure(check: HealthCheck) -> None:
    assert check.kind in list(Kind)


def test_care_names_kinds_of_failure() -> None:
    assert (Kind(LOW), Kind(HOT)) == (Kind.BATTERY_LOW, Kind.TOO_HOT)
