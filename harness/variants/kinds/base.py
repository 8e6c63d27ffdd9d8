"""What every kind of variant has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Protocol

#: Gives one example at a time: an array an input, in the order of the model's inputs.
Examples = Callable[[], Iterator[list[Any]]]


class Kind(Protocol):
    """One kind.

    Attributes:
        options: name to the values it takes, the first being the default.
        calibrates: needs a representative dataset.
    """

    options: ClassVar[Mapping[str, tuple[Any, ...]]]
    calibrates: ClassVar[bool]

    def set_up(self, converter: Any, options: Mapping[str, Any], examples: Examples | None) -> None:
        """Make `converter`, a `tf.lite.TFLiteConverter`, build this kind.

        Args:
            options: those of `options` that were given.
            examples: where `calibrates`.
        """
