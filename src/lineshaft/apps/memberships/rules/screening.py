"""What a screening finds: which answers call for a review, and in which countries an organisation
is owned.

Invariants: owners form a tree below the organisation; shares in one owner sum to at most the whole;
control passes down a chain only through owners who are controlled themselves. Which answer calls
for a review is the profile's to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.participation import QuestionKind, ReviewTrigger, ScreeningQuestion
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.text import Term, gettext_noop

YES: Final = "yes"
NO: Final = "no"
OWNERS_MAX: Final = 50
OWNER_NAME_MAX: Final = 200

FOUND: Final = {
    "foreign_country": gettext_noop("The answer is a foreign country: %(country)s."),
    "country_of_concern": gettext_noop("A country of concern is named: %(country)s."),
    "said_yes": gettext_noop("The answer is yes."),
    "foreign_owner": gettext_noop("Owners in %(country)s control it or hold %(share)s of it."),
    "owner_of_concern": gettext_noop("An owner is in a country of concern: %(country)s."),
    "registered_abroad": gettext_noop("By the registry it is owned or established in %(country)s."),
}
"""What a screening can find, by code (English msgids)."""

_NO_ANSWER: Final = gettext_noop("Answer this question.")
_NOT_COUNTRY: Final = gettext_noop("A country is written as its two capital letters, as US or DE.")
_NOT_YES_NO: Final = gettext_noop("The answer is yes or no.")
_OWNER_NAME: Final = gettext_noop("Owner %(number)s has no name, or one that is too long.")
_OWNER_COUNTRY: Final = gettext_noop(
    "The country of owner %(number)s is not written as two capital letters."
)
_OWNER_SHARE: Final = gettext_noop(
    "The share of owner %(number)s is nothing, or more than the whole."
)
_OWNER_PLACE: Final = gettext_noop(
    "Owner %(number)s holds a share in owner %(holds_in)s, who is not named before."
)
_TOO_MUCH: Final = gettext_noop("The shares in %(held)s come to more than the whole.")
_TOO_MANY: Final = gettext_noop("A chain has at most %(most)s owners. Leave out the smallest.")
_ITSELF: Final = Term(gettext_noop("the organisation itself"))


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """One owner, `number` from 1 in order of entry; `holds_in` is the number of the owner in whom
    the share is held, 0 for the organisation itself.
    """

    number: int
    name: str
    country: str
    share_bp: int
    has_control: bool = False
    holds_in: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a review is called for: the question, what its answer is, and the authority."""

    question: str
    code: str
    citation: str
    country: str = ""
    share_bp: int = 0


@dataclass(frozen=True, slots=True)
class Holding:
    """An owner with what it holds of the organisation through the chain, in basis points."""

    owner: OwnerRow
    effective_bp: int
    controls: bool


def is_country(code: str) -> bool:
    """Whether a text is written as a country's two letters."""
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()  # noqa: PLR2004


def refuse_screening_answer(question: ScreeningQuestion, answer: str) -> Refusal | None:
    """Why an answer can't be taken, or None; questions on owners are answered by their rows."""
    if question.kind is QuestionKind.OWNERS:
        return None
    if not answer:
        return None if question.is_for_projects else Refusal("no_answer", _NO_ANSWER)
    if question.kind is QuestionKind.COUNTRY:
        return None if is_country(answer) else Refusal("not_country", _NOT_COUNTRY)
    return None if answer in {YES, NO} else Refusal("not_yes_no", _NOT_YES_NO)


def refuse_owners(owners: Sequence[OwnerRow]) -> Refusal | None:
    """The first reason why a chain of owners can't be taken, or None."""
    if len(owners) > OWNERS_MAX:
        return Refusal("too_many_owners", _TOO_MANY, params={"most": OWNERS_MAX})
    sums: dict[int, int] = {}
    for one in owners:
        params: dict[str, object] = {"number": one.number, "holds_in": one.holds_in}
        if not 0 < len(one.name.strip()) <= OWNER_NAME_MAX:
            return Refusal("owner_name", _OWNER_NAME, params=params)
        if not is_country(one.country):
            return Refusal("owner_country", _OWNER_COUNTRY, params=params)
        if not 0 < one.share_bp <= BASIS_POINTS:
            return Refusal("owner_share", _OWNER_SHARE, params=params)
        if not 0 <= one.holds_in < one.number:
            return Refusal("owner_place", _OWNER_PLACE, params=params)
        sums[one.holds_in] = sums.get(one.holds_in, 0) + one.share_bp
    for number, total in sums.items():
        if total > BASIS_POINTS:
            held = next((one.name for one in owners if one.number == number), _ITSELF)
            return Refusal("owners_above_whole", _TOO_MUCH, params={"held": held})
    return None


