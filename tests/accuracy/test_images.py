"""Folders of images, prepared as declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.accuracy.dataset import load_dataset
from harness.accuracy.images import prepare
from harness.errors import UsageError
from harness.variants.evaluation import Evaluation, Preprocess


def picture(path: Path, pixels: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)
    return path


def plain(path: Path, *color: int, size: tuple[int, int] = (4, 4)) -> Path:
    return picture(path, np.full((*size, 3), color))


def test_folders_are_classes_and_take_turns(tmp_path: Path) -> None:
    for n in range(3):
        plain(tmp_path / "cat" / f"{n}.png", n, 0, 0)
    plain(tmp_path / "ant" / "x.png", 9, 0, 0)
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    data = load_dataset(Evaluation(images=tmp_path, samples=3), scratch=tmp_path)
    assert data.classes == ("ant", "cat") and data.labels is not None and data.labels.tolist() == [0, 1, 1]
    assert data.inputs[""][:, 0, 0, 0].tolist() == [9, 0, 1] and data.inputs[""].shape == (3, 4, 4, 3)
    shifted = load_dataset(Evaluation(images=tmp_path, classes=["cat", "dog", "ant"], label_offset=1))
    assert shifted.labels is not None and sorted(shifted.labels.tolist()) == [1, 1, 1, 3]


def test_labels_from_a_table(tmp_path: Path) -> None:
    plain(tmp_path / "i" / "a.png", 1, 2, 3)
    plain(tmp_path / "i" / "b.png", 4, 5, 6)
    table = tmp_path / "l.csv"
    table.write_text("file,label\nb.png,7\na.png,3\n")
    data = load_dataset(Evaluation(images=tmp_path / "i", labels_csv=table))
    assert data.labels is not None and data.labels.tolist() == [7, 3] and data.inputs[""][0, 0, 0].tolist() == [4, 5, 6]
    table.write_text("file,label\nb.png,dog\na.png,ant\n")
    named = load_dataset(Evaluation(images=tmp_path / "i", labels_csv=table))
    assert named.classes == ("ant", "dog") and named.labels is not None and named.labels.tolist() == [1, 0]
    table.write_text("file,label\nnone.png,1\n")
    with pytest.raises(UsageError, match=r"l.csv:2: there is no image"):
        load_dataset(Evaluation(images=tmp_path / "i", labels_csv=table))


def test_the_order_of_preparation(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.png", 10, 20, 30)
    made = prepare(path, Preprocess(channels="bgr", mean=[30.0, 20.0, 0.0], std=2.0))
    assert made.dtype == np.float32 and made[0, 0].tolist() == [0, 0, 5]
    assert prepare(path, Preprocess(scale=0.1, offset=-1.0))[0, 0].tolist() == pytest.approx([0, 1, 2])
    assert prepare(path, Preprocess(channels="grey")).shape == (4, 4, 1)
    whole = prepare(path, Preprocess(offset=-128.0, dtype="int8"))
    assert whole.dtype == np.int8 and whole[0, 0].tolist() == [-118, -108, -98]
    with pytest.raises(UsageError, match="do not fit into int8"):
        prepare(path, Preprocess(scale=10.0, dtype="int8"))


def test_crop_pad_and_stretch(tmp_path: Path) -> None:
    pixels = np.zeros((4, 8, 3))
    pixels[:, 2:6] = 200  # the middle half of a wide image
    path = picture(tmp_path / "a.png", pixels)
    crop = prepare(path, Preprocess(size=(4, 4), fit="crop", resize="nearest"))
    assert (crop == 200).all()
    pad = prepare(path, Preprocess(size=(8, 8), fit="pad", resize="nearest"))
    assert (pad[:2] == 0).all() and (pad[6:] == 0).all() and (pad[2:6, 2:6] == 200).all() and (pad[2:6, :2] == 0).all()
    stretch = prepare(path, Preprocess(size=(4, 4), resize="nearest"))
    assert (stretch[:, 1:3] == 200).all() and (stretch[:, (0, 3)] == 0).all()
    inner = prepare(path, Preprocess(size=(2, 4), fit="crop", crop_fraction=0.5, resize="nearest"))
    assert (inner == 200).all()


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    image = Image.fromarray(np.arange(8, dtype=np.uint8).reshape(2, 4))
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    image.save(tmp_path / "a.png", exif=exif)
    assert prepare(tmp_path / "a.png", Preprocess(channels="grey"))[..., 0].tolist() == [[4, 0], [5, 1], [6, 2], [7, 3]]


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        load_dataset(Evaluation(images=tmp_path / "none"))
    with pytest.raises(UsageError, match="holds no image"):
        load_dataset(Evaluation(images=tmp_path))
    plain(tmp_path / "c" / "a.png", 1, 1, 1)
    plain(tmp_path / "c" / "b.png", 1, 1, 1, size=(5, 4))
    with pytest.raises(UsageError, match=r"b.png is 5 x 4 and .*a.png 4 x 4; give preprocess: size"):
        load_dataset(Evaluation(images=tmp_path))
    (tmp_path / "c" / "b.png").write_bytes(b"no image")
    with pytest.raises(UsageError, match=r"b.png cannot be read"):
        load_dataset(Evaluation(images=tmp_path))
    for bad in ({"std": 0.0}, {"mean": 1.0, "scale": 2.0}, {"mean": [1.0, 2.0]}):
        with pytest.raises(ValueError):
            Preprocess(**bad)
