"""Writes the Parquet tables of a run with DuckDB: the same run gives the same rows in the same order.

The tables are a copy of the journal and the raw files for queries; they can be made again at any time. Imports the pure
reader of the sampler's log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import HostError
from harness.measure.rules import counts
from harness.measure.sampler import parse_sampler
from harness.records import MEMORY_PARTS, MEMORY_PHASES, Agreement, SessionRecord
from harness.results.schema import TABLES

if TYPE_CHECKING:
    from harness.results.folder import Run

Row = dict[str, Any]

#: Rows held in Python at a time.
_BATCH = 50_000
_MEMORY = "256MB"
_SUMMARY = """
INSERT INTO summary
SELECT run_id, provenance, phone_id, model, variant, delegate, options, threads, state, count(*),
       median(inference_avg_us), mad(inference_avg_us), min(inference_avg_us), max(inference_avg_us), median(init_us),
       median(peak_rss_mb), median(energy_mj)
FROM sessions WHERE counts
GROUP BY run_id, provenance, phone_id, model, variant, delegate, options, threads, state ORDER BY ALL
"""


def write_tables(run: Run) -> None:
    """Write every table beside the journal, each in one step.

    Raises:
        HostError: the disk refuses.
    """
    import duckdb

    run_id = str(run.meta.get("run_id", run.path.name))
    sessions = sorted(run.sessions, key=lambda s: s.session_id)
    try:
        with duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": str(run.path / ".tables")}) as db:
            for table, columns in TABLES.items():
                named = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
                db.execute(f"CREATE TABLE {table} ({named})")
            _insert(db, "sessions", run_id, map(session_row, sessions))
            _insert(db, "samples", run_id, _samples(run.path, sessions))
            _insert(db, "operators", run_id, _operators(sessions))
            phones = sorted(run.phones, key=lambda p: p.phone_id)
            _insert(
                db, "phones", run_id, ({n: getattr(p, n) for n in TABLES["phones"] if n != "run_id"} for p in phones)
            )
            db.execute(_SUMMARY)
            for table in TABLES:
                target = run.path / f"{table}.parquet"
                part = target.with_name(f"{target.name}.part")
                quoted = str(part).replace("'", "''")
                db.execute(f"COPY {table} TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
                part.replace(target)
    except (duckdb.Error, OSError) as error:
        for left in run.path.glob("*.parquet.part"):
            left.unlink()
        reason = str(error).splitlines()[0]
        raise HostError(
            f"the tables of {run.path} cannot be written: {reason}",
            advice="make room on the disk; the journal holds every session",
        ) from error


def session_row(s: SessionRecord) -> Row:
    """A session as a row of `sessions`."""
    timed, warmup = s.timed_run, s.warmup_run
    return {
        "session_id": s.session_id,
        "arm": s.arm,
        "repeat": s.repeat,
        "kind": s.kind,
        "block_id": s.block_id,
        "phone_id": s.phone_id,
        "model": s.key.model,
        "variant": s.key.variant,
        "delegate": s.key.delegate,
        "options": json.dumps(s.key.options, sort_keys=True, ensure_ascii=False),
        "threads": s.key.threads,
        "serial": s.serial,
        "provenance": s.provenance,
        "context": s.context,
        "outcome": s.outcome,
        "outcome_line": s.outcome_line,
        "counts": s.gives_latency and counts(s),
        "exit_code": s.exit_code,
        "signal": s.signal,
        "flags": sorted(s.flags),
        "model_sha256": s.model_sha256,
        "model_mb": s.model_mb,
        "runtime_flavour": s.runtime.flavour,
        "runtime_version": s.runtime.version,
        "runtime_sha256": s.runtime.sha256,
        "args": list(s.args),
        "boot_id": s.boot_id,
        "start_uptime_s": s.start_uptime_s,
        "end_uptime_s": s.end_uptime_s,
        "init_us": s.init_us,
        "first_us": s.first_us,
        "warmup_avg_us": s.warmup_avg_us,
        "inference_avg_us": s.inference_avg_us,
        "inference_std_us": timed.std_us if timed else None,
        "inference_min_us": timed.min_us if timed else None,
        "inference_median_us": timed.median_us if timed else None,
        "inference_p95_us": timed.p95_us if timed else None,
        "inference_max_us": timed.max_us if timed else None,
        "runs": timed.count if timed else None,
        "warmup_runs": warmup.count if warmup else None,
        "memory_init_mb": s.memory.init_mb if s.memory else None,
        "memory_overall_mb": s.memory.overall_mb if s.memory else None,
        "peak_rss_mb": s.peak_rss_mb.value,
        "peak_rss_reason": s.peak_rss_mb.reason,
        **_memory(s),
        "delegation_extent": s.delegation.extent,
        "nodes_delegated": s.delegation.nodes_delegated,
        "nodes_total": s.delegation.nodes_total,
        "partitions": s.delegation.partitions,
        "power_mw": s.power_mw.value,
        "power_reason": s.power_mw.reason,
        "energy_mj": s.energy_mj.value,
        "energy_reason": s.energy_mj.reason,
        "battery_before_c": s.thermal.battery_before_c,
        "battery_after_c": s.thermal.battery_after_c,
        "skin_before_c": s.thermal.skin_before_c,
        "skin_after_c": s.thermal.skin_after_c,
        "zone_max_c": s.thermal.max_c,
        "thermal_status_before": s.thermal.status_before,
        "thermal_status_after": s.thermal.status_after,
        "min_cap_pct": s.frequency.min_cap_pct,
        "state": json.dumps(s.state.held, sort_keys=True),
        "own_cpu_s": s.activity.own_cpu_s,
        "others_busy_pct": s.activity.others_busy_pct,
        "allowed_cpus": s.activity.allowed_cpus,
        "sampler_cpu_s": s.activity.sampler_cpu_s,
        **_agreement(s.agreement),
    }


def _agreement(found: Agreement | None) -> Row:
    named = ("max_abs_error", "mean_abs_error", "error_pct", "error_steps", "cosine", "top1")
    return {
        "agreement": found.verdict if found else None,
        "agreement_reason": found.reason if found else None,
        "agreement_input": found.input if found else None,
        "agreement_source": found.source if found else None,
        "agreement_signs": sorted(found.signs) if found else None,
        **{name: getattr(found, name) if found else None for name in named},
    }


def _samples(path: Path, sessions: Iterable[SessionRecord]) -> Iterator[Row]:
    for session in sessions:
        log = parse_sampler(_evidence(path, session, "sampler.tsv"))
        for column, values in sorted(log.columns.items()):
            for moment, value in zip(log.times_s, values, strict=True):
                if value is not None:
                    yield {"session_id": session.session_id, "boot_s": moment, "name": column, "value": value}


def _operators(sessions: Iterable[SessionRecord]) -> Iterator[Row]:
    for session in (s for s in sessions if s.operators is not None):
        assert session.operators is not None
        total_ms = session.operators.total_ms
        for order, op in enumerate(session.operators.ops):
            yield {
                "session_id": session.session_id,
                "run_order": order,
                "node_index": op.node,
                "avg_ms": op.ms,
                "share_pct": 100 * op.ms / total_ms if total_ms and op.part == "model" else None,
                **{name: getattr(op, name) for name in ("name", "node_type", "unit", "part", "calls", "memory_kb")},
            }


def _memory(s: SessionRecord) -> Row:
    detail = s.memory_detail
    return {
        **{f"{name}_mb": getattr(detail, f"{name}_mb").value for name in MEMORY_PARTS},
        **{f"memory_{phase}_mb": detail.phases_mb.get(phase) for phase in MEMORY_PHASES},
    }


def _evidence(path: Path, session: SessionRecord, kind: str) -> str:
    name = session.evidence.get(kind)
    try:
        return (path / name).read_text(encoding="utf-8", errors="replace") if name else ""
    except OSError:
        return ""


def _insert(db: Any, table: str, run_id: str, rows: Iterable[Row]) -> None:
    import pandas as pd

    columns = TABLES[table]
    rest = iter(rows)
    while batch := list(islice(rest, _BATCH)):
        # Column by column: DuckDB then sees one type each; None, and the NaN that pandas makes of it, is NULL.
        frame = pd.DataFrame(
            {
                name: pd.Series([_plain(row[name]) for row in batch], dtype="float64" if kind == "DOUBLE" else "object")
                for name, (kind, _) in columns.items()
                if name != "run_id"
            }
        )
        db.register("frame", frame)
        casts = ", ".join(f'CAST("{name}" AS {kind})' for name, (kind, _) in columns.items() if name != "run_id")
        db.execute(f"INSERT INTO {table} SELECT ?, {casts} FROM frame", [run_id])
        db.unregister("frame")


def _plain(value: Any) -> Any:
    """Text that Parquet can hold: file names of other encodings lose the bytes that are no UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [_plain(v) for v in value] if isinstance(value, list) else value
