"""`python -m tests.soak`: every kind of fault on a virtual rack, and killed controllers.

First, waves of a small suite run through a seeded campaign of faults until enough struck and enough controllers (and a
few adb servers) were killed. Then, with nothing else going wrong, a suite is run undisturbed once and again with killed
controllers, and must measure the same. What is printed is counted by the phones' own ledger, but for the lines on
recovery, which only the harness can know. Exit code 1 where anything was lost, doubled or falsely clean, or a phone was
left changed, or the killed runs differ.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from harness.rack.store import RackStore
from harness.results.journal import read_journal
from harness.virtual.ledger_reader import read_ledger
from tests.racks import MODELS
from tests.soak.drive import Driven, drive
from tests.soak.judge import Verdict, judge, keys
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
    """Run both and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--phones", type=int, default=16)
    parser.add_argument("--faults", type=int, default=500, help="the campaign stops after so many")
    parser.add_argument("--kills", type=int, default=50, help="of controllers, in each of both parts")
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", default="", help="only these faults, with commas")
    parser.add_argument("--keep", type=Path, help="a folder to keep everything in")
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="harness-soak-"))
    print(f"everything is kept in {folder}", file=sys.stderr)
    good = [campaign(folder / "campaign", args), killed(folder / "killed", args)]
    return 0 if all(good) else 1


def campaign(folder: Path, args: argparse.Namespace) -> bool:
    """Faults and kills together; whether nothing went wrong."""
    suite = _begin(folder)
    plan = {"seed": args.seed, "mean_gap_s": 20.0, "pause_s": 15.0, "kinds": [k for k in args.kinds.split(",") if k]}
    rng, waves, began = random.Random(args.seed), list[Driven](), time.monotonic()
    with Rig(folder, args.phones, rate=args.rate, seed=args.seed, faults={"campaign": plan}) as rig:

        def between() -> None:
            if rng.random() < 0.2:
                rig.kill_server()

        while len(read_ledger(rig.ledger).faults) < args.faults or sum(w.kills for w in waves) < args.kills:
            wanted = min(6, args.kills - sum(w.kills for w in waves))
            out = folder / f"wave{len(waves):03d}"
            waves.append(drive(rig, suite, out, kills=wanted, rng=rng, longest_s=15.0, between=between))
            struck, kills = len(read_ledger(rig.ledger).faults), sum(w.kills for w in waves)
            print(
                f"wave {len(waves)}: {struck} faults, {kills} kills, ended with {waves[-1].codes[-1]}", file=sys.stderr
            )
        # As an operator leaves the rack in the morning.
        rig.start("rack", "stop", log=folder / "stop.log").communicate(timeout=300)
        rig.ask()
    verdicts = [judge(wave.folder, rig.ledger) for wave in waves]
    _print(verdicts, waves, time.monotonic() - began)
    _print_recovery(folder, args.rate)
    return not _print_wrong(verdicts)


def killed(folder: Path, args: argparse.Namespace) -> bool:
    """Kills alone, against an undisturbed run; whether all measured the same."""
    suite = _begin(folder)
    rng, waves = random.Random(args.seed), list[Driven]()
    with Rig(folder, args.phones, rate=args.rate / 4, seed=args.seed + 1) as rig:
        calm = drive(rig, suite, folder / "calm", rng=rng)
        while sum(w.kills for w in waves) < args.kills:
            wanted = min(10, args.kills - sum(w.kills for w in waves))
            out = folder / f"wave{len(waves):03d}"
            waves.append(drive(rig, suite, out, kills=wanted, rng=rng, longest_s=6.0))
            print(f"killed {sum(w.kills for w in waves)} times, ended with {waves[-1].codes[-1]}", file=sys.stderr)
        rig.ask()
    verdicts = [judge(wave.folder, rig.ledger) for wave in waves]
    wanted_keys = keys(calm.folder)
    differ = [wave.folder.name for wave in waves if keys(wave.folder) != wanted_keys]
    print(f"\n{'controllers killed, nothing else':38} {sum(w.kills for w in waves)}")
    print(f"{'resumed runs':38} {len(waves)}")
    print(f"{'  unlike the undisturbed run':38} {len(differ)} {' '.join(differ)}")
    return not _print_wrong(verdicts) and not differ and calm.codes == [0]


def _begin(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    suite = folder / "suite.yaml"
    suite.write_text(SUITE)
    return suite


def _print(verdicts: list[Verdict], waves: list[Driven], seconds: float) -> None:
    faults = verdicts[-1].faults
    ends = [end for wave in waves for end in read_journal(wave.folder / "journal.jsonl").ends.values()]
    failures = Counter(end.kind for end in ends if end.kind)
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
        "  reported and never run": sum(len(v.made_up) for v in verdicts),
        "faults": sum(faults.values()),
        "  kinds": len(faults),
        "controllers killed": sum(w.kills for w in waves),
        "phones left in a changed state": len(verdicts[-1].changed),
        "exit codes of runs": dict(Counter(str(w.codes[-1]) for w in waves)),
        "real seconds": round(seconds),
    }
    for name, value in sums.items():
        print(f"{name:38} {value}")
    print(", ".join(f"{kind} {count}" for kind, count in sorted(faults.items())))


def _print_recovery(folder: Path, rate: float) -> None:
    events = RackStore(folder / "state").events(last=1_000_000).events
    steps = [e for e in events if e["kind"] == "recovery"]
    healed = Counter(e["rung"] for e in steps if e["ok"])
    states = Counter(e["state"] for e in events if e["kind"] == "state")
    spent_s = sum(e["seconds"] for e in steps)
    print("\nby the harness's own events:")
    print(f"{'phones recovered':38} {sum(healed.values())} {dict(healed)}")
    print(f"{'quarantined, in need of a person':38} {states['quarantined']}, {states['needs a person']}")
    print(
        f"{'time spent on ladders':38} {spent_s:.0f} real seconds of all phones together, {spent_s * rate:.0f} of theirs"
    )


def _print_wrong(verdicts: list[Verdict]) -> bool:
    lines = {f"WRONG {name}: {line}" for v in verdicts for name, found in v.wrong.items() for line in found}
    for line in sorted(lines):
        print(line)
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
