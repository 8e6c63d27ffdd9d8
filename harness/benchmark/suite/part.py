"""What every part of a suite shares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from harness.yaml_file import Keys


class Strict(BaseModel):
    """Unknown keys are faults, and a value of another type is not bent into shape (`sessions: yes` is no 1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


#: A path in a suite; relative ones start at the suite file.
ModelPath = Annotated[Path, Field(strict=False)]


class Fault(NamedTuple):
    """What is wrong with a suite as a whole: where, what, and what to do."""

    keys: Keys
    text: str
    advice: str
