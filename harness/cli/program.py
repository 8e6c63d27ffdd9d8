"""Which benchmark program a phone gets."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault

if TYPE_CHECKING:
    from harness.benchmark.work import BinaryFile
    from harness.records import PhoneRecord


def choose_binary(phone: PhoneRecord, given: Path | None, stack: contextlib.ExitStack) -> BinaryFile:
    """The program given with --binary; a virtual phone without one gets its stand-in.

    Args:
        stack: keeps the stand-in's file until the run is over.

    Raises:
        UsageError: the given file is no program.
        EnvironmentFault: a real phone, and no program was given.
    """
    from harness.benchmark.binary import read_binary

    if given is not None:
        return read_binary(given)
    if phone.provenance == "virtual":
        from harness.virtual.standin import standin_bytes

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-program-")))
        path = folder / "benchmark_model"
        path.write_bytes(standin_bytes())
        return read_binary(path)
    raise EnvironmentFault(
        f"no benchmark program for {phone.model or phone.serial}",
        advice="give a build of benchmark_model for its ABI with --binary (see binaries/README.md)",
        serial=phone.serial,
    )
