"""Apps of a virtual phone: those that were installed, and the one that it can play, the official benchmark app.

An installed file is a zip whose AndroidManifest.xml, text or binary, names the package. The stand-in is the least such
file; it names itself virtual, so that nobody takes it for a build.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

BENCHMARK = "org.tensorflow.lite.benchmark"
ACTIVITY = f"{BENCHMARK}/.BenchmarkModelActivity"
#: Process id of what starts and ends apps.
SYSTEM_SERVER = 1240
#: A file of the stand-in that says what it is.
STANDIN_NAME = "harness-virtual-stand-in.txt"
_MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Package:
    """What a file that can be installed says of itself; abis: those of its native libraries, none where it has none."""

    name: str
    abis: frozenset[str]


def standin_apk(abis: tuple[str, ...]) -> bytes:
    """The file that stands for the benchmark app on virtual phones; same ABIs, same bytes."""
    activity = ACTIVITY.rpartition("/")[2]
    files = {
        "AndroidManifest.xml": f'<manifest package="{BENCHMARK}"><activity name="{activity}"/></manifest>\n',
        STANDIN_NAME: "It runs only on a virtual phone of the harness; no figure of it is a real phone's.\n",
        **{f"lib/{abi}/libtensorflowlite_benchmark.so": "virtual\n" for abi in abis},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def read_package(data: bytes) -> Package | None:
    """What is in a file, or None where nothing is that could be installed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if file.getinfo("AndroidManifest.xml").file_size > _MOST_BYTES:
                return None
            manifest = file.read("AndroidManifest.xml")
            names = file.namelist()
    except (KeyError, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None
    if not any(BENCHMARK.encode(code) in manifest for code in ("utf-8", "utf-16-le")):
        found = re.search(rb'package="([\w.]{3,200})"', manifest)
        return Package(found[1].decode(), frozenset()) if found else None
    parts = [name.split("/") for name in names]
    return Package(BENCHMARK, frozenset(p[1] for p in parts if p[0] == "lib" and len(p) > 2))
