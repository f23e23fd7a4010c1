"""Two texts of an application compared, line by line and word by word."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

COMPARED_MAX: Final = 2_000
"""Signs of a line up to which it is compared word by word."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line that stand in both texts, were taken out, or came in."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a comparison, in pieces; `kind` is same, removed, added or changed."""

    kind: str
    pieces: tuple[Piece, ...]


def difference(before: list[str], after: list[str]) -> list[DiffLine]:
    """The lines of both texts, with what was taken out and what came in; a changed line shows its
    words, unless it is so long that comparing them would take seconds.
    """
    found: list[DiffLine] = []
    matcher = SequenceMatcher(None, before, after)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        old, new = before[start:end], after[new_start:new_end]
        if kind == "equal":
            found += [DiffLine("same", (Piece(line, "same"),)) for line in old]
        elif kind == "replace" and len(old) == len(new):
            for one, other in zip(old, new, strict=True):
                found += _replaced(one, other)
        else:
            found += [DiffLine("removed", (Piece(line, "removed"),)) for line in old]
            found += [DiffLine("added", (Piece(line, "added"),)) for line in new]
    return found


def _replaced(before: str, after: str) -> list[DiffLine]:
    if before == after:
        return [DiffLine("same", (Piece(before, "same"),))]
    if max(len(before), len(after)) <= COMPARED_MAX:
        return [_changed(before, after)]
    return [
        DiffLine(kind, (Piece(line, kind),))
        for kind, line in (("removed", before), ("added", after))
    ]


def _changed(before: str, after: str) -> DiffLine:
    """A line that was changed, word by word; Chinese, which has no blanks, sign by sign."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, old, new)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        taken, came = "".join(old[start:end]), "".join(new[new_start:new_end])
        if kind == "equal":
            pieces.append(Piece(taken, "same"))
            continue
        pieces += [Piece(text, of) for text, of in ((taken, "removed"), (came, "added")) if text]
    return DiffLine("changed", tuple(pieces))


def _words(line: str) -> list[str]:
    words: list[str] = []
    for sign in line:
        is_letter = sign.isascii() and sign.isalnum()
        if is_letter and words and words[-1][-1].isascii() and words[-1][-1].isalnum():
            words[-1] += sign
        else:
            words.append(sign)
    return words
