"""Any sampler log is read, or passed over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measure.around import supply_online
from harness.measure.sampler import parse_sampler


@given(st.text(max_size=400) | st.lists(st.sampled_from(["S 0 1.0 5 7", "S x", "E", "#cols seq boot_s a rss_pages",
       "#v1 period=0.5 boot_id=z", "S 1 0.5 NA NA", "S 2 2.0 nan inf", ""])).map("\n".join))  # fmt: skip
def test_any_sampler_log_is_read_or_passed_over(text: str) -> None:
    found = parse_sampler(text)
    assert list(found.times_s) == sorted(found.times_s)
    assert all(len(v) == len(found.times_s) for v in found.columns.values())


def test_a_battery_that_charges_for_one_sample_is_seen() -> None:
    head = "#v1 period=0.5 boot_id=b\n#cols seq boot_s battery.status rss_pages\n"
    text = head + "S 0 1.0 Discharging NA\nS 1 1.5 {} NA\nS 2 2.0 Discharging NA\n"
    for word in ("Charging", "Full", "Not"):
        assert supply_online(parse_sampler(text.format(word))) == "charging: battery said so while it ran"
    for word in ("Discharging", "Unknown", "NA", "odd"):
        assert supply_online(parse_sampler(text.format(word))) is None
