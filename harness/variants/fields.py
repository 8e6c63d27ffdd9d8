"""What the sections of a recipe share: strict models, paths, and names of functions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: `module:function`, imported with the recipe's folder in the path.
FACTORY = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"


class Strict(BaseModel):
    """Unknown keys are faults, and a value of another type is not bent into shape."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


RecipePath = Annotated[Path, Field(strict=False)]
