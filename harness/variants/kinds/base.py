"""What kinds of variant are made of: steps that train, then one conversion; each declares its options once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from harness.variants.model_file import ModelInfo
    from harness.variants.training import Tuner

#: Gives one example at a time: an array an input, in the order of the model's inputs.
Examples = Callable[[], Iterator[list[Any]]]


class Options(BaseModel):
    """Options of a step or conversion, as they stand in a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ConversionOptions(Options):
    """Options of every conversion."""

    flex: bool = Field(
        default=False, description="Allow TensorFlow's own operators; only the plus-flex program runs it."
    )
    custom_ops: tuple[str, ...] = Field(
        default=(), strict=False, description="Operators of your own that may be left in; your own program runs them."
    )


class CalibrationOptions(ConversionOptions):
    """Options of conversions that a representative dataset calibrates."""

    samples: int | None = Field(default=None, ge=1, description="Examples; where not given, as under representative.")
    seed: int | None = Field(default=None, ge=0, description="Draws them; where not given, they are the first ones.")


class TrainingOptions(Options):
    """Options of every step that trains."""

    epochs: int | None = Field(default=None, ge=1, description="Of fine-tuning; where not given, as under training.")
    learning_rate: float | None = Field(default=None, gt=0, strict=False, description="As under training.")


@dataclass(frozen=True)
class Trained:
    """What a step that trains says of its work, for the file to be held against.

    Attributes:
        zeros: weights that it made zero.
        clusters: distinct values that it left in one kernel.
        covered: parameters of the kernels that it worked on.
    """

    zeros: int | None = None
    clusters: int | None = None
    covered: int | None = None


class Step(Protocol):
    """A step that trains a tf-keras model; `before` names the steps before it, whose work it must keep."""

    options: ClassVar[type[TrainingOptions]]

    def train(self, model: Any, tuner: Tuner, options: Any, before: tuple[str, ...]) -> tuple[Any, Trained]:
        """The model after the step, and what it claims.

        Raises:
            UsageError: the model or the data do not allow it.
        """


class Conversion(Protocol):
    """How a trained model becomes a file."""

    options: ClassVar[type[ConversionOptions]]
    #: Whether it works on a float `.tflite` file whatever the source is.
    on_file: ClassVar[bool]

    def calibrates(self, options: Any) -> bool:
        """Whether it needs a representative dataset."""

    def set_up(self, converter: Any, options: Any, examples: Examples | None) -> None:
        """Make `converter`, a `tf.lite.TFLiteConverter`, build this."""

    def requantize(self, model: bytes, options: Any, examples: Examples | None) -> bytes:
        """The same from a float `.tflite` file, by ai-edge-quantizer.

        Raises:
            UsageError: it cannot be had that way.
        """

    def fault(self, model: ModelInfo, options: Any) -> str | None:
        """Why `model`, read back from the file, is not what the name promises; None where it is."""


class Uncalibrated:
    """What most conversions are: of TensorFlow's converter, without a representative dataset."""

    options: ClassVar[type[ConversionOptions]] = ConversionOptions
    on_file: ClassVar[bool] = False

    def calibrates(self, options: Any) -> bool:
        """Not needed."""
        return False


class Calibrated(Uncalibrated):
    """A conversion that needs a representative dataset."""

    options: ClassVar[type[ConversionOptions]] = CalibrationOptions

    def calibrates(self, options: Any) -> bool:
        """By the examples."""
        return True


@dataclass(frozen=True)
class Kind:
    """A kind of variant: steps by name, a conversion, and the options of them all."""

    conversion: Conversion
    options: type[Options]
    steps: Mapping[str, Step] = field(default_factory=dict)

    @property
    def trains(self) -> bool:
        """Whether it needs a trainable model and the section `training`."""
        return bool(self.steps)
