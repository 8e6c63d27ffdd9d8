"""`harness variants evaluate`: how right the variants are, on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson

if TYPE_CHECKING:
    from harness.accuracy.dataset import Dataset
    from harness.accuracy.evaluate import Evaluated


def evaluate(
    what: Annotated[
        list[Path],
        typer.Argument(help="A recipe, a folder with a variants.json, or .tflite files.", show_default=False),
    ],
    dataset: Annotated[
        Path | None, typer.Option("--dataset", help="An .npz, or a folder of images; else the recipe's.")
    ] = None,
    labels: Annotated[str | None, typer.Option("--labels", help="Name of the labels' array in the .npz.")] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="top1, top5, mae, mse, iou, map, or module:function.")
    ] = None,
    base: Annotated[
        Path | None, typer.Option("--base", help="The original; else the float32 variant, or the first model.")
    ] = None,
    max_drop: Annotated[
        float | None, typer.Option("--max-drop", min=0, help="Largest accepted drop: points, or the metric's unit.")
    ] = None,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help="Use so many examples.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the variants and for accuracy.json; of a recipe: variants.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare variants with the original on the same examples; exit 1 if one drops more than --max-drop or fails.

    The drop that was found counts against --max-drop, even where the interval leaves it open.

    Example: harness variants evaluate recipe.yaml --out variants --max-drop 1
    """
    import tempfile

    from harness.accuracy import document as documents
    from harness.accuracy import evaluate as judging
    from harness.accuracy.dataset import load_dataset
    from harness.accuracy.metrics import make_metric
    from harness.accuracy.targets import find_targets

    overrides = {"labels": labels, "metric": metric, "max_drop": max_drop, "samples": samples}
    targets = find_targets(what, out=out, dataset=dataset, base=base, overrides=overrides)
    with tempfile.TemporaryDirectory(prefix="harness-dataset-") as scratch:
        data = load_dataset(targets.spec, targets.folder, Path(scratch))
        found = judging.evaluate(
            targets.models,
            data,
            make_metric(targets.spec.metric, targets.folder),
            targets.base,
            max_drop=targets.spec.max_drop,
            names=targets.names,
            on_share=_say(),
        )
        original = next((m for m in found if m.path == targets.base), None)
        document = documents.build_document(
            found, data, base=original, max_drop=targets.spec.max_drop, unbuilt=targets.unbuilt
        )
        folder = out or targets.out
        if folder is not None:
            documents.write_document(document, found, data, folder)
            _draw(found, original, data, folder)
    _print(document, folder, as_json=as_json)
    if targets.unbuilt or any(m.fails or m.accuracy.value is None for m in found):
        raise SystemExit(1)


def _say() -> Any:
    """Progress on stderr: a line a model when it is done, and on a terminal the share meanwhile."""
    import threading

    lock, live = threading.Lock(), sys.stderr.isatty()

    def say(name: str, share: float) -> None:
        with lock:
            if live:
                print(f"\r{name}: {100 * share:3.0f} %", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
            elif share >= 1:
                print(f"{name}: done", file=sys.stderr, flush=True)

    return say


def _draw(found: list[Evaluated], base: Evaluated | None, data: Dataset, folder: Path) -> None:
    from harness.accuracy.details import confusion, right_classes
    from harness.errors import HostError
    from harness.report.plots.confusion import confusion_picture

    right = right_classes(data.labels, base)
    whole = confusion(base, right) if base is not None else None
    for model in found:
        counts = confusion(model, right)
        if counts is None:
            continue
        path = folder / f"confusion-{model.name}.png"
        compared = whole if model is not base and whole is not None and whole.shape == counts.shape else None
        try:
            confusion_picture(path, model.name, counts, data.classes, compared)
        except OSError as error:
            raise HostError(f"{path} cannot be written: {error.strerror}", advice="make room on the disk") from None


def _print(document: dict[str, Any], folder: Path | None, *, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from harness.report.evaluated import print_accuracy
    from harness.results.accuracy import FILE

    print_accuracy(document)
    if folder is not None:
        print(folder / FILE)
