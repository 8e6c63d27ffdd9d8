"""Writes the Parquet tables of a run with DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.measure.sampler import parse_sampler
from harness.records import SessionRecord
from harness.results.schema import TABLES

if TYPE_CHECKING:
    from harness.results.folder import Run

_SUMMARY = """
INSERT INTO summary
SELECT phone_id, model, variant, delegate, options, threads, count(*), median(inference_avg_us), min(inference_avg_us),
       max(inference_avg_us)
FROM sessions WHERE outcome = 'ok' AND inference_avg_us IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""


def write_tables(run: Run) -> None:
    """Write sessions, samples, phones and summary beside the journal; same run, same rows in the same order."""
    import duckdb

    with duckdb.connect() as db:
        for table, columns in TABLES.items():
            db.execute(f"CREATE TABLE {table} (" + ", ".join(f'"{n}" {kind}' for n, (kind, _) in columns.items()) + ")")
        _insert(db, "sessions", (_session(s) for s in sorted(run.sessions, key=lambda s: s.session_id)))
        _insert(db, "samples", _samples(run))
        phones = ({n: getattr(p, n) for n in TABLES["phones"]} for p in run.phones)
        _insert(db, "phones", phones)
        db.execute(_SUMMARY)
        for table in TABLES:
            target = str(run.path / f"{table}.parquet").replace("'", "''")
            db.execute(f"COPY {table} TO '{target}' (FORMAT parquet)")


def _insert(db: Any, table: str, rows: Iterator[dict[str, Any]]) -> None:
    import pandas as pd

    columns = list(TABLES[table])
    frame = pd.DataFrame(list(rows), columns=columns, dtype=object)
    if len(frame):
        db.register("frame", frame)
        db.execute(f"INSERT INTO {table} SELECT * FROM frame")
        db.unregister("frame")


def _session(s: SessionRecord) -> dict[str, Any]:
    timed = s.timed_run
    return {
        "session_id": s.session_id,
        "phone_id": s.phone_id,
        "provenance": s.provenance,
        "model": s.key.model,
        "variant": s.key.variant,
        "delegate": s.key.delegate,
        "options": json.dumps(s.key.options, sort_keys=True),
        "threads": s.key.threads,
        "outcome": s.outcome,
        "outcome_line": s.outcome_line,
        "exit_code": s.exit_code,
        "start_uptime_s": s.start_uptime_s,
        "end_uptime_s": s.end_uptime_s,
        "init_us": s.init_us,
        "first_us": s.first_us,
        "warmup_avg_us": s.warmup_avg_us,
        "inference_avg_us": s.inference_avg_us,
        "inference_median_us": timed.median_us if timed else None,
        "inference_p95_us": timed.p95_us if timed else None,
        "inference_min_us": timed.min_us if timed else None,
        "runs": timed.count if timed else None,
        "peak_rss_mb": s.peak_rss_mb.value,
        "memory_overall_mb": s.memory.overall_mb if s.memory else None,
        "nodes_delegated": s.delegation.nodes_delegated,
        "nodes_total": s.delegation.nodes_total,
        "power_mw": s.power_mw.value,
        "power_reason": s.power_mw.reason,
        "energy_mj": s.energy_mj.value,
        "energy_reason": s.energy_mj.reason,
        "battery_before_c": s.thermal.battery_before_c,
        "battery_after_c": s.thermal.battery_after_c,
        "min_cap_pct": s.frequency.min_cap_pct,
        "flags": " ".join(s.flags),
    }


def _samples(run: Run) -> Iterator[dict[str, Any]]:
    for session in sorted(run.sessions, key=lambda s: s.session_id):
        name = session.evidence.get("sampler.tsv")
        if name is None or not (run.path / name).exists():
            continue
        log = parse_sampler((run.path / name).read_text(errors="replace"))
        for column, values in sorted(log.columns.items()):
            for moment, value in zip(log.times_s, values, strict=False):
                if value is not None:
                    yield {"session_id": session.session_id, "boot_s": moment, "name": column, "value": value}
