"""Benchmark programs: which one a file is, whether a phone can run it, and which flags it knows."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from harness.adb.phone import Phone
from harness.adb.quote import device_path
from harness.benchmark.elf import LITERT_FLAG, read_elf
from harness.benchmark.work import BinaryFile
from harness.errors import PhoneError, UsageError

_FLAG = re.compile(r"^\s*--([A-Za-z0-9_-]+)=\S*\s+\t?(?:int32|int64|float|bool|string)\b", re.MULTILINE)


@dataclass(frozen=True)
class Described:
    """What a program says of itself on a phone."""

    flavour: str
    flags: frozenset[str]


def read_binary(path: Path) -> BinaryFile:
    """A program on the host. Its flavour is guessed by a flag's name in it, and asked of it on the phone.

    Raises:
        UsageError: it cannot be read or is no program.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", advice="give a build of benchmark_model") from None
    digest = hashlib.sha256(data).hexdigest()
    elf = read_elf(data)
    if elf is not None:
        return BinaryFile(path, digest, "litert" if LITERT_FLAG.encode() in data else "tflite", elf.abi)
    if data[:2] in (b"#!", b"# "):
        return BinaryFile(path, digest, "tflite", None)
    raise UsageError(f"{path} is no program", advice="give a build of benchmark_model for Android")


def check_abi(binary: BinaryFile, abilist: tuple[str, ...], serial: str) -> None:
    """Refuse a program that the phone cannot run, before anything is pushed.

    Raises:
        PhoneError: of another ABI.
    """
    if binary.abi is not None and abilist and binary.abi not in abilist:
        raise PhoneError(
            f"{binary.name or binary.path.name} is built for {binary.abi}, and the phone runs {', '.join(abilist)}",
            serial=serial,
            advice="give a build for that ABI with --binary",
        )


def describe(phone: Phone, path: str) -> Described:
    """Ask a pushed program for its flags.

    Raises:
        PhoneError: it does not start or is no benchmark program.
    """
    result = phone.shell(f"{device_path(path)} --help", timeout_s=30)
    flags = frozenset(_FLAG.findall(result.stdout + result.stderr))
    if "graph" not in flags:
        tail = (result.stderr or result.stdout).strip().splitlines()
        raise PhoneError(
            f"the benchmark program does not start: {tail[-1] if tail else f'exit code {result.exit_code}'}",
            serial=phone.serial,
            advice="check that it is a build of benchmark_model for this phone's ABI",
            exit_code=result.exit_code,
        )
    return Described("litert" if LITERT_FLAG in flags else "tflite", flags)
