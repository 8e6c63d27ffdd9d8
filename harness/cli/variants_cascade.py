"""`harness variants cascade`: a light model first, a heavy one or the cloud for what it is unsure of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from harness.cli.options import AsJson

if TYPE_CHECKING:
    from harness.accuracy.cascade import Point
    from harness.accuracy.cascade_cost import Cost

_ROWS = 11


def cascade(
    light: Annotated[Path, typer.Argument(help="The model that answers first.", show_default=False)],
    heavy: Annotated[
        Path | None, typer.Argument(help="The one for the rest; may be left out with --cloud-accuracy.")
    ] = None,
    dataset: Annotated[Path | None, typer.Option("--dataset", help="An .npz, or a folder of images.")] = None,
    labels: Annotated[str | None, typer.Option("--labels", help="Name of the labels' array in the .npz.")] = None,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help="Use so many examples.")] = None,
    thresholds: Annotated[
        str | None, typer.Option("--thresholds", help="FROM:TO:STEPS; else evenly by what they escalate.")
    ] = None,
    confidence: Annotated[
        Literal["top", "margin"], typer.Option(help="The answer's probability, or its lead over the second.")
    ] = "top",
    min_accuracy: Annotated[float | None, typer.Option(min=0, max=100, help="Recommend for this accuracy, %.")] = None,
    max_escalated: Annotated[
        float | None, typer.Option(min=0, max=100, help="Recommend within this share of escalated examples, %.")
    ] = None,
    cloud: Annotated[bool, typer.Option("--cloud", help="The heavy stage runs in the cloud: no download.")] = False,
    cloud_accuracy: Annotated[
        float | None, typer.Option(min=0, max=100, help="Assumed of a heavy stage without a model, %.")
    ] = None,
    run: Annotated[Path | None, typer.Option("--run", help="Take time and energy from this run.")] = None,
    phone: Annotated[str | None, typer.Option(help="phone_id, serial or device in that run.")] = None,
    delegate: Annotated[str | None, typer.Option(help="In that run; else the fastest one.")] = None,
    light_ms: Annotated[float | None, typer.Option(min=0, help="Time of one inference.")] = None,
    heavy_ms: Annotated[float | None, typer.Option(min=0)] = None,
    cloud_ms: Annotated[float | None, typer.Option(min=0, help="One answer of the cloud, network included.")] = None,
    light_mj: Annotated[float | None, typer.Option(min=0, help="Energy of one inference.")] = None,
    heavy_mj: Annotated[float | None, typer.Option(min=0)] = None,
    cloud_mj: Annotated[float | None, typer.Option(min=0, help="What one request costs the phone.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw it into this .png or .svg.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a cascade: for each threshold on the light model's confidence, the share that is escalated, accuracy,
    expected latency and energy. Exit 1 where no threshold meets the limits.

    Example: harness variants cascade small.tflite large.tflite --dataset test.npz --min-accuracy 97
    """
    import json

    from harness.accuracy.cascade import recommend
    from harness.accuracy.cascade_run import build_document, run_cascade
    from harness.accuracy.dataset import load_dataset
    from harness.accuracy.targets import find_targets
    from harness.errors import UsageError

    cloud = cloud or heavy is None
    if heavy is None and cloud_accuracy is None:
        raise UsageError("there is no heavy model", advice="give one, or --cloud-accuracy for a stage in the cloud")
    if heavy is not None and cloud_accuracy is not None:
        raise UsageError("the heavy model's accuracy is measured", advice="leave --cloud-accuracy out")
    wanted = None if thresholds is None else _thresholds(thresholds)
    if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"{plot} is no name of a picture", advice="end it with .png or .svg")
    given = {"light": (light_ms, light_mj), "heavy": (heavy_ms, heavy_mj), "cloud": (cloud_ms, cloud_mj)}
    costs = _costs((light, heavy), run, phone, delegate, cloud, given)
    overrides = {"labels": labels, "samples": samples}
    targets = find_targets([light], out=None, dataset=dataset, overrides=overrides)
    data = load_dataset(targets.spec, targets.folder)
    assumed = None if cloud_accuracy is None else cloud_accuracy / 100
    found = run_cascade(light, heavy, data, assumed=assumed, confidence=confidence)
    limited = min_accuracy is not None or max_escalated is not None
    best = None
    if limited:
        best = recommend(
            found.points,
            min_accuracy=None if min_accuracy is None else min_accuracy / 100,
            max_share=None if max_escalated is None else max_escalated / 100,
        )
    document = build_document(found, _shown(found.points, wanted), best, *costs, cloud=cloud)
    if plot is not None:
        _draw(plot, found.points, best, costs)
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(document, limited=limited)
        if plot is not None:
            print(plot)
    if limited and best is None:
        raise SystemExit(1)


def _thresholds(text: str) -> list[float]:
    import numpy as np

    from harness.errors import UsageError

    try:
        low, high, steps = text.split(":")
        values = np.linspace(float(low), float(high), int(steps))
    except ValueError:
        values = np.array([])
    if not values.size or not np.isfinite(values).all() or values.min() < 0 or values.max() > 1 or values.size > 1000:
        raise UsageError(f"--thresholds {text} is no range", advice="write FROM:TO:STEPS within 0 and 1, as 0.5:1:11")
    return [float(v) for v in values]


