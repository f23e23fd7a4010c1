"""How the name of an organisation is read: the words that tell it, its other names, its initials.

Letter case, accents, punctuation, article, legal form, small words, number of a word and usual
short forms never tell two names apart. Runs of Chinese, Japanese and Korean are read by pairs of
characters, since no spaces part their words.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from lineshaft.plumbing.search.rules import fold

WORDS_MAX: Final = 40
"""Words of a name that are read; an acknowledgement of two hundred words is no name."""

VARIANTS_MAX: Final = 12
_WORDS_FILE: Final = Path(__file__).with_name("words.toml")
_LETTERS_OF_INITIALS: Final = range(2, 9)
_PLURAL_LENGTH_MIN: Final = 5
_MISSPELT_LENGTH_MIN: Final = 6
_MISSPELT_SHARE: Final = 6
_COUNTRIES: Final = frozenset({"us", "uk"})
_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_RUNS: Final = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_LOST_APOSTROPHE: Final = re.compile(r"(?<=\w)[?\ufffd](?=s\b)")
_APOSTROPHES: Final = str.maketrans("", "", "'’ʼ`´‘.\u00ad\u200b\ufeff")
_PLACE_OF_LAW: Final = re.compile(
    r",\s+an? (\w+ ){1,3}(corporation|company|partnership)\s*$", re.IGNORECASE
)
_GOVERNORS: Final = re.compile(
    r"\b(?:board of )?(?:administrators|curators|governors|overseers|regents|supervisors|trustees"
    r"|president and fellows|rector and visitors)(?: of| for|,)(?: the)?\b"
)
"""Who governs a university holds its patents and grants: the name behind it is what tells."""

_ALTERNATIVES: Final = re.compile(r"[;/|]|\sor\s")
_PARTS: Final = re.compile(r"[,()\[\]:\"]|\s[-–—]+\s")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of words.toml, as they look when read."""

    legal_forms: frozenset[str]
    misspelt_forms: tuple[str, ...]
    legal_forms_zh: tuple[str, ...]
    small_words: frozenset[str]
    units: frozenset[str]
    bodies: frozenset[str]
    short_forms: dict[str, str]
    other_name_marks: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared.

    `words` tell it, in order, without repetition; `squashed` are they run together. `variants` are
    the names that the text holds, each as its words in alphabetic order, the whole one first.
    `initials` may stand for it; `shorts` are words of it that may be somebody's initials. `lead` is
    its first word and `leads` the initials of its first words, two or more: `UC Santa Cruz`.
    `numbers` are its words with a digit.
    """

    words: tuple[str, ...]
    squashed: str
    variants: tuple[str, ...]
    initials: tuple[str, ...]
    shorts: tuple[str, ...]
    lead: str
    leads: tuple[str, ...]
    numbers: str


@cache
def vocabulary() -> Vocabulary:
    """The words that ship."""
    data: dict[str, Any] = tomllib.loads(_WORDS_FILE.read_text(encoding="utf-8"))
    marks = sorted(data["other_name_marks"], key=len, reverse=True)
    return Vocabulary(
        legal_forms=frozenset(data["legal_forms"]),
        misspelt_forms=tuple(data["misspelt_forms"]),
        legal_forms_zh=tuple(data["legal_forms_zh"]),
        small_words=frozenset(data["small_words"]),
        units=frozenset(data["units"]),
        bodies=frozenset(data["bodies"]),
        short_forms=dict(data["short_forms"]),
        other_name_marks=re.compile(rf"\b(?:{'|'.join(marks)})\b"),
    )


def read_name(text: str) -> Name:
    """The name that a cell holds; one without words where nothing tells it (`Inc.`)."""
    known = vocabulary()
    shown = _LOST_APOSTROPHE.sub("", text).replace("&", " and ").replace("+", " and ")
    shown = " ".join(fold(_PLACE_OF_LAW.sub("", shown)).translate(_APOSTROPHES).split())
    shown = _GOVERNORS.sub(" ", shown)
    segments = [
        [part for part in _PARTS.split(segment) if part.strip()]
        for alias in known.other_name_marks.split(shown)
        for segment in _ALTERNATIVES.split(alias)
    ]
    parts = [part for segment in segments for part in segment]
    words = telling_words(" ".join(parts))
    variants = tuple(dict.fromkeys([_key(words), *_names_in(segments)]))[:VARIANTS_MAX]
    return Name(
        words=words,
        squashed="".join(words),
        variants=tuple(one for one in variants if one),
        initials=_initials([" ".join(parts), *parts]),
        shorts=_shorts(words, parts),
        lead=words[0] if words and len(words[0]) in _LETTERS_OF_INITIALS else "",
        leads=_leads(" ".join(parts)),
        numbers=" ".join(sorted(word for word in words if _has_digit(word))),
    )


def telling_words(folded: str) -> tuple[str, ...]:
    """The words of a folded text that tell the name, without repetition; none is left for `inc`."""
    known = vocabulary()
    for form in known.legal_forms_zh:
        folded = folded.replace(form, " ")
    found = [word for word in _spelt_out(folded) if word not in known.small_words]
    telling = [word for word in found if not _is_legal_form(word)]
    return tuple(dict.fromkeys(telling))[:WORDS_MAX]


def _spelt_out(folded: str) -> Iterable[str]:
    """Words in order: letters that stand alone run together, short forms written out, singular."""
    letters = ""
    for run, word in _RUNS.findall(folded):
        if len(word) == 1 and word.isalpha():
            letters += word
            continue
        if letters and word == "and":
            continue  # `A & M`
        if letters:
            yield letters
            letters = ""
        if run:
            yield from _pairs_of(run)
        else:
            yield _plain(word)
    if letters:
        yield letters


def _pairs_of(run: str) -> Iterable[str]:
    return (run,) if len(run) == 1 else ("".join(two) for two in pairwise(run))


@lru_cache(maxsize=200_000)
def _plain(word: str) -> str:
    forms = vocabulary().short_forms
    if word in forms:
        return forms[word]
    if word.removesuffix("s") in forms:
        return forms[word.removesuffix("s")]
    return _singular(word)


def _singular(word: str) -> str:
    if (
        len(word) < _PLURAL_LENGTH_MIN
        or not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
    ):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]


@lru_cache(maxsize=200_000)
def _is_legal_form(word: str) -> bool:
    known = vocabulary()
    if word in known.legal_forms:
        return True
    if len(word) < _MISSPELT_LENGTH_MIN:
        return False
    if any(word[0] == form[0] and sorted(word) == sorted(form) for form in known.misspelt_forms):
        return True
    return any(
        word[0] == form[0]
        and abs(len(word) - len(form)) <= 1 + len(form) // _MISSPELT_SHARE
        and edit_distance(word, form) <= len(form) // _MISSPELT_SHARE
        for form in known.misspelt_forms
    )


def edit_distance(one: str, other: str) -> int:
    """Letters to add, drop or change to make the one the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, row[0] = row[0], place
        for at, known in enumerate(other, start=1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != known))
    return row[-1]


