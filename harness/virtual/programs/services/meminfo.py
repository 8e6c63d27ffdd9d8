"""The service `meminfo`: memory of the phone, or of one process."""

from __future__ import annotations

from harness.virtual.program import Call
from harness.virtual.programs.services import Service, register
from harness.virtual.state import Process

_SDK_RSS = 30
#: Shares of a native program's resident memory that is private and written, private and clean.
_HEAP, _STACK_KB, _MAPPED = 0.7, 132, 0.25


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys meminfo [PID or name]`."""
    wanted = [a for a in args if not a.startswith("-")]
    state = call.phone.state
    uptime = round(call.phone.clock.now_s() * 1000)
    head = f"Applications Memory Usage (in Kilobytes):\nUptime: {uptime} Realtime: {uptime}\n\n"
    if not wanted:
        await call.out(head + _whole(call))
        return 0
    for pid, process in sorted(state.pids.items()):
        if wanted[0] in (str(pid), process.name):
            await call.out(head + _one(pid, process, rss=call.phone.profile.sdk >= _SDK_RSS))
            return 0
    await call.out(f"No process found for: {wanted[0]}\n")
    return 0


def _whole(call: Call) -> str:
    state = call.phone.state
    total, available = call.phone.profile.ram_kb, state.mem_available_kb
    used = total - available
    rows = [
        ("system", total // 14, 1204),
        ("surfaceflinger", total // 80, 640),
        ("com.android.systemui", used // 9, 2310),
    ]
    rows += [(p.name, round(p.resident_mb * 1024), pid) for pid, p in state.pids.items()]
    processes = "".join(
        f"{size:>11,}K: {name} (pid {pid})\n" for name, size, pid in sorted(rows, key=lambda r: (-r[1], r[0]))
    )
    return (
        f"Total PSS by process:\n{processes}\n"
        f"Total RAM: {total:>10,}K (status normal)\n"
        f" Free RAM: {available:>10,}K ({available // 5:>9,}K cached pss + {available // 2:>9,}K cached kernel + "
        f"{available - available // 5 - available // 2:>9,}K free)\n"
        f" Used RAM: {used:>10,}K ({used * 7 // 10:>9,}K used pss + {used - used * 7 // 10:>9,}K kernel)\n"
        f" Lost RAM: {total // 60:>10,}K\n"
        f"     ZRAM: {total // 16:>10,}K physical used for {total // 4:>9,}K in swap ({total // 2:>9,}K total swap)\n"
    )


def _one(pid: int, process: Process, *, rss: bool) -> str:
    resident = round(process.resident_mb * 1024)
    heap, mapped = round(resident * _HEAP), round(resident * _MAPPED)
    other = max(0, resident - heap - mapped - _STACK_KB)
    graphics = round(process.gpu_mb * 1024)
    # Name, pss, private dirty, private clean, swap, heap size, allocated, free.
    rows: list[tuple[str, list[int | None]]] = [
        ("Native Heap", [heap, heap, 0, 0, round(heap * 1.1), heap, round(heap * 1.1) - heap]),
        ("Dalvik Heap", [0, 0, 0, 0, 0, 0, 0]),
        ("Stack", [_STACK_KB, _STACK_KB, 0, 0, None, None, None]),
        (".so mmap", [other, other // 4, other // 2, 0, None, None, None]),
        ("Other mmap", [mapped, 0, mapped, 0, None, None, None]),
        ("EGL mtrack", [graphics, graphics, 0, 0, None, None, None]),
    ]
    columns = [sum(values[i] or 0 for _, values in rows) for i in range(7)]
    rows.append(("TOTAL", [*columns]))
    heads = [
        ["Pss", "Private", "Private", "SwapPss", *(["Rss"] if rss else []), "Heap", "Heap", "Heap"],
        ["Total", "Dirty", "Clean", "Dirty", *(["Total"] if rss else []), "Size", "Alloc", "Free"],
    ]
    heads.append(["------"] * len(heads[0]))
    text = f"** MEMINFO in pid {pid} [{process.name}] **\n"
    for head in heads:
        text += " " * 17 + "".join(f"{word:>9}" for word in head) + "\n"
    for name, values in rows:
        shown = [*values[:4], *([values[0]] if rss else []), *values[4:]]
        text += f"{name:>17}" + "".join(f"{'' if v is None else v:>9}" for v in shown) + "\n"
    summary = {"Java Heap": 0, "Native Heap": heap, "Code": other, "Stack": _STACK_KB, "Graphics": graphics}
    text += " \n App Summary\n                       Pss(KB)\n                        ------\n"
    text += "".join(f"{name + ':':>21} {value:>8}\n" for name, value in summary.items())
    total = columns[0]
    word = "TOTAL PSS" if rss else "TOTAL"
    return text + f" \n{word + ':':>21} {total:>8}" + (f"            TOTAL RSS: {total:>8}\n" if rss else "\n")


register(Service("meminfo", "", dump))
