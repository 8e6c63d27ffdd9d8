"""`harness import`: a run folder as any other, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from harness.results.folder import load_run
from tests.benchmark.output.logs import CPU, GPU, PROFILE
from tests.benchmark.test_imported import profile_file, result_file, runtime_file
from tests.racks import harness


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imported")
    for n in range(3):
        (folder / f"cpu-{n}.txt").write_text(CPU.replace("12480.1", f"1248{n}.5") + (PROFILE if n == 0 else ""))
    (folder / "gpu.txt").write_text(GPU.replace("INFO: Graph", "INFO: Use gpu: [1]\nINFO: Graph"))
    (folder / "gpu.pb").write_bytes(result_file())
    (folder / "gpu.runtime.pb").write_bytes(runtime_file())
    (folder / "gpu.profile.pb").write_bytes(profile_file())
    files = [str(p) for p in sorted(folder.iterdir())]
    done = harness("import", *files, "--device", "Own 1", "--out", str(folder / "runs"))
    assert done.code == 0 and not done.err, done.err
    return Path(done.out.splitlines()[-1])


def test_the_run_is_read_as_any_other(imported: Path) -> None:
    listed = harness("runs", str(imported.parent), "--json")
    row = json.loads(listed.out)["rows"][0]
    assert (row["provenance"], row["sessions"], row["finished"]) == (["imported"], 4, True)
    for form in ("table", "md", "html", "csv", "json"):
        done = harness("report", str(imported), "--format", form)
        assert done.code == 0 and done.out, form
    rows = json.loads(done.out)["rows"]
    assert [(r["delegate"], r["sessions"], r["provenance"], r["device"]) for r in rows] == [
        ("cpu", 3, "imported", "Own 1"),
        ("gpu", 1, "imported", "Own 1"),
    ]
    assert rows[0]["latency_ms"]["median"] == 12.4815
    assert rows[1]["runtime"]["sha256"] is None and rows[1]["runtime"]["sha256_reason"]


def test_the_files_are_kept_as_evidence(imported: Path) -> None:
    run = load_run(imported)
    assert len(run.meta["imported"]) == 7
    for session in run.sessions:
        for path in session.evidence.values():
            assert (imported / path).read_bytes()
    table = imported / "operators.parquet"
    found = duckdb.sql(f"SELECT session_id, avg_ms FROM '{table}' WHERE node_type = 'CONV_2D' ORDER BY ALL").fetchall()
    assert found == [("imported/0000", 7.5), ("imported/0003", 2.5)]


def test_exit_codes(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(CPU)
    bad.write_text("own words\n")
    some = harness("import", str(good), str(bad), "--out", str(tmp_path / "runs"), "--json")
    assert some.code == 1 and some.err == f"harness: {bad} is no log of a benchmark program\n"
    assert json.loads(some.out)["rows"][0]["threads"] == 2
    none = harness("import", str(bad), "--out", str(tmp_path / "none"))
    assert none.code == 2 and not (tmp_path / "none").exists()
    wrong = harness("import", str(good), "--delegate", "own", "--out", str(tmp_path / "none"))
    assert wrong.code == 2 and "there is no delegate 'own'" in wrong.err
