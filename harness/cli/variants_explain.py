"""`harness variants explain`: why a quantized model is less accurate than the float one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson, comma_numbers

if TYPE_CHECKING:
    from harness.explain.prepare import Prepared


def explain(
    what: Annotated[
        list[Path], typer.Argument(help="A recipe; or a float and a quantized .tflite file.", show_default=False)
    ],
    variant: Annotated[str | None, typer.Option("--variant", help="Of the recipe; else the first calibrated.")] = None,
    dataset: Annotated[
        Path | None, typer.Option("--dataset", help="An .npz, or a folder of images; else the recipe's.")
    ] = None,
    labels: Annotated[str | None, typer.Option("--labels", help="Name of the labels' array in the .npz.")] = None,
    metric: Annotated[str | None, typer.Option("--metric", help="As of harness variants evaluate.")] = None,
    max_drop: Annotated[
        float | None, typer.Option("--max-drop", min=0, help="Accepted drop; else the recipe's, else 1 point.")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option("--calibration", help="The .npz that the two files were calibrated with.")
    ] = None,
    examples: Annotated[int, typer.Option("--examples", min=1, help="Run so many layer by layer.")] = 32,
    study: Annotated[bool, typer.Option("--study", help="Calibrate anew with other sizes and seeds.")] = False,
    sizes: Annotated[str | None, typer.Option("--sizes", help="Of --study, as in 10,30,100.")] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Of --study: draws a size.")] = 3,
    ladder: Annotated[
        bool, typer.Option("--ladder", help="Climb: float16, int8, calibration, mixed, QAT; stop where it is enough.")
    ] = False,
    max_size: Annotated[
        float | None, typer.Option("--max-size", min=0, max=100, help="Of --ladder: per cent of float32's file.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the variants; answers go to explain/.")] = Path(
        "variants"
    ),
    as_json: AsJson = False,
) -> None:
    """Name the layers that quantization spoils, and build a mixture that restores the accuracy; exit 1 if it fell.

    With --ladder, build ever dearer variants of a recipe until one is good enough; exit 1 if none is.

    Example: harness variants explain recipe.yaml --dataset test.npz
    """
    import tempfile

    from harness.errors import UsageError
    from harness.explain import report
    from harness.explain.why import find_out

    overrides = {"labels": labels, "metric": metric, "max_drop": max_drop}
    if ladder:
        _climb(what, out, dataset, overrides, max_size, as_json=as_json)
        return
    if max_size is not None:
        raise UsageError("--max-size is the goal of a ladder", advice="add --ladder")
    with tempfile.TemporaryDirectory(prefix="harness-dataset-") as scratch:
        prepared = _prepare(what, out, Path(scratch), variant, calibration, dataset, overrides, examples)
        progress = report.Progress()
        wanted = comma_numbers(sizes, "--sizes") if sizes else None
        plan = report.study_plan(prepared, wanted) if study or sizes else None
        found = find_out(prepared.task, progress)
        answer = report.follow_up(prepared, found, plan, seeds, progress)
    folder = report.write(answer, out)
    if as_json:
        print(report.as_json(answer))
    else:
        report.tell(answer, folder)
    if found.fell:
        raise SystemExit(1)


def _prepare(
    what: list[Path],
    out: Path,
    scratch: Path,
    variant: str | None,
    calibration: Path | None,
    dataset: Path | None,
    overrides: dict[str, Any],
    examples: int,
) -> Prepared:
    from harness.errors import UsageError
    from harness.explain.prepare import from_pair, from_recipe

    if _is_recipe(what):
        if calibration is not None:
            raise UsageError("a recipe says itself what it calibrates with", advice="leave --calibration out")
        return from_recipe(what[0], out, scratch, name=variant, dataset=dataset, overrides=overrides, examples=examples)
    if len(what) != 2:
        raise UsageError(
            "that is no recipe and no pair of models", advice="give recipe.yaml, or float.tflite int8.tflite"
        )
    if variant is not None:
        raise UsageError("--variant chooses from a recipe", advice="leave it out with two files")
    whole, quantized = what
    return from_pair(
        whole, quantized, out, scratch,
        calibration=calibration, dataset=dataset, overrides=overrides, examples=examples,
    )  # fmt: skip


def _is_recipe(what: list[Path]) -> bool:
    return len(what) == 1 and what[0].suffix.lower() in (".yaml", ".yml")


def _climb(
    what: list[Path],
    out: Path,
    dataset: Path | None,
    overrides: dict[str, Any],
    max_size: float | None,
    *,
    as_json: bool,
) -> None:
    import json
    import tempfile

    from harness.errors import UsageError
    from harness.explain import ladder_report
    from harness.explain.building import Bench
    from harness.explain.ladder import Goal, ladder_of
    from harness.explain.prepare import judging
    from harness.explain.report import Progress
    from harness.variants.recipe import load_recipe

    if not _is_recipe(what):
        raise UsageError("a ladder builds variants", advice="give a recipe")
    recipe, folder = load_recipe(what[0]), what[0].parent
    with tempfile.TemporaryDirectory(prefix="harness-dataset-") as scratch:
        data, metric, max_drop = judging(recipe.evaluation, folder, Path(scratch), dataset, overrides)
        goal = Goal(max_drop, None if max_size is None else max_size / 100)
        ladder = ladder_of(Bench(recipe, folder, out), data, metric, goal, Progress())
        rungs = ladder.climb()
    document = ladder_report.as_dict(ladder, goal, rungs)
    path = ladder_report.write(document, out)
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        ladder_report.tell(document)
        print(path)
    if document["reached"] is None:
        raise SystemExit(1)
