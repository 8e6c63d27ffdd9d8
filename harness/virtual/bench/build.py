"""How a benchmark program was built and what it runs on: what decides which flags it has and which lines it prints."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Build:
    """One build.

    Attributes:
        parts: what it was built with, of `gpu`, `nnapi` and `hexagon`.
        android: it logs to logcat too, and the runtime's VERBOSE lines are shown.
        opencl_missing: what the system says where it has no OpenCL library: (printed by the tool or None, the error).
        no_opengl: what is wrong with OpenGL where it cannot be used.
        app: it runs inside the official app: scheduled as one, and nobody hears how it ended.
    """

    parts: frozenset[str]
    android: bool
    opencl_missing: tuple[str | None, str]
    no_opengl: str
    app: bool = False


ANDROID = Build(
    frozenset({"gpu", "nnapi", "hexagon"}),
    True,
    (None, 'dlopen failed: library "libOpenCL.so" not found'),
    "OpenGL ES 3.1 or above is required to use OpenGL inference.",
)

#: The same library in the benchmark app.
APP = replace(ANDROID, app=True)

_LINUX_OPENCL = (
    "Failed to load OpenCL library with dlopen: libOpenCL.so: cannot open shared object file: No such file or "
    "directory. Trying ICD loader.",
    "{program}: undefined symbol: clEnqueueTask",
)

#: The same program for Linux desktops, to hold the lines against recordings of it.
LINUX = Build(frozenset(), False, _LINUX_OPENCL, "OpenGL-based API disabled")
LINUX_GPU = Build(frozenset({"gpu"}), False, _LINUX_OPENCL, "OpenGL-based API disabled")
