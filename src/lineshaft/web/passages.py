"""Two texts side by side, with the passages that both have marked and numbered.

Every mark leads to its twin in the other text by a link, so that it works without a script.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

type Passage = tuple[int, int, int, int]
"""Where a passage begins and ends in the first text, and where in the second."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `number` is that of its passage, 0 outside of any. `anchor` names the mark,
    `twin` that of the same passage in the other text.
    """

    text: str
    number: int = 0
    anchor: str = ""
    twin: str = ""


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text in pieces, under a heading that may open its award; `note` stands beneath that."""

    heading: str
    pieces: tuple[Piece, ...]
    url: str = ""
    note: str = ""
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    number: int


def marked(
    first: str, second: str, passages: Sequence[Passage], *, prefix: str = "p"
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, passages numbered from 1 in the order of the first text.

    A passage that lies where another is marked already has no mark of its own there, and its twin
    leads to that one. `prefix` tells the anchors of several readings on one page apart.
    """
    numbered = list(enumerate(sorted(passages), start=1))
    left = _spans(((one[0], one[1], number) for number, one in numbered), len(first))
    right = _spans(((one[2], one[3], number) for number, one in numbered), len(second))
    in_right = {number: _mark_at(right, one[2]) for number, one in numbered}
    in_left = {number: _mark_at(left, one[0]) for number, one in numbered}
    return (
        _pieces(first, left, in_right, own=f"{prefix}a", other=f"{prefix}b"),
        _pieces(second, right, in_left, own=f"{prefix}b", other=f"{prefix}a"),
    )


def _spans(places: Iterable[tuple[int, int, int]], length: int) -> list[_Span]:
    """The places in the order of the text, none over another."""
    spans: list[_Span] = []
    done = 0
    for start, end, number in sorted(places):
        begin, stop = max(start, done), min(end, length)
        if begin < stop:
            spans.append(_Span(begin, stop, number))
            done = stop
    return spans


def _mark_at(spans: Sequence[_Span], place: int) -> int:
    """The number of the mark that covers that place, 0 for none."""
    return next((span.number for span in spans if span.start <= place < span.end), 0)


def _pieces(
    text: str, spans: Sequence[_Span], twins: dict[int, int], *, own: str, other: str
) -> tuple[Piece, ...]:
    pieces = []
    done = 0
    for span in spans:
        if done < span.start:
            pieces.append(Piece(text[done : span.start]))
        twin = twins[span.number]
        pieces.append(
            Piece(
                text[span.start : span.end],
                span.number,
                f"{own}{span.number}",
                f"{other}{twin}" if twin else "",
            )
        )
        done = span.end
    if done < len(text):
        pieces.append(Piece(text[done:]))
    return tuple(pieces)
