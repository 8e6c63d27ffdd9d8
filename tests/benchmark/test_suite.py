"""Suites from files and flags, and the errors that name file, line and key."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.spread import Spread
from harness.benchmark.suite import SUITE, SuiteGates, load_suite, suite_from_flags, suite_schema
from harness.benchmark.work import OutputsWanted, Protocol
from harness.errors import UsageError
from harness.limits import CareLimits
from tests.racks import MODELS

INT8 = MODELS / "digits_int8.tflite"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a model `a.tflite` for suites beside it."""
    shutil.copy(INT8, tmp_path / "a.tflite")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_demo_suite_loads() -> None:
    suite = load_suite(MODELS / "demo.yaml")
    files = suite.model_files()
    assert [(f.name, f.variant) for f in files] == [("digits", v) for v in ("float32", "float16", "int8")]
    assert all(f.size_bytes == f.path.stat().st_size for f in files)


def test_everything_at_once(folder: Path) -> None:
    suite = load_suite(
        write(
            folder,
            """\
models:
  - a.tflite
  - {name: 模型, path: ./a.tflite}
  - name: b
    variants: {float32: a.tflite, int8: a.tflite}
delegates: [cpu:xnnpack=off, gpu:backend=cl:precision=fp32, nnapi]
threads: [1, 4]
sessions: 5
devices: ["tier=high,soc=SM8550", emulator-5554]
gates: {battery_pct_min: 50, battery_c_max: 35.5, on_battery: true}
seed: 7
protocol:
  min_secs: 2
  cooldown_timeout_s: 60
  extra_args: [--enable_op_profiling=true]
""",
        )
    )
    assert [(f.name, f.variant) for f in suite.model_files()] == [
        ("a", ""),
        ("模型", ""),
        ("b", "float32"),
        ("b", "int8"),
    ]
    protocol = suite.work_protocol()
    assert protocol.min_secs == 2.0 and protocol.extra_args == ("--enable_op_profiling=true",)
    assert protocol.num_runs == Protocol().num_runs


@pytest.mark.parametrize(
    ("level_pct", "temperature_c", "charging", "reason"),
    [
        (50.0, 35.5, None, None),
        (49.0, 30.0, None, "the gate asks for a battery of 50 %, and it is 49 %"),
        (None, 30.0, None, "the gate asks for a battery of 50 %, and it is unknown"),
        (80.0, 36.0, None, "the gate asks for a battery of at most 35.5 °C, and it is 36 °C"),
        (80.0, None, None, "the gate asks for a battery of at most 35.5 °C, and it is unknown"),
        (80.0, 30.0, "charging over USB", "the gate asks for a phone on battery, and it is charging over USB"),
    ],
)
def test_gates(level_pct: float | None, temperature_c: float | None, charging: str | None, reason: str | None) -> None:
    gates = SuiteGates(battery_pct_min=50.0, battery_c_max=35.5, on_battery=True)
    assert gates.why_not(level_pct, temperature_c, charging) == reason
    assert SuiteGates().why_not(level_pct, temperature_c, charging) is None


def test_defaults_are_those_of_the_work(folder: Path) -> None:
    suite = load_suite(write(folder, "models: [a.tflite]\n"))
    assert suite.work_protocol() == Protocol() and suite.care.limits() == CareLimits()


def test_care_reaches_the_rack_and_the_phone(folder: Path) -> None:
    suite = load_suite(write(folder, "models: [a.tflite]\ncare: {floor_pct: 30, max_start_c: 33, hard_stop_c: 45.5}\n"))
    assert suite.care.limits() == CareLimits(30.0, 30.0, 35.0, 33.0, 31.0, 45.5)
    assert (suite.work_protocol().battery_floor_pct, suite.work_protocol().hard_stop_c) == (30.0, 45.5)
    never = load_suite(write(folder, "models: [a.tflite]\ncare: {floor_pct: 0, hard_stop_c: null}\n"))
    assert (never.work_protocol().battery_floor_pct, never.work_protocol().hard_stop_c) == (0.0, None)


