"""The report in every format says what the document says, and nothing twice differently."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli.app import app
from harness.records import Delegation, FrequencyRecord, Quantity, SessionKey, SessionRecord, ThermalRecord
from harness.report.csv_ import to_csv
from harness.report.document import build_document
from harness.report.html import to_html
from harness.report.markdown import to_markdown
from harness.report.series import read_series
from harness.report.terminal import to_text
from harness.report.words import interval, number
from harness.results.folder import Run, RunFolder, phones_meta
from tests.records import phone, session
from tests.report.runs import repeated, run_of, run_on

ODD = "<b>&$x$ 模型\n| `*`"
GPU = SessionKey(ODD, "a|b", "gpu", {"precision": "fp32"}, 1)


def big_run(phones: int) -> Run:
    """Every kind of row on every phone."""
    sessions: list[SessionRecord] = []
    for n in range(1, phones + 1):
        name = f"P{n}"
        sessions += repeated(f"a{n}", 1000.0 + n, 1001.0 + n, 1002.0 + n, phone_id=name)
        sessions += repeated(f"b{n}", 2000, 2001, 2002, phone_id=name, key=GPU, energy_mj=Quantity(3.0))
        sessions += repeated(
            f"c{n}", 3000, phone_id=name, key=SessionKey("m", "int8", "nnapi", {}, 4), outcome="fallback",
            outcome_line="nothing shows it", delegation=Delegation("none", 0, 9), flags=("fallback",),
        )  # fmt: skip
        sessions += repeated(
            f"d{n}", None, phone_id=name, key=SessionKey("m", "int8", "npu", {}, 4), outcome="crash", outcome_line=ODD
        )
    return run_of(*sessions, phones=phones)


class _Tags(HTMLParser):
    """Fails where an element is not closed in order, and gathers what the tests look at."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _note(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids[value] += 1
            if name in ("href", "src", "xlink:href") and value:
                self.links.append(value)


def read_page(page: str) -> _Tags:
    parser = _Tags()
    parser.feed(page)
    assert parser.open == []
    return parser


@pytest.mark.parametrize("phones", [1, 40])
def test_page_is_whole_self_contained_and_the_same_twice(phones: int) -> None:
    made = big_run(phones)
    page = to_html(build_document(made), made)
    parser = read_page(page)
    assert "http" not in page and "<script" not in page and "@import" not in page
    assert all(link.startswith("#") for link in parser.links)
    assert max(parser.ids.values()) == 1
    assert {link[1:] for link in parser.links} <= set(parser.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(parser.ids)
    if phones == 1:
        assert page == to_html(build_document(made), made)


def test_page_marks_virtual_figures_everywhere_and_real_ones_nowhere() -> None:
    made = run_of(*repeated("b", 1000, 1001, 1002))
    page = to_html(build_document(made), made)
    assert "<title>[virtual] " in page and 'class="band"' in page
    for plot in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        assert "VIRTUAL" in plot
    real = run_on((phone("P1", model="Phone"),), *repeated("b", 1000, 1001, 1002, provenance="real"))
    assert "virtual" not in to_html(build_document(real), real).lower()
    assert "virtual" not in to_markdown(build_document(real)).lower()
    assert "virtual" not in to_text(build_document(real)).lower()


def test_mixed_figures_are_marked_where_they_stand() -> None:
    sessions = [*repeated("a", 1000, 1001, 1002, provenance="real"), *repeated("b", 9, 9.1, 9.2, phone_id="P2")]
    made = run_of(*sessions, phones=2)
    document = build_document(made)
    assert "partly virtual" in to_html(document, made)
    assert "Own Phone 2 (virtual)" in to_markdown(document) and "Own Phone 1 (virtual)" not in to_markdown(document)


def test_every_figure_of_the_document_stands_in_every_format() -> None:
    made = big_run(2)
    document = build_document(made)
    page = " ".join(read_page(to_html(document, made)).words)
    for text in (page, to_markdown(document), to_text(document)):
        for row in document["rows"]:
            if row["latency_ms"]["median"] is not None:
                assert number(row["latency_ms"]["median"]) in text
                assert interval(row["latency_ms"]["ci95"]) in text
        for tier in document["tiers"]:
            assert number(tier["median_ms"]) in text


def test_refusals_and_fallbacks_are_shown_as_results_with_their_reason() -> None:
    made = big_run(1)
    document = build_document(made)
    for text in (to_html(document, made), to_markdown(document), to_text(document)):
        assert "ran on the CPU instead" in text and "the program crashed" in text
        assert "NNAPI 0 of 9 nodes" in text and "GPU 9 of 9 nodes" in text
    assert "nothing shows it" in to_html(document, made)


def test_odd_names_are_letters_and_nothing_else() -> None:
    made = big_run(1)
    document = build_document(made)
    page = to_html(document, made)
    assert "<b>&" not in page and "&lt;b&gt;&amp;" in page
    lines = to_markdown(document).splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("| phone"))
    cells = [len(re.split(r"(?<!\\)\|", line)) for line in lines[head : head + 6]]
    assert len(set(cells)) == 1
    rows = list(csv.DictReader(io.StringIO(to_csv(document))))
    assert {r["model"] for r in rows} == {ODD, "m"}


