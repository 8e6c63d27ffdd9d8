"""The rack file: what it says, and every fault told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.rack.rackfile import RackFile, load_rack, rack_schema

TWO = """
phones:
  - phone_id: R58M12ABCDE
    slot: A1
    hub: uhubctl:1-1.4:2
    labels: [nightly]
  - phone_id: "0123"
    serial: 10.0.0.7:5555
    expected: false
state: state
"""


def test_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rack.yaml"
    file.write_text(TWO)
    rack = load_rack(file)
    assert rack.state_folder == tmp_path / "state"
    first = rack.phone("R58M12ABCDE")
    assert first is not None and (first.slot, first.hub, first.expected) == ("A1", "uhubctl:1-1.4:2", True)
    assert rack.phone("nobody") is None
    file.write_text("# nothing yet\n")
    assert load_rack(file) == load_rack(None) == RackFile()
    monkeypatch.setenv("HARNESS_STATE", str(tmp_path / "elsewhere"))
    assert load_rack(None).state_folder == tmp_path / "elsewhere" / "rack"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TWO + "phones: []\n", ":11: phones is given twice; leave one out"),
        (
            TWO.replace('"0123"', "R58M12ABCDE"),
            ":7: phones[1].phone_id: 'R58M12ABCDE' is that of phones[0] too; remove",
        ),
        (
            TWO.replace("serial:", "slot: A1\n    serial:"),
            ":8: phones[1].slot: 'A1' is that of phones[0] too; one slot",
        ),
        (
            TWO.replace("serial:", "hub: 'uhubctl:1-1.4:2 '\n    serial:"),
            ":8: phones[1].hub: 'uhubctl:1-1.4:2' is that",
        ),
        (
            TWO.replace('"0123"', "0123"),
            ":7: phones[1].phone_id should be text, and YAML reads it as 83; put it in quo",
        ),
        (TWO.replace("slot:", "slto:"), ":4: there is no key phones[0].slto; did you mean slot?"),
        (TWO.replace("slot: A1", "slot: ' '"), ":4: phones[0].slot is empty"),
        (TWO.replace("phone_id: R5", "notes: R5"), ":3: phones[0].phone_id is missing; add it"),
        ("phones:\n  a: b\n", ":1: phones should be a valid list"),
        ("- phone_id: a\n", ":1: this should be a mapping (key: value)"),
        ("alarms: {webhook: chat}\n", ":1: alarms.webhook: 'chat' is no address; begin it with https://"),
        ("pushes_per_controller: 0\n", ":1: pushes_per_controller should be greater than or equal to 1, not 0"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "rack.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as error:
        load_rack(file)
    assert f"{file}{told}" in str(error.value)


def test_its_schema_names_every_key() -> None:
    schema = rack_schema()
    assert set(schema["properties"]) == set(RackFile.model_fields)
