"""uhubctl's hubs, by a stand-in that prints what the program prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import EnvironmentFault, HostError
from harness.hubs.spec import open_hub
from tests.hubs.fakes import UHUBCTL, install


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install(tmp_path, "uhubctl", UHUBCTL, "on")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_a_port_is_switched_and_says_so(folder: Path) -> None:
    port = open_hub("uhubctl:1-1.4:2")
    assert port.state() is True
    port.power(False)
    assert port.state() is False
    port.power(True)
    assert port.state() is True
    assert "-l 1-1.4 -p 2 -a off" in (folder / "calls").read_text().splitlines()


def test_a_port_that_is_off_already_is_fine(folder: Path) -> None:
    (folder / "state").write_text("off\n")
    open_hub("uhubctl:1-1.4:2").power(False)


@pytest.mark.parametrize("on", [True, False])
def test_a_hub_that_only_says_that_it_can_is_found_out(folder: Path, on: bool) -> None:
    (folder / "STUCK").touch()
    (folder / "state").write_text("off\n" if on else "on\n")
    with pytest.raises(HostError, match="did not switch"):
        open_hub("uhubctl:1-1.4:2").power(on)


def test_a_hub_without_switches(folder: Path) -> None:
    with pytest.raises(EnvironmentFault, match="no hub at 1-2 that switches its ports one by one"):
        open_hub("uhubctl:1-2:2").power(False)


def test_a_hub_that_this_user_may_not_open(folder: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"may not open the hub at 1-9; .*udev"):
        open_hub("uhubctl:1-9:2").state()


def test_a_port_that_is_not_there(folder: Path) -> None:
    with pytest.raises(EnvironmentFault, match="has no port 7"):
        open_hub("uhubctl:1-1.4:7").power(True)


def test_without_the_program(folder: Path) -> None:
    (folder / "uhubctl").unlink()
    with pytest.raises(EnvironmentFault, match="uhubctl is not installed here"):
        open_hub("uhubctl:1-1.4:2").state()
