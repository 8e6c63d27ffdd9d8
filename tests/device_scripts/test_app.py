"""lib/app.sh under the shells that phones have: what the log of a phone says of an app, and what becomes of the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.benchmark.in_app import app_command
from harness.benchmark.output import parse_benchmark
from tests.device_scripts.box import SHELLS, Box, running, until

NAME = "org.tensorflow.lite.benchmark"
#: `logcat` follows a file, `log` appends to it, and `am start` does in the background what `state/app` holds.
TOOLS = {
    "logcat": """#!/bin/sh
[ "$1" = -d ] && exit 0
echo $$ >"${PHONE_ROOT}/state/reader"
exec tail -n +1 -f "${PHONE_ROOT}/state/log"
""",
    "log": """#!/bin/sh
echo "11-24 10:00:00.000   900   900 I $4: $5" >>"${PHONE_ROOT}/state/log"
""",
    "am": """#!/bin/sh
echo "$*" >>"${PHONE_ROOT}/state/am"
case $1 in
start) . "${PHONE_ROOT}/state/app" ;;
force-stop) rm -rf "${PHONE_ROOT}/proc/777" ;;
esac
""",
    "wm": "#!/bin/sh\nexit 0\n",
    "input": "#!/bin/sh\nexit 0\n",
    "dumpsys": """#!/bin/sh
