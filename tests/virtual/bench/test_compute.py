"""The interpreter's process: asked once, and alive after whatever happens to it or to those who ask."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.virtual.bench.compute import Compute, ComputeError, Wanted
from tests.virtual.bench.cases import MODELS
from tests.virtual.bench.tiny import sums

FLOAT = MODELS / "digits_float32.tflite"


@pytest.fixture
def compute() -> Iterator[Compute]:
    """One of its own, since some tests kill it."""
    made = Compute()
    yield made
    made.close()


def process_of(compute: Compute) -> int:
    """Its process id."""
    assert compute._process is not None
    return compute._process.pid


def test_the_same_is_computed_once_and_by_content(compute: Compute, tmp_path: Path) -> None:
    async def twice() -> None:
        first = await compute.run(Wanted(FLOAT))
        os.kill(process_of(compute), signal.SIGSTOP)  # from here on nothing new could be computed
        copy = tmp_path / "copy.tflite"
        copy.write_bytes(FLOAT.read_bytes())
        assert await asyncio.wait_for(compute.run(Wanted(copy)), 5) == first

    asyncio.run(twice())


def test_it_serves_one_event_loop_after_the_other(compute: Compute) -> None:
    models = [asyncio.run(compute.model(FLOAT)) for _ in range(2)]
    assert models[0] is models[1]
    assert asyncio.run(compute.run(Wanted(FLOAT))).data


def test_who_is_cancelled_spoils_nothing_for_the_next(compute: Compute, tmp_path: Path) -> None:
    async def cancelled() -> bytes:
        await compute.model(FLOAT)
        asked = asyncio.ensure_future(compute.run(Wanted(FLOAT, numerics="plain")))
        await asyncio.sleep(0.001)
        asked.cancel()
        other = await compute.run(Wanted(sums(tmp_path / "sums.tflite")))
        assert len(other.data) == 32
        return (await compute.run(Wanted(FLOAT, numerics="plain"))).data

    assert len(asyncio.run(cancelled())) == 40


def test_a_crash_is_told_as_its_signal_and_the_next_model_runs(compute: Compute, tmp_path: Path) -> None:
    async def crash() -> None:
        await compute.model(FLOAT)
        os.kill(process_of(compute), signal.SIGSTOP)
        asked = asyncio.ensure_future(compute.run(Wanted(FLOAT)))
        await asyncio.sleep(0.05)
        os.kill(process_of(compute), signal.SIGSEGV)
        os.kill(process_of(compute), signal.SIGCONT)
        with pytest.raises(ComputeError) as told:
            await asked
        assert (told.value.stage, str(told.value)) == ("crash", str(int(signal.SIGSEGV)))
        assert (await compute.run(Wanted(sums(tmp_path / "sums.tflite")))).data

    asyncio.run(crash())


def test_one_that_never_ends_is_given_up(tmp_path: Path) -> None:
    compute = Compute(deadline_s=0.2)

    async def hang() -> None:
        with pytest.raises(ComputeError) as told:
            await compute.model(sums(tmp_path / "sums.tflite"))
            os.kill(process_of(compute), signal.SIGSTOP)
            await compute.run(Wanted(FLOAT))
        assert told.value.stage == "hang"

    try:
        asyncio.run(hang())
    finally:
        compute.close()


def test_a_resized_input_changes_shapes_and_work(compute: Compute) -> None:
    async def resized() -> None:
        graph = (await compute.model(FLOAT)).graphs[0]
        shape = graph.tensors[graph.inputs[0]].shape
        found = await compute.run(Wanted(FLOAT, shapes=((4, *shape[1:]),)))
        bigger = graph.resized(found.shapes)
        assert len(found.data) == 4 * 40
        assert sum(n.macs for n in bigger.nodes) == pytest.approx(4 * sum(n.macs for n in graph.nodes))

    asyncio.run(resized())


def test_a_missing_file_is_the_callers_to_explain(compute: Compute, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        asyncio.run(compute.model(tmp_path / "none.tflite"))
