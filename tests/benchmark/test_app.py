"""Sessions in the official benchmark app, on virtual phones behind a real adb server."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from harness.benchmark.apk import PACKAGE, look_at_apk, read_apk
from harness.benchmark.output import parse_benchmark
from harness.benchmark.watch import Ending
from harness.benchmark.work import Block
from harness.errors import UsageError
from harness.phones.clean import clean_phone
from tests.benchmark.apps import APP, app_runs, in_app, standin_app
from tests.benchmark.blocks import Bench
from tests.benchmark.test_session import Running, wait_for
from tests.racks import rack_server

LONG = replace(APP, min_secs=25.0, max_secs=30.0, session_timeout_s=80)


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    with rack_server(2, "--profile", "pixel-8-pro", "--profile", "oneplus-8t") as (server, serials):
        yield server, serials


@pytest.fixture
def bench(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> Iterator[Bench]:
    server, serials = rack
    made = Bench(server.phone(serials[0]), tmp_path)
    made.app = standin_app(tmp_path)
    yield made
    clean_phone(made.phone)


def test_app_and_shell_in_one_block(bench: Bench) -> None:
    bench.run(in_app("b-both", ["cpu", "gpu", "gpu"], ["app", "app", "shell"]))
    cpu, gpu, shell = bench.sessions
    assert [s.context for s in bench.sessions] == ["app", "app", "shell"]
    assert [s.outcome for s in bench.sessions] == ["ok"] * 3, [s.outcome_line for s in bench.sessions]
    assert bench.app is not None and gpu.runtime.sha256 == bench.app.sha256 != shell.runtime.sha256
    assert gpu.delegation.source == "log" and gpu.delegation.nodes_delegated == shell.delegation.nodes_delegated
    assert cpu.memory is not None and cpu.exit_code == 0
    printed = parse_benchmark((bench.folder / cpu.evidence["out"]).read_text())
    assert printed.logcat and printed.outcome == "ok" and printed.inference_avg_us == cpu.inference_avg_us
    assert cpu.energy_mj.reason is not None and "in the app" in cpu.energy_mj.reason
    assert not app_runs(bench), "it is ended after each session"


def test_it_is_installed_once_and_removed_by_clean(bench: Bench) -> None:
    bench.run(in_app("b-first", ["cpu"], ["app"]))
    assert PACKAGE in bench.phone.shell("pm list packages").stdout
    again = bench.run(in_app("b-second", ["cpu"], ["app"]))
    assert again.bytes_pushed == 0 and bench.sessions[1].outcome == "ok"
    clean_phone(bench.phone)
    assert PACKAGE not in bench.phone.shell("pm list packages").stdout


def test_an_app_of_somebody_else_stays(bench: Bench, tmp_path: Path) -> None:
    assert bench.app is not None
    pushed = bench.phone.push(bench.app.path)
    assert "Success" in bench.phone.shell(f'pm install "${{PHONE_ROOT}}"{pushed.path}').stdout
    bench.run(in_app("b-theirs", ["cpu"], ["app"]))
    assert bench.sessions[0].outcome == "ok"
    clean_phone(bench.phone)
    assert PACKAGE in bench.phone.shell("pm list packages").stdout
    assert "Success" in bench.phone.shell(f"pm uninstall {PACKAGE}").stdout


def test_a_maker_that_refuses_installs(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    server, serials = rack
    bench = Bench(server.phone(serials[1]), tmp_path)
    bench.app = standin_app(tmp_path)
    report = bench.run(in_app("b-locked", ["cpu", "cpu"], ["app", "shell"]))
    refused, shell = bench.sessions
    assert report.missing == () and (refused.context, refused.outcome, shell.outcome) == ("app", "refused", "ok")
    assert refused.outcome_line is not None and "switch on 'Install via USB'" in refused.outcome_line
    clean_phone(bench.phone)


def test_an_app_for_another_abi(bench: Bench, tmp_path: Path) -> None:
    bench.app = standin_app(tmp_path, "x86_64")
    bench.run(in_app("b-abi", ["cpu"], ["app"]))
    assert bench.sessions[0].outcome == "refused"
    assert "built for another ABI" in (bench.sessions[0].outcome_line or "")


def test_a_locked_phone_is_refused_with_what_to_do(bench: Bench) -> None:
    bench.phone.shell("locksettings set-pin 1234; input keyevent 26")
    bench.run(in_app("b-lock", ["cpu"], ["app"]))
    bench.phone.shell("locksettings clear --old 1234; input keyevent 224; wm dismiss-keyguard")
    bench.phone.shell("input keyevent 26")
    bench.run(in_app("b-swipe", ["cpu"], ["app"]))
    locked, swipe = bench.sessions
    assert locked.outcome == "refused" and "the phone is locked; unlock it" in (locked.outcome_line or "")
    assert swipe.outcome == "ok", "a lock that a swipe opens is opened, and the screen is switched on"


def test_interruption_ends_the_app(bench: Bench) -> None:
    running = Running(bench, in_app("b-stop", ["cpu"] * 2, ["app", "app"], LONG))
    wait_for_app(bench)
    bench.stop.set()
    report = running.report(60)
    assert report.missing == (0, 1) and report.ending is Ending.INTERRUPTED
    assert not app_runs(bench)


def test_a_host_that_is_killed_while_the_app_runs(
    bench: Bench, rack: tuple[AdbServer, list[str]], tmp_path: Path
) -> None:
    server, serials = rack
    command = [sys.executable, "-m", "tests.benchmark.test_app", server.host, str(server.port), serials[0]]
    process = subprocess.Popen([*command, str(tmp_path)], stdout=subprocess.DEVNULL)
    wait_for(bench, "b-killed/app.pid", 60)
    process.kill()
    process.wait()
    report = bench.run(killed_block())
    assert report.missing == () and [(s.outcome, s.outcome_line) for s in bench.sessions] == [("ok", None)] * 2
    assert [s.context for s in bench.sessions] == ["app", "shell"]
    starts = (tmp_path / "raw/b-killed/markers").read_text().count(" start ")
    assert starts == 2, "each ran once"
    assert not app_runs(bench)


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        ("bench_crash: {signal: 11}", "crash", 139),
        ("bench_crash: {signal: 9}", "killed", 137),
        ("bench_hang: {}", "timeout", 137),
    ],
    ids=["crash", "killed", "hang"],
)
def test_an_app_that_fails(tmp_path: Path, fault: str, outcome: str, code: int) -> None:
    plan = tmp_path / "faults.yaml"
    plan.write_text(f"0: {{{fault}}}\n")
    with rack_server(1, "--profile", "pixel-8-pro", "--faults", str(plan)) as (server, serials):
        bench = Bench(server.phone(serials[0]), tmp_path)
        bench.app = standin_app(tmp_path)
        protocol = replace(APP, session_timeout_s=12 if outcome == "timeout" else 40)
        report = bench.run(in_app("b-fail", ["cpu", "cpu"], ["app", "app"], protocol))
        failed, fine = bench.sessions
        assert report.missing == () and (failed.outcome, failed.exit_code) == (outcome, code)
        assert failed.inference_avg_us is None and fine.outcome == "ok", "the next one is a fresh process"


def test_what_is_no_benchmark_app(tmp_path: Path) -> None:
    whole = standin_app(tmp_path).path.read_bytes()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("AndroidManifest.xml", '<manifest package="org.example.app"/>')
    for name, data, said in (
        ("text", b"hello", "is no APK, or was cut short"),
        ("cut", whole[: len(whole) // 2], "is no APK, or was cut short"),
        ("damaged", whole.replace(b"org.tensorflow.lite", b"org.tensorflow.lit3"), "is no APK, or was cut short"),
        ("other", other.getvalue(), "is not the benchmark app"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UsageError, match=said):
            read_apk(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_apk(tmp_path / "nothing")
    cut = look_at_apk(tmp_path / "cut")
    assert cut is not None and not cut.whole and look_at_apk(tmp_path / "text") is None


def wait_for_app(bench: Bench, timeout_s: float = 60) -> None:
    """Until the app is among the phone's processes."""
    end = time.monotonic() + timeout_s
    while not app_runs(bench):
        assert time.monotonic() < end, "the app was not started"
        time.sleep(0.3)


def killed_block() -> Block:
    """What a host dies over."""
    return in_app("b-killed", ["cpu", "cpu"], ["app", "shell"], replace(APP, min_secs=6.0))


def main(host: str, port: str, serial: str, folder: str) -> None:
    """Run that block, to be killed meanwhile."""
    bench = Bench(AdbServer(host, int(port)).phone(serial), Path(folder))
    bench.app = standin_app(Path(folder))
    bench.run(killed_block())


if __name__ == "__main__":
    main(*sys.argv[1:])