def holdings_of(owners: Sequence[OwnerRow], controlling_share_bp: int) -> tuple[Holding, ...]:
    """What each owner holds in the end, rounded down, and whether it controls; in their order."""
    found: dict[int, Holding] = {}
    for one in owners:
        below = found.get(one.holds_in)
        whole = below.effective_bp if below else BASIS_POINTS
        own = one.has_control or one.share_bp >= controlling_share_bp
        found[one.number] = Holding(
            one, one.share_bp * whole // BASIS_POINTS, own and (below is None or below.controls)
        )
    return tuple(found.values())


def owned_in(profile: JurisdictionProfile, holdings: Sequence[Holding]) -> tuple[str, ...]:
    """The foreign countries of owners who control, or who hold a controlling share together.

    A holding company counts beside those behind it, so that neither can hide the other.
    """
    foreign = [one for one in holdings if one.owner.country != profile.country_code]
    controlling = {one.owner.country for one in foreign if one.controls}
    least = profile.screening.controlling_share_bp
    large = {country for country, share in _shares_of_last(foreign).items() if share >= least}
    return tuple(sorted(controlling | large))


def screen(
    profile: JurisdictionProfile,
    answers: Mapping[str, str],
    owners: Sequence[OwnerRow],
    *,
    registered_in: str,
    on: date,
) -> tuple[Finding, ...]:
    """Why the answers call for a review on that day, each with its authority; empty for none.

    `registered_in` is the country of ownership that the registry has, or of establishment where
    that one is foreign; empty where it has none.
    *Source*: the profile's screening questions and rules on participation.
    """
    found: list[Finding] = []
    for question in profile.screening.questions:
        if question.kind is QuestionKind.OWNERS:
            found += _found_in_owners(profile, question, owners)
        elif answer := answers.get(question.key, ""):
            found += _found_in_answer(profile, question, answer)
    rules = profile.participation_rules_in_force(on, registered_in) if registered_in else ()
    found += [
        Finding("", "registered_abroad", rule.authority.citation.text, registered_in)
        for rule in rules
        if rule.needs_review or rule.needs_waiver
    ][:1]
    return tuple(found)


def countries_of(
    profile: JurisdictionProfile,
    answers: Mapping[str, str],
    owners: Sequence[OwnerRow],
    *,
    registered_in: str,
) -> tuple[str, ...]:
    """The foreign countries in which an organisation is incorporated or owned, by code."""
    foreign = {registered_in, *owned_in(profile, _holdings(profile, owners))}
    foreign |= {
        answers.get(question.key, "")
        for question in profile.screening.questions
        if question.kind is QuestionKind.COUNTRY and question.trigger is ReviewTrigger.FOREIGN
    }
    return tuple(sorted(foreign - {"", profile.country_code}))


def _holdings(profile: JurisdictionProfile, owners: Sequence[OwnerRow]) -> tuple[Holding, ...]:
    return holdings_of(owners, profile.screening.controlling_share_bp)


def _found_in_answer(
    profile: JurisdictionProfile, question: ScreeningQuestion, answer: str
) -> list[Finding]:
    citation = question.authority.citation.text
    screening = profile.screening
    if question.kind is QuestionKind.YES_NO:
        is_found = question.trigger is ReviewTrigger.YES and answer == YES
        return [Finding(question.key, "said_yes", citation)] if is_found else []
    if question.trigger is ReviewTrigger.NEVER or answer == profile.country_code:
        return []
    if answer in screening.concern_codes:
        cited = screening.concern.citation.text
        return [Finding(question.key, "country_of_concern", cited, answer)]
    if question.trigger is ReviewTrigger.FOREIGN:
        return [Finding(question.key, "foreign_country", citation, answer)]
    return []


def _found_in_owners(
    profile: JurisdictionProfile, question: ScreeningQuestion, owners: Sequence[OwnerRow]
) -> list[Finding]:
    holdings = _holdings(profile, owners)
    shares = _shares_of_last(holdings)
    for one in holdings:
        shares[one.owner.country] = max(shares.get(one.owner.country, 0), one.effective_bp)
    cited = question.authority.citation.text
    found = [
        Finding(question.key, "foreign_owner", cited, country, shares[country])
        for country in owned_in(profile, holdings)
    ]
    cited = profile.screening.concern.citation.text
    found += [
        Finding(question.key, "owner_of_concern", cited, country, shares[country])
        for country in sorted(shares.keys() & profile.screening.concern_codes)
    ]
    return found


def _shares_of_last(holdings: Sequence[Holding]) -> dict[str, int]:
    """What owners hold together, in basis points by country: of each, what no named owner of it
    holds through it.
    """
    through: dict[int, int] = {}
    for one in holdings:
        held = one.owner.holds_in
        through[held] = through.get(held, 0) + one.effective_bp
    shares: dict[str, int] = {}
    for one in holdings:
        own = one.effective_bp - through.get(one.owner.number, 0)
        shares[one.owner.country] = shares.get(one.owner.country, 0) + own
    return shares
