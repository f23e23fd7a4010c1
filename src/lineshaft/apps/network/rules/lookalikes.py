"""When two records may be one organisation, and what may be done with the suspicion.

Two questions, answered apart. `lookalike_keys` gives the few keys under which a name is found again
with one word misspelt, missing, in another place or shortened: two names that share none are never
compared. `likeness` compares two that do. The search index can't be asked instead: it finds what
holds every word, and a misspelt word is in no index.

Invariants: letter case, accents, punctuation, article, legal form, number of words' ends and usual
short forms never tell two names apart; a number in them always does. Suspicion joins nothing: a
person decides, and a second person looks.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Final

from lineshaft.apps.network.rules.names import bare_name, folded_name
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow


class LikenessReason(StrEnum):
    """Why two records may be one organisation."""

    SAME_NAME = "same_name"
    SAME_BUT_FORM = "same_but_form"
    OTHER_ORDER = "other_order"
    SPELLING = "spelling"
    MORE_WORDS = "more_words"
    SHORT_FORM = "short_form"
    SAME_CITY = "same_city"
    SAME_WEBSITE = "same_website"


class PairState(StrEnum):
    """What became of the suspicion that two records are one organisation."""

    FOUND = "found"
    PROPOSED = "proposed"
    MERGED = "merged"
    KEPT_APART = "kept_apart"
    UNDONE = "undone"


_UNDECIDED: Final = frozenset({PairState.FOUND, PairState.KEPT_APART, PairState.UNDONE})
PAIR_WORKFLOW: Final = Workflow(
    "organisation_pair",
    PairState.FOUND,
    (
        Transition("propose_merge", _UNDECIDED, PairState.PROPOSED),
        Transition("merge_organisations", frozenset({PairState.PROPOSED}), PairState.MERGED),
        Transition(
            "keep_apart",
            frozenset({PairState.FOUND, PairState.PROPOSED, PairState.UNDONE}),
            PairState.KEPT_APART,
        ),
        Transition("undo_merge", frozenset({PairState.MERGED}), PairState.UNDONE),
        Transition(
            "reopen_pair",
            frozenset({PairState.PROPOSED, PairState.KEPT_APART, PairState.UNDONE}),
            PairState.FOUND,
        ),
    ),
)

WHOLE_BP: Final = 10_000
LOOKS_ALIKE_BP: Final = 8_600
"""From which likeness a name is shown before a second record is made, and a pair to the office.
Own figure: on the demonstration it finds every pair that was made to look alike."""

KEYED_WORDS_MAX: Final = 6
"""Words of a name that get keys; a longer name is told by its first words."""

_REST_BP: Final = 7_500
"""How alike what two names don't share has to be, so that a long shared trade can't hide it."""

_SPELLING_BP: Final = 8_400
_SHORT_FORM_BP: Final = 9_200
_MORE_WORDS_BP: Final = 9_000
_OTHER_REGION_BP: Final = 800
_OTHER_CITY_BP: Final = 300
_OTHER_PLACE_MISSPELT_BP: Final = 400
_SAME_CITY_BP: Final = 300
_SAME_WEBSITE_BP: Final = 1_500
_SHORTEST_OF_INITIALS: Final = 2
_LONGEST_OF_INITIALS: Final = 6
_WORDS_OF_INITIALS: Final = 3
_ENDS: Final = 3
_CJK_ENDS: Final = 4

_SMALL_WORDS: Final = frozenset({"of", "the", "and", "for", "at", "in", "de", "la", "a"})
_SHORT_FORMS: Final = {
    "univ": "university",
    "inst": "institute",
    "intl": "international",
    "natl": "national",
    "mfg": "manufacturing",
    "mfr": "manufacturer",
    "lab": "laboratory",
    "labs": "laboratory",
    "laboratories": "laboratory",
    "ctr": "center",
    "centre": "center",
    "assn": "association",
    "assoc": "association",
    "dept": "department",
    "engr": "engineering",
    "eng": "engineering",
    "sys": "systems",
    "svcs": "services",
    "tech": "technology",
    "technologies": "technology",
    "mach": "machine",
    "prod": "products",
    "ind": "industries",
    "amer": "american",
    "res": "research",
    "fdn": "foundation",
    "mold": "mould",
    "molds": "moulds",
}
_LEGAL_FORMS_ZH: Final = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "公司")
_COMMON: Final = frozenset(
    {
        *("university", "college", "community", "technical", "state", "county", "institute"),
        *("technology", "laboratory", "national", "center", "research", "manufacturing"),
        *("systems", "international", "united", "states", "american", "engineering", "office"),
        *("industries", "products", "services", "works", "machine", "tool", "precision"),
        *("department", "federal", "regional", "valley", "city", "association", "foundation"),
    }
)
"""Words that so many names share that they find nothing by themselves."""

_VOWELS: Final = frozenset("aeiouy")
_SOUNDS: Final = str.maketrans({"c": "k", "q": "k", "z": "s", "v": "f"})

_ONE_ITSELF: Final = gettext_noop("These are one record already. Choose two.")
_IS_MERGED: Final = gettext_noop(
    "“%(name)s” stands for nothing by itself: it was merged into “%(survivor)s”. Choose that one."
)
_HAS_MERGED: Final = gettext_noop(
    "Other records were merged into “%(name)s”. Let it stay and merge the other one into it, or "
    "undo those merges first."
)
_IDENTIFIERS_DIFFER: Final = gettext_noop(
    "Each has its own %(scheme)s: %(values)s. Two numbers of one register are two organisations. "
    "Correct the number that is wrong, or keep them apart."
)
_KEPT_APART: Final = gettext_noop(
    "“%(one)s” and “%(other)s” were said to be two organisations (%(why)s), and would be one with "
    "this. Take that decision up again first, or keep these two apart as well."
)
_LEVELS_DIFFER: Final = gettext_noop(
    "“%(name)s” and “%(survivor)s” are not shared with the same people, and one record can't be. "
    "Give both the same sharing level first."
)
_LEVEL_STAYS: Final = gettext_noop(
    "“%(name)s” is one of several records that are read as one, so its sharing level stays as it "
    "is. Undo the merge first, then change the level."
)
_LOOKS_ALIKE: Final = gettext_noop(
    "“%(name)s” looks like what is registered already: %(candidates)s. Use that record, or say "
    "that this is another organisation."
)
_NO_REASON: Final = gettext_noop("Say why: what shows that they are one organisation, or are two.")
_SECOND_PERSON: Final = gettext_noop(
    "You have proposed this merge. Somebody else looks at it and decides."
)
REASON_LENGTH_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Described:
    """What of a record is compared: every name it has, and where it is."""

    names: tuple[str, ...]
    region: str = ""
    city: str = ""
    website: str = ""
    spelt: tuple["Spelt", ...] = field(init=False, repr=False, compare=False)
    place: tuple[str, str, str] = field(init=False, repr=False, compare=False)
    """Region, city and host of the website, as they are compared."""

    def __post_init__(self) -> None:
        # Here, since a record is compared with many.
        object.__setattr__(self, "spelt", tuple(_spelt(name) for name in self.names))
        place = (folded_name(self.region), folded_name(self.city), _host(self.website))
        object.__setattr__(self, "place", place)


@dataclass(frozen=True, slots=True)
class Spelt:
    """A name as it is compared: its words in order, those with a digit, and all of it folded."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    folded: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are, in basis points, and why."""

    score_bp: int
    reasons: tuple[LikenessReason, ...]


