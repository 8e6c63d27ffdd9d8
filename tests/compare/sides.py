"""Arms, trials and sessions for tests of comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.benchmark.work import ModelFile, Protocol
from harness.compare.arm import Arm
from harness.compare.trial import Trial
from harness.records import SessionRecord
from tests.records import phone, session

RUN = "run"


def arm(name: str, **fields: Any) -> Arm:
    """A side that runs a model of its own name."""
    return Arm(name, ModelFile(f"m{name}", "", Path(f"{name}.tflite"), name * 64, 1000), "cpu", **fields)


def trial(**fields: Any) -> Trial:
    """Two models on the CPU."""
    return Trial(arm("A"), arm("B"), Protocol(), **fields)


def batch(
    one: Trial, number: int, latency_us: Callable[[str, int], float], phone_id: str = "P1", **fields: Any
) -> Iterator[SessionRecord]:
    """The sessions of a batch that went well. latency_us: of an arm, at a place in the phone's order over all batches."""
    block = one.block(RUN, phone(phone_id), number)
    before = 4 * sum(one.batches()[:number])
    for planned in block.sessions:
        yield session(
            block.session_id(planned.index),
            block_id=block.block_id,
            phone_id=phone_id,
            key=planned.key,
            arm=planned.arm,
            repeat=planned.repeat,
            inference_avg_us=latency_us(str(planned.arm), before + planned.index),
            **fields,
        )


def changed(found: list[SessionRecord], index: int, **fields: Any) -> list[SessionRecord]:
    """The same with one session that went otherwise."""
    return [replace(s, **fields) if n == index else s for n, s in enumerate(found)]
