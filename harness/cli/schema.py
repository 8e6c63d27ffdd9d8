"""`harness schema`: JSON Schemas for editors."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from harness.errors import UsageError


def schema(kind: Annotated[str, typer.Argument(help="suite, tiers, recipe or rack.")] = "suite") -> None:
    """Print the JSON Schema of a file that people write, for editors.

    Example: harness schema suite > suite.schema.json
    """
    import json

    print(json.dumps(schema_of(kind), indent=2, ensure_ascii=False))


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of `kind`.

    Raises:
        UsageError: there is none.
    """
    if kind == "suite":
        from harness.benchmark.suite import suite_schema

        return suite_schema()
    if kind == "tiers":
        from harness.phones.tiers import tiers_schema

        return tiers_schema()
    if kind == "recipe":
        from harness.variants.recipe import recipe_schema

        return recipe_schema()
    if kind == "rack":
        from harness.rack.rackfile import rack_schema

        return rack_schema()
    raise UsageError(f"there is no schema of {kind!r}", advice="use suite, tiers, recipe or rack")
