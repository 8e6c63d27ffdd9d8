"""The shipped kinds of phone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from harness.virtual.nodes.proc import is_32_bit
from harness.virtual.profile import PROFILES, Profile, profiles

ALL = list(profiles().values())


def test_the_first_eight_cover_three_tiers_and_five_soc_makers() -> None:
    first = ALL[:8]
    assert len(first) == 8
    assert set(Counter(p.tier_hint for p in first)) == {"high", "mid", "low"}
    assert min(Counter(p.tier_hint for p in first).values()) >= 2
    assert {p.tier_hint for p in ALL[:3]} == {"high", "mid", "low"}
    makers = {p.soc_manufacturer for p in first}
    assert {"Google", "Samsung", "Mediatek", "Unisoc"} <= makers
    assert makers & {"QTI", "Qualcomm"}


def test_each_tier_has_an_unplugged_phone_with_a_readable_gauge_and_a_charging_one() -> None:
    for tier in ("high", "mid", "low"):
        phones = [p for p in ALL[:8] if p.tier_hint == tier]
        assert any(p.battery.plugged == "none" and p.gauge.readable for p in phones), tier
        assert any(p.battery.plugged != "none" for p in phones), tier


def test_the_quirks_of_makers_are_there() -> None:
    assert any(sum(c.cores for c in p.clusters) == 9 for p in ALL)
    assert any(p.gauge.unit == "ma" for p in ALL)
    assert any(p.gauge.discharge_sign == 1 and p.gauge.readable for p in ALL)
    assert any(not p.gauge.readable and p.settings_locked and p.thermal.zones_readable for p in ALL)
    assert any(p.soc_manufacturer == "Mediatek" and p.thermal.zones and not p.thermal.zones_readable for p in ALL)
    assert any(is_32_bit(p) and p.low_ram and p.sdk <= 30 for p in ALL)
    assert any(p.speed.nnapi is None for p in ALL)
    assert any(not p.time_in_state for p in ALL)


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_each_profile_is_sound(profile: Profile) -> None:
    place = next(f for f in PROFILES.glob("*.yaml") if f.stem[3:] == profile.name)
    assert yaml.safe_load(place.read_text())["name"] == profile.name
    assert profile.gauge.node.startswith("/sys/class/power_supply/")
    assert max(c.capacity for c in profile.clusters) == 1024
    assert profile.heat.screen_w < profile.heat.idle_w
    assert profile.battery.plugged == "none" or profile.battery.plugged in profile.battery.supplies.values()
    # A phone that works hard must be able to reach its throttling point, and cool down below it.
    hot = profile.heat.ambient_c + profile.heat.skin_c_per_w * (profile.heat.cpu_w + profile.heat.idle_w)
    cold = profile.heat.ambient_c + profile.heat.skin_c_per_w * profile.heat.idle_w
    assert cold < profile.heat.throttle_skin_c - 4 < hot
    assert (profile.sdk >= 31) == (profile.soc_model is not None)


def test_a_wrong_key_or_falling_clocks_are_refused(tmp_path: Path) -> None:
    good = ALL[0].model_dump()
    with pytest.raises(ValidationError, match="battrey"):
        Profile.model_validate({**good, "battrey": {}})
    bad = {**good, "clusters": [{**good["clusters"][0], "khz": [2000, 1000]}]}
    with pytest.raises(ValidationError, match="khz must ascend"):
        Profile.model_validate(bad)