A = "models: [a.tflite]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "suite.yaml is empty; begin with models:"),
        ("- a.tflite\n", "suite.yaml:1: this should be a mapping (key: value), not ['a.tflite']; known keys: models"),
        ("delegates: [cpu]\n", "suite.yaml:1: models is missing; add it"),
        ("seed: 1\nmodels: []\n", "suite.yaml:2: models is empty; give at least one"),
        ("models:\n  - ''\n", "suite.yaml:2: models[0] should be a mapping (key: value), not ''; known keys: name"),
        ("models:\n", "suite.yaml:1: models should be a valid list, not None"),
        (A + "delegates: []\n", "suite.yaml:2: delegates is empty; give at least one"),
        (A + "delegate: [gpu]\n", "suite.yaml:2: there is no key delegate; did you mean delegates?"),
        (A + "colour: red\n", "suite.yaml:2: there is no key colour; known keys: models, delegates, threads"),
        (A + "protocol:\n  num_run: 3\n", "suite.yaml:3: there is no key protocol.num_run; did you mean num_runs?"),
        ("models:\n  - a.tflite\n  - name: b\n    varants: {}\n", "suite.yaml:4: there is no key models[1].varants; did you mean variants?"),
        (A + "delegates:\n  - cpu\n  - tpu\n", "suite.yaml:4: delegates[1]: there is no delegate 'tpu'; choose from cpu"),
        (A + "delegates: [gpu:precision=fp8]\n", "suite.yaml:2: delegates[0]: gpu:precision cannot be 'fp8'; use fp16, fp32"),
        (A + "delegates: [gpu, gpu]\n", "suite.yaml:2: delegates[1]: delegate 'gpu' is named twice"),
        (A + "delegates: [gpu:backend=cl:precision=fp32, gpu:precision=fp32:backend=cl]\n", "delegates[1]: delegate"),
        (A + "delegates:\n  - gpu: {precision: fp32}\n", "suite.yaml:3: delegates[0] should be a valid string, not {"),
        (A + "protocol:\n  num_runs: many\n", "suite.yaml:3: protocol.num_runs should be a valid integer, not 'many'"),
        (A + "sessions: 0\n", "suite.yaml:2: sessions should be greater than or equal to 1, not 0"),
        (A + "sessions: yes\n", "suite.yaml:2: sessions should be a valid integer, not True"),
        (A + "threads: [4, 0]\n", "suite.yaml:2: threads[1] should be greater than or equal to 1, not 0"),
        (A + "threads: [1, 1]\n", "suite.yaml:2: threads[1]: 1 threads are named twice"),
        (A + "devices: [teir=high]\n", "suite.yaml:2: devices[0]: selector 'teir=high': phones have no 'teir'; did you mean tier?"),
        (A + "protocol: {min_secs: 99}\n", "suite.yaml:2: protocol.min_secs: 99 s is more than max_secs, 30 s"),
        (A + "care: {floor_pct: 30, start_pct: 20}\n", "suite.yaml:2: care.start_pct: 20 is below floor_pct, 30; change one of"),
        (A + "care:\n  hard_stop_c: 40\n", "suite.yaml:3: care.hard_stop_c: 40 is not above max_start_c, 40"),
        (A + "care: {hard_stop_c: 200}\n", "care.hard_stop_c should be less than or equal to 60, not 200"),
        (A + "protocol: {max_secs: 120}\n", "protocol.session_timeout_s: 120 s is no more than max_secs"),
        (A + "protocol:\n  extra_args:\n    - --use_gpu=true\n", "suite.yaml:4: protocol.extra_args[0]: the harness sets --use_gpu itself"),
        (A + "protocol: {extra_args: [fast]}\n", "suite.yaml:2: protocol.extra_args[0]: 'fast' is no flag; write it as --name=value"),
        (A + "phones: every\n", "suite.yaml:2: phones.per should be 'each', 'model', 'soc', 'tier' or 'all', not 'every'"),
        (A + "phones: {per: colour}\n", "suite.yaml:2: phones.per should be 'each', 'model'"),
        (A + "phones: {per: soc, count: 0}\n", "suite.yaml:2: phones.count should be greater than or equal to 1, not 0"),
        (A + "phones: {per: soc, counts: 2}\n", "suite.yaml:2: there is no key phones.counts; did you mean count?"),
        (A + "phones: {count: 2}\n", "suite.yaml:2: phones.count: each phone runs everything once; leave it out, or give per"),
        (A + "phones: 2\n", "suite.yaml:2: phones should be a mapping (key: value), not 2; known keys: per, count"),
        (A + "priority: 101\n", "suite.yaml:2: priority should be less than or equal to 100, not 101"),
        (A + "models: [b.tflite]\n", "suite.yaml:2: models is given twice; leave one out"),
        ("models:\n  - {name: a}\n", "suite.yaml:2: models[0]: model 'a' needs one of path, variants and built"),
        ("models:\n  - {name: a, path: a.tflite}\n  - a.tflite\n", "suite.yaml:3: models[1]: model 'a' is named twice"),
        ("models:\n  - name: b\n    variants:\n      int8: no\n", "suite.yaml:4: models[0].variants.int8 "),
        ("models:\n  - name: b\n    variants:\n      int8: none.tflite\n", "suite.yaml:4: models[0].variants.int8: there is no file '"),
        ("models:\n  - name: b\n    variants: {8: a.tflite}\n", "suite.yaml:3: models[0].variants"),
        ("models: [\n", "suite.yaml:2: this is no YAML: "),
        ("a: 1\n b: 2\n", "suite.yaml:2: this is no YAML: "),
        ("models: !!python/object:os.system [x]\n", "suite.yaml:1: this is no YAML: could not determine a constructor"),
        ("seed: 2026-13-45\n", "suite.yaml: a value cannot be read"),
    ],
)  # fmt: skip
def test_errors_name_file_line_and_key(folder: Path, text: str, expected: str) -> None:
    path = write(folder, text)
    with pytest.raises(UsageError) as caught:
        load_suite(path)
    assert str(caught.value).startswith(str(path.parent)) and expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_phones_and_priority(folder: Path) -> None:
    plain = load_suite(write(folder, A))
    assert plain.spread() is None and plain.priority == 0
    assert load_suite(write(folder, A + "phones: each\n")) == plain
    spread = load_suite(write(folder, A + "phones: {per: tier, count: 2}\npriority: 7\n"))
    assert spread.spread() == Spread("tier", 2) and spread.priority == 7
    assert load_suite(write(folder, A + "phones: soc\n")).spread() == Spread("soc")


