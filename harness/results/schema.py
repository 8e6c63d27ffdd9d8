"""The Parquet tables of a run: column, DuckDB type, meaning. docs/run_folder.md is made from this.

Every table begins with `run_id`, so that a glob of runs can be queried as one. What is unknown is NULL, never 0.
`python -m harness.results.schema > docs/run_folder.md` makes the page current; a test holds it to that.
"""

from __future__ import annotations

Columns = dict[str, tuple[str, str]]

_RUN: Columns = {"run_id": ("VARCHAR", "name of the run's folder")}
_KEY: Columns = {
    "phone_id": ("VARCHAR", "the phone's own serial number"),
    "model": ("VARCHAR", "name of the model"),
    "variant": ("VARCHAR", "variant of the model, empty where it has none"),
    "delegate": ("VARCHAR", "cpu, gpu, nnapi or npu, as asked for; imported ones may be others or unknown"),
    "options": ("VARCHAR", "what else was asked for, as JSON with sorted keys"),
    "threads": ("INTEGER", "CPU threads; NULL where an imported log does not say"),
}

_SESSIONS: Columns = {
    **_RUN,
    "session_id": ("VARCHAR", "block and index; one row per fresh benchmark process"),
    "arm": ("VARCHAR", "side of a comparison, A or B; NULL of any other session"),
    "repeat": ("INTEGER", "which of its condition's sessions, from 0; of a comparison the pair"),
    "kind": (
        "VARCHAR",
        "timing; or, whose times count for nothing: outputs (one run on a given input), memory, operators",
    ),
    "block_id": ("VARCHAR", "the block that it was part of"),
    **_KEY,
    "serial": ("VARCHAR", "adb's address of the phone"),
    "provenance": ("VARCHAR", "real, emulator, virtual or imported"),
    "context": ("VARCHAR", "shell or app"),
    "outcome": ("VARCHAR", "what the session ended as"),
    "outcome_line": ("VARCHAR", "the line that says so"),
    "counts": ("BOOLEAN", "of kind timing, ended ok, timed, and no flag makes it void: part of summary"),
    "exit_code": ("INTEGER", "of the program"),
    "signal": ("VARCHAR", "that ended the program"),
    "flags": ("VARCHAR[]", "what casts doubt on it, sorted"),
    "model_sha256": ("VARCHAR", "of the model file"),
    "model_mb": ("DOUBLE", "size of the model in 10^6 bytes, as the program prints it"),
    "runtime_flavour": ("VARCHAR", "tflite or litert; unknown of some imported sessions"),
    "runtime_version": ("VARCHAR", "of the program, where known"),
    "runtime_sha256": ("VARCHAR", "of the program"),
    "args": ("VARCHAR[]", "flags of the program but for the model"),
    "boot_id": ("VARCHAR", "of the phone's kernel"),
    "start_uptime_s": ("DOUBLE", "start of the program, CLOCK_BOOTTIME of the phone"),
    "end_uptime_s": ("DOUBLE", "its end"),
    "init_us": ("DOUBLE", "initialisation"),
    "first_us": ("DOUBLE", "first run of the warm-up"),
    "warmup_avg_us": ("DOUBLE", "mean of the warm-up"),
    "inference_avg_us": ("DOUBLE", "mean of the timed runs"),
    "inference_std_us": ("DOUBLE", "standard deviation of the timed runs, where printed"),
    "inference_min_us": ("DOUBLE", "fastest timed run, where printed"),
    "inference_median_us": ("DOUBLE", "median of the timed runs, where printed"),
    "inference_p95_us": ("DOUBLE", "95th percentile of the timed runs, where printed"),
    "inference_max_us": ("DOUBLE", "slowest timed run, where printed"),
    "runs": ("INTEGER", "timed runs"),
    "warmup_runs": ("INTEGER", "warm-up runs"),
    "memory_init_mb": ("DOUBLE", "growth of peak memory by initialisation, MiB"),
    "memory_overall_mb": ("DOUBLE", "growth of peak memory since the program's start, MiB"),
    "peak_rss_mb": ("DOUBLE", "peak resident memory, MiB, absolute"),
    "peak_rss_reason": ("VARCHAR", "why there is none"),
    "vm_hwm_mb": ("DOUBLE", "of kind memory: peak resident memory as the kernel counts it, MiB (docs/memory.md)"),
    "anon_mb": ("DOUBLE", "most anonymous resident memory seen, MiB"),
    "file_mb": ("DOUBLE", "most resident memory of mapped files seen, MiB"),
    "swap_mb": ("DOUBLE", "most memory in swap seen, MiB"),
    "pss_mb": ("DOUBLE", "proportional set size, read once during the runs, MiB"),
    "gpu_mb": ("DOUBLE", "what the driver of the GPU counts, MiB; not part of any resident memory"),
    "memory_load_mb": ("DOUBLE", "growth of the peak by loading the model, MiB"),
    "memory_compile_mb": ("DOUBLE", "by delegates and tensors, MiB"),
    "memory_run_mb": ("DOUBLE", "by the runs, MiB"),
    "delegation_extent": ("VARCHAR", "completely, partially or none; NULL without proof"),
    "nodes_delegated": ("INTEGER", "nodes that the delegate took"),
    "nodes_total": ("INTEGER", "nodes of the model"),
    "partitions": ("INTEGER", "parts that the delegate took them in"),
    "power_mw": ("DOUBLE", "mean power while the program ran"),
    "power_reason": ("VARCHAR", "why there is none"),
    "energy_mj": ("DOUBLE", "energy of one inference over the idle phone"),
    "energy_reason": ("VARCHAR", "why there is none"),
    "battery_before_c": ("DOUBLE", "battery temperature before"),
    "battery_after_c": ("DOUBLE", "battery temperature after"),
    "skin_before_c": ("DOUBLE", "skin temperature before, of the thermal service"),
    "skin_after_c": ("DOUBLE", "skin temperature after"),
    "zone_max_c": ("DOUBLE", "hottest that the sampler saw"),
    "thermal_status_before": ("INTEGER", "of the thermal service, 0 to 6"),
    "thermal_status_after": ("INTEGER", "of the thermal service, 0 to 6"),
    "min_cap_pct": ("DOUBLE", "lowest cap of a CPU clock as a share of its maximum"),
    "state": ("VARCHAR", "what the phone was held at, as JSON with sorted keys"),
    "own_cpu_s": ("DOUBLE", "CPU time of the program, all its threads"),
    "others_busy_pct": ("DOUBLE", "share of all cores that others had while it ran"),
    "allowed_cpus": ("VARCHAR", "cores that it may run on, as the kernel writes it"),
    "sampler_cpu_s": ("DOUBLE", "CPU time of the sampler"),
    "agreement": ("VARCHAR", "of kind outputs: agrees or wrong, against the host's CPU; NULL: not checked"),
    "agreement_reason": ("VARCHAR", "why it is wrong, or was not checked"),
    "agreement_input": ("INTEGER", "which of the inputs, from 0"),
    "agreement_source": ("VARCHAR", "file of the inputs, or random inputs"),
    "agreement_signs": ("VARCHAR[]", "nan, inf, all_zero, constant, stale (the output of another input), size"),
    "max_abs_error": ("DOUBLE", "largest error of a value, in the output's own unit"),
    "mean_abs_error": ("DOUBLE", "mean error, of the output where it is largest"),
    "error_pct": ("DOUBLE", "the largest error as a share of the range of the host's outputs"),
    "error_steps": ("DOUBLE", "the same in steps of the output's quantization, where it has one"),
    "cosine": ("DOUBLE", "least cosine of an output with the host's"),
    "top1": ("BOOLEAN", "the same class is ahead; NULL where no output is one vector of scores"),
}

