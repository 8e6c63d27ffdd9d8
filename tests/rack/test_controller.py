"""Commands that share phones, phones that fall ill under a job, and jobs that end once all the same."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError
from harness.phones.lease import claim, release, standing
from harness.results.journal import read_journal
from tests.racks import MODELS
from tests.soak.drive import drive
from tests.soak.judge import judge
from tests.soak.rig import Rig

SUITE = f"""
models:
  - {{name: int8, path: "{MODELS / "digits_int8.tflite"}"}}
delegates: [cpu]
sessions: 3
protocol: {{num_runs: 5, min_secs: 3, warmup_min_secs: 0.2, cooldown_timeout_s: 2}}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return path


def run(rig: Rig, suite: Path, name: str, *options: str) -> subprocess.Popen[str]:
    folder = rig.folder / name
    return rig.start("run", str(suite), "--out", str(folder), "--rate", str(rig.rate), *options, log=rig.folder / "log")


def journal(rig: Rig, name: str) -> Any:
    (path,) = (rig.folder / name).glob("*/journal.jsonl")
    return read_journal(path)


def test_two_commands_take_turns_on_one_phone(tmp_path: Path, suite: Path) -> None:
    with Rig(tmp_path, 1, rate=4.0) as rig:
        one = run(rig, suite, "one")
        end = time.monotonic() + 40
        while standing(rig.server.phone(rig.phones[0]["serial"])).holder is None:
            assert time.monotonic() < end
            time.sleep(0.1)
        two = run(rig, suite, "two")
        three = run(rig, suite, "three")
        queue = ""
        while "waits" not in queue and two.poll() is None:
            asked = rig.start("queue", "--json", log=tmp_path / "log")
            queue = asked.communicate(timeout=60)[0]
        assert [p.wait(120) for p in (one, two, three)] == [0, 0, 0]
        rig.ask()
        verdicts = [
            judge(folder, rig.ledger) for name in ("one", "two", "three") for folder in (tmp_path / name).glob("*")
        ]
    assert [v.complete for v in verdicts] == [1, 1, 1] and all(v.wrong == {} for v in verdicts)
    spans = sorted(
        (s.start_uptime_s, s.end_uptime_s, s.block_id)
        for name in ("one", "two", "three")
        for s in journal(rig, name).sessions
    )
    assert len(spans) == 9 and [b for *_, b in spans] == sorted(
        (b for *_, b in spans), key=[b for *_, b in spans].index
    )
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert "waits for" in (tmp_path / "log").read_text()


def test_a_phone_that_somebody_holds_is_waited_for_and_not_touched(tmp_path: Path, suite: Path) -> None:
    with Rig(tmp_path, 1, rate=4.0) as rig:
        phone = rig.server.phone(rig.phones[0]["serial"])
        theirs = claim(phone, owner="ann@elsewhere:1", run_id="theirs", for_s=10_000)
        ours = run(rig, suite, "ours")
        end = time.monotonic() + 40
        while "ann@elsewhere:1" not in (tmp_path / "log").read_text():
            assert time.monotonic() < end and ours.poll() is None
            time.sleep(0.2)
        assert standing(phone).lease == theirs
        release(phone, theirs)
        assert ours.wait(60) == 0 and standing(phone).holder is None


def test_a_phone_that_somebody_holds_is_theirs_to_heal(tmp_path: Path, suite: Path) -> None:
    with Rig(
        tmp_path, 1, rate=4.0, faults={0: {"link_lost": {"when": {"event": "push", "match": "lost"}, "for_s": 100}}}
    ) as rig:
        phone = rig.server.phone(rig.phones[0]["serial"])
        theirs = claim(phone, owner="ann@elsewhere:1", run_id="theirs", for_s=10_000)
        ours = run(rig, suite, "ours")
        end = time.monotonic() + 40
        while "ann@elsewhere:1" not in (tmp_path / "log").read_text():
            assert time.monotonic() < end and ours.poll() is None
            time.sleep(0.2)
        with contextlib.suppress(HarnessError):  # it takes the link with it, for longer than an absence is borne
            phone.write(b"x", "/data/local/tmp/lost")
        time.sleep(20)
        assert '"kind": "link_lost"' in rig.ledger.read_text()
        assert "reconnect" not in (tmp_path / "log").read_text() and ours.poll() is None
        rig.server.connect(phone.serial, timeout_s=60)
        release(phone, theirs)
        assert ours.wait(60) == 0


def test_interruption_restores_the_phone_and_gives_it_back(tmp_path: Path, suite: Path) -> None:
    with Rig(tmp_path, 1, rate=1.0) as rig:
        ours = run(rig, suite, "ours")
        end = time.monotonic() + 40
        while '"event": "run_begin"' not in rig.ledger.read_text():
            assert time.monotonic() < end and ours.poll() is None
            time.sleep(0.1)
        ours.send_signal(signal.SIGINT)
        assert ours.wait(60) == 130
        assert standing(rig.server.phone(rig.phones[0]["serial"])).holder is None
        rig.ask()
        (folder,) = (tmp_path / "ours").glob("*")
        assert judge(folder, rig.ledger).changed == []
        again = drive(rig, suite, tmp_path / "ours", rng=random.Random(0))
        assert again.codes == [0] and json.loads((again.folder / "run.json").read_text())["finished"]
        rig.ask()
        assert judge(again.folder, rig.ledger).wrong == {}


