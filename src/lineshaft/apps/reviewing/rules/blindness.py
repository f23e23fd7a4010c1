"""What a reviewer does not see of an application where neither side is named to the other.

Organisations and people are replaced by a word for what they are, wherever the application lists
them; their names are taken out of its texts too. Documents whose pages are not counted (forms,
résumés, letters) name people by their nature and are withheld. What a text gives away without a
name stays.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from lineshaft.apps.competitions import rules as competitions
from lineshaft.kernel.competitions import Blindness

NAME_LEAST: Final = 3
"""Signs from which on a name is taken out of texts; shorter ones stand within words."""

CHINESE_NAME_LEAST: Final = 2
"""The same of a name in Chinese, Japanese or Korean signs: many a person's has two. A longer word
that holds it loses it too, which is the safe side.
"""

_SIGN: Final = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"

_CHINESE: Final = re.compile(_SIGN)

_BLANKS_AT_CHINESE: Final = re.compile(rf"(?<={_SIGN})\s+|\s+(?={_SIGN})")
"""Blanks beside a Chinese sign, which tell nothing: 王 芳 and 王芳 are one name."""

_TERM_TEXTS: Final = ("title", "title_zh", "abstract", "abstract_zh", "waiver_reason")


@dataclass(frozen=True, slots=True)
class Masks:
    """The words that stand for what is hidden, in the reader's language; `{}` takes a number."""

    lead: str
    partner: str
    person: str
    giver: str
    withheld: str
    document: str


@dataclass(frozen=True, slots=True)
class Named:
    """Names of an organisation or a person, and the word that stands for them."""

    mask: str
    names: tuple[str, ...]


def hides_applicants(blindness: Blindness) -> bool:
    """Whether reviewers are not told who applies."""
    return blindness is Blindness.DOUBLE


def names_in(content: Mapping[str, Any], masks: Masks) -> tuple[Named, ...]:
    """The names that the application lists, each with the word that stands for it."""
    found = [Named(masks.lead, (content[competitions.TERMS]["lead"],))]
    partners = content[competitions.PARTNERS]["partners"]
    people = content[competitions.TEAM]["people"]
    letters = content[competitions.COMMITMENTS]["letters"]
    found += [
        Named(masks.partner.format(place), (name,))
        for place, (name, _part) in enumerate(partners, 1)
    ]
    found += [
        Named(masks.person.format(place), (name,))
        for place, (name, _firm, _duty) in enumerate(people, 1)
    ]
    found += [
        Named(masks.giver.format(place), (letter["giver"],))
        for place, letter in enumerate(letters, 1)
    ]
    found += [Named(masks.withheld, (letter["signatory"],)) for letter in letters]
    return tuple(found)


def blinded(
    content: Mapping[str, Any], masks: Masks, others: Sequence[Named], counted: Collection[str]
) -> dict[str, Any]:
    """The application as who is not to know the applicants reads it.

    `others` are further names of the organisations in it; `counted` the kinds of documents whose
    pages are counted.
    """
    known = (*names_in(content, masks), *others)
    cleaned = _Cleaner(known)
    hidden = {part: _cleaned_section(content[part], cleaned) for part in content}
    terms = dict(content[competitions.TERMS])
    terms |= {name: cleaned(terms[name]) for name in _TERM_TEXTS} | {"lead": masks.lead}
    hidden[competitions.TERMS] = terms
    hidden[competitions.PARTNERS] = {
        "partners": [
            [masks.partner.format(place), cleaned(part)]
            for place, (_name, part) in enumerate(content[competitions.PARTNERS]["partners"], 1)
        ]
    }
    hidden[competitions.TEAM] = {
        "people": [
            [masks.person.format(place), cleaned.mask_of(firm), cleaned(duty)]
            for place, (_name, firm, duty) in enumerate(content[competitions.TEAM]["people"], 1)
        ]
    }
    hidden[competitions.COMMITMENTS] = {
        "letters": [
            {
                **letter,
                "giver": masks.giver.format(place),
                "signatory": masks.withheld,
                "conditions": cleaned(letter["conditions"]),
            }
            for place, letter in enumerate(content[competitions.COMMITMENTS]["letters"], 1)
        ]
    }
    hidden[competitions.DOCUMENTS] = {"documents": _documents(content, masks, counted)}
    return hidden


def without_names(
    texts: Sequence[str], content: Mapping[str, Any], masks: Masks, others: Sequence[Named]
) -> list[str]:
    """Texts that belong to an application, such as a reply, with a word in the place of each name
    that it lists.
    """
    cleaned = _Cleaner((*names_in(content, masks), *others))
    return [cleaned(text) for text in texts]


def document_name(masks: Masks, place: int, name: str) -> str:
    """What a document is called whose own name would tell, with the ending that it has."""
    return f"{masks.document.format(place)}{PurePosixPath(name).suffix.lower()}"


class _Cleaner:
    """Takes names out of texts: the longest first, so that none is left by halves."""

    def __init__(self, known: Sequence[Named]) -> None:
        names = {_folded(name): (name, one.mask) for one in reversed(known) for name in one.names}
        self._masks = {folded: mask for folded, (_name, mask) in names.items()}
        longest = sorted((_joined(name) for name, _mask in names.values()), key=len, reverse=True)
        patterns = [_pattern_of(name) for name in longest if _is_taken_out(name)]
        self._pattern = re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """The text with a word in the place of each name."""
        return self._pattern.sub(lambda found: self.mask_of(found[0]), text)

    def mask_of(self, name: str) -> str:
        """The word that stands for that name; nothing for one that is not known."""
        return self._masks.get(_folded(name), "")


def _is_taken_out(name: str) -> bool:
    """Whether the name is long enough to be looked for in texts."""
    least = CHINESE_NAME_LEAST if _CHINESE.search(name) else NAME_LEAST
    return len(name) >= least


def _pattern_of(name: str) -> str:
    """The joined name where it stands as a word of its own, also over the end of a line; Chinese
    has no blanks between words, so anywhere in it, and with blanks at any of its signs.
    """
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() else ""
    after = r"(?![A-Za-z0-9])" if name[-1].isascii() else ""
    return before + "".join(_steps(name)) + after


def _steps(name: str) -> Iterator[str]:
    """What stands for each sign of a joined name, with the blanks that may be before it."""
    for last, sign in zip(" " + name, name, strict=False):
        if last != " " and _CHINESE.search(last + sign):
            yield r"\s*"
        yield r"\s+" if sign == " " else re.escape(sign)


def _joined(name: str) -> str:
    """The name with one blank between its words, and none at a Chinese sign."""
    return _BLANKS_AT_CHINESE.sub("", " ".join(name.split()))


def _folded(name: str) -> str:
    return _joined(name).casefold()


def _cleaned_section(part: Any, cleaned: _Cleaner) -> Any:
    if isinstance(part, Mapping) and set(part) == {"text"}:
        return {"text": cleaned(part["text"])}
    return part


def _documents(
    content: Mapping[str, Any], masks: Masks, counted: Collection[str]
) -> list[dict[str, Any]]:
    return [
        {**one, "name": document_name(masks, place, one["name"])}
        for place, one in enumerate(content[competitions.DOCUMENTS]["documents"], 1)
        if one["kind"] in counted
    ]