_SAMPLES: Columns = {
    **_RUN,
    "session_id": ("VARCHAR", "the session"),
    "boot_s": ("DOUBLE", "when, CLOCK_BOOTTIME of the phone"),
    "name": ("VARCHAR", "which node: rss_pages, SUPPLY.current_now, POLICY.cur, POLICY.cap, zone.TYPE, …"),
    "value": ("DOUBLE", "as the node gives it; its unit is that of the node on that phone"),
}

_OPERATORS: Columns = {
    **_RUN,
    "session_id": ("VARCHAR", "the session, of kind operators, or with `--enable_op_profiling=true` in extra_args"),
    "run_order": ("INTEGER", "its place in the profile, from 0"),
    "node_index": ("INTEGER", "of the model's node; NULL of an operator that a delegate made"),
    "name": ("VARCHAR", "as the program prints it; NULL where only a summary by type is left"),
    "node_type": ("VARCHAR", "kind of operator"),
    "unit": ("VARCHAR", "what ran it: cpu (own kernels), xnnpack, gpu, nnapi, npu, dsp; NULL: nothing says so"),
    "part": ("VARCHAR", "model; inside: part of another row's time, so not to be added up"),
    "avg_ms": ("DOUBLE", "mean time in one run, all its calls together"),
    "share_pct": ("DOUBLE", "of the time of all operators of the model"),
    "calls": ("DOUBLE", "in one run"),
    "memory_kb": ("DOUBLE", "10^3 bytes, where the program counts them"),
}

