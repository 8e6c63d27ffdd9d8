"""YKUSH boards, by a stand-in that prints what their program prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import EnvironmentFault, HostError
from harness.hubs.spec import open_hub
from tests.hubs.fakes import YKUSHCMD, install


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install(tmp_path, "ykushcmd", YKUSHCMD, "ON")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.mark.parametrize(
    ("board", "words"), [("ykush", "-s YK1 -d 3"), ("ykush3", "ykush3 -s YK1 -d 3"), ("ykushxs", "ykushxs -s YK1 -d")]
)
def test_a_port_is_switched_and_asked(folder: Path, board: str, words: str) -> None:
    port = open_hub(f"{board}:YK1:3")
    assert port.state() is True
    port.power(False)
    assert port.state() is False
    port.power(True)
    assert port.state() is True
    assert words in (folder / "calls").read_text().splitlines()


def test_a_board_that_does_not_switch(folder: Path) -> None:
    (folder / "STUCK").touch()
    with pytest.raises(HostError, match="did not switch off"):
        open_hub("ykush:YK1:3").power(False)


def test_a_board_that_is_not_there_is_not_taken_for_done(folder: Path) -> None:
    with pytest.raises(EnvironmentFault, match="ykush YK2 cannot be opened"):
        open_hub("ykush:YK2:3").power(False)
