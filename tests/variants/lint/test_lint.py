"""A forecast of any file: laws that hold for every delegate, and damaged files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.variants.lint.document import model_entry
from harness.variants.lint.lint import Forecast, forecast
from harness.variants.lint.table import DELEGATES, load_dynamic, load_table
from harness.variants.model_file import ModelInfo, read_model_file
from tests.racks import MODELS

EVERY = sorted(p.stem for p in MODELS.glob("*.tflite"))


def check(model: ModelInfo, found: Forecast) -> None:
    """What holds whatever the model is."""
    total = len(model.graphs[0].ops)
    assert found.nodes_total == total and 0 <= found.nodes_at_most <= total
    if found.nodes_delegated is None:
        assert found.extent is None and found.reason and found.macs_cpu is None and not found.groups
        return
    assert sorted(n for _, nodes in found.groups for n in nodes) == list(range(total))
    assert found.nodes_delegated == len(found.taken) <= found.nodes_at_most
    assert found.extent == ("none" if not found.taken else "completely" if len(found.taken) == total else "partially")
    assert found.kernels == sum(taken for taken, _ in found.groups)
    assert found.macs_cpu == sum(op.macs for op in model.graphs[0].ops if op.index not in found.taken)
    assert found.taken.isdisjoint(f.node for f in found.findings)
    assert all(f.reason for f in found.findings)
    if found.whole is not None:
        assert found.extent == "none"


@pytest.mark.parametrize("delegate", DELEGATES)
@pytest.mark.parametrize("name", EVERY)
def test_laws(name: str, delegate: str) -> None:
    model = read_model_file(MODELS / f"{name}.tflite")
    for sdk in (26, 28, 30, 35):
        check(model, forecast(model, load_table(delegate), load_dynamic(), sdk=sdk))


@settings(max_examples=80)
@given(st.data())
def test_a_damaged_file_is_told_and_no_more(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["partial_gpu", "dynamic", "flex"]))
    whole = (MODELS / f"{name}.tflite").read_bytes()
    at = data.draw(st.integers(8, len(whole)))
    damaged = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + data.draw(st.integers(0, 40)) :]
    if data.draw(st.booleans()):  # bytes that change leave more of the file readable than bytes that move
        changed = bytearray(whole)
        for place in data.draw(st.lists(st.integers(8, len(whole) - 1), min_size=1, max_size=4)):
            changed[place] = data.draw(st.integers(0, 255))
        damaged = bytes(changed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.tflite"
        path.write_bytes(damaged)
        try:
            model = read_model_file(path)
            tables = [load_table(d) for d in DELEGATES]
            found = [forecast(model, t, load_dynamic(), sdk=30) for t in tables]
            json.dumps(model_entry(str(path), model, found), allow_nan=False)
        except UsageError as error:
            assert "model" in str(error) and ";" in str(error)
