"""Simulated mixtures, against the real models."""

from __future__ import annotations

import numpy as np

from harness.explain.distance import rounded
from harness.explain.running import Program, examples_of
from harness.explain.simulate import alone, mixed
from harness.variants.dataset import Array
from harness.variants.model_file import read_model_file
from tests.explain.planted import QUANTIZED, WHOLE, digits_to_judge, index, pair

CONTENT = WHOLE.read_bytes()


def outputs(model: bytes, count: int = 40) -> list[Array]:
    program = Program(model)
    examples = examples_of(read_model_file(WHOLE), digits_to_judge(), count)
    return [values[0] for values in program.run(examples, program.outputs[:1])]


def test_with_everything_kept_it_is_the_float_model() -> None:
    found = pair()
    every = [layer.index for layer in found.layers]
    for got, wanted in zip(outputs(mixed(CONTENT, found, every)), outputs(CONTENT), strict=True):
        assert np.allclose(got, wanted, rtol=1e-4, atol=1e-4)


def test_with_nothing_kept_it_is_the_quantized_model() -> None:
    found = pair()
    carrier = found.carriers[found.graph.outputs[0]]
    step = carrier.quantization.scale[0]
    errors = [
        np.abs(got - wanted).max() / step
        for got, wanted in zip(outputs(mixed(CONTENT, found, [])), outputs(QUANTIZED.read_bytes()), strict=True)
    ]
    assert np.median(errors) <= 1.01 and max(errors) < 4


def test_a_tensor_stays_in_float_only_between_kept_layers() -> None:
    found = pair()
    b, c = index(found, "conv_b"), index(found, "conv_c")
    whole = np.array(outputs(CONTENT))

    def error(keep: list[int]) -> float:
        return float(np.abs(np.array(outputs(mixed(CONTENT, found, keep))) - whole).mean())

    assert error([b, c]) < 0.1 * min(error([]), error([b]), error([c]))


def test_one_layer_alone_rounds_its_output_and_nothing_before() -> None:
    found = pair()
    layer = next(each for each in found.layers if "conv_a" in each.name)
    program = Program(alone(CONTENT, found, layer))
    examples = examples_of(read_model_file(WHOLE), digits_to_judge(), 5)
    whole = Program(CONTENT, every_tensor=True)
    assert layer.carrier is not None
    for (_, seen), (before,) in zip(
        program.run(examples, program.outputs), whole.run(examples, [layer.tensor]), strict=True
    ):
        step = layer.carrier.quantization.scale[0]
        assert np.array_equal(rounded(seen, layer.carrier.quantization, "INT8"), seen)
        assert np.abs(seen - rounded(before, layer.carrier.quantization, "INT8")).max() <= 2.01 * step


def test_the_signature_follows_a_rounded_output() -> None:
    found = pair()
    simulated = mixed(CONTENT, found, [])
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=simulated)
    (name,) = interpreter.get_signature_list()
    runner = interpreter.get_signature_runner(name)
    image = digits_to_judge().inputs["image"][:1]
    (got,) = runner(image=image).values()
    assert np.array_equal(got, outputs(simulated, 1)[0])
