"""The whole answer of `harness variants explain`: what was found, what was built, and how it is told."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.document import build_document
from harness.durable import write_atomic
from harness.errors import EnvironmentFault, HostError, UsageError
from harness.explain.building import PLACE, calibrates
from harness.explain.document import document
from harness.explain.mixture import base_recipe
from harness.explain.prepare import Prepared
from harness.explain.remedy import Remedy, build_remedies
from harness.explain.study import Drawn, by_size, sizes_up_to, study
from harness.explain.why import Found

FILE, PICTURE = "explain.json", "layers.png"


@dataclass(frozen=True)
class Answer:
    """All that is known. remedy_reason: why none was built; drawn: None where no study was asked for."""

    found: Found
    remedies: list[Remedy]
    remedy_reason: str | None
    drawn: list[Drawn] | None


class Progress:
    """Says on stderr what is done: a line each, and on a terminal the share of it meanwhile."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._said: str | None = None

    def __call__(self, what: str, share: float) -> None:
        """See `why.Progress`."""
        if self._live:
            print(f"\r{what}: {100 * share:3.0f} %\033[K", end="", file=sys.stderr, flush=True)
            if share >= 1:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
        elif what != self._said:
            logging.getLogger("harness.explain").info("%s", what)
        self._said = what


def study_plan(prepared: Prepared, sizes: Sequence[int] | None) -> list[int]:
    """The sizes of calibration sets to try.

    Raises:
        UsageError: there is nothing to calibrate, or not so many examples.
    """
    if prepared.bench is None or prepared.variant is None:
        raise UsageError(f"no study: {prepared.no_bench}")
    if not calibrates(prepared.variant):
        raise UsageError(f"{prepared.variant.name} is not calibrated", advice="choose another --variant")
    if not sizes:
        return sizes_up_to(prepared.available)
    if max(sizes) > prepared.available:
        said = f"there are {prepared.available} examples to calibrate with, not {max(sizes)}"
        raise UsageError(said, advice="ask for smaller --sizes")
    return sorted(set(sizes))


def follow_up(prepared: Prepared, found: Found, plan: Sequence[int] | None, seeds: int, progress: Progress) -> Answer:
    """Build and judge what the search proposes, and other calibrations where asked for.

    Raises:
        EnvironmentFault: a study was asked for, and what builds it is not installed.
    """
    remedies: list[Remedy] = []
    reason = _no_remedy(prepared, found)
    if reason is None:
        assert prepared.bench is not None
        progress("building mixtures", 0.0)
        try:
            remedies = build_remedies(found, prepared.bench, _calibration_options(prepared), on_share=progress)
        except EnvironmentFault as error:
            reason = str(error)
    drawn = None
    if plan is not None:
        assert prepared.bench is not None and prepared.variant is not None
        progress("building other calibrations", 0.0)
        drawn = study(found.task, prepared.variant, prepared.bench, plan, seeds, on_share=progress)
    return Answer(found, remedies, reason, drawn)


def _no_remedy(prepared: Prepared, found: Found) -> str | None:
    if not found.fell:
        return "the accuracy did not fall by more than is accepted"
    if not found.search.keep:
        return "leaving layers out of 8 bits does not help"
    if base_recipe(found.pair) is None:
        return "it mixes 8 and 16 bits already"
    return prepared.no_bench


def _calibration_options(prepared: Prepared) -> dict[str, Any]:
    options = prepared.variant.options if prepared.variant else {}
    return {key: options[key] for key in ("samples", "seed") if options.get(key) is not None}


def as_dict(answer: Answer) -> dict[str, Any]:
    """The document: see `document.document`, and `accuracy` as of harness variants evaluate, `remedies`, `study`."""
    found = answer.found
    judged = [*found.judged, *(r.judged for r in answer.remedies if r.judged is not None)]
    accuracy = build_document(judged, found.task.data, base=found.judged[0], max_drop=found.task.max_drop, unbuilt={})
    return {
        **document(found),
        "accuracy": accuracy,
        "remedies": [
            {"name": r.name, "restores": r.restores, "file": str(r.path) if r.path else None, "error": r.error,
             "sha256": r.judged.sha256 if r.judged else None, "entry": r.entry}
            for r in answer.remedies
        ],
        "remedies_reason": answer.remedy_reason,
        "study": None if answer.drawn is None else {
            "sizes": by_size(answer.drawn),
            "draws": [
                {"samples": d.samples, "seed": d.seed, "value": d.judged.accuracy.value if d.judged else None,
                 "drop": d.judged.accuracy.drop if d.judged else None, "reason": d.error}
                for d in answer.drawn
            ],
        },
        "study_reason": "not asked for" if answer.drawn is None else None,
    }  # fmt: skip


def as_json(answer: Answer) -> str:
    """As text."""
    return json.dumps(as_dict(answer), indent=2, ensure_ascii=False, allow_nan=False)


def write(answer: Answer, out: Path) -> Path:
    """Document and picture into `out`/explain, which is returned.

    Raises:
        HostError: the disk refuses.
    """
    from harness.explain.picture import draw

    folder = out / PLACE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / FILE, as_json(answer) + "\n")
        draw(answer.found, folder / PICTURE)
    except OSError as error:
        raise HostError(f"{folder} cannot be written: {error.strerror}", advice="choose another --out") from None
    return folder


def tell(answer: Answer, folder: Path) -> None:
    """Tables and sentences on stdout."""
    from harness.explain import tell as words
    from harness.report.evaluated import print_accuracy

    console = words.console_for_people()
    print_accuracy(as_dict(answer)["accuracy"])
    words.tell_layers(console, answer.found)
    words.tell_ranges(console, answer.found)
    if answer.drawn is not None:
        words.tell_study(console, by_size(answer.drawn))
    words.tell_remedies(console, answer.found, answer.remedies, answer.remedy_reason)
    print(folder / FILE)
