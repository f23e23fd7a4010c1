"""Outlooks as files: one institute's, year by year, and where all of them stand."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.forms import OutlookForm
from lineshaft.apps.insight.queries import Outlook
from lineshaft.apps.insight.views import outlook_wording as words
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.engines.economics import Levers, Projection
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn, Provenance
from lineshaft.web import formats
from lineshaft.web.downloads import EXPORT_FORMS, table_download
from lineshaft.web.pages import actor_of


@require_GET
def export_outlook(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """What is recorded and what is forecast of one institute, under the changes in the address."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    snapshot = queries.current_snapshot() if queries.may_read_part(actor, key) else None
    name = queries.InstituteName(key, institute.name, institute.name_zh)
    outlook = queries.outlook_of(snapshot, name) if snapshot else None
    if outlook is None:
        raise NotFound(queries.NO_OUTLOOK, code="no_outlook")
    asked = OutlookForm(request.GET or None)
    levers = asked.levers(records_end=outlook.records_end) if asked.is_valid() else Levers()
    shown = outlook.under(levers) if levers != Levers() else outlook.projection
    return table_download(
        actor,
        form,
        name=f"outlook-{key}",
        institute=key,
        columns=_year_columns(),
        rows=_year_rows(outlook, shown),
        provenance=_provenance(
            _("Outlook of %(institute)s") % {"institute": formats.local_name(institute)},
            {name: str(value) for name, value in request.GET.items() if name in asked.fields},
        ),
    )


@require_GET
def export_outlooks(request: HttpRequest, form: str) -> HttpResponseBase:
    """Where each institute stands that the reader may read, most urgent first."""
    actor = actor_of(request)
    snapshot = queries.current_snapshot() if queries.may_read_outlooks(actor) else None
    if snapshot is None:
        raise NotFound(queries.NO_OUTLOOK, code="no_outlook")
    return table_download(
        actor,
        form,
        name="outlooks",
        columns=_standing_columns(),
        rows=_standing_rows(queries.outlooks_visible_to(actor, snapshot)),
        provenance=_provenance(_("Which institutes can stand alone"), {}),
    )


def export_links(name: str, *arguments: str, query: str = "") -> list[tuple[str, str]]:
    """A label and an address for each form in which the file is had."""
    return [
        (form.upper(), reverse(f"insight:{name}", args=[*arguments, form]) + query)
        for form in EXPORT_FORMS
    ]


def _provenance(title: str, filters: dict[str, str]) -> Provenance:
    return Provenance(
        title=title,
        generated_at=clock.now(),
        is_demonstration=settings.IS_DEMONSTRATION,
        filters=filters,
    )


def _year_columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn("fiscal_year", _("Fiscal year")),
        ExportColumn("is_forecast", _("Forecast")),
        ExportColumn("base", _("Base money")),
        ExportColumn("own", _("Own income")),
        ExportColumn("own_low", _("Own income, low end")),
        ExportColumn("own_high", _("Own income, high end")),
        ExportColumn("in_kind", _("In kind")),
        ExportColumn("cost", words.cost_label()),
        ExportColumn("cost_low", _("Cost, low end")),
        ExportColumn("cost_high", _("Cost, high end")),
        ExportColumn("balance", _("In hand at the end")),
    )


def _year_rows(outlook: Outlook, shown: Projection) -> Iterator[tuple[ExportCell, ...]]:
    books = outlook.books
    for place, year in enumerate(books.years):
        own, cost = _amount(books.own(place)), _amount(books.cost(place))
        base, in_kind = _amount(books.base[place]), _amount(books.in_kind[place])
        yield (year, False, base, own, None, None, in_kind, cost, None, None, None)
    for one in shown.years:
        yield (
            one.year,
            True,
            _amount(one.base),
            *(_amount(minor) for minor in (one.own.amount, one.own.low, one.own.high)),
            _amount(one.in_kind),
            *(_amount(minor) for minor in (one.cost.amount, one.cost.low, one.cost.high)),
            _amount(one.balance),
        )


def _standing_columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn("institute", _("Institute")),
        ExportColumn("standing", _("Standing")),
        ExportColumn("until", _("Money lasts until")),
        ExportColumn("until_low", _("At the low end")),
        ExportColumn("coverage", _("Cost paid by own income")),
        ExportColumn("sources", _("Effective sources")),
        ExportColumn("award_ends", _("Award ends")),
        ExportColumn("why", _("Why")),
    )


def _standing_rows(outlooks: tuple[Outlook, ...]) -> Iterator[tuple[ExportCell, ...]]:
    for one in outlooks:
        found = one.projection
        yield (
            one.institute.key,
            words.verdict_tag(found).text,
            words.until_text(one, found),
            words.until_low_text(one, found),
            formats.percent_bp(found.coverage_bp, 0),
            words.sources_text(found.diversity),
            one.award_ends_on,
            words.reasons_text(one, found),
        )


def _amount(minor: int | None) -> ExportCell:
    return None if minor is None else Money(minor, formats.profile().currency).amount
