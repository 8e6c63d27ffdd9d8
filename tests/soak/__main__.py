"""`python -m tests.soak`: a seeded campaign of every kind of fault on a virtual rack, with killed controllers.

Waves of a small suite run until enough faults struck and enough controllers were killed. What is printed is counted by
the phones' own ledger; exit code 1 where anything was lost, doubled or falsely clean, or a phone was left changed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from harness.virtual.ledger_reader import read_ledger
from tests.racks import MODELS
from tests.soak.drive import drive
from tests.soak.judge import Verdict, judge
from tests.soak.rig import Rig

SUITE = f"""
models:
  - {{name: int8, path: "{MODELS / "digits_int8.tflite"}"}}
delegates: [cpu, gpu]
sessions: 6
protocol: {{num_runs: 5, min_secs: 4, warmup_min_secs: 0.5, session_timeout_s: 40, max_secs: 15, cooldown_timeout_s: 5}}
care: {{wait_s: 600}}
"""


def main() -> int:
    """Run it and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--phones", type=int, default=16)
    parser.add_argument("--faults", type=int, default=500, help="stop after so many faults")
    parser.add_argument("--kills", type=int, default=50, help="stop after so many killed controllers")
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", default="", help="only these, with commas")
    parser.add_argument("--keep", type=Path, help="a folder to keep everything in")
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="harness-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "suite.yaml").write_text(SUITE)
    campaign = {
        "seed": args.seed,
        "mean_gap_s": 20.0,
        "pause_s": 15.0,
        "kinds": [k for k in args.kinds.split(",") if k],
    }
    rng = random.Random(args.seed)
    runs: list[Path] = []
    kills, codes, began = 0, Counter[str](), time.monotonic()
    with Rig(folder, args.phones, rate=args.rate, seed=args.seed, faults={"campaign": campaign}) as rig:

        def between() -> None:
            if rng.random() < 0.2:
                rig.kill_server()

        while len(read_ledger(rig.ledger).faults) < args.faults or kills < args.kills:
            wave = folder / f"wave{len(runs):03d}"
            wanted = min(6, args.kills - kills)
            driven = drive(rig, folder / "suite.yaml", wave, kills=wanted, rng=rng, longest_s=15.0, between=between)
            runs.append(driven.folder)
            kills += driven.kills
            codes[str(driven.codes[-1])] += 1
            struck = len(read_ledger(rig.ledger).faults)
            print(f"wave {len(runs)}: {struck} faults, {kills} kills, ended with {driven.codes[-1]}", file=sys.stderr)
        rig.start("rack", "stop", log=folder / "stop.log").communicate(timeout=300)
        rig.ask()
        verdicts = [judge(run, rig.ledger) for run in runs]
    _print(verdicts, kills, codes, time.monotonic() - began, runs)
    print(folder, file=sys.stderr)
    return 1 if any(v.wrong for v in verdicts) else 0


def _print(verdicts: list[Verdict], kills: int, codes: Counter[str], seconds: float, runs: list[Path]) -> None:
    faults = verdicts[-1].faults
    failures = Counter(kind for run in runs for kind in _kinds(run))
    sums = {
        "runs": len(verdicts),
        "jobs planned": sum(v.jobs for v in verdicts),
        "  ended once": sum(v.complete + v.failed for v in verdicts),
        "    complete": sum(v.complete for v in verdicts),
        "    with a typed failure": f"{sum(v.failed for v in verdicts)} {dict(failures)}",
        "  lost": sum(len(v.lost) for v in verdicts),
        "sessions planned": sum(v.sessions for v in verdicts),
        "  doubled": len({d for v in verdicts for d in v.doubled}),
        "  disturbed and reported as clean": sum(len(v.false_clean) for v in verdicts),
        "  made up": sum(len(v.made_up) for v in verdicts),
        "faults": sum(faults.values()),
        "  kinds": len(faults),
        "controllers killed": kills,
        "phones left in a changed state": len(verdicts[-1].changed),
        "exit codes of runs": dict(codes),
        "real seconds": round(seconds),
    }
    for name, value in sums.items():
        print(f"{name:38} {value}")
    print(", ".join(f"{kind} {count}" for kind, count in sorted(faults.items())))
    for verdict in verdicts:
        for name, lines in verdict.wrong.items():
            for line in lines:
                print(f"WRONG {name}: {line}")


def _kinds(run: Path) -> list[str]:
    ends = {}
    for line in (run / "journal.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "job":
            ends[event["job_id"]] = event["kind"]
    return [kind for kind in ends.values() if kind]


if __name__ == "__main__":
    sys.exit(main())
