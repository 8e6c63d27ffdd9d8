"""When faults strike: at a time, several times, and some while after a moment."""

from __future__ import annotations

from pathlib import Path

from harness.virtual.faults import kinds
from harness.virtual.ledger_reader import read_ledger
from tests.racks import rack_server
from tests.virtual.faults.test_catalogue import until

_DOCS = Path(__file__).parents[3] / "docs/virtual_phones.md"
_PLAN = """
0: {clock_jump: {at_s: 10, times: 3, every_s: 20, by_s: 60}}
1: {clock_jump: {when: {event: shell, nth: 2, match: now}, after_s: 30}}
2: {storage_full: true}
"""


def test_times_and_moments(tmp_path: Path) -> None:
    """Never too soon; a busy host may be late."""
    (tmp_path / "f.yaml").write_text(_PLAN)
    path = tmp_path / "l"
    with rack_server(3, "--faults", str(tmp_path / "f.yaml"), "--ledger", str(path), "--rate", "50") as (
        server,
        serials,
    ):
        phone = server.phone(serials[1])
        look = 'read -r up _ <"${PHONE_ROOT}"/proc/uptime; echo $up'
        seen_s = [float(phone.shell(f"{look}; true {word}").stdout) for word in ("now", "other", "now", "now")]
        until(lambda: len(read_ledger(path).faults) == 5, "all struck")
    struck = {index: [e for e in read_ledger(path).of("fault") if e["phone"] == index] for index in range(3)}
    at_s = [e["uptime_s"] for e in struck[0]]
    assert len(at_s) == 3 and at_s[0] >= 10 and at_s[1] - at_s[0] >= 20 and at_s[2] - at_s[1] >= 20
    (later,) = struck[1]
    assert later["at"]["event"] == "shell" and "now" in later["at"]["text"]
    assert later["uptime_s"] >= seen_s[1] + 30, "counted from the second"
    (first,) = struck[2]
    assert first["uptime_s"] < at_s[0] and first["kind"] == "storage_full"


def test_the_documentation_names_every_kind() -> None:
    text = _DOCS.read_text()
    for name, kind in kinds().items():
        assert f"| `{name}` | {'yes' if kind.disturbs else 'no'} | {kind.summary()}" in text
