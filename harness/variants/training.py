"""Fine-tuning: its settings, its examples, and the curve that stays in a variant's sidecar."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.errors import UsageError
from harness.variants.dataset import Array

if TYPE_CHECKING:
    from harness.variants.kinds.base import TrainingOptions


@dataclass
class Tuner:
    """Fine-tunes tf-keras models with one setting and one set of examples.

    Attributes:
        settings: the recipe's section `training` as plain values (see `harness.variants.recipe.Training`).
        inputs: one array, or as many as the model has inputs; examples first.
        labels: as many.
        loss: a name of Keras' or a function.
        curve: one entry an epoch: step, epoch (from 1), and the losses and metrics that Keras names.
    """

    settings: Mapping[str, Any]
    inputs: list[Array]
    labels: Array
    loss: Any
    curve: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        held = self.settings["validation"]
        for array in (*self.inputs, self.labels):
            if len(array) != len(self.labels):
                raise UsageError(
                    "training: inputs and labels hold different numbers of examples", advice="give as many"
                )
        if len(self.labels) * (1 - held) < 1:
            raise UsageError("training holds no example", advice="give some")
        order = np.random.default_rng(self.settings["seed"]).permutation(len(self.labels))
        self.inputs = [array[order] for array in self.inputs]
        self.labels = self.labels[order]

    def steps(self, options: TrainingOptions) -> int:
        """Batches that `fit` will train."""
        trained = len(self.labels) - round(len(self.labels) * self.settings["validation"])
        batches: int = math.ceil(trained / self.settings["batch"])
        return batches * self._epochs(options)

    def fit(self, model: Any, step: str, options: TrainingOptions, callbacks: list[Any]) -> None:
        """Train `model` in place, and write its curve down.

        Raises:
            UsageError: the loss is no number any more.
        """
        import tf_keras

        tf_keras.utils.set_random_seed(self.settings["seed"])
        rate = options.learning_rate or self.settings["learning_rate"]
        metrics = ["accuracy"] if isinstance(self.loss, str) and "crossentropy" in self.loss else []
        model.compile(tf_keras.optimizers.Adam(rate), self.loss, metrics=metrics)
        history = model.fit(
            self.inputs if len(self.inputs) > 1 else self.inputs[0],
            self.labels,
            batch_size=self.settings["batch"],
            epochs=self._epochs(options),
            validation_split=self.settings["validation"],
            callbacks=callbacks,
            verbose=0,
        ).history
        for epoch, values in enumerate(zip(*history.values(), strict=True), 1):
            named = {name: round(float(v), 6) for name, v in zip(history, values, strict=True)}
            if not all(map(math.isfinite, named.values())):
                raise UsageError(f"{step}: the loss is no number in epoch {epoch}", advice="lower learning_rate")
            self.curve.append({"step": step, "epoch": epoch, **named})

    def _epochs(self, options: TrainingOptions) -> int:
        return int(options.epochs or self.settings["epochs"])
