"""The sentence that ends a run on one phone."""

from __future__ import annotations

from typing import Any

from harness.records import Delegation, Quantity, SessionKey, SessionRecord
from harness.report.document import build_document
from harness.report.verdict import verdicts
from tests.report.runs import repeated, run_of

CPU, GPU = (SessionKey("m", "", d, {}, 4) for d in ("cpu", "gpu"))
ALL = Delegation("completely", 64, 64, 1, "runtime_info")


def timed(key: SessionKey, middle_us: float, spread: float = 0.01, **fields: Any) -> list[SessionRecord]:
    times = (middle_us * (1 - spread), middle_us, middle_us * (1 + spread))
    values = {"provenance": "real", "delegation": ALL, "energy_mj": Quantity(reason="charging over USB"), **fields}
    return repeated(key.delegate, *times, key=key, **values)


def said(*groups: list[SessionRecord], phones: int = 1) -> list[str]:
    return verdicts(build_document(run_of(*(s for g in groups for s in g), phones=phones)))


def test_it_says_it_all() -> None:
    (text,) = said(timed(CPU, 22_940), timed(GPU, 7_400))
    assert text.startswith("Fastest: GPU 7.40 ms (7.")
    assert text.endswith(
        "), 3.1 times CPU, 64 of 64 nodes; energy not measured: charging over USB; "
        "figures from the shell, apps may differ."
    )


def test_a_lead_within_the_intervals_is_none() -> None:
    (text,) = said(timed(CPU, 7_500, 0.2), timed(GPU, 7_400, 0.2))
    assert ", cannot be told apart from CPU (7.50 ms), 64 of 64 nodes;" in text


def test_the_cpu_may_win_and_what_failed_is_told() -> None:
    fallen = timed(GPU, 1, outcome="fallback", delegation=Delegation("none", 0, 64))
    (text,) = said(timed(CPU, 9_000), fallen)
    assert text.startswith("Fastest: CPU 9.00 ms (") and "; GPU: ran on the CPU instead; energy not" in text
    assert "times" not in text


def test_energy_and_the_state_of_the_phone() -> None:
    (text,) = said(timed(GPU, 7_400, energy_mj=Quantity(13.2), flags=("warm_start", "charging")))
    assert "; energy 13.2 mJ an inference" in text and "; the phone: it had not cooled down;" in text


def test_nothing_measured() -> None:
    assert said() == []
    lost = repeated("g", None, key=GPU, outcome="delegate_failed", provenance="real")
    assert said(lost) == ["Nothing was measured: GPU the delegate refuses the model."]


def test_figures_of_no_real_phone_say_so() -> None:
    assert said(timed(CPU, 9_000, provenance="virtual"))[0].startswith("Fastest on this virtual phone: CPU")
    assert said(timed(CPU, 9_000, provenance="emulator"))[0].startswith("Fastest on this emulator: CPU")


def test_several_models_have_a_sentence_each_and_a_rack_has_none() -> None:
    other = SessionKey("n", "int8", "cpu", {}, 4)
    texts = said(timed(CPU, 9_000), repeated("o", 1_000, 1_010, 990, key=other, provenance="real"))
    assert [t.partition(":")[0] for t in texts] == ["Fastest for m", "Fastest for n int8"]
    assert said(timed(CPU, 9_000), repeated("o", 1_000, key=CPU, phone_id="P2"), phones=2) == []


def test_leads_large_small_and_unknown() -> None:
    assert ", 125 times CPU," in said(timed(CPU, 1_234_000), timed(GPU, 9_900))[0]
    assert ", 1.06 times CPU," in said(timed(CPU, 10_600, 0.001), timed(GPU, 10_000, 0.001))[0]
    few = repeated("c", 5_000, key=CPU, provenance="real"), repeated("g", 2_400, key=GPU, provenance="real")
    assert ", against CPU 5.00 ms, too few sessions to tell," in said(*few)[0]


def test_what_was_measured_elsewhere_says_so() -> None:
    assert said(timed(CPU, 9_000, provenance="imported"))[0].startswith("Fastest, as measured elsewhere: CPU")


def test_an_unfinished_run_begins_with_that() -> None:
    document = build_document(run_of(*timed(CPU, 9_000), finished=False))
    assert verdicts(document)[0].startswith("Not finished. Fastest: CPU")
