"""The report as CSV: one line a row, units in the column names."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

_COLUMNS = [
    *("row", "phone_id", "serial", "device", "tier", "provenance", "context"),
    *("model", "variant", "delegate", "options", "threads", "runtime_flavour", "runtime_sha256"),
    *("outcome", "outcome_line", "sessions", "sessions_run", "sessions_void"),
    *("latency_median_ms", "latency_ci95_lo_ms", "latency_ci95_hi_ms", "latency_p95_ms", "latency_min_ms"),
    *("app_ratio", "app_ratio_ci95_lo", "app_ratio_ci95_hi", "app_ratio_verdict", "app_ratio_reason"),
    *("latency_reason", "init_ms", "first_ms", "peak_rss_mb", "peak_rss_reason", "memory_overall_mb"),
    *("power_mw", "power_reason", "energy_mj", "energy_ci95_lo_mj", "energy_ci95_hi_mj", "energy_reason"),
    *("battery_after_c", "skin_after_c", "min_cap_pct", "state", "others_busy_pct", "allowed_cpus"),
    *("nodes_delegated", "nodes_total", "partitions", "flags"),
    *("agreement", "agreement_inputs", "agreement_error_pct", "agreement_cosine_min", "agreement_reason"),
    *("accuracy_metric", "accuracy", "accuracy_ci95_lo", "accuracy_ci95_hi", "accuracy_drop", "accuracy_drop_ci95_lo"),
    *("accuracy_drop_ci95_hi", "accuracy_verdict", "accuracy_examples", "accuracy_base", "accuracy_reason"),
]


def to_csv(document: dict[str, Any]) -> str:
    """An unknown value is an empty field; its reason stands in the column beside it where there is one."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in document["rows"]:
        latency, delegation, accuracy = row["latency_ms"], row["delegation"], row["accuracy"]
        ci95, drop_ci95 = accuracy.get("ci95", [None, None]), accuracy.get("drop_ci95", [None, None])
        values = {
            **{k: row[k] for k in _COLUMNS if k in row},
            "sessions_void": row["outcomes"].get("void", 0),
            "options": json.dumps(row["options"], sort_keys=True),
            "runtime_flavour": row["runtime"]["flavour"],
            "runtime_sha256": row["runtime"]["sha256"],
            "latency_median_ms": latency["median"],
            "latency_ci95_lo_ms": latency["ci95"][0],
            "latency_ci95_hi_ms": latency["ci95"][1],
            "latency_p95_ms": latency["p95"],
            "latency_reason": latency["reason"],
            "latency_min_ms": latency["min"],
            "app_ratio": row["app_ratio"]["value"],
            "app_ratio_ci95_lo": row["app_ratio"]["ci95"][0],
            "app_ratio_ci95_hi": row["app_ratio"]["ci95"][1],
            "app_ratio_verdict": row["app_ratio"]["verdict"],
            "app_ratio_reason": row["app_ratio"]["reason"],
            "peak_rss_mb": row["memory_mb"]["peak_rss"],
            "peak_rss_reason": row["memory_mb"]["reason"],
            "memory_overall_mb": row["memory_mb"]["overall"],
            "power_mw": row["power_mw"]["value"],
            "power_reason": row["power_mw"]["reason"],
            "energy_mj": row["energy_mj"]["value"],
            "energy_ci95_lo_mj": row["energy_mj"]["ci95"][0],
            "energy_ci95_hi_mj": row["energy_mj"]["ci95"][1],
            "energy_reason": row["energy_mj"]["reason"],
            **{k: row["thermal"][k] for k in ("battery_after_c", "skin_after_c", "min_cap_pct")},
            "state": json.dumps(row["state"]["held"], sort_keys=True),
            **{k: row["activity"][k] for k in ("others_busy_pct", "allowed_cpus")},
            "nodes_delegated": delegation["nodes_delegated"],
            "nodes_total": delegation["nodes_total"],
            "partitions": delegation["partitions"],
            "flags": " ".join(row["flags"]),
            "agreement": row["agreement"]["verdict"],
            **{f"agreement_{k}": row["agreement"][k] for k in ("inputs", "error_pct", "cosine_min", "reason")},
            **{f"accuracy_{k}": accuracy.get(k) for k in ("metric", "drop", "verdict", "examples", "base", "reason")},
            "accuracy": accuracy["value"],
            "accuracy_ci95_lo": ci95[0],
            "accuracy_ci95_hi": ci95[1],
            "accuracy_drop_ci95_lo": drop_ci95[0],
            "accuracy_drop_ci95_hi": drop_ci95[1],
        }
        writer.writerow(["" if values[c] is None else values[c] for c in _COLUMNS])
    return buffer.getvalue()