# ---------------------------------------------------------------------------------------- keys


def lookalike_keys(names: Iterable[str], *, region: str) -> frozenset[int]:
    """The keys under which an organisation of these names is found: signed 64-bit numbers."""
    texts: set[str] = set()
    for name in names:
        texts.update(_keys_of(name, folded_name(region)))
    return frozenset(
        int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)
        for text in texts
    )


def _keys_of(name: str, region: str) -> Iterable[str]:
    words = list(name_words(name))[:KEYED_WORDS_MAX]
    if not words:
        return
    sounds = sorted(_sound(word) for word in words)
    yield "=" + " ".join(sounds)
    if len(words) == 1:
        (word,) = words
        ends = _ENDS + 1 if word.isascii() else _CJK_ENDS
        yield f"^{word[:ends]}"
        yield f"${word[-ends:]}"
        if region and _SHORTEST_OF_INITIALS <= len(word) <= _LONGEST_OF_INITIALS:
            yield f"a{word}|{region}"
        return
    for word in words:
        others = list(sounds)
        others.remove(_sound(word))
        rest = " ".join(others)
        yield f"^{rest}|{word[:_ENDS]}"
        yield f"${rest}|{word[-_ENDS:]}"
        if _is_telling(others):
            yield f"={rest}"
    if _is_telling(first := [_sound(word) for word in words[:-2]]):
        yield "=" + " ".join(sorted(first))
    if region and len(words) >= _WORDS_OF_INITIALS:
        yield f"a{''.join(word[0] for word in words)}|{region}"


def _is_telling(sounds: Collection[str]) -> bool:
    """Whether words find something by themselves: two of them, not all of them common."""
    return len(sounds) > 1 and not all(one in _COMMON_SOUNDS for one in sounds)


