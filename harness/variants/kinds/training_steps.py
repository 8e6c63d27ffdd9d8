"""Steps that train: pruning, clustering, quantization-aware training, each keeping what the steps before it made.

Done by tensorflow-model-optimization over tf-keras. Source of which scheme keeps what: its guide to collaborative
optimization. Imports are late, since TensorFlow is.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from harness.errors import UsageError
from harness.variants.kinds.base import Trained, TrainingOptions
from harness.variants.training import Tuner


class PruneOptions(TrainingOptions):
    """Options of pruned."""

    sparsity: float = Field(default=0.5, gt=0, lt=1, description="Share of each kernel that becomes zero.")
    schedule: Literal["polynomial", "constant"] = Field(
        default="polynomial", description="Rising from zero over the first three quarters, or at once."
    )
    unpruned: tuple[str, ...] = Field(default=(), strict=False, description="Layers to leave alone.")


class Prune:
    """Magnitude pruning: the smallest weights of every kernel become zero, the rest is fine-tuned."""

    options: ClassVar[type[TrainingOptions]] = PruneOptions

    def train(self, model: Any, tuner: Tuner, options: PruneOptions, before: tuple[str, ...]) -> tuple[Any, Trained]:
        """Prune, fine-tune, strip.

        Raises:
            UsageError: no layer can be pruned, or fine-tuning is too short to get there.
        """
        import tensorflow_model_optimization as tfmot

        steps = tuner.steps(options)
        schedule: Any
        if options.schedule == "constant":
            schedule = tfmot.sparsity.keras.ConstantSparsity(options.sparsity, begin_step=0, frequency=1)
        else:
            schedule = tfmot.sparsity.keras.PolynomialDecay(
                0.0, options.sparsity, begin_step=0, end_step=max(1, steps * 3 // 4), frequency=max(1, steps // 100)
            )

        def wrap(layer: Any) -> Any:
            if not _kernels(layer):
                return layer
            return tfmot.sparsity.keras.prune_low_magnitude(layer, pruning_schedule=schedule)

        wrapped = _rewrapped(model, wrap, options.unpruned, "unpruned")
        tuner.fit(wrapped, "pruned", options, [tfmot.sparsity.keras.UpdatePruningStep()])
        stripped = tfmot.sparsity.keras.strip_pruning(wrapped)
        kernels = _all_kernels(stripped, options.unpruned)
        zeros, covered = sum(int((k == 0).sum()) for k in kernels), sum(k.size for k in kernels)
        # Each kernel rounds its share, by less than one value.
        if zeros < options.sparsity * covered - len(kernels):
            raise UsageError(
                f"pruning reached {zeros / covered:.2f} of {options.sparsity}", advice="give it more epochs"
            )
        return stripped, Trained(zeros=zeros, covered=covered)


class ClusterOptions(TrainingOptions):
    """Options of clustered."""

    clusters: int = Field(default=16, ge=2, description="Values that each kernel may hold.")
    centroids: Literal["linear", "random", "density", "kmeans++"] = Field(
        default="linear", description="Where the values start."
    )
    unclustered: tuple[str, ...] = Field(default=(), strict=False, description="Layers to leave alone.")


class Cluster:
    """Weight clustering: the weights of every kernel share a few values, which are fine-tuned."""

    options: ClassVar[type[TrainingOptions]] = ClusterOptions

    def train(self, model: Any, tuner: Tuner, options: ClusterOptions, before: tuple[str, ...]) -> tuple[Any, Trained]:
        """Cluster, fine-tune, strip; zeros of pruning stay.

        Raises:
            UsageError: no layer can be clustered.
        """
        import tensorflow_model_optimization as tfmot
        from tensorflow_model_optimization.python.core.clustering.keras.experimental import cluster as keeping

        starts = tfmot.clustering.keras.CentroidInitialization
        start = {
            "linear": starts.LINEAR, "random": starts.RANDOM, "density": starts.DENSITY_BASED,
            "kmeans++": starts.KMEANS_PLUS_PLUS,
        }[options.centroids]  # fmt: skip
        asked = {"number_of_clusters": options.clusters, "cluster_centroids_init": start}
        sparse = "pruned" in before

        def wrap(layer: Any) -> Any:
            if not _kernels(layer):
                return layer
            if sparse:
                return keeping.cluster_weights(layer, **asked, preserve_sparsity=True)
            return tfmot.clustering.keras.cluster_weights(layer, **asked)

        wrapped = _rewrapped(model, wrap, options.unclustered, "unclustered")
        tuner.fit(wrapped, "clustered", options, [])
        stripped = tfmot.clustering.keras.strip_clustering(wrapped)
        kernels = _all_kernels(stripped, options.unclustered)
        return stripped, Trained(
            clusters=max(int(np.unique(k).size) for k in kernels),
            zeros=sum(int((k == 0).sum()) for k in kernels) if sparse else None,
            covered=sum(k.size for k in kernels),
        )


class QuantizationAware:
    """Quantization-aware training: the model learns with the rounding of int8 in it."""

    options: ClassVar[type[TrainingOptions]] = TrainingOptions

    def train(self, model: Any, tuner: Tuner, options: TrainingOptions, before: tuple[str, ...]) -> tuple[Any, Trained]:
        """Insert the rounding and fine-tune; zeros and clusters of the steps before stay.

        Raises:
            UsageError: a layer has no rule for being quantized.
        """
        import tensorflow_model_optimization as tfmot

        api = tfmot.quantization.keras
        schemes = tfmot.experimental.combine
        scheme: Any = None
        if "clustered" in before:
            scheme = schemes.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity="pruned" in before)
        elif "pruned" in before:
            scheme = schemes.Default8BitPrunePreserveQuantizeScheme()
        try:
            annotated = api.quantize_annotate_model(model)
            aware = api.quantize_apply(annotated, scheme) if scheme is not None else api.quantize_apply(annotated)
        except (ValueError, RuntimeError) as error:
            raise UsageError(
                f"the model cannot be trained with quantization: {_first_line(error)}",
                advice="use int8, or a source made of layers that tensorflow-model-optimization knows",
            ) from None
        tuner.fit(aware, "qat", options, [])
        if "clustered" in before:
            aware = tfmot.clustering.keras.strip_clustering(aware)
        return aware, Trained()


def _kernels(layer: Any) -> list[Any]:
    """The kernels of a layer that are pruned and clustered: of convolutions and dense layers, not depthwise ones."""
    import tf_keras

    layers = tf_keras.layers
    if isinstance(layer, layers.DepthwiseConv2D):
        return []
    if isinstance(layer, layers.SeparableConv2D | layers.SeparableConv1D):
        return [layer.pointwise_kernel]
    known = layers.Conv1D | layers.Conv2D | layers.Conv3D | layers.Conv2DTranspose | layers.Dense
    return [layer.kernel] if isinstance(layer, known) else []


def _all_kernels(model: Any, skipped: tuple[str, ...]) -> list[Any]:
    return [k.numpy() for layer in model.layers if layer.name not in skipped for k in _kernels(layer)]


def _rewrapped(model: Any, wrap: Any, skipped: tuple[str, ...], option: str) -> Any:
    import tf_keras

    names = [layer.name for layer in model.layers]
    for name in skipped:
        if name not in names:
            raise UsageError(f"{option}: there is no layer {name!r}", advice=f"its layers: {', '.join(names)}")
    if not _all_kernels(model, skipped):
        raise UsageError("no layer has a kernel to work on", advice="use a model with dense or convolution layers")
    return tf_keras.models.clone_model(
        model, clone_function=lambda layer: layer if layer.name in skipped else wrap(layer)
    )


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
