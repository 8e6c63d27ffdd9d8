"""Hubs by the words of a rack file."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.hubs.spec import open_hub
from harness.hubs.uhubctl import UhubctlHub
from harness.hubs.virtual import VirtualHub
from harness.hubs.ykush import YkushHub


def test_every_kind() -> None:
    assert open_hub("uhubctl:1-1.4:2").hub == UhubctlHub("1-1.4")
    assert open_hub("uhubctl:2:12").port == "12"
    assert open_hub("ykush:YK12345:3").hub == YkushHub("YK12345")
    assert open_hub("ykush3:YK3A1016:1").hub == YkushHub("YK3A1016", "ykush3")
    assert open_hub("virtual:127.0.0.1:4711:0").hub == VirtualHub(4711)
    assert open_hub("virtual:127.0.0.1:4711:15").spec == "virtual:127.0.0.1:4711:15"


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "uhubctl",
        "uhubctl:1-1.4",
        "uhubctl:1-1.4:",
        "uhubctl:1-1.4:a",
        "uhubctl:1-1.4 -a off:2",
        "uhubctl:--all:2",
        "ykush::1",
        "ykush:-l:1",
        "virtual:0.0.0.0:4711:0",
        "virtual:4711:0",
        "relay:1:2",
    ],
)
def test_what_names_no_port(spec: str) -> None:
    with pytest.raises(UsageError, match=r"names no .*hub; give uhubctl:1-1.4:2"):
        open_hub(spec)
