"""Pushes take turns by USB controller."""

from __future__ import annotations

import threading
import time

import pytest

from harness.errors import HostTransientError
from harness.rack.pushes import PushSlots

#: Port to controller; of 9-1 the system does not say.
CONTROLLERS = {"1-1": "a", "1-2": "a", "1-3": "a", "2-1": "b"}


def slots(**most: int) -> PushSlots:
    return PushSlots(controller=CONTROLLERS.get, **most)


def test_controllers_and_the_network_are_counted_apart() -> None:
    found = slots(per_controller=1, network=2)
    with found.slot("s1", "1-1"), found.slot("s2", "2-1"), found.slot("n1:5555", None), found.slot("n2:5555", None):
        for serial, usb, group in (("s3", "1-2", "a"), ("n3:5555", None, "the network")):
            start = time.monotonic()
            with (
                pytest.raises(HostTransientError, match=f"{serial}: no turn .* on {group}"),
                found.slot(serial, usb, timeout_s=0.05),
            ):
                pass
            assert 0.04 < time.monotonic() - start < 5
        with found.slot("s9", "9-1"), pytest.raises(HostTransientError), found.slot("s8", "9-2", timeout_s=0):
            pass
    with found.slot("s3", "1-2", timeout_s=0), found.slot("n3:5555", None, timeout_s=0):
        pass


def test_first_come_first_served_and_never_more_than_allowed() -> None:
    found = slots(per_controller=2)
    now, most, order = 0, 0, list[int]()
    guard = threading.Lock()
    gate = threading.Event()

    def push(number: int) -> None:
        nonlocal now, most
        with found.slot(f"s{number}", f"1-{number % 3 + 1}", timeout_s=30):
            with guard:
                order.append(number)
                now += 1
                most = max(most, now)
            gate.wait(30)
            time.sleep(0.001)
            with guard:
                now -= 1

    threads = []
    for number in range(20):
        threads.append(threading.Thread(target=push, args=(number,)))
        threads[-1].start()
        time.sleep(0.002)  # so that they come one after the other
    gate.set()
    for thread in threads:
        thread.join(30)
    assert most == 2 and now == 0
    assert all(abs(number - place) < 2 for place, number in enumerate(order)), (
        "nobody is passed by more than its neighbour"
    )


def test_one_that_gives_up_holds_nobody_up() -> None:
    found = slots(per_controller=1)
    went = threading.Event()

    def later() -> None:
        with found.slot("s3", "1-3", timeout_s=30):
            went.set()

    with found.slot("s1", "1-1"):
        with pytest.raises(HostTransientError), found.slot("s2", "1-2", timeout_s=0.02):
            pass
        thread = threading.Thread(target=later)
        thread.start()
        assert not went.wait(0.05)
    assert went.wait(10)
    thread.join(10)


def test_a_push_that_fails_gives_its_turn_back() -> None:
    found = slots(per_controller=1)
    with pytest.raises(OSError, match="lost"), found.slot("s1", "1-1"):
        raise OSError("lost")
    with found.slot("s1", "1-1", timeout_s=0):
        pass
