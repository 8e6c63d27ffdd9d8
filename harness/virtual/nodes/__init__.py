"""What the files of a virtual phone's /proc, /sys and /system say. Pure: each module gives paths and texts.

A module may have `fixed(profile)`, the files that never change, as `Node`s, and `live(…)`, those that do, as pairs of
path and text. Paths are relative to the phone's root.
"""

from __future__ import annotations

from typing import NamedTuple

#: The mode of a file that is there and refuses the shell user, as SELinux does on a phone.
DENIED = 0o000


class Node(NamedTuple):
    """A file that does not change."""

    path: str
    text: str
    mode: int = 0o444
