"""Tables to bytes and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.variants.metadata.codec import Damaged, decode, encode
from harness.variants.metadata.tables import ENUMS, ROOT, TABLES, UNIONS

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**31), 2**31 - 1).filter(bool),
    "uint": st.integers(1, 2**32 - 1),
    "float": st.sampled_from([0.1, -2.5, 127.5, 1e-7, 3e30]),
    "string": _TEXT,
    "[ubyte]": st.binary(max_size=40),
    "[string]": st.lists(_TEXT, max_size=3),
    "[float]": st.lists(st.sampled_from([0.0, 0.1, -3.25]), max_size=3),
    "[uint]": st.lists(st.integers(0, 9), max_size=3),
}


def values(kind: str) -> st.SearchStrategy[Any]:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind in ENUMS:
        return st.sampled_from(ENUMS[kind][1:])  # the default is not stored
    if kind.startswith("<"):
        return st.one_of(*(st.fixed_dictionaries({name: tables(name)}) for name in UNIONS[kind[1:-1]]))
    if kind.startswith("["):
        return st.lists(tables(kind[1:-1]), max_size=2)
    return tables(kind)


def tables(name: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = {field: values(kind) for field, kind in TABLES[name]}
    return st.fixed_dictionaries({}, optional=fields)


@given(tables(ROOT))
def test_every_table_comes_back(table: dict[str, Any]) -> None:
    assert decode(encode(table)) == table


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    try:
        decode(noise[:4] + b"M001" + noise[4:])
    except Damaged as error:
        assert str(error)


def test_tables_that_multiply_are_stopped() -> None:
    """A hundred bytes can name one table a million times over."""
    row = [{"input_tensor_metadata": [{"name": "x"}] * 1000}] * 300
    with pytest.raises(Damaged, match="more values"):
        decode(encode({"subgraph_metadata": row}))


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="ModelMetadata has no nam"):
        encode({"nam": "x"})
