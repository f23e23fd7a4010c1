"""The terms of a competition as somebody enters them: checked, compared, written.

One set of terms serves the draft, its editing and an amendment, so that what can be entered is said
once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import Competition, CompetitionSponsor
from lineshaft.apps.competitions.services.record import faults_of_texts, plain
from lineshaft.apps.network.models import Agency, Person, TechnologyArea
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.spans import check_day
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.sharing import SharingLevel

COMPETITION_LEVELS: Final = (SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.INSTITUTE)
AMOUNT_MAX: Final = 10**15
LISTING_MAX: Final = 16

_NO_LEVEL: Final = gettext_noop("A competition is shared as one of: %(known)s.")
_NO_INSTITUTE_LEVEL: Final = gettext_noop(
    "Only a project call belongs to an institute whose members it could be shared with. Choose"
    " another level."
)
_NO_ZONE: Final = gettext_noop("“%(zone)s” is no time zone. Write one such as America/New_York.")
_NO_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_NO_AGENCY: Final = gettext_noop("There is no agency “%(key)s”.")
_NO_POLICY: Final = gettext_noop("What arrives late is one of: %(known)s.")
_NO_LINK: Final = gettext_noop("A link begins with https:// and has no blanks.")
_NO_ADDRESS: Final = gettext_noop("“%(address)s” is no e-mail address.")
_AMOUNT: Final = gettext_noop("An amount is not negative and not larger than can be written.")
_CEILING: Final = gettext_noop("The largest amount of an award is not below the least.")
_TOTAL: Final = gettext_noop("The amount for all awards is not below the least of one.")
_AWARDS: Final = gettext_noop("From %(least)s to %(most)s awards: write the smaller number first.")
_AWARDS_RANGE: Final = gettext_noop("There are from 1 to %(most)s awards at most.")
_TERM: Final = gettext_noop("The longest term is not below the shortest.")
_TERM_RANGE: Final = gettext_noop("A term has from 1 to %(most)s months.")
_SHARE: Final = gettext_noop("A share is from 0 up to, and without, 100 per cent.")
_GRACE: Final = gettext_noop("Grace is from 1 to %(most)s minutes.")
_QUESTIONS_LATE: Final = gettext_noop("Questions end after the competition opens.")

TEXT_FIELDS: Final = ("title", "title_zh", "summary", "summary_zh", "text", "text_zh")
MONEY_FIELDS: Final = ("floor_minor", "ceiling_minor", "total_minor")


@dataclass(frozen=True, slots=True)
class CompetitionTerms:
    """All that can be said of a competition beside its stages; `agencies` and `areas` are keys, the
    first agency leads. Money is in minor units, the share in basis points.
    """

    title: str
    title_zh: str = ""
    summary: str = ""
    summary_zh: str = ""
    text: str = ""
    text_zh: str = ""
    eligibility: str = ""
    eligibility_zh: str = ""
    agencies: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    listing_number: str = ""
    level: str = SharingLevel.PUBLIC
    floor_minor: int | None = None
    ceiling_minor: int | None = None
    total_minor: int | None = None
    awards_least: int = 0
    awards_most: int = 1
    term_months_least: int | None = None
    term_months_most: int | None = None
    match_share_bp: int | None = None
    opens_at: datetime | None = None
    zone: str = "UTC"
    closing_time: time = time(17, 0)
    information_at: datetime | None = None
    information_place: str = ""
    information_link: str = ""
    questions_until: datetime | None = None
    late_policy: str = rules.LatePolicy.REFUSED
    grace_minutes: int = 0
    contact: str = ""
    contact_email: str = ""
    selecting_official: Person | None = None


COLUMNS: Final = tuple(
    one.name for one in fields(CompetitionTerms) if one.name not in {"agencies", "areas"}
)
"""What of the terms stands in the competition's own row."""

FIXED_ONCE_OPEN: Final = frozenset({"agencies", "level", "opens_at", "zone", "closing_time"})
"""What no amendment changes: deadlines are put off by a verb of their own."""


def faults_of(terms: CompetitionTerms, *, is_call: bool) -> list[FieldError]:
    """Every fault in what was entered, by field; nothing is read but what the terms name."""
    return [
        *_faults_of_words(terms),
        *_faults_of_names(terms, is_call=is_call),
        *_faults_of_money(terms),
        *_faults_of_numbers(terms),
        *_faults_of_days(terms),
    ]


def terms_of(competition: Competition) -> CompetitionTerms:
    """The terms as they stand."""
    return CompetitionTerms(
        **{name: getattr(competition, name) for name in COLUMNS},
        agencies=tuple(one.agency.key for one in competition.sponsors.all()),
        areas=tuple(area.key for area in competition.technology_areas.all()),
    )


def apply_terms(competition: Competition, terms: CompetitionTerms) -> list[str]:
    """Set what is entered on the row, and return the columns that were set; nothing is saved."""
    for name in COLUMNS:
        value = getattr(terms, name)
        setattr(competition, name, plain(value) if isinstance(value, str) else value)
    return list(COLUMNS)


def write_relations(competition: Competition, terms: CompetitionTerms) -> None:
    """Store the agencies, the first as the lead, and the technology areas."""
    keys = list(dict.fromkeys(terms.agencies))
    agencies = {one.key: one for one in Agency.objects.filter(key__in=keys)}
    CompetitionSponsor.objects.filter(competition=competition).delete()
    CompetitionSponsor.objects.bulk_create(
        CompetitionSponsor(competition=competition, agency=agencies[key], is_lead=place == 0)
        for place, key in enumerate(keys)
    )
    competition.technology_areas.set(TechnologyArea.objects.filter(key__in=terms.areas))


