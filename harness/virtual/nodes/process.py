"""/proc/PID of one program that the rack plays, where the phone has no process namespace of its own. Pure."""

from __future__ import annotations

import re

#: Kernels that brought the lines RssAnon and RssFile, smaps_rollup, and GPU memory by process.
_PARTS, _ROLLUP, _GPU_BY_PROCESS = (4, 5), (4, 14), (5, 4)
#: Share of the mapped pages that another process has mapped too, so that they count by half in PSS.
_SHARED = 0.4


def has_rollup(kernel: str) -> bool:
    """Whether a kernel of that release has smaps_rollup."""
    return _version(kernel) >= _ROLLUP


def counts_gpu(kernel: str) -> bool:
    """Whether GPU drivers of that kernel count memory by process."""
    return _version(kernel) >= _GPU_BY_PROCESS


def files(name: str, kernel: str, resident_kb: int, file_kb: int) -> dict[str, str]:
    """File name to text. resident_kb: all of it; file_kb: the part that files back."""
    pages, anonymous = resident_kb // 4, resident_kb - file_kb
    status = f"Name:\t{name[:15]}\nState:\tS (sleeping)\nVmHWM:\t{resident_kb:8d} kB\nVmRSS:\t{resident_kb:8d} kB\n"
    if _version(kernel) >= _PARTS:
        status += f"RssAnon:\t{anonymous:8d} kB\nRssFile:\t{file_kb:8d} kB\nRssShmem:\t{0:8d} kB\n"
    status += f"VmSwap:\t{0:8d} kB\n"
    found = {"statm": f"{pages * 2} {pages} {file_kb // 4} 1 0 {pages} 0\n", "status": status}
    if has_rollup(kernel):
        pss = anonymous + round(file_kb * (1 - _SHARED / 2))
        found["smaps_rollup"] = (
            "5555550000-7ffffff000 ---p 00000000 00:00 0                      [rollup]\n"
            f"Rss:            {resident_kb:8d} kB\nPss:            {pss:8d} kB\n"
            f"Shared_Clean:   {round(file_kb * _SHARED):8d} kB\nPrivate_Dirty:  {anonymous:8d} kB\n"
            f"Anonymous:      {anonymous:8d} kB\nSwap:           {0:8d} kB\n"
        )
    return found


def _version(kernel: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", kernel)
    return (int(found[1]), int(found[2])) if found else (0, 0)
