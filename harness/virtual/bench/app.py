"""The benchmark app on a virtual phone: the same program in an activity, which logs, finishes and says nothing else."""

from __future__ import annotations

from harness.virtual.apps import ACTIVITY, BENCHMARK, SYSTEM_SERVER
from harness.virtual.bench.build import APP
from harness.virtual.bench.session import run
from harness.virtual.program import Call, Signalled, program

_SDK_WM_EVENTS = 29
_KILL = 9
_SIGNALS = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV"}


@program(BENCHMARK)
async def benchmark_app(call: Call) -> int:
    """One run in the activity's onCreate; how it went stands in the log only."""
    state = call.phone.state
    with state.process(call.pid, BENCHMARK):
        state.front = ACTIVITY
        text = f"Running TensorFlow Lite benchmark with args: {' '.join(call.argv[1:])}"
        state.log("I", "tflite_BenchmarkModelActivity", text, pid=call.pid)
        try:
            await run(call, APP)
            by = "wm" if call.phone.profile.sdk >= _SDK_WM_EVENTS else "am"
            _event(call, f"{by}_finish_activity", f"[0,145378,47,{ACTIVITY},app-request]")
        except Signalled as death:
            _tell_death(call, death.number)
            raise
        finally:
            state.front = None
    return 0


def _tell_death(call: Call, number: int) -> None:
    state, pid = call.phone.state, call.pid
    if number == _KILL:
        text = f"Kill '{BENCHMARK}' ({pid}), uid 10245, oom_score_adj 0 to free 412000kB rss"
        state.log("I", "lowmemorykiller", text)
    else:
        name = _SIGNALS.get(number, f"signal {number}")
        text = f"Fatal signal {number} ({name}), code 1 in tid {pid} (flow.lite.bench), pid {pid} ({BENCHMARK})"
        state.log("F", "libc", text, pid=pid, buffer="crash")
        _event(call, "am_crash", f"[{pid},0,{BENCHMARK},948485700,Native crash,{_SIGNALS.get(number, number)}]")
    _event(call, "am_proc_died", f"[0,{pid},{BENCHMARK},0,2]")
    state.log("I", "ActivityManager", f"Process {BENCHMARK} (pid {pid}) has died: fg  TOP", pid=SYSTEM_SERVER)


def _event(call: Call, tag: str, text: str) -> None:
    call.phone.state.log("I", tag, text, pid=SYSTEM_SERVER, buffer="events")
