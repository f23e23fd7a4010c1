"""Comparing two texts line by line."""

import pytest

from lineshaft.apps.competitions.views import contents
from lineshaft.apps.competitions.views.contents import COMPARED_MAX, difference


def words_taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that are taken apart into words from now on."""
    taken: list[str] = []

    def words(line: str) -> list[str]:
        taken.append(line)
        return line.split()

    monkeypatch.setattr(contents, "_words", words)
    return taken


def test_changed_line_shows_its_words() -> None:
    (line,) = difference(["An open line."], ["An open shop."])
    assert [(one.kind, one.text) for one in line.pieces] == [
        ("same", "An open "),
        ("removed", "line"),
        ("added", "shop"),
        ("same", "."),
    ]


@pytest.mark.parametrize(
    ("length", "kinds"),
    [(COMPARED_MAX, ["changed"]), (COMPARED_MAX + 1, ["removed", "added"])],
)
def test_long_line_is_shown_as_removed_and_added(length: int, kinds: list[str]) -> None:
    before, after = "铸" * length, "铸" * (length - 1) + "造"
    for old, new in ((before, after), (after, before[:-1] + "型")):
        found = difference([old], [new])
        assert [line.kind for line in found] == kinds
        if len(found) > 1:
            assert [[one.text for one in line.pieces] for line in found] == [[old], [new]]


def test_long_line_is_not_compared_word_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = words_taken(monkeypatch)
    difference(["Short.", "x " * 10_000], ["Shorter.", "y " * 10_000])
    assert compared == ["Short.", "Shorter."]


def test_lines_that_stand_often_are_not_compared_word_by_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = words_taken(monkeypatch)
    found = difference(["x"] * 10_000, [*["x"] * 9_999, "y"])
    assert compared == ["x", "y"]
    assert [line.kind for line in found] == [*["same"] * 9_999, "changed"]
