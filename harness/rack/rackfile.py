"""The rack file: which phones belong to this rack, where they sit, and where the rack keeps its state.

A YAML file named by `--rack` or HARNESS_RACK, checked by pydantic and then as a whole; every fault is told with file,
line, key and what to do. Without one there is an empty rack file, whose state lies in the user's state folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from harness.errors import UsageError
from harness.hubs.spec import open_hub
from harness.state import state_dir
from harness.yaml_file import Keys, YamlFile, key_path


class _Strict(BaseModel):
    """Unknown keys are faults, and a value of another type is not bent into shape."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class RackPhone(_Strict):
    """One phone of the rack, and where it sits."""

    phone_id: _Name = Field(description="Its own serial number, as harness devices shows it.")
    slot: _Name | None = Field(default=None, description="Where it sits, as written on the shelf.")
    labels: list[_Name] = Field(default=[], description="Names that commands may call it by, and groups of phones.")
    hub: _Name | None = Field(default=None, description="The hub port that feeds it, as uhubctl:1-1.4:2.")
    serial: _Name | None = Field(default=None, description="Address to connect to (HOST:PORT) of a phone over TCP.")
    expected: bool = Field(default=True, description="False: nobody is told while it is away.")
    notes: str = Field(default="", description="For people.")


class RackAlarms(_Strict):
    """Who is told when the rack needs somebody, and after how long. Real seconds."""

    webhook: str | None = Field(default=None, description="Gets each alarm as JSON by POST.")
    command: list[_Name] = Field(default=[], description="Gets each alarm as JSON on its standard input.")
    absent_after_s: float = Field(default=600.0, gt=0, description="An expected phone has been away for so long.")
    quiet_after_s: float = Field(default=1800.0, gt=0, description="A run has had no new result for so long.")


class RackFile(_Strict):
    """A rack file. Empty, it says nothing of any phone."""

    phones: Annotated[list[RackPhone], BeforeValidator(lambda v: [] if v is None else v)] = Field(
        default=[], description="Every phone of the rack."
    )
    state: Annotated[Path, Field(strict=False)] | None = Field(
        default=None, description="Folder for what the rack remembers, relative to this file; shared by its users."
    )
    alarms: RackAlarms = RackAlarms()
    pushes_per_controller: int = Field(
        default=2, ge=1, description="Phones of one USB controller that files are sent to at the same time."
    )

    @property
    def state_folder(self) -> Path:
        """Where the rack's state lies; not made yet. HARNESS_STATE moves that of a rack file that names none."""
        return self.state or default_state_folder()

    def phone(self, phone_id: str) -> RackPhone | None:
        """The phone of this id, None where the rack file does not know it."""
        return next((p for p in self.phones if p.phone_id == phone_id), None)


RACK = TypeAdapter(RackFile)


def default_state_folder() -> Path:
    """The user's state folder for us; HARNESS_STATE puts it elsewhere. Not made yet."""
    return state_dir() / "rack"


def load_rack(path: Path | None) -> RackFile:
    """Read and check a rack file; None is an empty one.

    Raises:
        UsageError: naming file, line and key, and what to do.
    """
    return RackFile() if path is None else _checked(YamlFile.read(path))


def read_rack(path: Path, text: str) -> RackFile:
    """The same of text that is to stand in the file; raises as `load_rack`."""
    return _checked(YamlFile.parse(path, text))


def _checked(file: YamlFile) -> RackFile:
    if file.data is None:  # as `harness rack adopt` may find it
        return RackFile()
    rack = file.check(RACK)
    for fault in _faults(rack):
        raise UsageError(f"{file.place(fault.keys)}: {key_path(fault.keys)}: {fault.text}", advice=fault.advice)
    if rack.state is None:
        return rack
    return rack.model_copy(update={"state": file.path.parent / rack.state.expanduser()})


def rack_schema() -> dict[str, Any]:
    """The JSON Schema of a rack file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **RACK.json_schema(),
        "title": "Rack file of phone-rack-harness",
    }


class _Fault(NamedTuple):
    """What is wrong with a rack file as a whole."""

    keys: Keys
    text: str
    advice: str


#: Of each of these, no two phones may have the same.
_OWN = {
    "phone_id": "remove one of the two entries",
    "slot": "one slot holds one phone: correct one of them",
    "hub": "one port feeds one phone: correct one of them",
    "serial": "one address is one phone: correct one of them",
}


def _faults(rack: RackFile) -> Iterator[_Fault]:
    """Everything that the types alone cannot say."""
    for key, advice in _OWN.items():
        first: dict[str, int] = {}
        for index, phone in enumerate(rack.phones):
            value = getattr(phone, key)
            if value is not None and first.setdefault(value, index) != index:
                before = f"phones[{first[value]}]"
                yield _Fault(("phones", index, key), f"{value!r} is that of {before} too", advice)
    for index, phone in enumerate(rack.phones):
        try:
            if phone.hub is not None:
                open_hub(phone.hub)
        except UsageError as error:
            yield _Fault(("phones", index, "hub"), error.message, error.advice)
    webhook = rack.alarms.webhook
    if webhook is not None and not webhook.startswith(("http://", "https://")):
        yield _Fault(("alarms", "webhook"), f"{webhook!r} is no address", "begin it with https:// or http://")
