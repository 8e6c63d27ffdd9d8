"""The page about phone state names every knob and every value."""

from __future__ import annotations

from pathlib import Path

from harness.phones.state import KNOBS


def test_every_knob_is_described() -> None:
    text = (Path(__file__).parents[3] / "docs/phone_state.md").read_text()
    for name, knob in KNOBS.items():
        assert f"| `{name}` | {', '.join(knob.values)} |" in text
