"""How much two awards overlap, and what kind of overlap it is. Pure functions.

The text alone gives the share of the two abstracts that stands in passages of both. With all fields
what agrees beside it closes a part of the gap to 1 (`FACT_WEIGHTS`); a text that two unrelated
parties share closes less. The weights are few and round on purpose: the labels of the development
files are made from titles and names, so that fitting weights to them would only learn the recipe of
the labels.
"""

import re
from dataclasses import dataclass
from typing import Final

from lineshaft.engines.match.overlap.awards import Award, Fields, Kind
from lineshaft.engines.match.overlap.evidence import Evidence
from lineshaft.engines.match.overlap.parties import (
    names_a_work,
    organisation_key,
    person_key,
    title_words,
)
from lineshaft.engines.match.overlap.words import number_of

THRESHOLDS: Final = {Fields.TEXT: 0.91, Fields.ALL: 0.6}
"""The score from which a pair is flagged where nobody asks for another. By text alone most
of the words, since a renewal may well repeat half of them: from here on nine tenths of the pairs of
the NSF development file are explained by a label. docs/reference/overlap.md shows what other
thresholds give."""

LATER_DAYS: Final = 300
"""Days between two starts from which one award follows the other; closer ones run side by side."""

ALIKE_TITLE: Final = 0.6
"""Words that two titles share, of all words of both, from which they are alike."""

FACT_WEIGHTS: Final = {
    "reissued": 0.6,
    "next_phase": 0.6,
    "other_agency": 0.6,
    "same_title": 0.35,
    "alike_title": 0.3,
    "common_title": 0.3,
    "same_party": 0.15,
}
"""The part of the gap between the share of the text and 1 that a fact closes; the strongest counts.

reissued: lead and title are the same, the organisation is another. next_phase: party and title are
the same, the phase is another. other_agency: party and title are the same, the agency is another.
same_title, alike_title, same_party: party and title, party and most of the title, the party alone.
common_title: most of the title, neither of a firm, and nobody takes part in both.
"""

UNRELATED_FACTOR: Final = 0.8
"""What is left of the share of the text where nobody takes part in both."""


@dataclass(frozen=True, slots=True)
class Profile:
    """An award's fields in a form that can be compared."""

    award: Award
    lead: str
    people: frozenset[str]
    organisation: str
    title: tuple[str, ...]

    @property
    def has_title(self) -> bool:
        return names_a_work(self.title)


def profile_of(award: Award) -> Profile:
    """The award's fields, made comparable."""
    lead = person_key(award.lead)
    people = {lead, *map(person_key, award.others)} - {""}
    return Profile(
        award,
        lead,
        frozenset(people),
        organisation_key(award.organisation),
        title_words(award.title),
    )


def keys_of(profile: Profile) -> tuple[int, ...]:
    """Numbers that two awards share where party and title agree."""
    if not profile.has_title:
        return ()
    title = " ".join(profile.title)
    parties = [f"person {one}" for one in sorted(profile.people)]
    if profile.award.is_firm and profile.organisation:
        parties.append(f"firm {profile.organisation}")
    return tuple(number_of(f"{party}|{title}") for party in parties)


def facts_of(a: Profile, b: Profile) -> tuple[str, ...]:
    """What agrees beside the text, by the names of `FACT_WEIGHTS`, the strongest first."""
    are_titled = a.has_title and b.has_title
    is_alike = are_titled and _likeness(a.title, b.title) >= ALIKE_TITLE
    if not _is_same_party(a, b):
        return ("common_title",) if is_alike and not _has_firm(a, b) else ()
    found = ["same_party"]
    if are_titled and a.title == b.title:
        found.append("same_title")
        if _differ(a.award.agency, b.award.agency):
            found.append("other_agency")
        if _differ(a.award.phase, b.award.phase):
            found.append("next_phase")
        if a.lead and a.lead == b.lead and _differ(a.organisation, b.organisation):
            found.append("reissued")
    elif is_alike:
        found.append("alike_title")
    return tuple(sorted(found, key=list(FACT_WEIGHTS).index))


def score(share: float, facts: tuple[str, ...]) -> float:
    """The score with all fields, from 0 to 1."""
    if not facts:
        return share * UNRELATED_FACTOR
    return share + (1 - share) * FACT_WEIGHTS[facts[0]]


def kind(a: Profile, b: Profile, found: Evidence, facts: tuple[str, ...]) -> Kind:
    """What kind of overlap it is, with all fields."""
    if found.is_mostly_common:
        return Kind.BOILERPLATE
    is_later = _days_between(a.award, b.award) >= LATER_DAYS
    if not _is_same_party(a, b) or "reissued" in facts or _are_parallel(a, b, is_later=is_later):
        return _kind_of_several(a, b, is_later=is_later)
    if "other_agency" in facts or _differ(a.award.agency, b.award.agency):
        return Kind.SAME_WORK
    if _differ(a.award.phase, b.award.phase):
        return Kind.CONTINUATION
    if a.award.phase and b.award.phase:
        return Kind.SAME_WORK
    return Kind.CONTINUATION if is_later else Kind.SAME_WORK


def _are_parallel(a: Profile, b: Profile, *, is_later: bool) -> bool:
    """Whether two people of one work lead an award each, side by side."""
    return _differ(a.lead, b.lead) and not is_later and not _has_firm(a, b)


def _kind_of_several(a: Profile, b: Profile, *, is_later: bool) -> Kind:
    """The kind where two organisations or two leads hold the awards."""
    if a.lead and a.lead == b.lead:
        return Kind.CONTINUATION
    if _has_firm(a, b) or _differ(a.award.agency, b.award.agency):
        return Kind.SAME_WORK
    are_dated = a.award.starts_on is not None and b.award.starts_on is not None
    return Kind.COLLABORATION if are_dated and not is_later else Kind.SAME_WORK


def kind_by_text(a: Award, b: Award, found: Evidence) -> Kind:
    """What kind of overlap it is, as far as the abstracts themselves say."""
    if found.is_mostly_common:
        return Kind.BOILERPLATE
    if _CONTINUES.search(a.abstract) or _CONTINUES.search(b.abstract):
        return Kind.CONTINUATION
    if _TOGETHER.search(a.abstract) and _TOGETHER.search(b.abstract):
        return Kind.COLLABORATION
    return Kind.SAME_WORK


_CONTINUES: Final = re.compile(r"\b(?:phase\s+(?:ii|2)|renewal|continuation)\b", re.IGNORECASE)
_TOGETHER: Final = re.compile(r"\b(?:collaborative|joint(?:ly)?)\b", re.IGNORECASE)


def _is_same_party(a: Profile, b: Profile) -> bool:
    if a.lead and a.lead == b.lead:
        return True
    are_firms = a.award.is_firm and b.award.is_firm
    if are_firms and a.organisation and a.organisation == b.organisation:
        return True
    return bool(a.people & b.people) and not are_firms


def _has_firm(a: Profile, b: Profile) -> bool:
    """Whether a firm holds one of the awards or both."""
    return a.award.is_firm or b.award.is_firm


def _differ[T](one: T, other: T) -> bool:
    """Whether both are known and not the same."""
    return bool(one) and bool(other) and one != other


def _likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    return len(set(a) & set(b)) / len(set(a) | set(b))


def _days_between(a: Award, b: Award) -> int:
    """Days between the two starts; 0 where one is not known."""
    if a.starts_on is None or b.starts_on is None:
        return 0
    return abs((a.starts_on - b.starts_on).days)
