"""scikit-learn's digits and a small net for them: what the recipe beside this file trains, calibrates and tests with."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Of 1797 digits, so many to train with; the rest is never seen in training.
TRAINED = 1200


def digits() -> tuple[Any, Any]:
    """Images (N, 16, 16, 1) in 0..1, enlarged from 8 × 8, and labels, in a mixed order that is always the same."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = np.repeat(np.repeat((data.images / 16).astype(np.float32), 2, 1), 2, 2)[..., None]
    order = np.random.default_rng(0).permutation(len(images))
    return images[order], data.target[order]


def net() -> Any:
    """The trained net, in Keras 3."""
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1), name="image"),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="first"),
            layers.MaxPooling2D(name="half"),
            layers.DepthwiseConv2D(3, padding="same", name="depthwise"),
            layers.BatchNormalization(name="normalized"),
            layers.ReLU(6.0, name="clipped"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="second"),
            layers.MaxPooling2D(name="quarter"),
            layers.Flatten(name="flat"),
            layers.Dense(64, activation="relu", name="hidden"),
            layers.Dense(10, activation="softmax", name="digit"),
        ]
    )
    images, labels = digits()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[:TRAINED], labels[:TRAINED], epochs=12, batch_size=32, verbose=0)
    return model


def training() -> dict[str, Any]:
    """To train and fine-tune with."""
    images, labels = digits()
    return {"image": images[:TRAINED], "labels": labels[:TRAINED]}


def calibration() -> dict[str, Any]:
    """To find the ranges of activations with: of the training images, so that testing stays fair."""
    return {"image": digits()[0][:200]}


def some() -> dict[str, Any]:
    """Five of those to judge with; `inputs.npz` holds them, for phones."""
    return {"image": testing()["image"][:5]}


def testing() -> dict[str, Any]:
    """To judge with."""
    images, labels = digits()
    return {"image": images[TRAINED:], "labels": labels[TRAINED:]}
