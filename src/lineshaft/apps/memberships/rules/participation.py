"""Who may take part at all, and within which limits: the profile's rules on ownership, and how a
decision of the sponsor stands on a day.

Invariants: a decision holds over a half-open span of days and for the ownership that it was made
on; on a day outside, or under another owner, it leaves nothing. The same question is asked when a
member is admitted and on every day after. Conditions are a closed set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import WaiverScope
from lineshaft.kernel.participation import ParticipationRule
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.spans import months_on
from lineshaft.kernel.text import Day, Term, gettext_noop
from lineshaft.kernel.workflow import term_of
from lineshaft.plumbing.limits import Limits

REQUESTED: Final = "requested"
REOPENED: Final = "reopened"
APPROVED: Final = "approved"
CONDITIONAL: Final = "conditional"
DENIED: Final = "denied"
CLOSED: Final = "closed"

STATEMENT_MAX: Final = 2_000
NAMES_MAX: Final = 50
FILE_LEVELS: Final = ("public", "network", "institute")
"""Sharing levels up to which files can be opened; those beyond are never a member's by level."""


class Standing(StrEnum):
    """How an organisation's participation stands on a day."""

    REQUESTED = "requested"
    REOPENED = "reopened"
    APPROVED = "approved"
    CONDITIONAL = "conditional"
    DENIED = "denied"
    CLOSED = "closed"
    EXPIRED = "expired"
    OWNERSHIP_CHANGED = "ownership_changed"
    NOT_SCREENED = "not_screened"


_WORDS: Final = (
    gettext_noop("Reopened"),
    gettext_noop("Conditional"),
    gettext_noop("Closed"),
    gettext_noop("Expired"),
    gettext_noop("Ownership changed"),
    gettext_noop("Not screened"),
    gettext_noop("Approve participation"),
    gettext_noop("Approve participation with conditions"),
    gettext_noop("Close participation review"),
    gettext_noop("Deny participation"),
    gettext_noop("Recheck participation"),
    gettext_noop("Report ownership change"),
    gettext_noop("Requested"),
    gettext_noop("Approved"),
    gettext_noop("Denied"),
)
"""Words of states and verbs as refusals say them (`kernel.workflow.term_of`), for translators."""

OPEN: Final = frozenset({Standing.APPROVED, Standing.CONDITIONAL, Standing.CLOSED})
"""Standings under which somebody takes part."""

