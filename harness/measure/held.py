"""What device_scripts/lib/state.sh reports: the state that the phone was held at. Pure."""

from __future__ import annotations

from harness.records import StateRecord

#: Held by every block to keep it going; no condition of a measurement.
_ALWAYS = "awake"


def state_record(text: str) -> StateRecord:
    """A session's copy of the report; lines that are none are passed over."""
    found: dict[str, dict[str, str]] = {"held": {}, "refused": {}, "lost": {}}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        knob, _, said = rest.partition(" ")
        if word in found and knob and said and (word, knob) != ("held", _ALWAYS):
            found[word][knob] = "".join(c for c in said if c.isprintable())
    return StateRecord(**{word: dict(sorted(knobs.items())) for word, knobs in found.items()})
