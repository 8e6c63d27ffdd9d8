"""Which program a phone gets without --binary."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

import pytest

from harness.benchmark.work import BinaryFile
from harness.cli.program import choose_binary
from harness.errors import EnvironmentFault
from tests.benchmark.elves import elf
from tests.benchmark.http_server import Page, serving
from tests.records import phone


def test_phones_of_one_abi_share_one_fetch_and_virtual_ones_need_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = dataclasses.replace(phone("A"), provenance="real", abilist=("arm64-v8a", "armeabi-v7a"))
    shared: dict[tuple[str, ...], BinaryFile] = {}
    with serving() as server, contextlib.ExitStack() as stack:
        server.pages["/b"] = Page(elf())
        sources = tmp_path / "b.toml"
        sources.write_text(
            f'schema = 1\n[[builds]]\nflavour = "tflite"\nabi = "arm64-v8a"\naddress = "{server.url("/b")}"\n'
        )
        monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("HARNESS_BINARIES", str(sources))
        with pytest.raises(EnvironmentFault, match="--offline forbids"):
            choose_binary(real, None, stack, True, shared)
        first = choose_binary(real, None, stack, False, shared)
        assert choose_binary(dataclasses.replace(real, provenance="emulator"), None, stack, False, shared) is first
        played = choose_binary(dataclasses.replace(real, provenance="virtual"), None, stack, True, shared)
        assert first.abi == "arm64-v8a" and first.name == "b" and played.abi is None and len(server.asked) == 1
    out, err = capsys.readouterr()
    assert not out and server.url("/b") in err and first.sha256 in err