def test_what_makes_two_suites_one_measurement(folder: Path) -> None:
    plain = load_suite(write(folder, A)).measured()
    assert not {"phones", "priority", "care", "models"} & set(plain), "older runs know nothing of these"
    assert load_suite(write(folder, A + "priority: 7\nphones: each\n")).measured() == plain
    assert load_suite(write(folder, A + "phones: tier\n")).measured() == {
        **plain,
        "phones": {"per": "tier", "count": 1},
    }
    assert load_suite(write(folder, A + "care: {floor_pct: 30}\n")).measured() != plain


def test_several_faults_are_counted(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"sessions should be .*, not 0 \(and 1 more\)"):
        load_suite(write(folder, A + "sessions: 0\nseed: x\n"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_suite(tmp_path / "none.yaml")
    (tmp_path / "utf16.yaml").write_text("models: []", encoding="utf-16")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        load_suite(tmp_path / "utf16.yaml")


@given(st.text(max_size=60))
def test_any_text_is_a_suite_or_a_usage_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        load_suite(path)
    except UsageError as error:
        assert str(error).startswith((str(path), repr(str(path))))


def test_flags_make_the_same_suite(folder: Path) -> None:
    flags = suite_from_flags(
        [folder / "a.tflite"], delegates=["gpu:precision=fp32"], threads=[1, 4], sessions=2, num_runs=20, seed=3
    )
    file = load_suite(
        write(
            folder,
            A
            + "delegates: [gpu:precision=fp32]\nthreads: [1, 4]\nsessions: 2\nseed: 3\nprotocol: {name: quick, num_runs: 20}\n"
            "care: {wait_s: 60}\n",
        )
    )
    assert flags == file


def test_long_phases_lengthen_their_deadlines() -> None:
    protocol = suite_from_flags([INT8], delegates=["cpu"], threads=[1], sessions=1, min_secs=100).protocol
    assert protocol.max_secs >= 100 and protocol.session_timeout_s >= 2 * protocol.max_secs


def test_models_of_one_stem_are_named_by_path(folder: Path) -> None:
    (folder / "x").mkdir()
    shutil.copy(INT8, folder / "x" / "a.tflite")
    suite = suite_from_flags(
        [folder / "a.tflite", folder / "x/a.tflite", INT8], delegates=["cpu"], threads=[1], sessions=1
    )
    assert [m.name for m in suite.models] == [str(folder / "a.tflite"), str(folder / "x/a.tflite"), "digits_int8"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"delegates": ["tpu"]}, "there is no delegate 'tpu'"),
        ({"delegates": ["gpu:colour=red"]}, "has no option 'colour'"),
        ({"delegates": []}, "the command line: delegates is empty"),
        ({"threads": [65]}, "the command line: threads.0. should be less than or equal to 64, not 65"),
        ({"models": []}, "the command line: models is empty"),
        ({"models": [INT8, INT8]}, "is named twice"),
        ({"models": [INT8.with_name("none.tflite")]}, "there is no file"),
    ],
)
def test_flags_refuse(changes: dict[str, list[object]], what: str) -> None:
    values: dict[str, list[object]] = {"models": [INT8], "delegates": ["cpu"], "threads": [1], **changes}
    with pytest.raises(UsageError, match=what):
        suite_from_flags(values.pop("models"), sessions=1, **values)  # type: ignore[arg-type]