_PHONES: Columns = {
    **_RUN,
    "phone_id": ("VARCHAR", "the phone's own serial number"),
    "serial": ("VARCHAR", "adb's address in this run"),
    "provenance": ("VARCHAR", "real, emulator, virtual or imported"),
    "manufacturer": ("VARCHAR", "maker"),
    "model": ("VARCHAR", "ro.product.model"),
    "device": ("VARCHAR", "ro.product.device"),
    "soc": ("VARCHAR", "SoC"),
    "soc_manufacturer": ("VARCHAR", "its maker"),
    "gpu": ("VARCHAR", "as its driver calls it"),
    "android": ("VARCHAR", "version of Android"),
    "sdk": ("INTEGER", "level of its API"),
    "abi": ("VARCHAR", "first ABI"),
    "ram_mb": ("DOUBLE", "MemTotal, MiB"),
    "cores": ("INTEGER", "CPU cores"),
    "max_khz": ("INTEGER", "clock of the fastest core"),
    "performance_class": ("INTEGER", "media performance class"),
    "tier": ("VARCHAR", "device tier"),
    "tier_reason": ("VARCHAR", "the rule that gave it"),
    "fingerprint": ("VARCHAR", "ro.build.fingerprint"),
}

_SUMMARY: Columns = {
    **_RUN,
    "provenance": ("VARCHAR", "real, emulator, virtual or imported"),
    **_KEY,
    "state": ("VARCHAR", "what the phone was held at, as JSON with sorted keys"),
    "sessions": ("INTEGER", "sessions that count"),
    "latency_median_us": ("DOUBLE", "median over sessions of their mean run"),
    "latency_mad_us": ("DOUBLE", "median distance from it"),
    "latency_min_us": ("DOUBLE", "fastest session's mean run"),
    "latency_max_us": ("DOUBLE", "slowest session's mean run"),
    "init_median_us": ("DOUBLE", "median initialisation"),
    "peak_rss_median_mb": ("DOUBLE", "median peak resident memory, MiB"),
    "energy_median_mj": ("DOUBLE", "median energy of one inference"),
}

TABLES: dict[str, Columns] = {
    "sessions": _SESSIONS,
    "samples": _SAMPLES,
    "operators": _OPERATORS,
    "phones": _PHONES,
    "summary": _SUMMARY,
}

_PAGE = """\
# The run folder

A run is a folder `DIR/RUN_ID/`. It is written once and never edited; `harness run --resume` only adds what is missing.

| what | holds |
| --- | --- |
| `run.json` | what was run where, as below; replaced in one step, never edited in place |
| `journal.jsonl` | the truth of the run: a JSON line a started block (`"event": "block"`, with number and key of \
the lease), a finished session (`"event": "session"`) and a job that ended (`"event": "job"`, with the kind of \
failure), each synced before it counts |
| `raw/BLOCK/` | what came from the phone: `markers`, and per session `s/INDEX/`: `cmd`, `out`, `err`, `rc`, \
`sampler.tsv`, `result.pb`, `runtime.pb`, dumps `before/` and `after/`, `logcat` where it failed; of `harness import` \
the files as given, `s/INDEX/KIND/FILE` |
| `*.parquet` | tables made from the journal by DuckDB when the run ends |
| `outputs/MODEL/` | where outputs are checked, by the first letters of the model's sha256: `in-SAMPLE-INPUT.bin`, the \
values that the phones got, and `reference.npz`, what the host's CPU made of them, by `SAMPLE/OUTPUT`; what a phone \
made of them is `raw/BLOCK/s/INDEX/output.bin`, all outputs one after the other |
| `report.html` | the page |

Keys of `run.json`: `schema`, `run_id`, `harness` (version), `python`, `host`, `argv`, `started` (UTC), `suite`, `seed`,
`outputs` (what outputs are checked on: source, number and sha256 of the inputs, by model), `clock_rate` (of virtual
phones), `phones` (what each phone is, with its fingerprint and tier), `binaries` (programs by sha256), `models` (files
with their sha256), `accuracy` (of models on the host by sha256, as known when it began), `skipped` (conditions left
out, with the reason), and at the end
`sessions`, `wall_s`, `ideal_s`, `bytes_pushed`, `failures` (phone to reason) and, last of all, `finished`.
`harness import` adds `imported`: each file with its session and sha256.

Times of a phone are CLOCK_BOOTTIME seconds. Query several runs at once:

```sql
SELECT run_id, phone_id, delegate, latency_median_us FROM 'runs/*/summary.parquet' WHERE model = 'digits';
```

A value that is unknown is NULL. A session that does not count (`counts`) is in `sessions` and not in `summary`. Where
the outputs of a condition are wrong, all its timed sessions carry the flag `wrong_output` and do not count; in the
journal, which is never changed, they do not carry it, since they ran before.
"""


def page() -> str:
    """docs/run_folder.md."""
    parts = [_PAGE]
    for table, columns in TABLES.items():
        rows = "\n".join(f"| `{name}` | {kind} | {text} |" for name, (kind, text) in columns.items())
        parts.append(f"## {table}.parquet\n\n| column | type | meaning |\n| --- | --- | --- |\n{rows}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