def _shown(points: tuple[Point, ...], wanted: list[float] | None) -> list[Point]:
    import dataclasses

    from harness.accuracy.cascade import at_threshold, spread

    if wanted is None:
        return spread(points, _ROWS)
    return [dataclasses.replace(at_threshold(points, t), threshold=t) for t in wanted]


def _costs(
    models: tuple[Path, Path | None],
    run: Path | None,
    phone: str | None,
    delegate: str | None,
    cloud: bool,
    given: dict[str, tuple[float | None, float | None]],
) -> tuple[Cost, Cost]:
    from harness.accuracy.cascade_cost import cost_from_report, given_cost
    from harness.errors import UsageError

    heavy_name = "cloud" if cloud else "heavy"
    unused = given["heavy"] if cloud else given["cloud"]
    if any(v is not None for v in unused):
        if cloud:
            raise UsageError("--heavy-ms and --heavy-mj are of a phone, and the heavy stage is in the cloud",
                             advice="give --cloud-ms and --cloud-mj")  # fmt: skip
        raise UsageError("--cloud-ms and --cloud-mj are of a heavy stage in the cloud", advice="add --cloud")
    light, heavy = given_cost(*given["light"], "light"), given_cost(*given[heavy_name], heavy_name)
    if run is None:
        return light, heavy
    from harness.report.document import build_document
    from harness.results.folder import load_run

    rows = build_document(load_run(run))["rows"]
    light = light.over(cost_from_report(rows, models[0], phone, delegate))
    if models[1] is not None and not cloud:
        heavy = heavy.over(cost_from_report(rows, models[1], phone, delegate))
    return light, heavy


def _draw(path: Path, points: tuple[Point, ...], best: Point | None, costs: tuple[Cost, Cost]) -> None:
    from harness.errors import HostError
    from harness.report.plots.cascade import cascade_picture

    one, two = (cost.ms.value for cost in costs)

    def expected(share: float) -> float:
        assert one is not None and two is not None
        return one + share * two

    sources = "; ".join(dict.fromkeys(c.ms.source for c in costs if c.ms.source))
    try:
        cascade_picture(path, points, best, None if None in (one, two) else expected, sources)
    except OSError as error:
        raise HostError(f"{path} cannot be written: {error.strerror}", advice="choose another --plot") from None


def _print(document: dict[str, Any], *, limited: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=150, color_system=None)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("threshold", "escalated", "95 % interval", "right", "95 % interval", "expected ms", "expected mJ"):
        table.add_column(title, justify="right")
    best = document["recommended"]
    rows = document["rows"]
    if best and all(row["escalated"] != best["escalated"] for row in rows):
        rows = sorted([*rows, best], key=lambda row: row["threshold"])
    for row in rows:
        table.add_row(*_cells(row), style="bold" if best and row["escalated"] == best["escalated"] else "")
    console.print(table)
    for text in _sentences(document, limited=limited):
        console.print(text, soft_wrap=True, markup=False, highlight=False)


def _cells(row: dict[str, Any]) -> list[str]:
    def interval(values: list[float | None]) -> str:
        return "–" if values[0] is None else f"{values[0]:.1f} to {values[1]:.1f}"

    def cost(value: float | None) -> str:
        return "–" if value is None else f"{value:.3g}"

    return [
        f"{row['threshold']:.4f}", f"{row['escalated_pct']:.1f} %", interval(row["escalated_ci95_pct"]),
        f"{row['accuracy_pct']:.1f} %", interval(row["accuracy_ci95_pct"]),
        cost(row["expected_ms"]), cost(row["expected_mj"]),
    ]  # fmt: skip


def _sentences(document: dict[str, Any], *, limited: bool) -> list[str]:
    light, heavy, best = document["light"], document["heavy"], document["recommended"]
    where = "in the cloud" if heavy["cloud"] else "on the phone"
    named = heavy["model"] or "a stage of assumed accuracy"
    said = [
        f"Light: {light['model']}, {light['accuracy_pct']:.1f} % right. Heavy: {named} {where}, "
        f"{heavy['accuracy_pct']:.1f} %. {document['examples']} examples."
    ]
    if document["softmax"]:
        said.append("The light model gives no probabilities; confidence is from softmax over its values.")
    for key, what in (("ms", "Latency"), ("mj", "Energy")):
        reasons = [
            f"{name}: {s[f'{key}_reason']}" for name, s in (("light", light), ("heavy", heavy)) if s[key] is None
        ]
        if reasons:
            said.append(f"{what} is not known: {'; '.join(reasons)}.")
        elif key == "ms":
            sources = "; ".join(dict.fromkeys(s["ms_source"] for s in (light, heavy)))
            said.append(f"Latency from {light['ms']:.3g} ms and {heavy['ms']:.3g} ms ({sources}).")
    download = document["first_download"]
    alone, both = download["light"], download["both"]
    together = f", with the heavy model {both['deflated_bytes'] / 1000:.1f} KB" if both else ""
    said.append(f"First download: {alone['deflated_bytes'] / 1000:.1f} KB deflated{together}.")
    if best is not None:
        said.append(
            f"Recommended: threshold {best['threshold']:.4g} escalates {best['escalated_pct']:.1f} % and is right in "
            f"{best['accuracy_pct']:.1f} %; chosen on these examples, so check it on others."
        )
    elif limited:
        most = max(document["rows"], key=lambda row: row["accuracy_pct"])
        said.append(
            f"No threshold meets the limits; of those above the best is right in {most['accuracy_pct']:.1f} %, "
            f"with {most['escalated_pct']:.1f} % escalated."
        )
    return said