def test_phones_that_share_a_serial_number_all_run(tmp_path: Path, suite: Path) -> None:
    # They are looked at again after what kills their jobs.
    died = {"when": {"event": "session", "nth": 2}, "after_s": 1}
    with Rig(
        tmp_path, 2, rate=4.0, faults={"all": {"props": {"ro.serialno": "0123456789AB"}, "adbd_restart": died}}
    ) as rig:
        rig.rack_file.write_text("state: state\n")
        assert run(rig, suite, "run").wait(120) == 0
    assert sorted(Counter(s.phone_id for s in journal(rig, "run").sessions).values()) == [3, 3]


def test_an_update_between_a_crash_and_its_resume_is_seen(tmp_path: Path, suite: Path) -> None:
    update = {"system_update": {"when": {"event": "push", "match": "update"}}}
    with Rig(tmp_path, 1, rate=4.0, faults={0: update}) as rig:
        first = run(rig, suite, "run")
        end = time.monotonic() + 60
        while not list((tmp_path / "run").glob("*/journal.jsonl")) or not journal(rig, "run").sessions:
            assert time.monotonic() < end and first.poll() is None
            time.sleep(0.1)
        first.kill()
        first.wait()
        with contextlib.suppress(HarnessError):
            rig.server.phone(rig.phones[0]["serial"]).write(b"x", "/data/local/tmp/update")
        (folder,) = (tmp_path / "run").glob("*")
        assert run(rig, suite, "run", "--resume", str(folder)).wait(120) == 1
    found = journal(rig, "run")
    (end_,) = found.ends.values()
    assert end_.kind == "cannot" and "its software changed during the run" in end_.message
    assert 1 <= len(found.sessions) < 3 and len({s.boot_id for s in found.sessions}) == 1


def test_a_held_phone_is_not_cleaned_unasked(tmp_path: Path) -> None:
    with Rig(tmp_path, 1, rate=1.0) as rig:
        phone = rig.server.phone(rig.phones[0]["serial"])
        claim(phone, owner="ann@elsewhere:1", run_id="theirs", for_s=1000)
        assert rig.start("clean", log=tmp_path / "log").wait(60) == 1
        assert "leased by ann@elsewhere:1 for run theirs, 22 min left; wait for it" in (tmp_path / "log").read_text()
        assert rig.start("clean", "--force", log=tmp_path / "log").wait(60) == 0
        assert standing(phone).last == 0


FAULTS = {
    # A condition that brings its phone down each time.
    0: {"reboot": {"when": {"event": "session", "match": "--use_gpu=true"}, "after_s": 1, "times": 9}},
    1: {"adbd_restart": {"when": {"event": "session", "nth": 2}, "after_s": 1}},
    2: {"new_address": {"when": {"event": "session", "nth": 2}, "after_s": 1}},
    3: {"system_update": {"when": {"event": "session", "nth": 2}, "after_s": 1}},
    4: {"storage_full": {"when": {"event": "session", "nth": 2}, "after_s": 1, "for_s": 20}},
}


@pytest.mark.slow
def test_each_trouble_ends_as_it_should(tmp_path: Path, suite: Path) -> None:
    """A poison condition is stopped and the rest goes on; what may pass is tried again; an update ends the job."""
    suite.write_text(SUITE.replace("delegates: [cpu]", "delegates: [cpu, gpu]"))
    with Rig(tmp_path, 5, rate=5.0, faults=FAULTS) as rig:
        done = run(rig, suite, "run")
        assert done.wait(240) == 1
        (folder,) = (tmp_path / "run").glob("*")
        rig.ask()
        verdict = judge(folder, rig.ledger)
    assert verdict.wrong == {} and (verdict.complete, verdict.failed) == (4, 1)
    found = read_journal(folder / "journal.jsonl")
    ends = {end.phone_id: end.kind for end in found.ends.values()}
    phones = [p["phone_id"] for p in rig.phones]
    assert [ends[p] for p in phones] == [None, None, None, "cannot", None]
    outcomes: dict[str, list[str]] = {p: [] for p in phones}
    for session in found.sessions:
        outcomes[session.phone_id].append(f"{session.key.delegate} {session.outcome}")
    assert sorted(outcomes[phones[0]]) == ["cpu ok"] * 3 + ["gpu killed"] * 3
    for phone_id in (phones[1], phones[2], phones[4]):
        assert len(outcomes[phone_id]) == 6
        assert sum(o.endswith((" ok", " fallback")) for o in outcomes[phone_id]) >= 5, outcomes[phone_id]
    assert "its software changed during the run" in json.loads((folder / "run.json").read_text())["failures"][phones[3]]