def changes_between(before: CompetitionTerms, after: CompetitionTerms) -> list[list[Any]]:
    """What differs, as [field, before, after] with plain values, in the order of the terms."""
    changes = []
    for one in fields(CompetitionTerms):
        old, new = (_written(getattr(terms, one.name)) for terms in (before, after))
        if old != new:
            changes.append([one.name, old, new])
    return changes


def _written(value: object) -> Any:
    match value:
        case datetime() | time():
            return value.isoformat()
        case tuple():
            return list(value)
        case Person():
            return value.name
        case str():
            return plain(value)
        case _:
            return value


def _faults_of_words(terms: CompetitionTerms) -> Iterable[FieldError]:
    yield from faults_of_texts({"title": terms.title}, rules.TITLE_MAX, required=True)
    yield from faults_of_texts({"title_zh": terms.title_zh}, rules.TITLE_MAX)
    summaries = {"summary": terms.summary, "summary_zh": terms.summary_zh}
    yield from faults_of_texts(summaries, rules.SUMMARY_MAX)
    names = ("text", "text_zh", "eligibility", "eligibility_zh")
    yield from faults_of_texts({name: getattr(terms, name) for name in names}, rules.TEXT_MAX)
    short = {"information_place": terms.information_place, "contact": terms.contact}
    yield from faults_of_texts(short, rules.REFERENCE_MAX)
    yield from faults_of_texts({"listing_number": terms.listing_number}, LISTING_MAX)
    yield from faults_of_texts({"information_link": terms.information_link}, rules.LINK_MAX)
    link = terms.information_link.strip()
    if link and (not link.startswith("https://") or len(link.split()) != 1):
        yield FieldError("information_link", message=_NO_LINK)
    if terms.contact_email:
        try:
            validate_email(terms.contact_email)
        except ValidationError:
            params = {"address": terms.contact_email[:100]}
            yield FieldError("contact_email", message=_NO_ADDRESS, params=params)


def _faults_of_names(terms: CompetitionTerms, *, is_call: bool) -> Iterable[FieldError]:
    if terms.level not in COMPETITION_LEVELS:
        params = {"known": ", ".join(COMPETITION_LEVELS)}
        yield FieldError("level", message=_NO_LEVEL, params=params)
    if terms.level == SharingLevel.INSTITUTE and not is_call:
        yield FieldError("level", message=_NO_INSTITUTE_LEVEL)
    if terms.zone not in available_timezones():
        yield FieldError("zone", message=_NO_ZONE, params={"zone": terms.zone[:64]})
    if terms.late_policy not in set(rules.LatePolicy):
        params = {"known": ", ".join(rules.LatePolicy)}
        yield FieldError("late_policy", message=_NO_POLICY, params=params)
    known = set(Agency.objects.filter(key__in=terms.agencies).values_list("key", flat=True))
    for key in terms.agencies:
        if key not in known:
            yield FieldError("agencies", message=_NO_AGENCY, params={"key": key})
    areas = set(TechnologyArea.objects.filter(key__in=terms.areas).values_list("key", flat=True))
    for key in terms.areas:
        if key not in areas:
            yield FieldError("areas", message=_NO_AREA, params={"key": key})


def _faults_of_money(terms: CompetitionTerms) -> Iterable[FieldError]:
    for name in MONEY_FIELDS:
        value = getattr(terms, name)
        if value is not None and not 0 <= value <= AMOUNT_MAX:
            yield FieldError(name, message=_AMOUNT)
    floor, ceiling, total = terms.floor_minor, terms.ceiling_minor, terms.total_minor
    if floor is not None and ceiling is not None and ceiling < floor:
        yield FieldError("ceiling_minor", message=_CEILING)
    if floor is not None and total is not None and total < floor:
        yield FieldError("total_minor", message=_TOTAL)
    share = terms.match_share_bp
    if share is not None and not 0 <= share < BASIS_POINTS:
        yield FieldError("match_share_bp", message=_SHARE)


def _faults_of_numbers(terms: CompetitionTerms) -> Iterable[FieldError]:
    if not 1 <= terms.awards_most <= rules.AWARDS_MAX:
        yield FieldError("awards_most", message=_AWARDS_RANGE, params={"most": rules.AWARDS_MAX})
    elif not 0 <= terms.awards_least <= terms.awards_most:
        params = {"least": terms.awards_least, "most": terms.awards_most}
        yield FieldError("awards_least", message=_AWARDS, params=params)
    least, most = terms.term_months_least, terms.term_months_most
    for name, months in (("term_months_least", least), ("term_months_most", most)):
        if months is not None and not 1 <= months <= rules.TERM_MONTHS_MAX:
            yield FieldError(name, message=_TERM_RANGE, params={"most": rules.TERM_MONTHS_MAX})
    if least is not None and most is not None and most < least:
        yield FieldError("term_months_most", message=_TERM)
    has_grace = terms.late_policy == rules.LatePolicy.GRACE
    if has_grace and not 1 <= terms.grace_minutes <= rules.GRACE_MINUTES_MAX:
        yield FieldError("grace_minutes", message=_GRACE, params={"most": rules.GRACE_MINUTES_MAX})


def _faults_of_days(terms: CompetitionTerms) -> Iterable[FieldError]:
    for name in ("opens_at", "information_at", "questions_until"):
        moment = getattr(terms, name)
        fault = check_day(moment.date(), name=name) if moment is not None else None
        if fault is not None:
            yield fault
    opens_at, until = terms.opens_at, terms.questions_until
    if opens_at is not None and until is not None and until <= opens_at:
        yield FieldError("questions_until", message=_QUESTIONS_LATE)
