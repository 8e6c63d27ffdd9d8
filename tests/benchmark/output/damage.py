"""Logs of every version, damaged in every way, by the thousand: seeded, so that a failure can be looked at again.

Usage: python -m tests.benchmark.output.damage [COUNT] [SEED]
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter

from harness.benchmark.output import parse_benchmark
from harness.records import OUTCOMES
from tests.benchmark.output.logs import every_log

LOGS = every_log()
#: What damage puts in: beginnings of lines that mean something, numbers that are none, and what no log holds.
_INSERTS = (
    *("count=", "Inference timings in us: ", "ERROR: ", "STARTING!", "Killed", "nan", "inf", "1e999", "-0", "0x1f", "\x00"),
    *("=", "\t", "\r", "\n", "\ufffd", "💥", "Inference (avg): ", "Timings (microseconds): ", "a" * 5000, "(all same)", "9" * 400),
    *("Segmentation fault\n", "Benchmarking failed.\n", "Number of nodes executed: 3\n", "=====Summary of All Runs w/\n"),
)  # fmt: skip


def damaged(rng: random.Random) -> str:
    """One log with one to four damages."""
    text = rng.choice(LOGS)
    for _ in range(rng.randint(1, 4)):
        text = rng.choice((_cut, _splice, _shuffle, _drop, _repeat, _insert, _flip, _zero))(text, rng)
    return text


def _cut(text: str, rng: random.Random) -> str:
    a, b = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
    return rng.choice((text[:a], text[b:], text[a:b]))


def _splice(text: str, rng: random.Random) -> str:
    mine, other = text.splitlines(keepends=True), rng.choice(LOGS).splitlines(keepends=True)
    at = rng.randint(0, len(mine))
    return "".join(mine[:at] + other[rng.randint(0, len(other)) :] + rng.choice(([], mine[at:])))


def _shuffle(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    rng.shuffle(lines)
    return "".join(lines)


def _drop(text: str, rng: random.Random) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if rng.random() > 0.2)


def _repeat(text: str, rng: random.Random) -> str:
    return "".join(line * (1 + (rng.random() < 0.2)) for line in text.splitlines(keepends=True))


def _insert(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(_INSERTS) + text[at + rng.choice((0, 0, 3, 40)) :]


def _flip(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randint(1, 20)):
        if letters:
            letters[rng.randrange(len(letters))] = chr(rng.choice((0, 9, 10, 32, 48, 61, 127, 0x2028, 0xFFFD)))
    return "".join(letters)


def _zero(text: str, rng: random.Random) -> str:
    """Every run of a phase, or every final figure, becomes none."""
    if rng.random() < 0.5:
        return re.sub(r"count=\d+[^\n]*", "count=0 p5=0 median=0 p95=0", text)
    return re.sub(r"(Inference(?: \(avg\))?:\s+)[\d.e+]+", r"\g<1>0", text)


def ended(text: str) -> bool:
    """Whether a timed run can have ended, by other means than the reader's: final figures above zero, or a phase with runs
    behind another, or a summary or profile that counts runs.
    """
    final = re.search(r"(?:Inference(?: \(avg\))?|no stats):\s*(?:[-+.0e]*[1-9]|\S+ ms \(\d*[1-9])", text)
    runs = [int(n[:300]) for n in re.findall(r"count=(\d+)", text)]
    return bool(final) or any(runs[1:]) or (any(runs) and ("Timings (micro" in text or "Summary of All" in text))


def check(count: int, seed: int) -> Counter[str]:
    """Read `count` damaged logs; how often each outcome came.

    Raises:
        AssertionError: one was read wrongly; the message holds the log.
    """
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        text = damaged(rng)
        code = rng.choice((None, None, 0, 1, 134, 137))
        try:
            found = parse_benchmark(text, exit_code=code)
            json.dumps(found.to_dict(), allow_nan=False)
        except Exception as error:
            raise AssertionError(f"{error!r} of {text!r}") from error
        assert found.outcome in OUTCOMES
        assert found.outcome != "ok" or (ended(text) and code in (None, 0)), f"ok of {text!r}, exit code {code}"
        outcomes[found.outcome] += 1
    return outcomes


if __name__ == "__main__":
    wanted, start = (
        (int(a) for a in [*sys.argv[1:3], "100000", "0"][:2]) if len(sys.argv) != 2 else (int(sys.argv[1]), 0)
    )
    for name, number in check(wanted, start).most_common():
        print(f"{number:8d} {name}")
