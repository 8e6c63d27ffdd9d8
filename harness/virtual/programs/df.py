"""df: the phone's storage, not the host's."""

from __future__ import annotations

from harness.virtual.program import Call, program

_HEAD = ["Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"]


@program("df")
async def df(call: Call) -> int:
    """`df [-k] [-h] [PATH…]` in blocks of 1 KiB, or in readable units with -h."""
    phone = call.phone
    # Scripts put PHONE_ROOT before a path where the phone has no root of its own.
    paths = [phone.strip_root(a) for a in call.argv[1:] if not a.startswith("-")]
    readable = any("h" in a for a in call.argv[1:] if a.startswith("-"))
    rows = []
    failed = 0
    for path in paths or ["/", "/data", "/storage/emulated"]:
        if not call.path(path).exists():
            await call.err(f"df: {path}: No such file or directory\n")
            failed = 1
            continue
        rows.append(_row(path, phone.profile.storage_kb, phone.free_kb(), readable))
    if rows:
        head = [*_HEAD[:1], "Size" if readable else _HEAD[1], _HEAD[2], "Avail" if readable else _HEAD[3], *_HEAD[4:]]
        table = [head, *rows]
        widths = [max(len(row[i]) for row in table) for i in range(5)]
        for row in table:
            cells = [row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, 5)), row[5]]
            await call.out(" ".join(cells) + "\n")
    return failed


def _row(path: str, total_kb: int, free_kb: int, readable: bool) -> list[str]:
    source, place = "/dev/block/dm-12", "/data"
    if path.startswith(("/sdcard", "/storage")):
        source, place = "/dev/fuse", "/storage/emulated"
    elif not path.startswith("/data") and path.startswith("/"):
        # The system image is full, as it always is.
        source, place, total_kb, free_kb = "/dev/block/dm-4", "/", 2_200_000, 0
    used = total_kb - free_kb
    numbers = [total_kb, used, free_kb]
    shown = [_human(n) if readable else str(n) for n in numbers]
    return [source, *shown, f"{round(100 * used / total_kb)}%", place]


def _human(kb: int) -> str:
    for unit, size in (("G", 1 << 20), ("M", 1 << 10)):
        if kb >= size:
            return f"{kb / size:.1f}{unit}" if kb < 10 * size else f"{kb // size}{unit}"
    return f"{kb}K"