def name_words(name: str) -> tuple[str, ...]:
    """The words that tell a name, in order: small words and legal form left out, short forms
    written out, the plural's end taken off.
    """
    for form in _LEGAL_FORMS_ZH:
        name = name.strip().removesuffix(form)
    words = [word for word in bare_name(name).split() if word not in _SMALL_WORDS]
    return tuple(_singular(_SHORT_FORMS.get(word, word)) for word in words)


def _singular(word: str) -> str:
    if len(word) > _ENDS + 1 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _sound(word: str) -> str:
    """A word as it sounds without its vowels; one with a digit stays as it is."""
    if not word.isascii() or any(letter.isdigit() for letter in word):
        return word
    heard = word.replace("ph", "f").translate(_SOUNDS)
    kept = [heard[0]]
    for before, letter in pairwise(heard):
        if letter not in _VOWELS and letter != before:
            kept.append(letter)
    return "".join(kept)


_COMMON_SOUNDS: Final = frozenset(_sound(_singular(word)) for word in _COMMON)


# ------------------------------------------------------------------------------------ likeness


def likeness(one: Described, other: Described, *, least_bp: int = 0) -> Likeness | None:
    """How alike two records are by their places and the pair of names that fits best; None for not,
    and for less than `least_bp`.
    """
    least_spelt_bp = least_bp - _place_bp(one, other, is_misspelt=True)
    is_same_region = _is_same(one.place[0], other.place[0])
    best: Likeness | None = None
    for name in one.spelt:
        for known in other.spelt:
            found = _named_alike(
                name, known, is_same_region=is_same_region, least_bp=least_spelt_bp
            )
            if found is not None:
                placed = _placed(found, one, other)
                if best is None or placed.score_bp > best.score_bp:
                    best = placed
    return best if best is not None and best.score_bp >= least_bp else None


def _spelt(name: str) -> Spelt:
    words = tuple(name_words(name))
    numbers = sorted(word for word in words if any(letter.isdigit() for letter in word))
    return Spelt(words, tuple(numbers), folded_name(name))


def _named_alike(
    name: Spelt, known: Spelt, *, is_same_region: bool, least_bp: int
) -> Likeness | None:
    """How alike two names are; of names that are only spelt alike None for less than `least_bp`."""
    words, others = name.words, known.words
    if not words or not others or name.numbers != known.numbers:
        return None
    if words == others:
        is_same = name.folded == known.folded
        reason = LikenessReason.SAME_NAME if is_same else LikenessReason.SAME_BUT_FORM
        return Likeness(WHOLE_BP if is_same else WHOLE_BP - 100, (reason,))
    if sorted(words) == sorted(others):
        return Likeness(WHOLE_BP - 200, (LikenessReason.OTHER_ORDER,))
    if is_same_region and (_is_initials(words, others) or _is_initials(others, words)):
        return Likeness(_SHORT_FORM_BP, (LikenessReason.SHORT_FORM,))
    return _spelt_alike(set(words), set(others), max(least_bp, _SPELLING_BP))


def _spelt_alike(words: set[str], others: set[str], least_bp: int) -> Likeness | None:
    shared = words & others
    rest = " ".join(sorted(words - others))
    other_rest = " ".join(sorted(others - words))
    if not rest or not other_rest:
        telling = [word for word in shared if _sound(word) not in _COMMON_SOUNDS]
        if len(shared) > 1 and telling:
            return Likeness(_MORE_WORDS_BP, (LikenessReason.MORE_WORDS,))
        return None
    length = sum(map(len, shared))
    own = (len(rest) + len(other_rest)) / 2
    # What the rests have to be alike at least; most pairs fall short of it by their lengths alone.
    least_rest_bp = max(_REST_BP, (least_bp * (length + own) - length * WHOLE_BP) / own)
    if min(len(rest), len(other_rest)) / own * WHOLE_BP < least_rest_bp:
        return None
    matcher = SequenceMatcher(None, rest, other_rest, autojunk=False)
    if matcher.quick_ratio() * WHOLE_BP < least_rest_bp:
        return None
    rest_bp = int(matcher.ratio() * WHOLE_BP)
    score_bp = int((length * WHOLE_BP + own * rest_bp) / (length + own))
    if rest_bp < _REST_BP or score_bp < least_bp:
        return None
    return Likeness(score_bp, (LikenessReason.SPELLING,))


