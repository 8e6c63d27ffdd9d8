"""Fault files, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.virtual.faults import kinds, load_faults, parameters


def _load(tmp_path: Path, text: str, count: int = 3) -> list[object]:
    path = tmp_path / "f.yaml"
    path.write_text(text)
    return list(load_faults(path, count))


def test_what_all_have_and_what_one_has(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(
        "all: {slow_link_kb_s: 5, offline: true}\n"
        "1: {offline: false, reboot: [{at_s: 3}, {when: {event: push, nth: 2}}]}\n"
        "campaign: {seed: 3, kinds: [reboot]}\n"
    )
    first, second, third = load_faults(path, 3)
    assert [f.kind for f in first.faults] == [f.kind for f in third.faults] == ["offline"]
    assert [f.kind for f in second.faults] == ["reboot", "reboot"]
    assert second.standing.slow_link_kb_s == 5
    assert second.campaign is not None and second.campaign.seed == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0: {link_list: {}}", "there is no fault 'link_list'; did you mean link_lost?"),
        ("0: {reboot: {at_s: 1, when: {event: push}}}", "phone 0: reboot: give at_s or when, not both"),
        ("0: {reboot: {for_s: 1}}", "phone 0: reboot: for_s: Extra inputs are not permitted"),
        ("0: {link_lost: {for_s: 0}}", "phone 0: link_lost: for_s: Input should be greater than 0"),
        ("0: {push_cut: {when: {event: session}}}", "push_cut happens to a push, so when.event must be push"),
        ("7: {reboot: {}}", "names phone 7"),
        ("0: [reboot]", "phone 0 must be a mapping of faults"),
        ("campaign: {kinds: [rebot]}", "campaign: there is no fault 'rebot'; did you mean reboot?"),
        ("campaign: {count: 0}", "campaign: count: Input should be greater than or equal to 1"),
        ("- 1", "must map a phone's index"),
        ("0: {", "cannot be read"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        _load(tmp_path, text)
    assert said in str(error.value)


def test_every_kind_says_what_it_is() -> None:
    """At least twenty; each in one line, each parameter with a description."""
    assert len(kinds()) >= 20
    for name, kind in kinds().items():
        assert kind.kind == name and kind.summary().endswith(".")
        for key in parameters(kind):
            assert kind.model_fields[key].description, (name, key)
