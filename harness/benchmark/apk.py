"""The official benchmark app: which one a file is, told from its bytes. An APK is a zip with a binary manifest."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from harness.benchmark.elf import Looks
from harness.benchmark.work import BinaryFile
from harness.errors import UsageError

#: Flavour of the app in the store; what it runs is the program of flavour tflite.
APK_FLAVOUR = "tflite-apk"
PACKAGE = "org.tensorflow.lite.benchmark"
_ACTIVITY = ".BenchmarkModelActivity"
_MANIFEST = "AndroidManifest.xml"
_MOST_BYTES = 4 << 20
ADVICE = "give the official benchmark app's APK, android_aarch64_benchmark_model.apk or android_arm_benchmark_model.apk"


def look_at_apk(path: Path) -> Looks | None:
    """What an APK looks like, or None where the file is none. `benchmark`: its manifest names package and activity.

    abi: of its native library; of several, the first in the order of the alphabet.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return None
    try:
        with zipfile.ZipFile(path) as apk:
            names = apk.namelist()
            info = apk.getinfo(_MANIFEST)
            manifest = apk.read(info) if info.file_size <= _MOST_BYTES else b""
    except KeyError:
        return None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return Looks("an unknown ABI", APK_FLAVOUR, whole=False, benchmark=True)
    # Strings of a binary manifest are UTF-8 or UTF-16, as the tool that made it liked.
    benchmark = any(
        all(word.encode(code) in manifest for word in (PACKAGE, _ACTIVITY)) for code in ("utf-8", "utf-16-le")
    )
    abis = sorted({p[1] for name in names if (p := name.split("/"))[0] == "lib" and len(p) == 3})
    return Looks(abis[0] if abis else "an unknown ABI", APK_FLAVOUR, whole=True, benchmark=benchmark)


def read_apk(path: Path) -> BinaryFile:
    """The app on the host, for `--apk FILE`.

    Raises:
        UsageError: it cannot be read, is cut short, or is another app.
    """
    try:
        looks = look_at_apk(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with zipfile.ZipFile(path) as apk:
            parts = [name.split("/") for name in apk.namelist()]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", advice=ADVICE) from None
    except zipfile.BadZipFile:
        raise UsageError(f"{path} is no APK, or was cut short", advice=ADVICE) from None
    if looks is None or not looks.benchmark:
        raise UsageError(f"{path} is not the benchmark app", advice=ADVICE)
    if not looks.whole:
        raise UsageError(f"{path} is no APK, or was cut short", advice=ADVICE)
    abis = {p[1] for p in parts if p[0] == "lib" and len(p) == 3}
    return BinaryFile(path, digest, "tflite", looks.abi if len(abis) == 1 else None)
