"""Run folders with raw files, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.records import PhaseStats, SessionKey, SessionRecord, ThermalRecord
from harness.results.folder import Run, RunFolder, load_run, phones_meta
from tests.records import phone, session

PROGRAM, MODEL = "1" * 64, "a" * 64
GPU = SessionKey("net", "int8", "gpu", {"precision": "fp32"}, 4)
CPU = SessionKey("net", "int8", "cpu", {"affinity": "f0"}, 4)
FLAGS = "--num_runs=5 --use_gpu=true --result_file_path=s/{n:04d}/result.pb"
META: dict[str, Any] = {
    "argv": ["run", "my suite.yaml", "--virtual", "2", "--profile", "pixel-6a:2"],
    "binaries": {PROGRAM: "benchmark_model"},
    "models": [{"file": "net int8.tflite", "name": "net", "variant": "int8", "sha256": MODEL}],
    "suite": {"protocol": {"num_runs": 5, "min_secs": 0.5}},
}


def timed(name: str, mean_us: float | None, **fields: Any) -> SessionRecord:
    """A session of GPU with what a real one has."""
    number = int(name.rpartition("/")[2])
    values: dict[str, Any] = {
        "key": GPU,
        "model_sha256": MODEL,
        "inference_avg_us": mean_us,
        "args": tuple(FLAGS.format(n=number).split()),
        "timed_run": PhaseStats(5, min_us=900.0, p95_us=1500.0),
        "thermal": ThermalRecord(30.0, 31.0),
        "start_uptime_s": 10.0 * number,
        "end_uptime_s": 10.0 * number + 2,
        "repeat": number,
    }
    return session(name, **{**values, **fields})


def run_folder(out: Path, *sessions: SessionRecord, raw: bool = True, **meta: Any) -> Run:
    """A run folder of phones P1 and P2 with these sessions; `cmd`, `out` and a dump of each where raw."""
    import dataclasses

    folder = RunFolder.create(out, "r", {**META, "phones": phones_meta([phone("P1"), phone("P2")]), **meta})
    for record in sessions:
        evidence = {}
        if raw:
            place = folder.path / "raw" / record.block_id / "s" / record.session_id.rpartition("/")[2]
            (place / "before").mkdir(parents=True)
            (place / "before" / "battery").write_text("  level: 67\n  scale: 100\n")
            command = f'exec "${{PHONE_ROOT}}"/data/{PROGRAM} --graph="${{PHONE_ROOT}}"/data/{MODEL} '
            (place / "cmd").write_text(command + " ".join(record.args) + "\n")
            (place / "out").write_text("Inference timings\n")
            evidence = {n: (place / n).relative_to(folder.path).as_posix() for n in ("cmd", "out")}
        folder.journal.append(dataclasses.replace(record, evidence=evidence))
    folder.journal.close()
    return load_run(folder.path)
