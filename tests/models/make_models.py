"""Trains a small convolutional net on scikit-learn's digits and writes the models that demo and tests use.

Needs the extra `models`. Usage: python tests/models/make_models.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
SIDE = 64


def digits(side: int = SIDE) -> tuple[Any, Any]:
    """Images (N, side, side, 1) in 0..1, enlarged from 8 x 8 by repetition, and labels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = (data.images / 16.0).astype(np.float32)
    return np.repeat(np.repeat(images, side // 8, 1), side // 8, 2)[..., None], data.target


def write_inputs() -> None:
    """One held-out digit of each class, as inputs on which phones' outputs are checked."""
    images, labels = digits()
    chosen = [1500 + int(np.flatnonzero(labels[1500:] == digit)[0]) for digit in range(10)]
    np.savez_compressed(HERE / "digits_inputs.npz", image=images[chosen], labels=labels[chosen])


def net() -> Any:
    """About 60 million multiplications in a small file, with the layers that phones' delegates know."""
    import keras

    layers = keras.layers
    parts: list[Any] = [keras.Input((SIDE, SIDE, 1), batch_size=1, name="image")]
    for convolution in (
        layers.Conv2D(32, 3, padding="same", use_bias=False),
        layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False),
        layers.Conv2D(56, 1, use_bias=False),
        layers.Conv2D(56, 3, padding="same", use_bias=False),
        layers.DepthwiseConv2D(3, padding="same", use_bias=False),
        layers.Conv2D(56, 3, padding="same", use_bias=False),
    ):
        # The converter folds the normalization into the convolution.
        parts += [convolution, layers.BatchNormalization(momentum=0.8), layers.ReLU(6.0)]
    parts += [layers.AveragePooling2D(32), layers.Flatten(), layers.Dense(10, activation="softmax")]
    return keras.Sequential(parts)


def train() -> Any:
    """The trained net with a fixed batch of 1."""
    import keras

    keras.utils.set_random_seed(1)
    images, labels = digits()
    model = net()
    trainable = keras.Sequential([keras.Input((SIDE, SIDE, 1)), *model.layers])
    trainable.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    trainable.fit(images[:1500], labels[:1500], epochs=16, batch_size=32, verbose=0)
    print("accuracy on held-out digits:", trainable.evaluate(images[1500:], labels[1500:], verbose=0)[1])
    return model


def write(name: str, converter: Any) -> None:
    """Convert and store `name`.tflite beside this script."""
    data = converter.convert()
    (HERE / f"{name}.tflite").write_bytes(data)
    print(f"{name}.tflite: {len(data)} bytes")


def planted() -> Any:
    """A trained net on 8 x 8 digits, one layer of which quantizes badly.

    One channel of conv_b is 2000 times too large, and conv_c divides it by as much: in float nothing changes, but with
    one scale for the tensor the other channels fall into a single step.
    """
    import keras

    keras.utils.set_random_seed(1)
    images, labels = digits(8)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((8, 8, 1), batch_size=1, name="image"),
        layers.Conv2D(4, 3, padding="same", activation="relu", name="conv_a"),
        layers.Conv2D(8, 3, padding="same", activation="relu", name="conv_b"),
        layers.Conv2D(8, 3, padding="same", activation="relu", name="conv_c"),
        layers.MaxPooling2D(name="pool"), layers.Flatten(), layers.Dense(10, name="logits"),
    ])  # fmt: skip
    trainable = keras.Sequential([keras.Input((8, 8, 1)), *model.layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trainable.compile(keras.optimizers.Adam(3e-3), loss)
    trainable.fit(images[:1400], labels[:1400], epochs=20, verbose=0)
    (kernel, bias), (after, after_bias) = (model.get_layer(n).get_weights() for n in ("conv_b", "conv_c"))
    kernel[..., 0] *= 2000
    bias[0] *= 2000
    after[:, :, 0] /= 2000
    model.get_layer("conv_b").set_weights([kernel, bias])
    model.get_layer("conv_c").set_weights([after, after_bias])
    return model


def write_planted() -> None:
    """The net with a planted layer, and digits that it was not trained with: 100 to calibrate by, 200 to judge by."""
    import tensorflow as tf

    model = planted()
    images, labels = digits(8)
    write("planted_float32", tf.lite.TFLiteConverter.from_keras_model(model))
    full = tf.lite.TFLiteConverter.from_keras_model(model)
    full.optimizations = [tf.lite.Optimize.DEFAULT]
    full.representative_dataset = lambda: ([image[None]] for image in images[1400:1500])
    full.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    full.inference_input_type = full.inference_output_type = tf.int8
    write("planted_int8", full)
    np.savez_compressed(HERE / "planted_calibration.npz", image=images[1400:1500])
    np.savez_compressed(HERE / "planted_test.npz", image=images[1500:1700], labels=labels[1500:1700])


def write_stateful() -> None:
    """Models with control flow (an IF and then a WHILE) and with a variable."""
    import tensorflow as tf

    module = tf.Module()
    module.sum = tf.Variable([1.0, 2.0])

    def control(x: Any) -> Any:
        y = tf.abs(x) * 3.0
        y = tf.cond(tf.reduce_sum(y) > 3.0, lambda: y + 1.0, lambda: tf.sin(y))
        (y,) = tf.while_loop(lambda z: tf.reduce_sum(z) < 50.0, lambda z: (z * 2.0 + 1.0,), (y,))
        return tf.tanh(y * 0.01)

    def variable(x: Any) -> Any:
        module.sum.assign_add(tf.nn.relu(x * 2.0))
        return tf.tanh(module.sum + x)

    for function in (control, variable):
        traced = tf.function(function).get_concrete_function(tf.TensorSpec((2,), tf.float32))
        made = tf.lite.TFLiteConverter.from_concrete_functions([traced], module)
        made.experimental_enable_resource_variables = True
        write(function.__name__, made)


def main() -> None:
    """Write every model."""
    import tensorflow as tf

    write_planted()
    write_inputs()
    model = train()
    images, _ = digits()

    def converter() -> Any:
        return tf.lite.TFLiteConverter.from_keras_model(model)

    write("digits_float32", converter())
    half = converter()
    half.optimizations = [tf.lite.Optimize.DEFAULT]
    half.target_spec.supported_types = [tf.float16]
    write("digits_float16", half)
    full = converter()
    full.optimizations = [tf.lite.Optimize.DEFAULT]
    full.representative_dataset = lambda: ([image[None]] for image in images[:100])
    full.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    full.inference_input_type = full.inference_output_type = tf.int8
    write("digits_int8", full)

    def concrete(function: Any, *shape: int | None, flex: bool = False) -> Any:
        traced = tf.function(function).get_concrete_function(tf.TensorSpec(shape, tf.float32))
        made = tf.lite.TFLiteConverter.from_concrete_functions([traced])
        if flex:
            made.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
        return made

    kernel = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 4, 4)).astype(np.float32))

    def partial(x: Any) -> Any:
        # ATAN2 is no op of the GPU delegate, so the graph falls into parts
        y = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))
        y = tf.math.atan2(y, x)
        return tf.nn.relu(tf.nn.conv2d(y, kernel, 1, "SAME"))

    write("partial_gpu", concrete(partial, 1, 16, 16, 4))
    write("flex", concrete(lambda x: tf.linalg.det(x), 1, 4, 4, flex=True))
    write("dynamic", concrete(lambda x: tf.where(x > 0), 1, 8))
    write_stateful()


if __name__ == "__main__":
    main()
