"""Columns of the Parquet tables: name, DuckDB type, meaning. docs/run_folder.md is made from this."""

from __future__ import annotations

TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "sessions": {
        "session_id": ("VARCHAR", "block and index; one row per fresh benchmark process"),
        "phone_id": ("VARCHAR", "the phone's own serial number"),
        "provenance": ("VARCHAR", "real, emulator, virtual or imported"),
        "model": ("VARCHAR", "name of the model"),
        "variant": ("VARCHAR", "variant of the model, empty where it has none"),
        "delegate": ("VARCHAR", "cpu, gpu, nnapi or npu, as asked for"),
        "options": ("VARCHAR", "what else was asked for, as JSON"),
        "threads": ("INTEGER", "CPU threads"),
        "outcome": ("VARCHAR", "what the session ended as"),
        "outcome_line": ("VARCHAR", "the line that says so"),
        "exit_code": ("INTEGER", "of the program"),
        "start_uptime_s": ("DOUBLE", "start of the program, CLOCK_BOOTTIME of the phone"),
        "end_uptime_s": ("DOUBLE", "its end"),
        "init_us": ("DOUBLE", "initialisation"),
        "first_us": ("DOUBLE", "first run of the warm-up"),
        "warmup_avg_us": ("DOUBLE", "mean of the warm-up"),
        "inference_avg_us": ("DOUBLE", "mean of the timed runs"),
        "inference_median_us": ("DOUBLE", "median of the timed runs, where printed"),
        "inference_p95_us": ("DOUBLE", "95th percentile of the timed runs, where printed"),
        "inference_min_us": ("DOUBLE", "fastest timed run"),
        "runs": ("INTEGER", "timed runs"),
        "peak_rss_mb": ("DOUBLE", "peak resident memory, MiB, absolute"),
        "memory_overall_mb": ("DOUBLE", "growth of peak memory since the program's start, MiB"),
        "nodes_delegated": ("INTEGER", "nodes that the delegate took"),
        "nodes_total": ("INTEGER", "nodes of the model"),
        "power_mw": ("DOUBLE", "mean power while the program ran"),
        "power_reason": ("VARCHAR", "why there is no power"),
        "energy_mj": ("DOUBLE", "energy of one inference over the idle phone"),
        "energy_reason": ("VARCHAR", "why there is no energy"),
        "battery_before_c": ("DOUBLE", "battery temperature before"),
        "battery_after_c": ("DOUBLE", "battery temperature after"),
        "min_cap_pct": ("DOUBLE", "lowest cap of a CPU clock as a share of its maximum"),
        "flags": ("VARCHAR", "flags, separated by spaces"),
    },
    "samples": {
        "session_id": ("VARCHAR", "the session"),
        "boot_s": ("DOUBLE", "when, CLOCK_BOOTTIME of the phone"),
        "name": ("VARCHAR", "which node; rss_pages, SUPPLY.current_now, POLICY.cur, POLICY.cap, zone.TYPE"),
        "value": ("DOUBLE", "its value in its own unit"),
    },
    "phones": {
        "phone_id": ("VARCHAR", "the phone's own serial number"),
        "serial": ("VARCHAR", "adb's address in this run"),
        "provenance": ("VARCHAR", "real, emulator or virtual"),
        "manufacturer": ("VARCHAR", "maker"),
        "model": ("VARCHAR", "ro.product.model"),
        "soc": ("VARCHAR", "SoC"),
        "android": ("VARCHAR", "version of Android"),
        "ram_mb": ("DOUBLE", "MemTotal, MiB"),
        "tier": ("VARCHAR", "device tier"),
        "fingerprint": ("VARCHAR", "ro.build.fingerprint"),
    },
    "summary": {
        "phone_id": ("VARCHAR", "the phone"),
        "model": ("VARCHAR", "name of the model"),
        "variant": ("VARCHAR", "its variant"),
        "delegate": ("VARCHAR", "as asked for"),
        "options": ("VARCHAR", "as JSON"),
        "threads": ("INTEGER", "CPU threads"),
        "sessions": ("INTEGER", "sessions that count"),
        "latency_median_us": ("DOUBLE", "median over sessions of their mean run"),
        "latency_min_us": ("DOUBLE", "fastest session's mean run"),
        "latency_max_us": ("DOUBLE", "slowest session's mean run"),
    },
}


def describe() -> str:
    """The tables as Markdown."""
    parts = []
    for table, columns in TABLES.items():
        rows = "\n".join(f"| `{name}` | {kind} | {text} |" for name, (kind, text) in columns.items())
        parts.append(f"## {table}.parquet\n\n| column | type | meaning |\n| --- | --- | --- |\n{rows}\n")
    return "\n".join(parts)
