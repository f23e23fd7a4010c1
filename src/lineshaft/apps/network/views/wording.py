"""How the network's records are put into words: dates by their precision, facts with their unit."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    CONFIDENCE_LABELS,
    FACT_LABELS,
    QUALIFIER_LABELS,
    Institute,
    InstituteDate,
    InstituteFact,
    Organisation,
    OutsideAward,
    Place,
)
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.web import formats
from lineshaft.web.pages import Tone

MEASURE_LABELS: Final = {
    "focus": _("Technology focus area"),
    "lead": _("Lead organisation"),
    "initial_federal": _("Initial federal funds"),
    "initial_nonfederal": _("Initial non-federal match"),
    "initial_term": _("Initial term"),
    "match_ratio": _("Match ratio"),
    "later_funding": _("Later funding"),
    "location": _("Location"),
    "notice_of_intent": _("Notice of intent"),
    "partners": _("Partners"),
    "partners_companies": _("Partners: companies"),
    "partners_universities_and_laboratories": _("Partners: universities and laboratories"),
    "partners_non_profits": _("Partners: non-profits"),
    "stage": _("Stage"),
    "remark": _("Remark"),
}
STATUS_TONES: Final[dict[str, Tone]] = {
    rules.InstituteStatus.ACTIVE: "ok",
    rules.InstituteStatus.CURE_PERIOD: "due",
    rules.InstituteStatus.TERMINATED: "bad",
}
CONFIDENCE_TONES: Final[dict[str, Tone]] = {
    rules.Confidence.HIGH: "ok",
    rules.Confidence.MEDIUM: "quiet",
    rules.Confidence.LOW: "due",
}


def dated(on: date | None, precision: str) -> str:
    """The day, month or year, as exactly as it is known."""
    if on is None:
        return formats.MISSING
    match precision:
        case rules.Precision.MONTH:
            return formats.date_local(on, pgettext("pattern of a month with its year", "MMM y"))
        case rules.Precision.YEAR:
            return formats.date_local(on, pgettext("pattern of a year", "y"))
        case _:
            return formats.date_local(on)


def date_of(
    institute: Institute, kind: rules.DateKind, edition: rules.Edition = rules.Edition.TODAY
) -> InstituteDate | None:
    """The latest date of that kind among the prefetched ones."""
    found = [one for one in institute.dates.all() if one.kind == kind and one.edition == edition]
    return max(found, key=lambda one: one.on, default=None)


def measure(name: str) -> str:
    """What a fact measures, in words."""
    return str(MEASURE_LABELS.get(name, name.replace("_", " ").capitalize()))


def fact_value(fact: InstituteFact | None) -> str:
    """The value with its unit and, where it is not simply exact, how it is to be read."""
    if fact is None:
        return formats.MISSING
    text = _bare_value(fact)
    if fact.qualifier in ("", rules.Qualifier.EXACT):
        return text
    return f"{text} ({QUALIFIER_LABELS[rules.Qualifier(fact.qualifier)]})"


def fact_language(fact: InstituteFact | None) -> str | None:
    """The language of a text that stands untranslated on a Chinese page."""
    if fact is None or fact.kind != rules.FactKind.TEXT or not formats.is_chinese():
        return None
    return None if fact.text_zh else "en"


def confidence(value: str) -> str:
    """How sure it is, in words."""
    return str(CONFIDENCE_LABELS[rules.Confidence(value)])


def place_of(place: Place | None) -> str:
    """The town with its region."""
    if place is None:
        return formats.MISSING
    city = (place.city_zh if formats.is_chinese() else "") or place.city
    return formats.town(city, place.region)


def organisation_place(organisation: Organisation) -> str:
    """The organisation's town with its region; a dash for none."""
    return formats.town(organisation.city, organisation.region) or formats.MISSING


def maker(award: OutsideAward) -> str:
    """The agency that made the award, and its office, as the register writes them."""
    if award.office_name and award.office_name != award.agency_name:
        return f"{award.agency_name}, {award.office_name}"
    return award.agency_name


def maker_and_year(award: OutsideAward) -> str:
    """The same with the year of the award."""
    return " · ".join(text for text in (maker(award), str(award.year or "")) if text)


def facts_agreeing(facts: Sequence[str]) -> str:
    """What agrees beside the text, in words; a dash for nothing."""
    return formats.joined([str(FACT_LABELS.get(one, one)) for one in facts]) or formats.MISSING


def kind_name(kind: str, profile: JurisdictionProfile) -> str:
    """The kind of organisation in words; its key where the profile no longer has it."""
    found = next((entry for entry in profile.organisation_kinds if entry.key == kind), None)
    return formats.local_name(found) if found else kind


def _bare_value(fact: InstituteFact) -> str:
    match fact.kind:
        case rules.FactKind.MONEY:
            return formats.money_in_millions(int(fact.number or 0))
        case rules.FactKind.RATIO:
            return formats.ratio(fact.number)
        case rules.FactKind.YEARS:
            return _years(fact.number)
        case rules.FactKind.COUNT:
            return formats.number(fact.number)
        case _:
            return (fact.text_zh if formats.is_chinese() else "") or fact.text


def _years(number: Decimal | None) -> str:
    """`1 year`, `5 years`; a part of a year is rounded to the whole."""
    said = ngettext("%(number)s year", "%(number)s years", int(number or 0))
    return said % {"number": formats.number(number)}


def not_one_organisation(found: list[Organisation]) -> str:
    """Why an entry names no one organisation: none, or the several that it names."""
    if not found:
        return gettext("No organisation that you may see has this name. Register it first.")
    places = "; ".join(f"{one.name}, {one.city} {one.region} ({one.pk})" for one in found[:10])
    message = gettext("Several organisations bear this name. Write the number of one: %(places)s.")
    return message % {"places": places}
