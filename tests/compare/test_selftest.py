"""What a self-test says of phones that are sound, unsound, and cannot be tested."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness.benchmark.work import Protocol
from harness.compare.selftest import noises, selftest_document, selftest_trials
from harness.compare.selftest_words import closing, remarks
from harness.rack.noise import noise_of, remember_noise, smallest_effect
from harness.rack.state_files import StateFolder
from harness.records import SessionRecord
from harness.results.folder import Run
from tests.compare.sides import RUN, arm, batch
from tests.records import phone

Law = Callable[[str, int], float]


def noisy(seed: int, slower: float = 1.0) -> Law:
    values = 1000 * np.exp(np.random.default_rng(seed).normal(0, 0.02, 100))
    return lambda arm, place: float(values[place]) * (slower if arm == "B" else 1)


def document(*laws: tuple[str, str, Law, dict[str, Any]]) -> dict[str, Any]:
    """laws: (phone, trial, latency, what else its sessions are)."""
    trials = {
        t.name: t for t in selftest_trials(arm("A").model, Protocol(), delegates=["cpu", "gpu"], rounds=5, seed=0)
    }
    assert list(trials) == ["cpu", "gpu", "double"] and trials["double"].b.work == 2
    sessions: list[SessionRecord] = []
    for phone_id, name, law, fields in laws:
        sessions += batch(trials[name], 0, law, phone_id, **fields)
    phones = tuple(phone(p) for p in sorted({p for p, *_ in laws}))
    return selftest_document(list(trials.values()), Run(Path(RUN), {"run_id": RUN}, phones, tuple(sessions)))


def test_sound_phones_and_a_gpu_that_refuses(tmp_path: Path) -> None:
    found = document(
        ("P1", "cpu", noisy(1), {"flags": ("charging",)}),
        ("P1", "gpu", noisy(2), {"outcome": "delegate_failed"}),
        ("P1", "double", noisy(3), {}),
    )
    rows = {r["delegate"] if r["test"] == "a/a" else "double": r for r in found["rows"]}
    assert found["failed"] == [] and rows["cpu"]["covers_1"] is True and rows["double"]["covers_1"] is None
    assert rows["gpu"]["covers_1"] is None and "the delegate refuses the model" in rows["gpu"]["reason"]
    # 2 % between sessions: 2.8 % between pairs, so 10 of them show (2.26 + 0.88) * 2.8 / 3.16 = 2.8 %, give or take.
    assert 0.8 < rows["cpu"]["spread_pct"] < 3 and 1.2 < rows["cpu"]["smallest_effect_pct"] < 5
    assert rows["cpu"]["flags"] == {"charging": 20}
    assert closing(found).startswith("Equal artefacts measure equal on 1 phone. With 10 pairs, differences from")
    assert any("charging in 20" in line for line in remarks(found["rows"]))
    files = StateFolder(tmp_path)
    remember_noise(files, noises(found, "0" * 64, 1.0))
    assert [n.delegate for n in noise_of(files, "P1")] == ["cpu"]
    assert smallest_effect(files, "P1") == {"smallest_effect_pct": round(rows["cpu"]["smallest_effect_pct"], 2)}
    files.place("noise", "P1").write_text("{")
    assert smallest_effect(files, "P1")["smallest_effect_pct"] is None


def test_a_phone_where_equal_is_unequal_fails_and_the_others_do_not() -> None:
    found = document(("P1", "cpu", noisy(1), {}), ("P2", "cpu", noisy(4, slower=1.2), {}))
    assert found["failed"] == ["P2"] and "Do not trust comparisons on" in closing(found)


def test_a_large_rack_fails_no_more_often_than_a_small_one() -> None:
    """40 sound phones: by plain 95 % intervals two of them would fail each time."""
    failed = 0
    for seed in range(8):
        found = document(*((f"P{n}", "cpu", noisy(1000 * seed + n), {}) for n in range(40)))
        assert found["rows"][0]["confidence"] > 0.998
        failed += bool(found["failed"])
    assert failed <= 2
