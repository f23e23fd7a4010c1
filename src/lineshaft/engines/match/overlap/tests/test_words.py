"""What counts as a word, and that nothing else changes a shingle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.engines.match.overlap.words import (
    Reader,
    fold,
    plain_words,
    postings,
    shingles,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Laser  welding, of steel.", ["laser", "welding", "of", "steel"]),
        (
            "<p class='x'>Laser<br/>welding</p>&nbsp;of&#039;steel",
            ["laser", "welding", "of", "steel"],
        ),
        ("p<q and q>r", ["p", "q", "and", "q", "r"]),
        ("Schrödinger's ﬁlm STRASSE straße", ["schrodinger", "s", "film", "strasse", "strasse"]),
        ("增材 manufacturing制造", ["增", "材", "manufacturing", "制", "造"]),
        ("snake_case 3.5%", ["snake", "case", "3", "5"]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


def test_place_of_a_word_is_that_of_the_text_as_it_stands() -> None:
    text = "<br/>Laser &amp; STEEL"
    found = Reader().words(text)
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == [
        "Laser",
        "STEEL",
    ]
    assert (found.numbers == Reader().numbers("laser steel")).all()


@given(st.text(max_size=60))
def test_case_makes_no_difference(text: str) -> None:
    folded = [fold(word) for word in plain_words(text)]
    assert folded == plain_words(text)
    assert (
        shingles(Reader().numbers(text.upper())).tolist()
        == shingles(Reader().numbers(text.upper().lower())).tolist()
        or "İ" in text.upper()
    )


@pytest.mark.parametrize(("words", "number"), [(0, 0), (4, 0), (5, 1), (9, 5)])
def test_shingles_begin_at_each_word_but_the_last_four(words: int, number: int) -> None:
    assert len(shingles(np.arange(words, dtype=np.int64))) == number


def test_shingles_are_the_same_in_every_run() -> None:
    found = shingles(Reader().numbers("one two three four five six"))
    assert found.tolist() == SAME_EVERYWHERE


def test_postings_hold_a_shingle_once_for_each_text() -> None:
    found, owners = postings([(3, "a b c d e " * 4), (8, "a b c d e"), (9, "")], Reader())
    assert (len(found), owners.tolist()) == (6, [3, 3, 3, 3, 3, 8])
    assert found[-1] in found[:5]


def test_no_texts_have_no_postings() -> None:
    assert [len(part) for part in postings([], Reader())] == [0, 0]


def test_reader_forgets_when_it_has_met_too_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineshaft.engines.match.overlap.words._CACHED_WORDS_MAX", 1)
    reader = Reader()
    first = reader.numbers("one two three")
    reader.numbers("four")
    assert (reader.numbers("one two three") == first).all()


SAME_EVERYWHERE = [134274272160583440, 7358660758036978726]
