"""Whether a file is the benchmark program that it should be, told from its bytes alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.benchmark.apk import APK_FLAVOUR, look_at_apk
from harness.benchmark.elf import Looks, look_at
from harness.benchmark.store.sources import Build
from harness.errors import EnvironmentFault, UsageError


def hash_file(path: Path) -> str:
    """sha256 in hex.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_content(path: Path, build: Build, address: str) -> None:
    """Whether a fetched file is what it should be.

    Raises:
        EnvironmentFault: it is another thing, cut, for another ABI, or another program.
    """
    looks = look_at(path) or look_at_apk(path)
    advice = "check the address and the proxy; nothing of it was kept"
    if looks is None:
        with path.open("rb") as file:
            start = file.read(200).lstrip().lower()
        what = "a web page (from a proxy or login?)" if start.startswith(b"<") else "no program"
    elif not looks.whole:
        what = "a program that was cut short"
    elif looks.abi != build.abi:
        what = f"a program for {looks.abi}, not {build.abi}"
    elif not looks.benchmark:
        what = "no benchmark program"
    elif any((looks.flavour == f) != (build.flavour == f) for f in ("litert", APK_FLAVOUR)):
        what = f"a program of flavour {looks.flavour}, not {build.flavour}"
    else:
        return
    raise EnvironmentFault(f"what {address} serves is {what}", advice=advice)


def own_looks(file: Path) -> Looks:
    """What a build of the user's own is.

    Raises:
        UsageError: it cannot be read, is no benchmark program, or was cut.
    """
    advice = "give a build of benchmark_model, or the APK of the benchmark app"
    try:
        looks = look_at(file) or look_at_apk(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", advice=advice) from None
    if looks is None or not looks.benchmark:
        raise UsageError(f"{file} is no benchmark program", advice=advice)
    if not looks.whole:
        raise UsageError(f"{file} was cut short", advice="copy it again")
    return looks
