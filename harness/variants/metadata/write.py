"""Writes a copy of a model with the metadata that a YAML file tells."""

from __future__ import annotations

from pathlib import Path

from harness.errors import HostError
from harness.variants.flatbuffer import read_object
from harness.variants.metadata.attach import with_metadata
from harness.variants.metadata.given import load_given
from harness.variants.metadata.make import make_metadata
from harness.variants.model_file import read_model_file


def write_metadata(model: Path, given: Path, out: Path) -> None:
    """Write `out`: the model with the metadata of `given` and its files, in place of what it carried.

    Raises:
        UsageError: the model or the YAML cannot be read, or do not fit together.
        HostError: `out` cannot be written.
    """
    metadata = make_metadata(load_given(given), read_model_file(model).graphs[0], given.parent)
    data = with_metadata(read_object(model), metadata)
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(data)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise HostError(f"{out} cannot be written: {error.strerror}", advice="choose another --out") from None
