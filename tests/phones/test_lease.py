"""Leases on virtual phones: one of many gets it, it expires, it can be broken, and who lost it starts nothing more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT
from harness.benchmark.watch import Ending
from harness.phones.clean import clean_phone
from harness.phones.lease import (
    GRACE_S,
    Lease,
    LeaseHeldError,
    break_lease,
    claim,
    read_standing,
    release,
    renew,
    standing,
)
from harness.phones.probe import probe_phone
from tests.benchmark.blocks import SLOW, Bench, block
from tests.racks import rack_server

LEASES = f'"${{PHONE_ROOT}}"{DEVICE_ROOT}/leases'


@pytest.fixture(scope="module")
def phones() -> Iterator[list[Phone]]:
    with rack_server(2, "--profile", "pixel-8-pro:2") as (server, serials):
        yield [server.phone(serial) for serial in serials]


@pytest.fixture
def phone(phones: list[Phone]) -> Iterator[Phone]:
    yield phones[0]
    clean_phone(phones[0])


def take(phone: Phone, owner: str = "ann@lab:1", for_s: float = 600) -> Lease:
    return claim(phone, owner=owner, run_id="r1", for_s=for_s)


def test_one_of_many_gets_it_and_numbers_rise(phone: Phone) -> None:
    def attempt(index: int) -> Lease | None:
        try:
            return take(phone, f"user{index}@lab:1")
        except LeaseHeldError:
            return None

    last = 0
    for _ in range(3):
        with ThreadPoolExecutor(8) as pool:
            got = [lease for lease in pool.map(attempt, range(8)) if lease]
        held = standing(phone).lease
        assert held is not None and held in got and held.number > last
        assert all(renew(phone, lease, 600) is None for lease in got if lease != held), "who lost it is told so"
        last = held.number
        assert release(phone, held) and standing(phone).holder is None
    assert len(phone.shell(f"ls {LEASES}").stdout.split()) == 1


def test_it_is_held_renewed_released_and_seen_by_a_probe(phone: Phone) -> None:
    lease = take(phone)
    with pytest.raises(LeaseHeldError, match=r"leased by ann@lab:1 for run r1, 15 min left; wait for it"):
        take(phone, "bob@lab:2")
    seen = probe_phone(phone).standing
    assert seen is not None and seen.lease == lease and seen.holder == standing(phone).holder
    longer = renew(phone, lease, 6000)
    assert longer is not None and longer.deadline_uptime_s - lease.deadline_uptime_s > 5000
    assert renew(phone, lease, 600) is not None
    assert renew(phone, replace(lease, key="0000"), 600) is None and not release(phone, replace(lease, key="0000"))
    assert release(phone, lease) and take(phone, "bob@lab:2").number == lease.number + 1
    assert renew(phone, lease, 10) is None and not release(phone, lease)


def test_names_cannot_break_the_line(phone: Phone) -> None:
    lease = claim(phone, owner="a b\n'$(reboot)@ünï:1", run_id="", for_s=1e30)
    assert standing(phone).holder is not None and standing(phone).lease == lease


def test_a_number_without_its_lease_holds_nobody_up(phone: Phone) -> None:
    """Who took a number may have died before it wrote what it holds."""
    phone.shell(f"mkdir -p {LEASES}/00000009", check=True)
    assert standing(phone).lease is None and take(phone).number == 10
    phone.shell(f"echo rubbish >{LEASES}/00000010/held", check=True)
    now = standing(phone)
    assert now.lease is None and now.damaged and take(phone).number == 11
    assert phone.shell(f"cat {LEASES}/damaged-00000010/held").stdout.strip() == "rubbish"


def test_it_can_be_broken_and_the_session_under_way_is_void(phone: Phone, tmp_path: Path) -> None:
    bench = Bench(phone, tmp_path)
    lease = take(phone)
    running: list[object] = []
    thread = threading.Thread(
        target=lambda: running.append(bench.run(block("b-fence", ["cpu"] * 3, protocol=SLOW), lease=lease))
    )
    thread.start()
    end = time.monotonic() + 20
    while phone.shell(f'ls "${{PHONE_ROOT}}"{DEVICE_ROOT}/blocks/b-fence/s/0000/out').exit_code != 0:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert break_lease(phone, "eve@lab:3") == lease and break_lease(phone, "eve@lab:3") is None
    thread.join(30)
    (report,) = running
    assert (report.ending, report.missing) == (Ending.FENCED, (1, 2))  # type: ignore[attr-defined]
    assert [(s.session_id, "lease_lost" in s.flags) for s in bench.sessions] == [("b-fence/0000", True)]


def test_a_new_owner_ends_what_the_old_one_left_at_work(phones: list[Phone], tmp_path: Path) -> None:
    phone = phones[1]
    (tmp_path / "old").mkdir()
    old, new = Bench(phone, tmp_path / "old"), Bench(phone, tmp_path)
    phone.shell("settings put global stay_on_while_plugged_in 3")
    slow = block("b-old", ["cpu"] * 3, protocol=replace(SLOW, min_secs=15.0))
    thread = threading.Thread(target=lambda: old.run(slow, lease=take(phone)), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while phone.shell(f'ls "${{PHONE_ROOT}}"{DEVICE_ROOT}/blocks/b-old/s/0000/out').exit_code != 0:
        assert time.monotonic() < end
        time.sleep(0.05)
    lease = claim(phone, owner="bob@lab:2", run_id="r2", for_s=60, force=True)
    assert new.run(block("b-new", ["cpu"]), lease=lease).missing == ()
    assert [s.outcome for s in new.sessions] == ["ok"] and new.setting() == "3"
    thread.join(30)
    assert [s.outcome for s in old.sessions] == []


ids = st.sampled_from(["boot-a", "boot-b"])


@given(st.floats(0, 1e6), st.floats(0, 1e6), ids, ids, st.booleans())
def test_a_lease_is_free_only_after_deadline_and_grace(
    deadline: float, uptime: float, was: str, now: str, released: bool
) -> None:
    lease = Lease(1, "k", "o", "r", was, deadline, released)
    if released:
        assert lease.left_s(now, uptime) <= 0
    elif was == now:
        assert (lease.left_s(now, uptime) <= 0) == (uptime >= deadline + GRACE_S)
    else:  # after a boot its run has the grace to come back
        assert (lease.left_s(now, uptime) <= 0) == (uptime >= GRACE_S)


@given(st.text(max_size=80))
def test_any_text_is_a_standing_or_none(text: str) -> None:
    found = read_standing(text)
    assert found is None or found.last >= 0
