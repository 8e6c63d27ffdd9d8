"""The example report in the repository is a virtual one and says so."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"


def test_the_example_is_marked_virtual_and_names_no_machine() -> None:
    for name in ("report.html", "report.md"):
        text = (EXAMPLE / name).read_text()
        assert "virtual" in text.lower()
        assert "/home/" not in text and "/root/" not in text and "/tmp/" not in text
    assert (EXAMPLE / "report.png").stat().st_size < 400_000
