"""How fast the scheduler is, and how fast commands hear of each other.

Usage: python -m tests.speed.schedule [PHONES JOBS]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harness.rack.jobs import Job, PhoneView
from harness.rack.schedule import schedule
from harness.rack.ticket import TicketJob
from harness.rack.tickets import TicketBook
from tests.rack.jobs import job, view

_SOCS = [f"SOC{n}" for n in range(12)]


def _phones(count: int, busy: float, chance: random.Random) -> list[PhoneView]:
    return [
        view(
            f"P{n:04}",
            "leased by somebody@lab:1" if chance.random() < busy else None,
            soc=chance.choice(_SOCS),
            tier=chance.choice(["low", "mid", "high"]),
            sdk=chance.randint(26, 35),
            free_kb=chance.randint(1, 9) * 10**6,
            battery_pct=float(chance.randint(10, 100)),
        )
        for n in range(count)
    ]


def _jobs(count: int, phones: int, avoid: int, chance: random.Random) -> list[Job]:
    found = []
    for n in range(count):
        pinned = f"P{chance.randrange(phones):04}" if chance.random() < 0.3 else None
        kinds: tuple[list[str], ...] = (
            [],
            [f"soc={chance.choice(_SOCS)}"],
            [f"tier=mid,sdk>={chance.randint(26, 36)}", "tier=low"],
        )
        found.append(
            job(
                f"j{n}",
                f"r{n % 9}",
                n,
                *([] if pinned else chance.choice(kinds)),
                phone_id=pinned,
                priority=chance.randint(0, 2),
                free_kb=chance.choice([None, 5 * 10**6]),
                battery_pct=chance.choice([None, 30.0]),
                avoid=frozenset(f"P{chance.randrange(phones):04}" for _ in range(avoid)),
            )
        )
    return found


def _best_of_3(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main(phones: int, jobs: int) -> None:
    """Print the best of three of each."""
    chance = random.Random(1)
    for name, busy, avoid in (("all free", 0.0, 0), ("nine in ten busy", 0.9, 0), ("every job another mask", 0.0, 3)):
        rack, queue = _phones(phones, busy, chance), _jobs(jobs, phones, avoid, chance)
        made = schedule(queue, rack, 0.0)
        took_s = _best_of_3(lambda queue=queue, rack=rack: schedule(queue, rack, 0.0))  # type: ignore[misc]
        print(f"{phones} phones, {jobs} jobs, {name}: {took_s * 1000:.0f} ms, {len(made.starts)} start")
    with tempfile.TemporaryDirectory() as folder:
        queue = [entry for entry in _jobs(jobs, phones, 0, chance) if entry.run_id == "r0"]
        with TicketBook(Path(folder)).open("r0", "somebody@lab:1") as ticket:
            ticket.update([TicketJob(entry) for entry in queue])
            first_s = _best_of_3(lambda: TicketBook(Path(folder)).others())
            book = TicketBook(Path(folder))
            book.others()
            print(
                f"a ticket of {len(queue)} jobs, {ticket.path.stat().st_size} bytes: read {first_s * 1000:.1f} ms, ",
                end="",
            )
            print(f"unchanged {_best_of_3(book.others) * 1000:.2f} ms, ", end="")
            print(f"order numbers {_best_of_3(book.orders) * 1000:.2f} ms")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3] or ("256", "2000")))
