"""free: the phone's memory, not the host's."""

from __future__ import annotations

from harness.virtual.program import Call, program

_SHIFT = {"-b": -10, "-k": 0, "-m": 10, "-g": 20}


@program("free")
async def free(call: Call) -> int:
    """`free [-b|-k|-m|-g]`; bytes where nothing is said."""
    state = call.phone.state
    shift = next((_SHIFT[a] for a in call.argv[1:] if a in _SHIFT), -10)
    total, available = call.phone.profile.ram_kb, state.mem_available_kb
    cached = min(total // 3, available * 2 // 3)
    left = available - cached

    def row(name: str, *kb: int) -> str:
        shown = (n << -shift if shift < 0 else n >> shift for n in kb)
        return f"{name:<8}" + "".join(f"{n:>16}" for n in shown) + "\n"

    head = " " * 8 + "".join(f"{word:>16}" for word in ("total", "used", "free", "shared", "buffers")) + "\n"
    await call.out(head + row("Mem:", total, total - left, left, 18244, 2948))
    await call.out(row("-/+ buffers/cache:", total - left - 2948, left + 2948))
    await call.out(row("Swap:", total // 2, total // 2 - total // 4, total // 4))
    return 0