def _names_in(segments: list[list[str]]) -> Iterable[str]:
    """The names that the parts of a text are: the first part of each segment, and what names an
    organisation by itself.
    """
    known = vocabulary()
    for segment in segments:
        read = [telling_words(part) for part in segment]
        names = [words for words in read if words and words[0] not in known.units]
        for place, words in enumerate(names):
            if place == 0 or not known.bodies.isdisjoint(words):
                yield _key(words)


def _key(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def _initials(texts: list[str]) -> tuple[str, ...]:
    """What may stand for a name: the first letters of its words, with and without small words and
    legal form.
    """
    known = vocabulary()
    found: dict[str, None] = {}
    for text in texts:
        words = [word for _run, word in _RUNS.findall(text) if word]
        telling = [word for word in words if word not in known.small_words]
        bare = [word for word in telling if word not in known.legal_forms]
        for chosen in (words, telling, bare):
            if len(chosen) > 1 and len(chosen) in _LETTERS_OF_INITIALS:
                found["".join(word[0] for word in chosen)] = None
    return tuple(found)


def _shorts(words: tuple[str, ...], parts: list[str]) -> tuple[str, ...]:
    """Words that may be initials: those that are a whole name, or a whole part of one."""
    alone = [telling_words(part) for part in parts]
    found = [one[0] for one in [words, *alone] if len(one) == 1]
    return tuple(
        dict.fromkeys(
            word
            for word in found
            if len(word) in _LETTERS_OF_INITIALS and word.isalpha() and word not in _COUNTRIES
        )
    )


def _leads(text: str) -> tuple[str, ...]:
    """The initials of the first two words, of the first three, and so on."""
    small = vocabulary().small_words
    words = [word for _run, word in _RUNS.findall(text) if word and word not in small]
    letters = "".join(word[0] for word in words[: _LETTERS_OF_INITIALS.stop])
    return tuple(letters[:count] for count in range(2, len(letters)))


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
