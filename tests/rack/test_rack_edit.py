"""Rack files are edited without losing what people wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.rack.rack_edit import add_phone, remove_phone
from harness.rack.rackfile import RackFile, RackPhone, read_rack

NEW = RackPhone(phone_id="0123", slot="A9", labels=["on", "#1"], hub="uhubctl:1-1.4:2")
FILES = [
    "phones:\n  - phone_id: a  # the old one\n    labels: [x]\n\n# where it remembers\nstate: here\n",
    "state: here\nphones:\n- phone_id: a\n  notes: |\n    long\n    text\n- phone_id: b\n",
    "phones:\n    # first\n    - slot: A1\n      phone_id: a\n      labels:\n        - x\n        - y",
    "# nothing yet\n",
    "",
    "state: here",
    "phones:\n",
    "phones: []  # none yet\nstate: here\n",
]


def read(text: str) -> RackFile:
    return read_rack(Path("rack.yaml"), text)


@pytest.mark.parametrize("text", FILES)
def test_a_phone_is_added_last_and_all_else_stays(text: str) -> None:
    new = add_phone(text, NEW)
    assert read(new).phones == [*read(text).phones, NEW]
    assert read(new).model_copy(update={"phones": []}) == read(text).model_copy(update={"phones": []})
    lines = new.splitlines()
    at = 0
    for line in text.splitlines():
        if not line.startswith("phones:"):
            at = lines.index(line, at)  # every line is there, in its order
    assert [c for c in ("# the old one", "# first", "# none yet", "# nothing yet") if c in text and c not in new] == []
    gone = remove_phone(new, "0123")
    assert read(gone) == read(text) and "0123" not in gone


@given(
    st.lists(
        st.builds(
            RackPhone,
            phone_id=st.from_regex(r"[^\x00-\x1f\x7f-\x9f\s]{1,12}", fullmatch=True),
            slot=st.none() | st.sampled_from(["A1", "yes", "1e3", "0x1", "- a", "a: b", "'", '"', "~", "#"]),
            notes=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20),
            expected=st.booleans(),
        ),
        max_size=4,
        unique_by=(lambda p: p.phone_id, lambda p: p.slot or p.phone_id),
    ),
    st.data(),
)
def test_any_phones_come_and_go(phones: list[RackPhone], data: st.DataObject) -> None:
    text = "# mine\n"
    for phone in phones:
        text = add_phone(text, phone)
    assert read(text).phones == phones
    for phone in data.draw(st.permutations(phones)):
        text = remove_phone(text, phone.phone_id)
    assert read(text).phones == [] and text.startswith("# mine\n")


def test_other_forms_are_told_with_what_to_add() -> None:
    with pytest.raises(UsageError, match="add \\{phone_id: '0123', slot: A9.*by hand"):
        add_phone("phones: [{phone_id: a}]\n", NEW)
    with pytest.raises(UsageError, match="remove it by hand"):
        remove_phone("phones: [{phone_id: a}]\n", "a")
    assert remove_phone("phones: [{phone_id: a}]\n", "b") == "phones: [{phone_id: a}]\n"