def test_schema_is_current() -> None:
    """`harness schema suite > harness/benchmark/suite/suite.schema.json` makes it current."""
    committed = Path(__file__).parents[2] / "harness" / "benchmark" / "suite" / "suite.schema.json"
    assert json.loads(committed.read_text(encoding="utf-8")) == suite_schema()


def test_every_key_of_the_schema_is_described() -> None:
    schema = SUITE.json_schema()
    for table in (schema, *schema["$defs"].values()):
        undescribed = [k for k, v in table["properties"].items() if "description" not in v and "$ref" not in v]
        assert undescribed == []
        assert re.search(r"\w", table["description"])


def test_outputs_of_the_suite_and_of_a_model(folder: Path) -> None:
    (folder / "in.npz").write_bytes(b"")
    text = """\
models:
  - a.tflite
  - {name: b, path: a.tflite, outputs: {samples: 9, tolerance: {steps: 1, cosine_min: 0.99}}}
outputs: {inputs: in.npz, samples: 5}
"""
    suite = load_suite(write(folder, text))
    assert suite.outputs_wanted() == {
        "a": OutputsWanted(folder / "in.npz", 5),
        "b": OutputsWanted(None, 9, steps=1, cosine_min=0.99),
    }
    only = load_suite(write(folder, "models: [a.tflite, {name: b, path: a.tflite, outputs: {}}]\n"))
    assert only.outputs_wanted() == {"b": OutputsWanted()}


def test_outputs_are_checked_where_they_are_asked_for() -> None:
    assert load_suite(MODELS / "demo.yaml").outputs_wanted()["digits"].samples == 3
    values = {"delegates": ["cpu"], "threads": [1], "sessions": 1}
    assert suite_from_flags([INT8], **values).outputs_wanted() == {}  # type: ignore[arg-type]
    asked = suite_from_flags([INT8], **values, outputs=OutputsWanted(INT8))  # type: ignore[arg-type]
    assert asked.outputs_wanted() == {"digits_int8": OutputsWanted(INT8)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("outputs: {inputs: none.npz}", r"suite\.yaml:2: outputs\.inputs: there is no file"),
        ("outputs: {samples: 0}", r"suite\.yaml:2: outputs\.samples"),
        ("outputs: {tolerance: {percent: 3}}", r"suite\.yaml:2: there is no key outputs\.tolerance\.percent"),
        (
            "outputs: {}\nprotocol: {extra_args: [--input_layer=x]}",
            r"the harness sets --input_layer itself; leave outputs out",
        ),
    ],
)
def test_bad_outputs_are_told_with_their_place(folder: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_suite(write(folder, f"models: [a.tflite]\n{text}\n"))


def test_flags_about_inputs_are_the_users_own_where_outputs_are_not_checked(folder: Path) -> None:
    text = "models: [a.tflite]\nprotocol: {extra_args: [--input_layer=x, '--input_layer_shape=1,2']}\n"
    assert len(load_suite(write(folder, text)).protocol.extra_args) == 2
