"""A folder of images as examples, decoded by Pillow and prepared as declared."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.accuracy.dataset import Dataset
from harness.errors import UsageError
from harness.variants.dataset import Array
from harness.variants.evaluation import Evaluation, Preprocess

if TYPE_CHECKING:
    from PIL.Image import Image

_METHODS = {"nearest": "NEAREST", "bilinear": "BILINEAR", "bicubic": "BICUBIC", "lanczos": "LANCZOS", "area": "BOX"}


def read_images(spec: Evaluation, scratch: Path | None = None) -> Dataset:
    """The images of `spec.images`, one folder a class or with labels from a CSV file, as one input.

    Classes take turns, so that the first `samples` of them hold all alike. An image is turned upright by what its
    camera wrote (EXIF), as viewers show it.

    Args:
        scratch: a folder for the decoded images; in memory without.

    Raises:
        UsageError: there is no image, one cannot be read, or labels do not fit.
    """
    assert spec.images is not None
    if not spec.images.is_dir():
        raise UsageError(f"{str(spec.images)!r} is no folder", advice="give a folder of images")
    found, classes = _from_csv(spec) if spec.labels_csv is not None else _from_folders(spec)
    found = found[: spec.samples]
    if not found:
        raise UsageError(f"{spec.images} holds no image", advice="give one folder a class, or labels_csv")
    first = prepare(found[0][0], spec.preprocess)
    shape = (len(found), *first.shape)
    if scratch is None:
        images: Array = np.empty(shape, first.dtype)
    else:
        images = np.lib.format.open_memmap(scratch / "images.npy", mode="w+", dtype=first.dtype, shape=shape)

    def fill(place: int) -> None:
        image = prepare(found[place][0], spec.preprocess)
        if image.shape != first.shape:
            raise UsageError(
                f"{found[place][0]} is {_size(image)} and {found[0][0]} {_size(first)}", advice="give preprocess: size"
            )
        images[place] = image

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(fill, range(len(found))))
    known = [label for _, label in found if label is not None]
    labels = np.array(known) + spec.label_offset if len(known) == len(found) else None
    return Dataset(str(spec.images), {"": images}, labels, {}, classes)


def prepare(path: Path, how: Preprocess) -> Array:
    """One image file as the model takes it: (height, width, channels).

    Raises:
        UsageError: it cannot be decoded, or the values do not fit into an integer type.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("L" if how.channels == "grey" else "RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UsageError(f"image {path} cannot be read: {error}", advice="remove or replace it") from None
    if how.size is not None:
        image = _fitted(image, how)
    pixels = np.asarray(image, np.float32)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if how.channels == "bgr":
        pixels = pixels[..., ::-1]
    mean, std, scale, offset = (np.asarray(v, np.float32) for v in (how.mean, how.std, how.scale, how.offset))
    values: Array = (pixels - mean) / std * scale + offset
    if how.dtype == "float32":
        return np.ascontiguousarray(values, np.float32)
    limits = np.iinfo(how.dtype)
    rounded: Array = np.rint(values)
    if rounded.min() < limits.min or rounded.max() > limits.max:
        raise UsageError(
            f"image {path}: values of {values.min():g} to {values.max():g} do not fit into {how.dtype}",
            advice="check mean, std, scale and offset of preprocess:",
        )
    return rounded.astype(how.dtype)


def _fitted(image: Image, how: Preprocess) -> Image:
    from PIL import Image as Pillow

    assert how.size is not None
    height, width = how.size
    method = getattr(Pillow.Resampling, _METHODS[how.resize])
    if how.fit == "crop":
        # The largest box of the input's shape, less what crop_fraction leaves out, in one resampling.
        share = min(image.width / width, image.height / height) * how.crop_fraction
        left, top = (image.width - share * width) / 2, (image.height - share * height) / 2
        return image.resize((width, height), method, box=(left, top, left + share * width, top + share * height))
    if how.fit == "stretch":
        return image.resize((width, height), method)
    share = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * share)), max(1, round(image.height * share))
    whole = Pillow.new(image.mode, (width, height))
    whole.paste(image.resize(inner, method), ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return whole


Listed = list[tuple[Path, int | None]]


def _from_folders(spec: Evaluation) -> tuple[Listed, tuple[str, ...]]:
    assert spec.images is not None
    folders = sorted(p for p in spec.images.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not folders:  # images without labels
        return [(path, None) for path in _images(spec.images)], tuple(spec.classes)
    classes = spec.classes or [p.name for p in folders]
    unknown = sorted({p.name for p in folders} - set(classes))
    if unknown:
        raise UsageError(f"{spec.images}: {unknown[0]!r} is none of classes:", advice="add it or move it away")
    each = [[(path, classes.index(folder.name)) for path in _images(folder)] for folder in folders]
    turns = zip_longest(*each)
    return [item for turn in turns for item in turn if item is not None], tuple(classes)


def _from_csv(spec: Evaluation) -> tuple[Listed, tuple[str, ...]]:
    assert spec.images is not None and spec.labels_csv is not None
    try:
        with spec.labels_csv.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{spec.labels_csv} cannot be read: {error}", advice="give a CSV file") from None
    if not rows or not {"file", "label"} <= set(rows[0]):
        raise UsageError(f"{spec.labels_csv} needs columns file and label", advice="name them in its first line")
    texts = [(row["label"] or "").strip() for row in rows]
    numbers = all(text.lstrip("-").isdigit() for text in texts)
    classes: Sequence[str] = spec.classes or ([] if numbers else sorted(set(texts)))
    found: Listed = []
    for line, (row, text) in enumerate(zip(rows, texts, strict=True), 2):
        if not numbers and text not in classes:
            raise UsageError(f"{spec.labels_csv}:{line}: {text!r} is none of classes:", advice="add it")
        path = spec.images / (row["file"] or "")
        if not path.is_file():
            raise UsageError(f"{spec.labels_csv}:{line}: there is no image {str(path)!r}", advice="check file")
        found.append((path, int(text) if numbers else classes.index(text)))
    return found, tuple(classes)


def _images(folder: Path) -> list[Path]:
    from PIL import Image

    known: Any = Image.registered_extensions()
    return sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in known)


def _size(image: Array) -> str:
    return f"{image.shape[0]} x {image.shape[1]}"
