"""The Parquet tables: what is documented is what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from harness.records import OperatorProfile, OperatorTime, Quantity
from harness.results.folder import RunFolder, phones_meta
from harness.results.schema import TABLES, page
from harness.results.tables import session_row
from tests.records import phone, session

SAMPLER = """\
#v1 period=0.5 boot_id=b
#cols seq boot_s rss_pages battery.current_now
S 0 10.0 100 -5000
S 1 10.5 200 NA
E 2 11.0 why=done
"""
PROFILE = OperatorProfile(
    "table",
    (
        OperatorTime("WHILE", "[while]:0", 0.3, node=0, unit="cpu"),
        OperatorTime("ADD", "[add]:0", 0.2, calls=5.0, node=0, unit="cpu", part="inside"),
        OperatorTime("Softmax (NC, F32)", "Delegate/Softmax (NC, F32):1", 0.1, memory_kb=4.0, unit="xnnpack"),
    ),
)


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = duckdb.sql(sql.replace("@", str(folder).replace("'", "''") + "/")).fetchall()
    return rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = RunFolder.create(tmp_path, "it's a run", {"phones": phones_meta([phone("b"), phone("a", ram_mb=7000.0)])})
    raw = made.path / "raw"
    (raw / "sampler").write_text(SAMPLER)
    sessions = [
        session("b/0002", evidence={"sampler.tsv": "raw/sampler"}, operators=PROFILE),
        session("b/0000", inference_avg_us=1200.0, flags=("warm_start", "charging")),
        session("b/0001", inference_avg_us=4000.0, energy_mj=Quantity(2.5)),
        session("b/0003", inference_avg_us=1.0, flags=("suspended",)),
        session("b/0004", inference_avg_us=None, outcome="crash", outcome_line="模型 '\"\n", signal="SIGSEGV"),
        session("b/0005", inference_avg_us=None, evidence={"sampler.tsv": "raw/gone"}, detail={"x": "m\udcff"}),
    ]
    for record in sessions:
        made.journal.append(record)
    made.finish({})
    return made.path


def test_columns_are_those_of_the_schema(folder: Path) -> None:
    for table, columns in TABLES.items():
        described = query(folder, f"DESCRIBE SELECT * FROM '@{table}.parquet'")
        assert [(name, kind) for name, kind, *_ in described] == [(n, k) for n, (k, _) in columns.items()]
    assert list(session_row(session("b/0000"))) == [n for n in TABLES["sessions"] if n != "run_id"]


def test_rows_of_sessions(folder: Path) -> None:
    rows = query(folder, "SELECT session_id, counts, flags, energy_mj FROM '@sessions.parquet'")
    assert rows == [
        ("b/0000", True, ["charging", "warm_start"], None),
        ("b/0001", True, [], 2.5),
        ("b/0002", True, [], None),
        ("b/0003", False, ["suspended"], None),
        ("b/0004", False, [], None),
        ("b/0005", False, [], None),
    ]
    (row,) = query(folder, "SELECT run_id, outcome_line, signal, args FROM '@sessions.parquet' WHERE outcome = 'crash'")
    assert row == ("it's a run", "模型 '\"\n", "SIGSEGV", ["--num_runs=5"])


def test_samples_and_operators_and_phones(folder: Path) -> None:
    assert query(folder, "SELECT session_id, boot_s, name, value FROM '@samples.parquet'") == [
        ("b/0002", 10.0, "battery.current_now", -5000.0),
        ("b/0002", 10.0, "rss_pages", 100.0),
        ("b/0002", 10.5, "rss_pages", 200.0),
    ]
    wanted = "run_order, node_index, node_type, unit, part, avg_ms, round(share_pct), calls, memory_kb"
    assert query(folder, f"SELECT {wanted} FROM '@operators.parquet'") == [
        (0, 0, "WHILE", "cpu", "model", 0.3, 75.0, 1.0, None),
        (1, 0, "ADD", "cpu", "inside", 0.2, None, 5.0, None),
        (2, None, "Softmax (NC, F32)", "xnnpack", "model", 0.1, 25.0, 1.0, 4.0),
    ]
    assert query(folder, "SELECT phone_id, ram_mb FROM '@phones.parquet'") == [("a", 7000.0), ("b", None)]


def test_summary_holds_only_what_counts(folder: Path) -> None:
    rows = query(
        folder,
        "SELECT sessions, latency_median_us, latency_mad_us, latency_min_us, latency_max_us, energy_median_mj "
        "FROM '@summary.parquet'",
    )
    assert rows == [(3, 1200.0, 200.0, 1000.0, 4000.0, 2.5)]


def test_several_runs_are_one_glob(folder: Path) -> None:
    other = RunFolder.create(folder.parent, "other", {})
    other.finish({})
    rows = query(folder.parent, "SELECT run_id, count(*) FROM '@*/sessions.parquet' GROUP BY ALL")
    assert rows == [("it's a run", 6)]


def test_the_same_run_gives_the_same_tables(folder: Path) -> None:
    before = {t: query(folder, f"SELECT * FROM '@{t}.parquet'") for t in TABLES}
    RunFolder.resume(folder).finish({})
    assert {t: query(folder, f"SELECT * FROM '@{t}.parquet'") for t in TABLES} == before


def test_the_documentation_is_current() -> None:
    """`python -m harness.results.schema > docs/run_folder.md` makes it current."""
    assert (Path(__file__).parents[2] / "docs" / "run_folder.md").read_text(encoding="utf-8") == page()


def test_units_stand_in_the_names() -> None:
    plain = {"value", "threads", "runs", "warmup_runs", "sessions", "exit_code", "partitions", "nodes_delegated"}
    plain |= {"agreement_input", "repeat", "max_abs_error", "mean_abs_error", "error_steps", "cosine"}
    plain |= {
        "run_order",
        "node_index",
        "calls",
        "memory_kb",
        "agreement_input",
        "max_abs_error",
        "mean_abs_error",
        "error_steps",
        "cosine",
    }
    plain |= {"nodes_total", "thermal_status_before", "thermal_status_after", "sdk", "cores", "performance_class"}
    for columns in TABLES.values():
        for name, (kind, _) in columns.items():
            if kind in ("DOUBLE", "INTEGER") and name not in plain:
                assert name.endswith(("_us", "_ms", "_s", "_mb", "_mj", "_mw", "_c", "_pct", "_khz")), name