case $1 in
power) echo "  mWakefulness=$(cat "${PHONE_ROOT}/state/wakefulness")" ;;
window) cat "${PHONE_ROOT}/state/window" ;;
battery) printf '  level: 80\\n  temperature: 300\\n' ;;
esac
""",
}
OLD = (
    "11-24 09:00:00.000   555   555 I tflite  : STARTING!\n"
    "11-24 09:00:00.000   555   555 I tflite  : Inference timings in us: Init: 9, First inference: 9, Warmup (avg): 9, "
    "Inference (avg): 9\n"
)
START = f"11-24 10:00:01.000  1240  1300 I ActivityManager: Start proc 777:{NAME}/u0a245 for top-activity {{{NAME}/.B}}"
RUN = [
    "11-24 10:00:01.100   777   777 I tflite_BenchmarkModelActivity: Running TensorFlow Lite benchmark with args: x",
    "11-24 10:00:01.100   777   777 I tflite  : Log parameter values verbosely: [0]",
    "11-24 10:00:01.150   888   888 I tflite  : STARTING!",
    "11-24 10:00:02.000   777   777 I tflite  : Initialized session in 2.5ms.",
    "11-24 10:00:03.000   777   777 I tflite  : count=50 first=10 curr=10 min=9 max=11 avg=10 std=1",
]
TIMES = [
    "11-24 10:00:04.000   777   777 I tflite  : Inference timings in us: Init: 2500, First inference: 20, "
    "Warmup (avg): 11, Inference (avg): 10",
    "11-24 10:00:04.000   777   777 I tflite  : Memory footprint delta from the start of the tool (MB): init=1 overall=2",
]
FINISH = f"11-24 10:00:04.100  1240  1300 I wm_finish_activity: [0,14,47,{NAME}/.BenchmarkModelActivity,app-request]"
DEATH = [
    f"11-24 10:00:03.000   777   790 F libc    : Fatal signal 11 (SIGSEGV), code 1 in tid 790 (x), pid 777 ({NAME})",
    f"11-24 10:00:03.100  1240  1300 I am_proc_died: [0,777,{NAME},0,2]",
]
EXCEPTION = [
    "11-24 10:00:01.100   777   777 E AndroidRuntime: FATAL EXCEPTION: main",
    f"11-24 10:00:01.100   777   777 E AndroidRuntime: Process: {NAME}, PID: 777",
    "11-24 10:00:01.100   777   777 E AndroidRuntime: java.lang.NullPointerException: args",
]
KILLED = f"11-24 10:00:03.000   300   300 I lowmemorykiller: Kill '{NAME}' (777), uid 10245, oom_score_adj 0"


@pytest.fixture(params=SHELLS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, request.param)
    for name, text in TOOLS.items():
        (made.root / "system/bin" / name).unlink(missing_ok=True)
        made.write(f"system/bin/{name}", text).chmod(0o755)
    made.write("state/log", OLD)
    made.write("state/wakefulness", "Awake\n")
    made.write("state/window", "    KeyguardServiceDelegate\n      showing=false\n    mDreamingLockscreen=false\n")
    yield made
    made.close()


def app(box: Box, *lines: str, then: str = "") -> None:
    """What the app does once it is started: it lives, says these lines, and then what `then` has."""
    box.write("state/said", "".join(f"{line}\n" for line in lines))
    box.write(
        "state/app",
        f'mkdir "${{PHONE_ROOT}}/proc/777"; cat "${{PHONE_ROOT}}/state/said" >>"${{PHONE_ROOT}}/state/log"\n{then}\n',
    )


def session(box: Box, deadline_s: int = 20) -> str:
    """Run a block of one session in the app; the outcome, as it is read from what was printed."""
    box.plan([app_command("s/0000", "/data/local/tmp/m", ["--num_runs=5"]).rstrip()], deadline_s=deadline_s)
    box.run()
    assert not (box.block / "app.pid").exists(), "the app is ended in any case"
    assert (box.block / "s/0000/refused").exists() or "force-stop" in (box.root / "state/am").read_text()
    return parse_benchmark(box.read("s/0000/out"), exit_code=int(box.read("s/0000/rc"))).outcome


def test_an_app_that_stays_after_its_times_is_ended(box: Box) -> None:
    app(box, RUN[2], START, *RUN, *TIMES, FINISH)
    assert session(box) == "ok"
    said = parse_benchmark(box.read("s/0000/out"), exit_code=0)
    assert said.inference_avg_us == 10 and said.logcat and said.memory and said.memory.overall_mb == 2
    assert "888" not in box.read("s/0000/out") and "555" not in box.read("s/0000/out"), "other apps and earlier runs"
    start = (box.root / "state/am").read_text().splitlines()[0]
    assert (
        start
        == f"start -S -n {NAME}/.BenchmarkModelActivity --es args --graph={box.root}/data/local/tmp/m --num_runs=5"
    )
    until(lambda: not running(int((box.root / "state/reader").read_text())))
    assert len((box.root / "state/am").read_text().splitlines()) == 2


def test_a_line_may_come_in_two_pieces(box: Box) -> None:
    first, last = TIMES[0][:70], TIMES[0][70:]
    log = '"${PHONE_ROOT}/state/log"'
    then = f"(sleep 2.5; printf '%s' '{first}' >>{log}; sleep 2.5; printf '%s\\n%s\\n' '{last}' '{TIMES[1]}' >>{log}) &"
    app(box, START, *RUN, then=then)
    assert session(box) == "ok" and TIMES[0] in box.read("s/0000/out").splitlines()


@pytest.mark.parametrize(
    ("lines", "then", "outcome", "code"),
    [
        ([START, *RUN, *DEATH], 'rm -rf "${PHONE_ROOT}/proc/777"', "crash", "139"),
        ([START, RUN[0], *EXCEPTION], "", "crash", "1"),
        ([START, *RUN, KILLED], '(sleep 1.5; rm -rf "${PHONE_ROOT}/proc/777") &', "killed", "137"),
        ([START, *RUN[:4], FINISH], "", "other", "1"),
        ([START, *RUN, *TIMES[:1], FINISH], "", "ok", "0"),
        (["11-24 10:00:01.000   777   777 I tflite  : STARTING!", *RUN, *TIMES], "", "ok", "0"),
    ],
    ids=["signal", "java", "low-memory", "no-times", "no-memory-line", "no-start-line"],
)
def test_how_an_app_ends(box: Box, lines: list[str], then: str, outcome: str, code: str) -> None:
    app(box, *lines, then=then)
    assert session(box) == outcome and box.read("s/0000/rc").strip() == code


def test_an_app_that_hangs_is_ended_at_the_deadline(box: Box) -> None:
    app(box, START, *RUN)
    session(box, deadline_s=4)
    assert (box.block / "s/0000/deadline").exists() and "Initialized session" in box.read("s/0000/out")
    assert not (box.root / "proc/777").exists()
    until(lambda: not running(int((box.root / "state/reader").read_text())))


def test_the_sampler_follows_the_app(box: Box) -> None:
    memory = 'echo "900 640 1 1 0 1 0" >"${PHONE_ROOT}/proc/777/statm"'
    app(
        box,
        START,
        *RUN,
        then=f"{memory}; (sleep 4; echo '{TIMES[0]}' >>\"${{PHONE_ROOT}}/state/log\"; echo '{FINISH}' >>\"${{PHONE_ROOT}}/state/log\") &",
    )
    assert session(box) == "ok"
    assert any(line.endswith(" 640") for line in box.read("s/0000/sampler.tsv").splitlines())


def test_a_missing_app_is_said_in_its_words(box: Box) -> None:
    box.write("state/app", "echo 'Error: Activity class {x/y} does not exist.'\n")
    session(box)
    assert "Error: Activity class {x/y} does not exist." in box.read("s/0000/out")
    assert box.read("s/0000/rc").strip() == "1"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("window", "    KeyguardServiceDelegate\n      showing=true\n", "the phone is locked; unlock it"),
        ("window", "    mDreamingLockscreen=true\n", "the phone is locked; unlock it"),
        ("wakefulness", "Asleep\n", "the screen is off"),
    ],
)
def test_behind_a_lock_nothing_is_started(box: Box, file: str, text: str, said: str) -> None:
    app(box, START, *RUN, *TIMES)
    box.write(f"state/{file}", text)
    session(box)
    assert said in box.read("s/0000/refused") and not (box.root / "state/am").exists()


def test_a_phone_without_a_log_is_refused(box: Box) -> None:
    app(box, START, *RUN, *TIMES)
    (box.root / "system/bin/log").write_text("#!/bin/sh\nexit 0\n")
    session(box)
    assert "the phone's log is switched off" in box.read("s/0000/refused")
    until(lambda: not running(int((box.root / "state/reader").read_text())))


def test_the_ender_ends_an_app_whose_block_was_killed(box: Box) -> None:
    app(box, START, *RUN)
    box.plan([app_command("s/0000", "/data/local/tmp/m", []).rstrip()], deadline_s=60)
    process = box.start()
    until(lambda: (box.root / "proc/777").exists() and "777" in (box.block / "pid").read_text())
    watching = int(box.read("app.pid").split()[0])
    process.kill()
    process.wait()
    box.end()
    assert not (box.root / "proc/777").exists() and not (box.block / "app.pid").exists()
    until(lambda: not running(watching))
