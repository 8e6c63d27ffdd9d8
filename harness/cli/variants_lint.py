"""`harness variants lint`: what delegates will refuse of a model, and how far a run agrees."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import AsJson
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.records import SessionRecord
    from harness.results.folder import Run
    from harness.variants.lint.lint import Forecast
    from harness.variants.lint.measured import Comparison
    from harness.variants.lint.table import Table
    from harness.variants.model_file import ModelInfo

#: Asked for where nothing is said; an NPU's table cannot tell much.
_DEFAULT = ("gpu", "nnapi", "xnnpack")
#: Android 11, with the last NNAPI that all phones of its age share.
_DEFAULT_SDK = 30


def lint(
    models: Annotated[list[Path] | None, typer.Argument(help=".tflite files.", show_default=False)] = None,
    delegate: Annotated[
        list[str] | None,
        typer.Option("--delegate", help="gpu, nnapi, xnnpack, npu; repeated or with commas. [gpu,nnapi,xnnpack]"),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", help="Hold the tables against this run; its own models, where none is given."),
    ] = None,
    android: Annotated[
        int, typer.Option("--android", min=21, help="SDK level of Android, which NNAPI depends on.")
    ] = _DEFAULT_SDK,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 unless every delegate takes everything and the run agrees.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell which nodes a delegate will refuse and why, the partitions, and the work that is left to the CPU.

    Example: harness variants lint mobilenet.tflite --delegate gpu
    """
    from harness.variants.lint.lint import forecast
    from harness.variants.lint.table import load_dynamic
    from harness.variants.model_file import read_model_file

    loaded = _load_run(run)
    paths = list(models or []) or (models_of(loaded) if loaded else [])
    if not paths and loaded is None:
        raise UsageError("no model was given", advice="give a .tflite file, or --run for the models of a run")
    tables = _tables(delegate, loaded)
    read = [(path, read_model_file(path)) for path in paths]
    dynamic = load_dynamic()
    found = [(p, m, [forecast(m, t, dynamic, sdk=android) for t in tables]) for p, m in read]
    compared = None if loaded is None else _compare(loaded, [m for _, m in read], tables, android)
    if as_json:
        _print_json(found, android, run, compared)
    else:
        from harness.cli.variants_lint_text import print_lint

        print_lint(found, compared, android)
    whole = all(f.extent == "completely" for _, _, forecasts in found for f in forecasts)
    if strict and not (whole and all(c.verdict != "differs" for c in compared or ())):
        raise SystemExit(1)


def _load_run(path: Path | None) -> Run | None:
    if path is None:
        return None
    from harness.results.folder import load_run

    return load_run(path)


def _tables(names: list[str] | None, run: Run | None) -> list[Table]:
    from harness.cli.options import comma_list
    from harness.variants.lint.table import DELEGATES, load_table

    asked = [name for text in names or [] for name in comma_list(text, "--delegate")]
    if unknown := [name for name in asked if name not in DELEGATES]:
        advice = f"choose from {', '.join(DELEGATES)}" + ("; the CPU's is xnnpack" if "cpu" in unknown else "")
        raise UsageError(f"there is no table of {unknown[0]!r}", advice=advice)
    if asked:
        return [load_table(name) for name in dict.fromkeys(asked)]
    if run is None:
        return [load_table(name) for name in _DEFAULT]
    ran = {s.key.delegate for s in run.sessions}
    return [t for t in map(load_table, DELEGATES) if t.measured_as in ran]


def models_of(run: Run) -> list[Path]:
    """Files of a run's models that are still where its command line or suite says, by their content.

    A model that is not found is left out: its rows are then not compared, and say so.
    """
    from harness.benchmark.models import read_model
    from harness.benchmark.sample import NAME
    from harness.cache import cache_dir

    wanted = {m["sha256"] for m in run.meta.get("models", [])}
    words = [Path(word) for word in run.meta.get("argv", [])[1:] if not word.startswith("-")]
    places = [*words, *(p for word in words for p in _models_of_suite(word)), cache_dir() / "models" / f"{NAME}.tflite"]
    found: dict[str, Path] = {}
    for path in places:
        try:
            digest = read_model(path).sha256
        except UsageError:
            continue
        if digest in wanted:
            found.setdefault(digest, path)
    return list(found.values())


def _models_of_suite(path: Path) -> Iterable[Path]:
    from harness.benchmark.suite import load_suite

    if path.suffix not in (".yaml", ".yml"):
        return []
    try:
        return [m.path for m in load_suite(path).model_files()]
    except UsageError:
        return []


def _compare(run: Run, models: list[ModelInfo], tables: list[Table], android: int) -> list[Comparison]:
    from harness.variants.lint.lint import forecast
    from harness.variants.lint.measured import compare
    from harness.variants.lint.table import load_dynamic

    by_hash = {m.sha256: m for m in models}

    def expect(sha256: str, table: Table, sdk: int | None) -> Forecast | None:
        model = by_hash.get(sha256)
        return None if model is None else forecast(model, table, load_dynamic(), sdk=sdk or android)

    def took(session: SessionRecord, table: Table) -> frozenset[int] | None:
        return nodes_taken(run.path, session, table.measured_as)

    return compare(run.sessions, run.phones, {t.measured_as: t for t in tables}, expect, took)


def nodes_taken(folder: Path, session: SessionRecord, delegate: str) -> frozenset[int] | None:
    """Which nodes a session's delegate took, from the file that the program wrote; None where there is none."""
    from harness.benchmark.delegates import DELEGATES
    from harness.benchmark.output import ResultFileError, delegated_nodes

    if "runtime.pb" not in session.evidence:
        return None
    try:
        data = (folder / session.evidence["runtime.pb"]).read_bytes()
        return frozenset[int]().union(*(delegated_nodes(data, part) for part in DELEGATES[delegate].nodes))
    except (OSError, ResultFileError):
        return None


def _print_json(
    found: list[tuple[Path, ModelInfo, list[Forecast]]],
    android: int,
    run: Path | None,
    compared: list[Comparison] | None,
) -> None:
    import json

    from harness.variants.lint.document import comparison_entry, model_entry

    document = {
        "schema": 1,
        "android_sdk": android,
        "models": [model_entry(str(path), model, forecasts) for path, model, forecasts in found],
        "run": None if compared is None else {"path": str(run), "rows": [comparison_entry(c) for c in compared]},
    }
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
