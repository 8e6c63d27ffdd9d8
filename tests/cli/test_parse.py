"""`harness parse` of dumps: kinds, several files, and what is nothing known."""

from __future__ import annotations

import json
from pathlib import Path

from tests.dumps import forms
from tests.racks import harness


def test_one_line_a_file_and_an_error_for_what_is_unknown(tmp_path: Path) -> None:
    battery, prose, memory = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    battery.write_text(forms.BATTERY_17)
    prose.write_text("nothing that a phone prints\n")
    memory.write_text(forms.MEMINFO_14)
    done = harness("parse", "--json", str(battery), str(prose), str(memory))
    assert done.code == 2 and [json.loads(line)["kind"] for line in done.out.splitlines()] == ["battery", "meminfo"]
    assert done.err.strip() == f"harness: {prose} is no dump or log that is known; name what it is with --kind"


def test_a_kind_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("nothing\n")
    assert json.loads(harness("parse", "--kind", "df", "--json", str(file)).out) == {"kind": "df", "rows": []}
    assert json.loads(harness("parse", "--kind", "benchmark", "--json", str(file)).out)["outcome"] == "other"
    wrong = harness("parse", "--kind", "dfs", str(file))
    assert wrong.code == 2 and "proc-meminfo" in wrong.err


def test_values_for_people(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text(forms.BATTERY_4)
    done = harness("parse", str(file))
    assert done.code == 0 and "  level_pct: 100\n" in done.out and "null" not in done.out
