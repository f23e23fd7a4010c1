"""Texts with their passages marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.web.passages import Passage, Piece, marked


def test_passages_are_numbered_and_lead_to_their_twins() -> None:
    left, right = marked("one two. three", "three one two", [(0, 7, 6, 13), (9, 14, 0, 5)])
    assert left == (
        Piece("one two", 1, "pa1", "pb1"),
        Piece(". "),
        Piece("three", 2, "pa2", "pb2"),
    )
    assert right == (
        Piece("three", 2, "pb2", "pa2"),
        Piece(" "),
        Piece("one two", 1, "pb1", "pa1"),
    )


def test_twice_told_passage_leads_to_the_one_mark() -> None:
    left, right = marked("abc abc", "abc", [(0, 3, 0, 3), (4, 7, 0, 3)], prefix="x")
    assert [piece.twin for piece in left if piece.number] == ["xb1", "xb1"]
    assert right == (Piece("abc", 1, "xb1", "xa1"),)


@pytest.mark.parametrize("passages", [[], [(0, 0, 0, 0)], [(50, 60, 50, 60)]])
def test_text_without_a_passage_in_it_is_one_piece(passages: list[Passage]) -> None:
    assert marked("text", "", passages) == ((Piece("text"),), ())


@given(
    st.text(max_size=30),
    st.text(max_size=30),
    st.lists(st.tuples(*[st.integers(0, 40)] * 4), max_size=8),
)
def test_pieces_make_up_the_text_and_twins_are_there(
    first: str, second: str, passages: list[Passage]
) -> None:
    left, right = marked(first, second, passages)
    assert ("".join(p.text for p in left), "".join(p.text for p in right)) == (first, second)
    anchors = {piece.anchor for piece in (*left, *right)}
    assert {piece.twin for piece in (*left, *right)} <= anchors | {""}
    assert len(anchors - {""}) == sum(piece.number > 0 for piece in (*left, *right))
