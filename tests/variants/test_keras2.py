"""Keras 3 models are rebuilt in tf-keras with the same outputs, or refused with a way out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the extra `models`")
pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _legacy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")


def rebuilt(model: Any) -> Any:
    from harness.variants.keras2 import in_tf_keras

    return in_tf_keras(model)


def test_a_graph_with_shared_layers_and_two_ends() -> None:
    import keras

    layers = keras.layers
    a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
    shared = layers.Dense(8, kernel_regularizer="l2", name="shared")
    one, two = shared(shared(a)), layers.LayerNormalization()(shared(b))
    model = keras.Model([a, b], [layers.Add()([one, two]), layers.Concatenate(axis=-1)([two, one])])
    found = rebuilt(model)
    given = [np.random.default_rng(n).normal(size=(3, 8)).astype(np.float32) for n in (0, 1)]
    for ours, theirs in zip(model(given), found(given), strict=True):
        assert np.allclose(ours, theirs, atol=1e-5)


def test_a_model_within_a_model() -> None:
    import keras

    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization()]
    )
    model = keras.Sequential([keras.Input((6, 6, 2)), inner, layers.GlobalAveragePooling2D(), layers.Dense(3)])
    assert len(rebuilt(model).get_weights()) == len(model.get_weights())


def test_what_tf_keras_has_not_is_refused() -> None:
    import keras

    from harness.errors import UsageError

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="hard_silu")])
    with pytest.raises(UsageError, match="cannot be rebuilt in tf-keras"):
        rebuilt(model)

    class Own(keras.Model):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(UsageError, match="a model of class Own cannot be trained further"):
        rebuilt(Own())
