"""Campaigns: the same by the same seed, one fault at a time, and a phone that is well again after each."""

from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.virtual.faults import kinds
from harness.virtual.faults.campaign import Campaign
from harness.virtual.ledger_reader import RackLedger, read_ledger
from tests.racks import rack_server
from tests.virtual.faults.test_catalogue import until

_FREE = ["link_lost", "reboot", "suspend", "clock_jump", "overheat", "adbd_restart", "unauthorized", "shell_hang"]


def _draws(campaign: Campaign, index: int) -> list[tuple[float, str, dict[str, object]]]:
    drawn = itertools.islice(campaign.draws(index), 40)
    return [(gap_s, fault.kind, fault.model_dump()) for gap_s, fault in drawn]


@given(st.integers(0, 1 << 40), st.integers(0, 500))
def test_same_seed_same_faults(seed: int, index: int) -> None:
    campaign = Campaign(seed=seed)
    assert _draws(campaign, index) == _draws(Campaign(seed=seed), index)
    assert _draws(campaign, index) != _draws(campaign, index + 1)


def test_every_kind_comes_and_none_for_ever() -> None:
    """What lasts has an end, so that a harness can recover."""
    found = {name: fault for _, fault in itertools.islice(Campaign(seed=1).draws(0), 500) for name in [fault.kind]}
    assert set(found) == set(kinds())
    for gap_s, fault in itertools.islice(Campaign(seed=2).draws(3), 500):
        assert gap_s > 0 and getattr(fault, "for_s", 1) is not None


def test_weights() -> None:
    names = [kind for _, kind, _ in _draws(Campaign(kinds={"reboot": 9, "suspend": 1, "offline": 0}), 0)]
    assert names.count("reboot") > names.count("suspend") > 0 and "offline" not in names


def test_a_campaign_on_phones(tmp_path: Path) -> None:
    """Each phone gets its count, one after the other, and those are the ones that were drawn."""
    campaign = f"campaign: {{seed: 7, mean_gap_s: 5, pause_s: 2, patience_s: 1, count: 4, kinds: {_FREE}}}"
    (tmp_path / "f.yaml").write_text(campaign)
    path = tmp_path / "l"
    options = ["--faults", str(tmp_path / "f.yaml"), "--ledger", str(path), "--rate", "100"]
    with rack_server(3, *options):
        until(lambda: len([f for f in read_ledger(path).faults if f.over]) == 12, "four faults a phone")
    ledger = read_ledger(path)
    for index in range(3):
        happened = [e["kind"] for e in _of(ledger, index, "fault", "fault_missed")]
        drawn = [kind for _, kind, _ in _draws(Campaign(seed=7, mean_gap_s=5, kinds=dict.fromkeys(_FREE, 1.0)), index)]
        assert happened == drawn[: len(happened)]
        words = [e["event"] for e in _of(ledger, index, "fault", "fault_end")]
        assert words == ["fault", "fault_end"] * 4, "one at a time"
    assert all(s.running == () for s in ledger.states.values())


def _of(ledger: RackLedger, index: int, *events: str) -> list[dict[str, object]]:
    return [e for e in ledger.events if e.get("phone") == index and e["event"] in events]
