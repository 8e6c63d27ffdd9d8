"""`harness variants metadata`: show or write what a model says of its inputs and outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.options import AsJson


def metadata(
    model: Annotated[Path, typer.Argument(help="A .tflite file.", show_default=False)],
    given: Annotated[Path | None, typer.Option("--set", help="What to write into it (YAML).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The new model file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a model's metadata: names, normalization, labels, files; with --set, write it into a copy.

    The format is TensorFlow Lite Metadata, as MediaPipe Tasks and Android Studio read it.

    Example: harness variants metadata model.tflite --set metadata.yaml --out model_with_labels.tflite
    """
    import json

    from harness.errors import UsageError
    from harness.variants.metadata.attach import read_metadata
    from harness.variants.metadata.show import describe

    if (given is None) != (out is None):
        missing = "--out" if out is None else "--set"
        raise UsageError(f"there is no {missing}", advice="give both --set and --out to write, none of them to show")
    if given is not None and out is not None:
        from harness.variants.metadata.write import write_metadata

        write_metadata(model, given, out)
        model = out
    found = read_metadata(model)
    described = None if found is None else describe(found)
    if as_json:
        document = {"schema": 1, "model": str(model), "metadata": described}
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(model, described)
        if out is not None:
            print(out)


def _print(model: Path, found: dict[str, Any] | None) -> None:
    if found is None:
        print(f"{model} has no metadata; write some with --set metadata.yaml --out FILE.")
        return
    for key in ("name", "description", "version", "author", "license"):
        if found[key]:
            print(f"{key}: {found[key]}")
    for side in ("inputs", "outputs"):
        for tensor in found[side]:
            print(f"{side[:-1]} {tensor['name'] or 'without a name'}: {tensor['description'] or 'not described'}")
            for key in ("image", "normalization", "min", "max", "labels", "score_threshold", "boxes"):
                if tensor[key] is not None:
                    print(f"  {key}: {_shown(tensor[key])}")
    print(f"Files: {', '.join(f'{n} ({size} bytes)' for n, size in found['files'].items()) or 'none'}.")
    if found["missing_files"]:
        print(f"Named and not there: {', '.join(found['missing_files'])}.")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_shown(v)}" for k, v in value.items())
    if isinstance(value, list):
        more = f", … ({len(value)} in all)" if len(value) > 10 else ""
        return ", ".join(map(_shown, value[:10])) + more
    return f"{value:g}" if isinstance(value, float) else str(value)
