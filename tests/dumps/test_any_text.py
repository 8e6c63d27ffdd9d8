"""Whatever the text, a reader answers with JSON: arbitrary text, and dumps that were cut, spliced or damaged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.dumps.kinds import KINDS, guess_kind, read_dump
from tests.dumps import forms

_TEXTS = {kind: [text for k, text, _ in forms.FORMS if k == kind] for kind in KINDS}
_TEXTS["cpufreq"] += [forms.FREQ_POLICY, forms.FREQ_LOOP]
_TEXTS["adb-devices"].append(forms.ADB)
_TEXTS["df"].append(forms.DF_H)
_LINES = [line for texts in _TEXTS.values() for text in texts for line in text.splitlines(keepends=True)]
_DAMAGE = st.sampled_from(
    ["NaN", "nan", "-", "²", "٣", "9" * 40, "1e999", "\x00", "\r", "[", "]", "{", "=", ":", "-2147483648", ""]
)


@st.composite
def damaged(draw: st.DrawFn, kind: str) -> str:
    """Lines of a valid dump in any order, with foreign ones, and a piece of it replaced."""
    own = draw(st.sampled_from(_TEXTS[kind])).splitlines(keepends=True)
    lines = draw(st.lists(st.sampled_from(own) | st.sampled_from(_LINES), max_size=20)) if draw(st.booleans()) else own
    text = "".join(lines)
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + 12)))
        text = text[:begin] + draw(_DAMAGE) + text[end:]
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_is_read_as_any_kind(kind: str) -> None:
    @settings(max_examples=100, deadline=None)
    @given(st.text(max_size=200) | damaged(kind))
    def check(text: str) -> None:
        guess_kind(text)
        found = read_dump(kind, text, text)
        assert json.loads(json.dumps(found, allow_nan=False)) is not None

    check()