_PREVAILING: Final = (
    Standing.DENIED,
    Standing.REOPENED,
    Standing.OWNERSHIP_CHANGED,
    Standing.CONDITIONAL,
    Standing.APPROVED,
    Standing.REQUESTED,
    Standing.EXPIRED,
    Standing.CLOSED,
    Standing.NOT_SCREENED,
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The limits that a decision can set; the default sets none.

    `files_up_to` is the highest sharing level of a file, empty for no limit; `barred_bookings` are
    kinds of equipment; `projects` and `institutes` are keys, None where none need be named.
    """

    files_up_to: str = ""
    may_search: bool = True
    may_export: bool = True
    barred_bookings: tuple[str, ...] = ()
    projects: tuple[str, ...] | None = None
    institutes: tuple[str, ...] | None = None


NO_CONDITIONS: Final = Conditions()


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided: its kind (a state), the days, and the ownership that it was made on."""

    kind: str
    starts_on: date
    ends_on: date | None
    ownership_country: str
    conditions: Conditions = NO_CONDITIONS


_WAIVER_NEEDED: Final = gettext_noop(
    "An organisation of %(country)s joins only with a waiver given for its case "
    "(%(rule)s). Screen it, so that the sponsor decides."
)
_REVIEW_NEEDED: Final = gettext_noop(
    "An organisation of %(country)s joins once the sponsor has approved it (%(rule)s). "
    "Screen it, so that the sponsor decides."
)
_STANDS: Final = gettext_noop(
    "The participation of %(organisation)s is “%(standing)s”, so it cannot be admitted. See the "
    "review for what its sponsor waits for."
)
_NO_GROUND: Final = gettext_noop(
    "%(rule)s bars this organisation without a waiver. Name the ground on which it is waived."
)
_UNKNOWN_GROUND: Final = gettext_noop("“%(ground)s” is no ground of waiver. There are: %(known)s.")
_NO_COMMITMENT: Final = gettext_noop(
    "%(rule)s asks that a member owned abroad commits to something. Record at least one commitment."
)
_NO_CONDITION: Final = gettext_noop("Set at least one condition, or approve without conditions.")
_BAD_LEVEL: Final = gettext_noop("Files are opened up to one of: %(known)s.")
_TOO_MANY_NAMES: Final = gettext_noop("Name at most %(most)s, each once and not empty.")
_OWNER_CHANGED: Final = gettext_noop(
    "The owner has changed since the decision. Report the change of ownership first, so that it is "
    "screened anew."
)
_ENDS_EARLY: Final = gettext_noop("An approval ends after the day on which it is given.")
_ENDS_LATE: Final = gettext_noop("An approval ends on %(latest)s at the latest.")
_NO_REASON: Final = gettext_noop("Write the reason, in up to %(most)s characters.")
_STANDS_ALREADY: Final = gettext_noop(
    "A decision on this organisation stands (“%(state)s”). Report what has changed in its review."
)
_NO_REVIEW_OF_OWN: Final = gettext_noop(
    "This organisation is not owned abroad, by what was answered and by the registry. Close the "
    "review instead."
)
_CLOSING_FOREIGN: Final = gettext_noop(
    "What was answered, or what the registry says, calls for a decision. Approve the participation "
    "or deny it."
)


def binding_rules(
    profile: JurisdictionProfile, countries: Iterable[str], on: date
) -> tuple[ParticipationRule, ...]:
    """The rules that bind an organisation owned in these countries, in the profile's order."""
    bound = {
        rule.key
        for country in countries
        if country
        for rule in profile.participation_rules_in_force(on, country)
    }
    return tuple(rule for rule in profile.participation_rules if rule.key in bound)


def prevails(standing: Standing) -> int:
    """Which of the reviews of one organisation's records counts: the one of the least number.

    What shuts it out comes before what lets it in, a decision before a request for one.
    """
    return _PREVAILING.index(standing)


def is_review_needed(profile: JurisdictionProfile, countries: Iterable[str], on: date) -> bool:
    """Whether an organisation of these countries takes part only by decision on that day."""
    rules = binding_rules(profile, countries, on)
    return any(rule.needs_review or rule.needs_waiver for rule in rules)


def refuse_participation(
    profile: JurisdictionProfile,
    countries: Sequence[str],
    *,
    standing: Standing | None,
    waiver_reference: str,
    on: date,
    is_over: bool,
    organisation: str,
) -> Refusal | None:
    """Why an organisation owned or established in these countries can't join on that day, or None.

    `standing` is that of its review on the day, None where there is none. Where there is one, it
    alone decides; without, the reference of a document admits by an agreement that is over, as when
    an institute's earlier members are entered: it never opens anything. A country that is unknown
    (empty) bars nobody.
    *Source*: the profile's participation rules (42 U.S.C. 18972 in the United States' profile).
    """
    rules = binding_rules(profile, countries, on)
    strict = next((rule for rule in rules if rule.needs_waiver), None)
    rule = strict or next((rule for rule in rules if rule.needs_review), None)
    if standing is not None and standing not in OPEN:
        params = {"organisation": organisation, "standing": term_of(standing)}
        citation = rule.authority.citation if rule else None
        return Refusal("participation_not_open", _STANDS, citation, params)
    if rule is None or standing is not None or (is_over and waiver_reference.strip()):
        return None
    country = next(one for one in countries if rule in binding_rules(profile, [one], on))
    return Refusal(
        "waiver_needed" if rule.needs_waiver else "review_needed",
        _WAIVER_NEEDED if rule.needs_waiver else _REVIEW_NEEDED,
        rule.authority.citation,
        {"country": country, "rule": Term(rule.name)},
    )


def standing_on(
    state: str, decided: Decided | None, *, ownership_country: str, on: date
) -> Standing:
    """How a review in that state with that last decision stands on a day.

    `ownership_country` is what the registry says now.
    """
    if decided is None or state in {REQUESTED, REOPENED}:
        return Standing(state)
    if decided.ownership_country != ownership_country:
        return Standing.OWNERSHIP_CHANGED
    if decided.ends_on is not None and decided.ends_on <= on:
        return Standing.EXPIRED
    return Standing(state)


def limits_of(
    standing: Standing,
    conditions: Conditions,
    *,
    institute: str,
    organisation_id: int,
    subject: tuple[str, str],
    reference: str,
    citation: Citation | None,
    until: date | None = None,
) -> Limits | None:
    """What such a standing leaves open at an institute; None where it limits nothing."""
    if standing in {Standing.APPROVED, Standing.CLOSED}:
        return None
    if standing is not Standing.CONDITIONAL:
        conditions = NO_CONDITIONS
    return Limits(
        institute=institute,
        organisation_id=organisation_id,
        subject=subject,
        reference=reference,
        standing=standing,
        citation=citation,
        is_shut=standing is not Standing.CONDITIONAL,
        files_up_to=conditions.files_up_to or None,
        may_search=conditions.may_search,
        may_export=conditions.may_export,
        barred_bookings=frozenset(conditions.barred_bookings),
        projects=None if conditions.projects is None else frozenset(conditions.projects),
        institutes=None if conditions.institutes is None else frozenset(conditions.institutes),
        until=until,
    )


def refuse_grounds(
    profile: JurisdictionProfile, rules: Sequence[ParticipationRule], grounds: Sequence[str]
) -> Refusal | None:
    """Why an approval on these grounds can't be given under the rules that bind, or None.

    *Source*: 42 U.S.C. 18972 in the United States' profile (grounds of a waiver, and the bar).
    """
    known = [one.key for one in profile.waiver_grounds if one.scope is WaiverScope.PARTICIPATION]
    for ground in grounds:
        if ground not in known:
            params = {"ground": ground, "known": ", ".join(known)}
            return Refusal("unknown_ground", _UNKNOWN_GROUND, params=params)
    for rule in rules:
        if rule.needs_waiver and not grounds:
            params = {"rule": Term(rule.name)}
            return Refusal("ground_needed", _NO_GROUND, rule.authority.citation, params)
    return None


def refuse_commitments(rules: Sequence[ParticipationRule], number: int) -> Refusal | None:
    """Why an approval with so many commitments can't be given under the rules, or None."""
    for rule in rules:
        if rule.needs_commitment and not number:
            params = {"rule": Term(rule.name)}
            return Refusal("commitment_needed", _NO_COMMITMENT, rule.authority.citation, params)
    return None


def refuse_end_of_approval(
    profile: JurisdictionProfile, ends_on: date, today: date
) -> Refusal | None:
    """Why an approval given today can't end on that day, or None."""
    if ends_on <= today:
        return Refusal("ends_early", _ENDS_EARLY)
    screening = profile.screening
    latest = months_on(today, screening.longest_months)
    if ends_on > latest:
        params = {"latest": Day(latest)}
        return Refusal("ends_late", _ENDS_LATE, screening.authority.citation, params)
    return None


def refuse_extension(state: str, decided_country: str, *, ownership_country: str) -> Refusal | None:
    """Why an approval in that state, made on another ownership, is not followed by a new one."""
    if state not in {APPROVED, CONDITIONAL} or decided_country == ownership_country:
        return None
    return Refusal("ownership_changed", _OWNER_CHANGED)


def refuse_conditions(conditions: Conditions) -> Refusal | None:
    """Why these conditions can't be set, or None."""
    if conditions == NO_CONDITIONS:
        return Refusal("no_condition", _NO_CONDITION)
    if conditions.files_up_to and conditions.files_up_to not in FILE_LEVELS:
        return Refusal("bad_level", _BAD_LEVEL, params={"known": ", ".join(FILE_LEVELS)})
    for names in (
        conditions.barred_bookings,
        conditions.projects or (),
        conditions.institutes or (),
    ):
        is_wrong = len(names) > NAMES_MAX or len(set(names)) < len(names) or not all(names)
        if is_wrong:
            return Refusal("too_many_names", _TOO_MANY_NAMES, params={"most": NAMES_MAX})
    return None


def refuse_statement(text: str) -> Refusal | None:
    """Why a reason can't be kept, or None."""
    if 0 < len(text.strip()) <= STATEMENT_MAX:
        return None
    return Refusal("no_reason", _NO_REASON, params={"most": STATEMENT_MAX})


def refuse_second_screening(state: str | None) -> Refusal | None:
    """Why an organisation whose review is in that state is not screened anew, or None."""
    if state in {None, REQUESTED, REOPENED}:
        return None
    return Refusal("decision_stands", _STANDS_ALREADY, params={"state": term_of(str(state))})


def refuse_decision(*, is_needed: bool, is_closing: bool) -> Refusal | None:
    """Why a review is not decided, or not closed, by whether a decision is needed; or None."""
    if is_needed and is_closing:
        return Refusal("decision_needed", _CLOSING_FOREIGN)
    if not is_needed and not is_closing:
        return Refusal("nothing_to_decide", _NO_REVIEW_OF_OWN)
    return None