def _placed(found: Likeness, one: Described, other: Described) -> Likeness:
    is_misspelt = LikenessReason.SPELLING in found.reasons
    score_bp = found.score_bp + _place_bp(one, other, is_misspelt=is_misspelt)
    reasons = list(found.reasons)
    (region, city, host), (other_region, other_city, other_host) = one.place, other.place
    if not _differ(region, other_region) and _is_same(city, other_city):
        reasons.append(LikenessReason.SAME_CITY)
    if _is_same(host, other_host):
        reasons.append(LikenessReason.SAME_WEBSITE)
    return Likeness(min(score_bp, WHOLE_BP), tuple(reasons))


def _place_bp(one: Described, other: Described, *, is_misspelt: bool) -> int:
    """What the places of two records add to their likeness, or take from it."""
    (region, city, host), (other_region, other_city, other_host) = one.place, other.place
    moved_bp = _SAME_WEBSITE_BP if _is_same(host, other_host) else 0
    misspelt_bp = _OTHER_PLACE_MISSPELT_BP if is_misspelt else 0
    if _differ(region, other_region):
        return moved_bp - _OTHER_REGION_BP - misspelt_bp
    if _differ(city, other_city):
        return moved_bp - _OTHER_CITY_BP - misspelt_bp
    return moved_bp + (_SAME_CITY_BP if _is_same(city, other_city) else 0)


def _is_initials(words: Collection[str], others: tuple[str, ...]) -> bool:
    if len(words) != 1 or len(others) < _WORDS_OF_INITIALS:
        return False
    return "".join(words) == "".join(word[0] for word in others)


def _is_same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _differ(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other


def _host(website: str) -> str:
    host = website.rpartition("//")[2].partition("/")[0]
    return folded_name(host.removeprefix("www.").replace(".", " "))


# ------------------------------------------------------------------------------------- merging


def refuse_lookalikes(name: str, candidates: Collection[str]) -> Refusal | None:
    """Why a second record is not made without a word: what it looks like, or None."""
    if not candidates:
        return None
    shown = "; ".join(candidates)
    return Refusal("looks_alike", _LOOKS_ALIKE, params={"name": name, "candidates": shown})


def refuse_pair(
    merged: str,
    survivor: str,
    *,
    is_one: bool,
    merged_into: str,
    survivor_merged_into: str,
    has_merged: bool,
) -> Refusal | None:
    """Why one record can't be merged into the other, or None; the texts are names, blank for none.

    Records stand one step apart at most, so that whom one stands for is read without a search.
    """
    if is_one:
        return Refusal("one_record", _ONE_ITSELF)
    for name, target in ((merged, merged_into), (survivor, survivor_merged_into)):
        if target:
            return Refusal("is_merged", _IS_MERGED, params={"name": name, "survivor": target})
    if has_merged:
        return Refusal("has_merged", _HAS_MERGED, params={"name": merged})
    return None


def refuse_identifiers(
    merged: Iterable[tuple[str, str]],
    survivor: Iterable[tuple[str, str]],
    *,
    identifying: Collection[str],
) -> Refusal | None:
    """Why records with these identifiers can't be one organisation, or None."""
    held = dict(survivor)
    for scheme, value in merged:
        if scheme in identifying and held.get(scheme, value) != value:
            params = {"scheme": scheme.upper(), "values": f"{value}, {held[scheme]}"}
            return Refusal("identifiers_differ", _IDENTIFIERS_DIFFER, params=params)
    return None


def refuse_kept_apart(one: str, other: str, why: str) -> Refusal:
    """That records can't be one, since these two of theirs were said to be two, for that reason."""
    return Refusal("kept_apart", _KEPT_APART, params={"one": one, "other": other, "why": why})


def refuse_levels(merged: str, survivor: str, *, is_same: bool) -> Refusal | None:
    """Why records of these names can't be merged as they are shared, or None.

    Merged records are read as one; were the levels two, one of them would be read too widely.
    """
    if is_same:
        return None
    params = {"name": merged, "survivor": survivor}
    return Refusal("levels_differ", _LEVELS_DIFFER, params=params)


def refuse_level_change(name: str, *, is_of_several: bool) -> Refusal | None:
    """Why the sharing level of a record can't change, or None; see `refuse_levels`."""
    return Refusal("level_stays", _LEVEL_STAYS, params={"name": name}) if is_of_several else None


def refuse_merge_reason(why: str) -> Refusal | None:
    """Why a decision on a pair can't stand without a reason, or None."""
    if why.strip() and len(why.strip()) <= REASON_LENGTH_MAX:
        return None
    return Refusal("no_reason", _NO_REASON)


def refuse_same_person(*, is_proposer: bool) -> Refusal | None:
    """Why whoever proposed a merge doesn't decide it, or None."""
    return Refusal("second_person", _SECOND_PERSON) if is_proposer else None
