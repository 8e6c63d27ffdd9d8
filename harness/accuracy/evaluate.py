"""Models against the original on the same examples, on this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.accuracy.dataset import Dataset
from harness.accuracy.feeds import takes_stored
from harness.accuracy.metrics import Metric, OwnFunction
from harness.accuracy.pool import Pool
from harness.accuracy.runner import Ran, run_in
from harness.accuracy.scores import Answers, Scores
from harness.accuracy.verdict import Verdict, judge
from harness.errors import EnvironmentFault, HarnessError
from harness.records import AccuracyRecord
from harness.stats.intervals import Interval
from harness.variants.dataset import Array
from harness.variants.model_file import ModelInfo, read_model_file


@dataclass(frozen=True)
class Evaluated:
    """One model judged.

    Attributes:
        name: of the variant, or the file's stem.
        sha256, file_bytes: None where the file cannot be read.
        accuracy: the figures; their `value` is None, with the reason, where the model did not run.
        more_examples, fails: see `Verdict`.
        host_ms, batch, clipped_pct: see `Ran`; None where it did not run.
        scores, answers: by example; answers only of classifiers.
        drop_method: how the interval of the drop was made.
    """

    name: str
    path: Path
    sha256: str | None
    file_bytes: int | None
    accuracy: AccuracyRecord
    more_examples: int | None = None
    fails: bool = False
    host_ms: float | None = None
    batch: int | None = None
    clipped_pct: float | None = None
    scores: Scores | None = None
    answers: Answers | None = None
    drop_method: str | None = None


def evaluate(
    models: Sequence[Path],
    data: Dataset,
    metric: Metric,
    base: Path | None = None,
    *,
    max_drop: float | None = None,
    names: Sequence[str] | None = None,
    workers: int | None = None,
    on_share: Callable[[str, float], None] = lambda _name, _share: None,
) -> list[Evaluated]:
    """Judge every model, each against `base` on the same examples.

    Without labels, figures are agreement: the right answers are those of `base`.

    Args:
        base: the original; it may be among `models`, and comes first in the result. None: nothing is compared.
        max_drop: largest drop that is accepted, in the metric's unit.
        names: of the models, in their order; else their files' stems.
        workers: processes; as many as there are cores.
        on_share: told a model's name and the share of its examples that is done, from several threads.

    Returns:
        The base if there is one, then the models in their order; one that fails has its reason, and the others go on.

    Raises:
        UsageError: dataset, metric and base do not fit together.
        EnvironmentFault: the base, or every model, needs TensorFlow, which is not installed.
        ModelFailed: the interpreter refuses the base.
    """
    named = dict(zip(models, names or [path.stem for path in models], strict=True))
    order = list(dict.fromkeys([*([base] if base is not None else []), *models]))
    infos, errors = _read(order, base)
    whole = takes_stored(list(infos.values()), data)
    found: list[Evaluated] = []
    first: Evaluated | None = None
    labels = data.labels
    with Pool(workers) as pool:
        for path in order:
            name = named.get(path, path.stem)

            def heard(share: float, name: str = name) -> None:
                on_share(name, share)

            try:
                if path in errors:
                    raise errors[path]
                ran = run_in(pool, path, infos[path], data, stored=whole, on_share=heard)
                if labels is None and path == base and not isinstance(metric, OwnFunction):
                    labels = metric.as_labels(ran.outputs)
                made = _judge(name, path, infos[path], ran, labels, data, metric, first, max_drop)
            except HarnessError as error:
                if path == base:
                    raise
                errors[path] = error
                made = _failed(name, path, infos.get(path), error, data, metric, first)
            found.append(made)
            if path == base:
                first = made
    _raise_if_none_could(errors, order)
    return found


def _read(order: Sequence[Path], base: Path | None) -> tuple[dict[Path, ModelInfo], dict[Path, HarnessError]]:
    infos, errors = {}, {}
    for path in order:
        try:
            infos[path] = read_model_file(path)
        except HarnessError as error:
            if path == base or len(order) == 1:
                raise
            errors[path] = error
    return infos, errors


def _raise_if_none_could(errors: dict[Path, HarnessError], order: Sequence[Path]) -> None:
    """What holds for every model is no result: the dataset does not fit, or this machine cannot do it."""
    if len(errors) == len(order):
        wrong = [e for e in errors.values() if e.cli_exit in (2, EnvironmentFault.cli_exit)]
        if len(wrong) == len(order):
            raise wrong[0]


def _judge(
    name: str,
    path: Path,
    info: ModelInfo,
    ran: Ran,
    labels: Array | None,
    data: Dataset,
    metric: Metric,
    base: Evaluated | None,
    max_drop: float | None,
) -> Evaluated:
    scores = metric.score(ran.outputs, labels) if labels is not None else metric.score_alone(ran.outputs)
    value, limits = scores.value, scores.interval()
    known, agreement = value == value, data.labels is None and labels is not None
    drop, drop_limits, verdict = None, Interval(None, None), None
    why = "nothing to compare with" if base is None else None
    if base is not None and base.scores is not None and known:
        sign = 1.0 if metric.higher_is_better else -1.0
        drop = sign * (base.scores.value - value)
        # The base agrees with itself wholly, so a model's own interval is all there is to its distance.
        between = _from(base.scores.value, limits) if agreement else scores.drop_interval(base.scores)
        drop_limits = _signed(between, sign)
        why = drop_limits.reason
        verdict = judge(drop, drop_limits, data.count, max_drop, agreement=agreement)
    accuracy = AccuracyRecord(
        metric=metric.name,
        unit=metric.unit,
        value=value if known else None,
        ci95=(limits.lo, limits.hi),
        drop=drop,
        drop_ci95=(drop_limits.lo, drop_limits.hi),
        verdict=verdict.text if verdict else None,
        examples=data.count,
        base=base.name if base else None,
        reference="base" if agreement else "labels",
        reason=limits.reason if known else "these examples give no figure",
        drop_reason=why,
    )
    judged = verdict or Verdict("")
    return Evaluated(
        name, path, info.sha256, info.file_bytes, accuracy, judged.more_examples, judged.fails, ran.host_ms, ran.batch,
        ran.clipped_pct, scores, metric.answers(ran.outputs), drop_limits.method,
    )  # fmt: skip


def _from(value: float, limits: Interval) -> Interval:
    """Of `value` minus a figure with these limits."""
    if limits.lo is None or limits.hi is None:
        return limits
    return Interval(value - limits.hi, value - limits.lo, limits.reason, limits.method)


def _signed(found: Interval, sign: float) -> Interval:
    if sign > 0 or found.lo is None or found.hi is None:
        return found
    return Interval(-found.hi, -found.lo, found.reason, found.method)


def _failed(
    name: str,
    path: Path,
    info: ModelInfo | None,
    error: HarnessError,
    data: Dataset,
    metric: Metric,
    base: Evaluated | None,
) -> Evaluated:
    accuracy = AccuracyRecord(
        metric=metric.name, unit=metric.unit, value=None, ci95=(None, None), drop=None, drop_ci95=(None, None),
        verdict=None, examples=data.count, base=base.name if base else None,
        reference="labels" if data.labels is not None else "base", reason=str(error), drop_reason="it did not run",
    )  # fmt: skip
    return Evaluated(name, path, info.sha256 if info else None, info.file_bytes if info else None, accuracy)