@pytest.mark.parametrize("made", [run_of(), run_of(session("b/0", outcome="crash", inference_avg_us=None))])
def test_empty_and_all_failed_runs(made: Run) -> None:
    document = build_document(made)
    read_page(to_html(document, made))
    assert to_text(document).endswith(".\n") and to_markdown(document)
    assert to_csv(document).count("\n") == 1 + len(document["rows"])


def test_two_phones_of_one_kind_are_told_apart() -> None:
    phones = (phone("A1"), phone("A2"))
    made = run_on(phones, *(s for p in ("A1", "A2") for s in repeated(p, 1000, 1001, 1002, phone_id=p)))
    document = build_document(made)
    for text in (to_html(document, made), to_markdown(document), to_text(document)):
        assert "Own Phone (A1)" in text.replace("\\", "") and "Own Phone (A2)" in text.replace("\\", "")


def test_csv_agrees_with_the_document() -> None:
    document = build_document(run_of(*repeated("b", 1000, 1001, 1002)))
    (line,) = csv.DictReader(io.StringIO(to_csv(document)))
    assert float(line["latency_median_ms"]) == document["rows"][0]["latency_ms"]["median"]
    assert line["energy_mj"] == "" and line["energy_reason"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0"), (0.00012345, "0.000123"), (0.43678, "0.437"), (1.2, "1.20"), (9.999, "10.0"),
     (99.95, "100"), (1234.5, "1 234"), (-3.456, "-3.46")],
)  # fmt: skip
def test_numbers_have_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_heat_over_time_comes_from_the_sampler_logs_and_outlives_a_reboot(tmp_path: Path) -> None:
    log = "#v1 period=1 boot_id=x\n#cols seq boot_s policy0.cap policy0.cur policy4.cap policy4.cur zone.cpu\n"
    ticks = [(10, 1000, 500, 2000, 1000, 40000), (11, 1000, 900, 1500, 2000, "NA")]
    log += "".join(f"S {n} {' '.join(map(str, t))}\n" for n, t in enumerate(ticks)) + "E 2 12 why=done\n"
    (tmp_path / "log").write_text(log)
    fields = {"thermal": ThermalRecord(30.0, 31.0), "frequency": FrequencyRecord(), "evidence": {"sampler.tsv": "log"}}
    sessions = (
        session("b/0", boot_id="one", start_uptime_s=10.0, end_uptime_s=12.0, **fields),
        session("b/1", boot_id="two", start_uptime_s=3.0, end_uptime_s=5.0, **{**fields, "evidence": {}}),
    )
    series = read_series(Run(tmp_path, {}, (phone(),), sessions))["P1"]
    assert [(round(60 * t), c) for t, c in series.battery_c] == [(0, 30.0), (2, 31.0), (2, 30.0), (4, 31.0)]
    assert series.sensor_c[0] == (0.0, 40.0)
    assert [v for _, v in series.clock_pct[:2]] == [50.0, 100.0]
    assert [v for _, v in series.cap_pct[:2]] == [100.0, 75.0]


def _folder(tmp_path: Path) -> Path:
    folder = RunFolder.create(tmp_path, "r", {"phones": phones_meta([phone()])})
    for record in repeated("b", 1000, 1001, 1002):
        folder.journal.append(record)
    folder.journal.close()
    return folder.path


@pytest.mark.parametrize("form", ["table", "md", "html", "csv", "json"])
def test_command_writes_every_format_to_a_file_and_to_standard_output(tmp_path: Path, form: str) -> None:
    run, out = str(_folder(tmp_path)), tmp_path / "a folder's 报告"
    printed = CliRunner().invoke(app, ["report", run, "--format", form])
    written = CliRunner().invoke(app, ["report", run, "--format", form, "--out", str(out)])
    assert printed.exit_code == written.exit_code == 0
    assert written.stdout == f"{out}\n"
    assert out.read_text(encoding="utf-8") == printed.stdout


def test_command_refuses_an_unknown_format_and_an_impossible_place(tmp_path: Path) -> None:
    run = str(_folder(tmp_path))
    assert "table, md" in str(CliRunner().invoke(app, ["report", run, "--format", "pdf"]).exception)
    failed = CliRunner().invoke(app, ["report", run, "--format", "csv", "--out", str(tmp_path / "none" / "x")])
    assert "cannot be written" in str(failed.exception)
