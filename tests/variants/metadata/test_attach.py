"""Metadata in a model file: written, read, shown, carried into stages."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.variants.flatbuffer import read_object
from harness.variants.metadata.attach import Metadata, read_metadata, with_metadata
from harness.variants.metadata.show import describe, line
from harness.variants.metadata.write import write_metadata
from harness.variants.split.verify import Runner, draws
from harness.variants.split.write import split_model
from tests.racks import MODELS, harness
from tests.variants.metadata.classifier import LABELS, MEAN, STD, colours


def written(folder: Path) -> Path:
    write_metadata(colours(folder), folder / "metadata.yaml", folder / "with.tflite")
    return folder / "with.tflite"


def carried(path: Path) -> Metadata:
    found = read_metadata(path)
    assert found is not None
    return found


def test_what_was_written_is_read(tmp_path: Path) -> None:
    told = describe(carried(written(tmp_path)))
    assert told["name"] == "colours" and told["author"] == "tests" and told["version"] == "1"
    (image,), (scores,) = told["inputs"], told["outputs"]
    assert image["normalization"] == {"mean": list(MEAN), "std": list(STD)} and image["image"] == "rgb"
    assert image["min"] == [-3.0, -3.0, -3.0] and image["max"] == [2.0, 6.0, 2.0]
    assert scores["labels"] == list(LABELS) and scores["score_threshold"] == 0.01
    assert told["files"] == {"labels.txt": 29, "readme.txt": 16} and told["missing_files"] == []
    assert line(told).startswith("colours: takes image (rgb, (x − [150, 90, 30]) / [60, 30, 120]); gives probability")


def test_the_model_computes_as_before_and_the_same_bytes_are_made_again(tmp_path: Path) -> None:
    made = written(tmp_path)
    first = made.read_bytes()
    for example in draws(Runner(made, xnnpack=False).inputs):
        (before,), (after,) = (Runner(p, xnnpack=False)(example) for p in (tmp_path / "colours.tflite", made))
        assert before.tobytes() == after.tobytes()
    write_metadata(made, tmp_path / "metadata.yaml", made)
    assert made.read_bytes().count(b"labels.txt") == first.count(b"labels.txt"), "old metadata is replaced"
    write_metadata(tmp_path / "colours.tflite", tmp_path / "metadata.yaml", made)
    assert made.read_bytes() == first


def test_stages_keep_what_is_told_of_their_ends(tmp_path: Path) -> None:
    split_model(written(tmp_path), ["dense"], tmp_path / "out")
    first, second = (describe(carried(tmp_path / "out" / f"with-{n}.tflite")) for n in (1, 2))
    assert first["inputs"][0]["normalization"] and first["outputs"][0]["name"] == "dense" and not first["files"]
    assert second["inputs"][0]["name"] == "dense" and second["outputs"][0]["labels"] == list(LABELS)
    assert list(second["files"]) == ["labels.txt"] and first["name"] == second["name"] == "colours"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damaged_metadata_is_told_and_no_more(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder))
        whole = path.read_bytes()
        start = whole.index(b"M001") - 4
        at = data.draw(st.integers(start, len(whole) - 1))
        noise = data.draw(st.binary(min_size=1, max_size=20))
        path.write_bytes(whole[:at] + noise + whole[at + len(noise) :])
        try:
            found = read_metadata(path)
            if found is not None:
                json.dumps(describe(found), allow_nan=True)
        except UsageError as error:
            assert "with.tflite" in str(error) and ";" in str(error)


def test_a_model_with_damaged_metadata_is_inspected_all_the_same(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"M001", b"X001"))
    found = json.loads(harness("variants", "inspect", "--json", str(path)).out)
    assert found["metadata"] is None and "damaged" in found["metadata_reason"] and found["graphs"][0]["macs"] == 12
    shown = harness("variants", "metadata", str(path))
    assert shown.code == 2 and "damaged" in shown.err


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path) -> None:
    import io
    import zipfile

    model = read_object(colours(tmp_path))
    bomb = io.BytesIO(with_metadata(model, Metadata({"name": "x"})))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.txt", b"\0" * (65 << 20))
    (tmp_path / "bomb.tflite").write_bytes(bomb.getvalue())
    with pytest.raises(UsageError, match="more than 64 MiB"):
        read_metadata(tmp_path / "bomb.tflite")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("image: rgb", "image: grayscale"), "is no grayscale image: the model takes 1 × 16 × 16 × 3"),
        (("[60.0, 30.0, 120.0]", "[60.0, 0, 120.0]"), "std divides, so it cannot be 0"),
        (("[60.0, 30.0, 120.0]", "[1, 2]"), "mean and std need as many values"),
        (("max: [2, 6, 2]", "max: [2, 6]"), "max of 'image' has 2 values, and the tensor 3 channels"),
        (("labels: labels.txt", "labels: [a, b]"), "has 2 labels, and the model gives 4 values"),
        (("labels: labels.txt", "labels: none.txt"), "none.txt cannot be read: No such file"),
        (("labels: labels.txt", 'labels: ["a\\nb", b, c, d]'), "has a line break"),
        (("    image: rgb", "    imag: rgb"), "did you mean image?"),
        (("outputs:\n  - name", "outputs:\n  - name: more\n  - name"), "tells of 2 outputs, and the model has 1"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    model, told = colours(tmp_path), tmp_path / "metadata.yaml"
    text = told.read_text()
    assert change[0] in text
    told.write_text(text.replace(*change))
    with pytest.raises(UsageError) as refused:
        write_metadata(model, told, tmp_path / "out.tflite")
    assert said in str(refused.value) and not (tmp_path / "out.tflite").exists()


def test_as_a_command(tmp_path: Path) -> None:
    model = colours(tmp_path)
    none = harness("variants", "metadata", str(model))
    assert none.code == 0 and "has no metadata" in none.out
    out = str(tmp_path / "out.tflite")
    half = harness("variants", "metadata", str(model), "--out", out)
    assert half.code == 2 and "there is no --set" in half.err
    told = str(tmp_path / "metadata.yaml")
    done = harness("variants", "metadata", str(model), "--set", told, "--out", out, "--json")
    document: dict[str, Any] = json.loads(done.out)
    assert document["schema"] == 1 and document["metadata"]["outputs"][0]["labels"] == list(LABELS)
    inspected = harness("variants", "inspect", out)
    assert "Metadata: colours: takes image" in inspected.out
    plain = json.loads(harness("variants", "inspect", "--json", str(MODELS / "digits_int8.tflite")).out)
    assert plain["metadata"] is None and plain["metadata_reason"] == "the model carries none"
