"""Identifiers: new ones differ and sort by time, derived ones come again."""

import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.kernel.ids import derived_id, new_id, slug

parts = st.lists(st.text(max_size=8) | st.integers(), max_size=4)


def test_new_ids_differ_and_sort_in_the_order_of_making() -> None:
    ids = [new_id() for _ in range(200)]
    assert len(set(ids)) == 200
    assert ids == sorted(ids)
    assert {type(entry) for entry in ids} == {uuid.UUID}
    assert {entry.version for entry in ids} == {7}


def test_derived_id_is_the_same_on_every_machine_and_day() -> None:
    made = derived_id("contribution", "america-makes", 7, date(2022, 1, 2))
    assert made == derived_id("contribution", "america-makes", 7, date(2022, 1, 2))
    assert str(made) == "43ff2be7-421f-5884-a120-d89f6ee42b87"
    assert made.version == 5


@given(one=parts, other=parts)
def test_derived_ids_of_different_parts_differ(
    one: list[str | int], other: list[str | int]
) -> None:
    same = [(type(part), part) for part in one] == [(type(part), part) for part in other]
    assert (derived_id("n", *one) == derived_id("n", *other)) is same
    assert derived_id("n", *one) != derived_id("m", *one)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("America Makes", "america-makes"),
        ("  AIM -- Photonics! ", "aim-photonics"),
        ("École Polytechnique", "ecole-polytechnique"),
        ("R&D 21", "r-d-21"),
    ],
)
def test_slug_of_a_name_is_plain(name: str, key: str) -> None:
    assert slug(name) == key


@given(st.text())
def test_slug_is_never_empty_and_always_plain(name: str) -> None:
    assert set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug(name)


def test_slug_of_chinese_names_is_derived_and_differs() -> None:
    assert slug("增材制造") == slug("增材制造")
    assert slug("增材制造") != slug("智能制造")
