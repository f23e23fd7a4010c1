"""Tokens: folding, words, Chinese pairs, and what a query asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.plumbing.search.rules import QueryToken, fold, query_tokens, tokens_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zürich", "zurich"),
        ("STRASSE Straße", "strasse strasse"),
        ("ＡＢＣ１２", "abc12"),
        ("Łódź Ørsted", "lodz orsted"),
        ("한국", "한국"),
        ("ﬁne", "fine"),
    ],
)
def test_fold_takes_away_accents_case_and_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Alabama A&M University", ["alabama", "a", "m", "university"]),
        ("O'Neil’s 3D-printing", ["oneils", "3d", "printing"]),
        ("先进制造", ["先进", "进制", "制造", "造"]),
        ("5G技术 A", ["5g", "技术", "术", "a"]),
        ("x" * 50, ["x" * 40]),
        ("!?", []),
    ],
)
def test_tokens_of_words_and_pairs(text: str, tokens: list[str]) -> None:
    assert tokens_of(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("additive manu", [QueryToken("additive"), QueryToken("manu", is_prefix=True)]),
        ("additive manu ", [QueryToken("additive"), QueryToken("manu")]),
        ("制造", [QueryToken("制造")]),
        ("造", [QueryToken("造", is_prefix=True)]),
        (
            "先进制造 5g",
            [
                QueryToken("先进"),
                QueryToken("进制"),
                QueryToken("制造"),
                QueryToken("5g", is_prefix=True),
            ],
        ),
        ("a a a", [QueryToken("a"), QueryToken("a", is_prefix=True)]),
        ("", []),
        ("% _", []),
        (" ".join(f"w{number}" for number in range(30)), [QueryToken(f"w{n}") for n in range(12)]),
    ],
)
def test_query_tokens_are_the_conditions(text: str, tokens: list[QueryToken]) -> None:
    assert query_tokens(text) == tokens


@given(st.text(max_size=60))
def test_query_tokens_of_a_text_are_found_among_its_own(text: str) -> None:
    tokens = tokens_of(text)
    for wanted in query_tokens(text):
        assert any(
            token.startswith(wanted.text) if wanted.is_prefix else token == wanted.text
            for token in tokens
        )
