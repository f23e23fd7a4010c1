"""How an outlook is said: its finding, why an institute is at risk, months and sources."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.queries import Outlook
from lineshaft.engines.economics import DUES, PARTNERS, Projection, Reason, Verdict
from lineshaft.web import formats
from lineshaft.web.pages import Tag, Tone

VERDICT_LABELS: Final[Mapping[Verdict, str | Promise]] = {
    Verdict.OUT: pgettext_lazy("outlook", "Spent"),
    Verdict.RUNS_OUT: pgettext_lazy("outlook", "Runs out"),
    Verdict.MAY_RUN_OUT: pgettext_lazy("outlook", "May run out"),
    Verdict.STANDS: pgettext_lazy("outlook", "Lasts"),
}


def title_text(outlook: Outlook, shown: Projection) -> str:
    """What the outlook finds, as one sentence."""
    parts = {
        "institute": name_text(outlook),
        "share": formats.percent_bp(shown.coverage_bp, 0),
        "month": month_text(outlook, shown.runway_months),
        "low": month_text(outlook, shown.runway_low_months),
        "year": formats.fiscal_year(shown.years[-1].year),
    }
    match shown.verdict:
        case Verdict.OUT:
            return (
                _("%(institute)s has spent its base money; own income pays %(share)s of its cost")
                % parts
            )
        case Verdict.RUNS_OUT:
            return (
                _("%(institute)s has money until %(month)s; own income pays %(share)s of its cost")
                % parts
            )
        case Verdict.MAY_RUN_OUT:
            return _("%(institute)s pays its way, but may run short from %(low)s") % parts
        case Verdict.STANDS:
            return _("The money of %(institute)s lasts through %(year)s") % parts
        case _:
            assert_never(shown.verdict)


def verdict_tag(shown: Projection) -> Tag:
    """How an institute stands, as a word."""
    return Tag(str(VERDICT_LABELS[shown.verdict]), tone_of(shown))


def reason_texts(outlook: Outlook, shown: Projection) -> tuple[str, ...]:
    """Why an institute is at risk, one sentence each."""
    return tuple(_reason_text(one, outlook, shown) for one in shown.reasons)


def reasons_text(outlook: Outlook, shown: Projection) -> str:
    """The same as one text; a dash where there are none."""
    between = "" if formats.is_chinese() else " "
    return between.join(reason_texts(outlook, shown)) or formats.MISSING


def lag_text(outlook: Outlook) -> str:
    """That the records lag, where they do."""
    if not outlook.is_lagging:
        return ""
    return _("Nothing is recorded after %(year)s yet, so months count from its end.") % {
        "year": formats.fiscal_year(outlook.books.years[-1])
    }


def cost_label() -> str:
    """What an institute's year costs, which is no single cost of the books."""
    return pgettext("of an institute in a year", "Cost")


def stream_label(outlook: Outlook, key: str) -> str:
    """What a stream of own income is called: as the profile says, where it says."""
    if key == PARTNERS:
        return _("Partners’ cash")
    if key == DUES and not has_recorded_dues(outlook):
        return _("Dues (estimate)")
    streams = {one.key: one for one in queries.profile_in_use().income_streams}
    found = streams.get(key)
    return formats.local_name(found) if found else key


def has_recorded_dues(outlook: Outlook) -> bool:
    """Whether dues are what was recorded, and no estimate."""
    return DUES in outlook.recorded_streams


def _reason_text(reason: Reason, outlook: Outlook, shown: Projection) -> str:
    parts = {
        "month": month_text(outlook, shown.runway_months),
        "low": month_text(outlook, shown.runway_low_months),
        "award": month_text(outlook, shown.award_months),
        "money": formats.money_in_millions(outlook.books.base_left),
        "sources": sources_text(shown.diversity),
    }
    match reason:
        case Reason.AWARD_OVER:
            return _("No award runs any more, and own income does not pay the whole cost.")
        case Reason.AWARD_ENDS:
            return (
                _("Base money ends in %(award)s, and own income does not pay the whole cost.")
                % parts
            )
        case Reason.AWARD_SPENT:
            return (
                _("The %(money)s left of the award are used up in %(month)s, before it ends.")
                % parts
            )
        case Reason.LOW_END:
            return (
                _("With own income at the low end of its interval, money is short from %(low)s.")
                % parts
            )
        case Reason.OWN_FALLS:
            return _("Own income falls within the forecast.")
        case Reason.ONE_SOURCE:
            return _("Income hangs on few sources: %(sources)s effective ones.") % parts
        case Reason.SHORT_PAST:
            return _("Too few years are recorded to give an interval.")
        case _:
            assert_never(reason)


def tone_of(shown: Projection) -> Tone:
    if shown.is_urgent:
        return "bad"
    return "ok" if shown.verdict is Verdict.STANDS else "due"


def name_text(outlook: Outlook) -> str:
    return outlook.institute.name_in("zh-hans" if formats.is_chinese() else "en")


def month_text(outlook: Outlook, months: int | None) -> str:
    return formats.month_local(None if months is None else outlook.month(months))


def until_text(outlook: Outlook, shown: Projection) -> str:
    """The month in which the money is spent, or that it is not within the forecast."""
    if shown.runway_months is not None:
        return month_text(outlook, shown.runway_months)
    return _("beyond %(year)s") % {"year": formats.fiscal_year(shown.years[-1].year)}


def until_low_text(outlook: Outlook, shown: Projection) -> str:
    if shown.years[-1].balance_low is None:
        return formats.MISSING
    if shown.runway_low_months is not None:
        return month_text(outlook, shown.runway_low_months)
    return _("beyond %(year)s") % {"year": formats.fiscal_year(shown.years[-1].year)}


def award_end_text(outlook: Outlook) -> str:
    """The month in which the last award ends, or has ended."""
    ends = outlook.award_ends_on
    if ends is None:
        return _("no award runs")
    month = formats.month_local(ends)
    return _("ended %(month)s") % {"month": month} if ends <= outlook.counted_from else month


def sources_text(hundredths: int | None) -> str:
    return formats.number(None if hundredths is None else Decimal(hundredths) / 100, 1)
