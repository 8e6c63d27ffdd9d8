"""What a state knob is: one way to hold a phone still, put in place by its shell, read back and set back. Pure.

A knob changes the phone in steps. A step is two pieces of shell: one prints the value that is there, one prints the
command that sets a value. device_scripts/lib/state.sh runs them: it writes down what was there, sets, reads back, and
sets back at the end, or whoever comes later does where a phone died in between.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Where:
    """What decides whether a knob can be held on a phone.

    Attributes:
        sdk: level of its Android's API, None where it does not say.
        over_wifi: adb comes over one of its radios.
        plugged: something powers it, None where it does not say.
    """

    sdk: int | None = None
    over_wifi: bool = False
    plugged: bool | None = None


@dataclass(frozen=True)
class Step:
    """One change.

    Attributes:
        what: is changed, for people, in one word.
        wanted: the value, in one word.
        get: shell that prints the value that is there, and nothing where it cannot be read.
        hand: shell that prints the command which sets the value `$1`; nothing in it is quoted.
        steady: it reads the same until somebody changes it, so that it is read again after each session.
        unmoved: why it may not have taken, where the value says too little.
    """

    what: str
    wanted: str
    get: str
    hand: str
    steady: bool = True
    unmoved: str = ""

    def script(self, knob: str, value: str) -> str:
        """The step as device_scripts/lib/state.sh sources it."""
        head = f"knob={knob} value={value} what={self.what} wanted={self.wanted} steady={int(self.steady)}"
        return f"{head}\nunmoved='{self.unmoved}'\nget() {{ {self.get}; }}\nhand() {{ {self.hand}; }}\n"


def setting(space: str, key: str, wanted: str) -> Step:
    """A step that is one of Android's settings."""
    name = f"{space} {key}"
    return Step(
        key,
        wanted,
        f"settings get {name}",
        f'case $1 in null) echo "settings delete {name}" ;; *) echo "settings put {name} $1" ;; esac',
    )


class Knob(ABC):
    """One thing that can be held.

    Attributes:
        name: in a suite and in records.
        values: that it may be held at.
        help: what it does, for people.
        disturbs: what else it changes, as the end of a sentence; empty where nothing.
        first_sdk: the first API level that has it.
        condition: figures under it are another measurement; False of what only keeps a block going.
    """

    name: ClassVar[str]
    values: ClassVar[tuple[str, ...]]
    help: ClassVar[str]
    disturbs: ClassVar[str] = ""
    first_sdk: ClassVar[int] = 0
    condition: ClassVar[bool] = True

    @abstractmethod
    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """What holds it at `value`, in order."""

    def why_not(self, value: str, where: Where) -> str | None:
        """Why it cannot be held on such a phone, None where it can be tried."""
        if where.sdk is not None and where.sdk < self.first_sdk:
            return f"this Android is older than API level {self.first_sdk}, which brought it"
        return None
