"""binaries.toml: where official builds live, per flavour and ABI."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from harness.errors import UsageError
from harness.resources import resource_dir
from harness.yaml_file import explain

Flavour = Literal["tflite", "tflite-plus-flex", "litert", "tflite-apk"]
Abi = Literal["arm64-v8a", "armeabi-v7a", "x86_64"]
System = Literal["android", "linux"]
FLAVOURS: tuple[Flavour, ...] = ("tflite", "tflite-plus-flex", "litert", "tflite-apk")
ABIS: tuple[Abi, ...] = ("arm64-v8a", "armeabi-v7a", "x86_64")


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{address!r} is no http or https address")
    if parts.username or parts.password:
        raise ValueError("an address may hold no password, as it is printed and locked; use ~/.netrc")
    return address


class Build(BaseModel):
    """One official build, or the reason why there is none. `moving`: its address serves another file at times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flavour: Flavour
    abi: Abi
    system: System = "android"
    address: Annotated[str, AfterValidator(_checked)] | None = None
    version: str | None = None
    moving: bool = False
    note: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Build:
        if (self.address is None) == (self.reason is None):
            raise ValueError("give either an address or the reason why there is none")
        return self

    @property
    def kind(self) -> str:
        """As people call it: `tflite for arm64-v8a`."""
        return f"{self.flavour} for {self.abi}"


class Sources(BaseModel):
    """The whole file; at most one build per flavour and ABI."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal[1]
    builds: tuple[Build, ...]

    # pydantic keeps the name `schema` for itself, so the key is renamed on the way in.
    @model_validator(mode="before")
    @classmethod
    def _renamed(cls, data: object) -> object:
        return {("schema_" if k == "schema" else k): v for k, v in data.items()} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _each_once(self) -> Sources:
        seen = set()
        for build in self.builds:
            if (build.flavour, build.abi) in seen:
                raise ValueError(f"{build.kind} is given twice")
            seen.add((build.flavour, build.abi))
        return self

    def find(self, flavour: str, abi: str) -> Build | None:
        """The entry of a flavour and ABI."""
        return next((b for b in self.builds if (b.flavour, b.abi) == (flavour, abi)), None)


def load_sources(path: Path | None = None) -> Sources:
    """The shipped file, or one of the user's own.

    Raises:
        UsageError: it cannot be read, is no TOML, or has a fault (file and key are named).
    """
    path = path or resource_dir("binaries") / "binaries.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", advice="give a file like binaries.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", advice="give a file like binaries.toml") from None
    try:
        return Sources.model_validate(data)
    except ValidationError as error:
        raise explain(error, TypeAdapter(Sources).json_schema(), lambda _: str(path)) from None
