"""Blocks with sessions in the benchmark app."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.benchmark.apk import PACKAGE, read_apk
from harness.benchmark.work import BinaryFile, Block, Protocol
from harness.virtual.apps import standin_apk
from tests.benchmark.blocks import QUICK, Bench, block

#: Sessions in the app wait for its log once a second.
APP = replace(QUICK, session_timeout_s=40)


def standin_app(folder: Path, *abis: str) -> BinaryFile:
    """The stand-in for the app as a file."""
    path = folder / "benchmark_model.apk"
    path.write_bytes(standin_apk(abis or ("arm64-v8a",)))
    return read_apk(path)


def in_app(block_id: str, delegates: list[str], contexts: list[str], protocol: Protocol = APP) -> Block:
    """A block with one session per delegate, each in its context."""
    made = block(block_id, delegates, protocol=protocol)
    sessions = zip(made.sessions, contexts, strict=True)
    return replace(made, sessions=tuple(replace(s, context=context) for s, context in sessions))


def app_runs(bench: Bench) -> bool:
    """Whether the app is among the phone's processes."""
    return PACKAGE in bench.phone.shell("ps -A -o ARGS | grep -v grep | grep -v logcat").stdout
