"""/proc/PID of a program in portable mode: what its kernel would show, and that it adds up."""

from __future__ import annotations

import re

import pytest

from harness.virtual.nodes.process import files


def values(text: str) -> dict[str, int]:
    return {name: int(kb) for name, kb in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}


@pytest.mark.parametrize(
    ("kernel", "parts", "rollup"), [("3.18.79+", False, False), ("4.9.117+", True, False), ("4.14.1", True, True)]
)
def test_by_kernel(kernel: str, parts: bool, rollup: bool) -> None:
    found = files("a_name_longer_than_comm", kernel, 20480, 8192)
    status = values(found["status"])
    assert "Name:\ta_name_longer_t\n" in found["status"]
    assert status["VmHWM"] == status["VmRSS"] == 20480 and found["statm"].split()[1] == "5120"
    assert ("RssAnon" in status, "smaps_rollup" in found) == (parts, rollup)
    if parts:
        assert status["RssAnon"] + status["RssFile"] + status["RssShmem"] == status["VmRSS"]
    if rollup:
        pss = values(found["smaps_rollup"])["Pss"]
        assert status["RssAnon"] < pss < status["VmRSS"]
