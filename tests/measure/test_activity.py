"""Who used the cores, from the counters of the kernel, the shell and the sampler."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.activity import activity_record
from harness.measure.held import state_record
from harness.measure.sampler import SamplerLog, ThreadSample, parse_sampler
from harness.records import StateRecord

MKSH = "cpu  100 0 50 8000 10 0 5 0 0 0\n0m00.10s 0m00.05s\n0m01.00s 0m00.50s\n"
MKSH_END = "cpu  500 0 90 8400 10 0 5 0 0 0\n0m00.10s 0m00.06s\n0m03.50s 0m00.80s\n"
DASH_END = MKSH_END.replace("0m03.50s 0m00.80s", "0m3.500000s 0m0.800000s")


def log(*samples: ThreadSample, allowed: str | None = None) -> SamplerLog:
    return SamplerLog(0.5, "b", (), {}, True, samples, allowed, 0.02)


@pytest.mark.parametrize("end", [MKSH_END, DASH_END])
def test_the_shell_knows_the_program_and_the_kernel_all(end: str) -> None:
    found = activity_record(MKSH + end, log(ThreadSample(11.0, 90, (4, 5))), 10.0, 12.0)
    assert found.own_cpu_s == pytest.approx(2.8) and found.own_source == "times of the shell"
    # 400 user + 40 system ticks were spent, 280 of them by the program, of 840 in all.
    assert found.others_busy_pct == pytest.approx(100 * (440 - 280) / 840)
    assert found.last_cpus == {"4": 1, "5": 1} and found.sampler_cpu_s == 0.02 and found.reason is None


def test_where_only_samples_know_their_rate_holds_to_the_end() -> None:
    samples = (ThreadSample(10.5, 100, (4,)), ThreadSample(11.8, 390, (4, 5)))
    found = activity_record(MKSH + MKSH_END, log(*samples, allowed="4-7"), 10.0, 12.0, virtual=True)
    assert found.own_cpu_s == pytest.approx(3.9 * 2.0 / 1.8) and found.own_source == "samples of /proc/PID/stat"
    assert found.last_cpus == {"4": 2, "5": 1} and found.allowed_cpus == "4-7"


def test_a_sample_of_the_beginning_says_nothing_of_the_whole() -> None:
    found = activity_record(MKSH + MKSH_END, log(ThreadSample(10.5, 100, (4,))), 10.0, 12.0, virtual=True)
    assert found.own_cpu_s is None and found.others_busy_pct is None
    assert found.reason == "the program's own CPU time is not known"


def test_counters_of_a_month_are_no_smaller_for_the_shell() -> None:
    first = "cpu  3000000000 0 50 9000000000 10 0 5 0 0 0\n0m0.0s 0m0.0s\n0m0.0s 0m0.0s\n"
    last = "cpu  3000000100 0 50 9000000300 10 0 5 0 0 0\n0m0.0s 0m0.0s\n0m0.5s 0m0.0s\n"
    assert activity_record(first + last, None, 1.0, 2.0).others_busy_pct == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "/proc/stat could not be read"),
        (MKSH, "/proc/stat could not be read"),
        ("\n".join(line for line in (MKSH + MKSH_END).splitlines() if "m" not in line), "own CPU time is not known"),
        (MKSH + MKSH, "too short"),
        (MKSH_END + MKSH, "too short"),
    ],
)
def test_what_is_not_known_has_a_reason(text: str, reason: str) -> None:
    found = activity_record(text, None, 10.0, 12.0)
    assert found.others_busy_pct is None and found.reason is not None and reason in found.reason


def test_lines_of_the_sampler() -> None:
    text = (
        "#v1 period=0.5 boot_id=b\n#cols seq boot_s x rss_pages\nS 0 1.00 5 10\nT 1.00 40 4 5 x\nT 1.00 42 4 5\nA 1.00 4-7\n"
        "S 1 1.50 6 11\nT 1.50\nE - 2.00 why=stopped cpu=3\n"
    )
    found = parse_sampler(text)
    assert found.threads == (ThreadSample(1.0, 42, (4, 5)),) and found.allowed_cpus == "4-7"
    assert found.cpu_s == pytest.approx(0.03) and found.columns["x"] == (5.0, 6.0)
    assert parse_sampler(text.replace("cpu=3", "cpu=")).cpu_s is None


def test_the_report_of_the_state() -> None:
    text = "held awake on\nheld screen dim\nrefused radios adb itself comes over a network\nlost screen x became 9\nheld\n?\n"
    assert state_record(text) == StateRecord(
        {"screen": "dim"}, {"radios": "adb itself comes over a network"}, {"screen": "x became 9"}
    )


words = st.lists(
    st.sampled_from([MKSH, MKSH_END, "cpu  1 2\n", "0m1.1.1s 0m2s\n", "T 1 2 3\n", "A 1 4-7\n"]), max_size=6
)


@given(words.map("".join) | st.text(max_size=300), st.floats(0, 100) | st.none(), st.floats(0, 100) | st.none())
def test_any_text_is_read(text: str, start: float | None, end: float | None) -> None:
    activity_record(text, parse_sampler(text), start, end)
    state_record(text)
