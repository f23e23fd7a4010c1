"""Pages of an institute's own income: by stream and year, entry by entry, and its reversals."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.exchange.own_income import own_income_columns, own_income_records
from lineshaft.apps.funding.forms import (
    OwnIncomeFilterForm,
    OwnIncomeForm,
    ReversalForm,
    chosen,
    posted,
    prefilled,
)
from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.funding.queries import IncomeByStream
from lineshaft.apps.funding.rules import PERMISSIONS
from lineshaft.apps.funding.views.income import stream_name
from lineshaft.apps.funding.views.transfers import funding_crumbs
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.downloads import table_download
from lineshaft.web.formats import date_local, fiscal_year, local_name, money, user_name
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_YEARS_SHOWN = 6


@require_GET
def list_own_income(request: HttpRequest, key: str) -> HttpResponse:
    """What the institute earned itself: by stream and year, then entry by entry."""
    actor = actor_of(request)
    institute = _institute(actor, key)
    form = OwnIncomeFilterForm(request.GET or None)
    page = paginate(request, _narrowed(actor, institute, form))
    found = queries.income_by_stream(institute.key)
    export = reverse("funding:export_own_income", args=[key, "csv"])
    context = {
        "title": _title(institute, found),
        "lede": _(
            "Income beside the base money of the sponsors. Programme income under an agreement is "
            "entered there once, and counts here under its stream."
        ),
        "crumbs": funding_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "actions": _actions(actor, institute),
        "streams_table": _streams_table(found),
        "filter_form": form,
        "table": _entries_table(page, f"{export}?{request.GET.urlencode()}"),
    }
    return render_page(request, "funding/list_own_income.html", context)


@require_GET
def export_own_income(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The same list as a file: csv, xlsx or json."""
    actor = actor_of(request)
    institute = _institute(actor, key)
    filters = OwnIncomeFilterForm(request.GET or None)
    return table_download(
        actor,
        form,
        name=f"own-income-{key}",
        institute=key,
        columns=own_income_columns(),
        rows=own_income_records(_narrowed(actor, institute, filters)),
        provenance=Provenance(
            title=_("Own income of %(institute)s") % {"institute": local_name(institute)},
            generated_at=clock.now(),
            is_demonstration=settings.IS_DEMONSTRATION,
            filters={name: str(value) for name, value in chosen(filters).items()},
        ),
    )


@require_GET
def show_own_income(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One entry, and what took it back."""
    actor = actor_of(request)
    entry = queries.own_income_by_id(actor, pk)
    left_minor = queries.left_to_reverse_minor(entry)
    is_reversal = entry.reverses is not None
    title = _("Reversal of %(amount)s, %(stream)s") if is_reversal else _("%(amount)s, %(stream)s")
    context = {
        "title": title % {"amount": money(entry.amount), "stream": stream_name(entry.stream)},
        "lede": entry.why or entry.description,
        "crumbs": _under_income(entry.institute),
        "actions": _entry_actions(actor, entry, left_minor),
        "items": _items(entry, left_minor),
        "table": _entries_table(entry.reversals.select_related("institute"), ""),
        "events": events_of(actor, entry)[:20],
    }
    return render_page(request, "funding/show_own_income.html", context)


@require_http_methods(["GET", "POST"])
def record_own_income(request: HttpRequest, key: str) -> HttpResponse:
    """The form of an entry."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    permit(actor, PERMISSIONS["record_own_income"], institute=institute.key)
    initial = {"received_on": clock.today(), **prefilled(request)}
    form = OwnIncomeForm(posted(request), initial=initial)
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        row = services.OwnIncomeRow(
            institute_id=institute.pk, currency=profile_in_use().currency, **form.cleaned_data
        )
        with errors_into_form(form) as outcome:
            services.record_own_income(actor, row, now=clock.now())
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("The entry is recorded."))
            return redirect(reverse("funding:list_own_income", args=[key]))
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": _("Record own income of %(institute)s") % {"institute": local_name(institute)},
        "lede": _("What the work under an award earned is programme income of its agreement."),
        "crumbs": funding_crumbs(institute),
        "form": form,
        "submit_label": _("Record"),
        "cancel_url": reverse("funding:list_own_income", args=[key]),
        "refusal": refusal,
    }
    return render_page(request, "funding/record_own_income.html", context, status=status)


@require_http_methods(["GET", "POST"])
def reverse_own_income(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that takes an entry back, or a part of it."""
    actor = actor_of(request)
    entry = queries.own_income_by_id(actor, pk)
    permit(actor, PERMISSIONS["reverse_own_income"], institute=entry.institute.key)
    form = ReversalForm(
        posted(request), currency=entry.currency, initial={"received_on": clock.today()}
    )
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            services.reverse_own_income(actor, entry, now=clock.now(), **form.cleaned_data)
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("The reversal is recorded."))
            return redirect(entry.get_absolute_url())
        status, refusal = outcome.status, outcome.refusal
    left = money(queries.left_to_reverse_minor(entry), entry.currency)
    context = {
        "title": _("Reverse an entry"),
        "lede": _("%(left)s of it is left to reverse.") % {"left": left},
        "crumbs": _under_income(entry.institute),
        "form": form,
        "submit_label": _("Reverse"),
        "cancel_url": entry.get_absolute_url(),
        "refusal": refusal,
    }
    return render_page(request, "funding/reverse_own_income.html", context, status=status)


def _institute(actor: Actor, key: str) -> Institute:
    """The institute, for whoever reads its income; not found for all others."""
    institute = institute_by_key(actor, key)
    if not queries.may_read_contributors(actor, institute.key):
        raise Http404
    return institute


def _narrowed(actor: Actor, institute: Institute, form: OwnIncomeFilterForm) -> QuerySet[OwnIncome]:
    found = queries.own_income_visible_to(actor).filter(institute=institute)
    lookups = {"stream": "stream", "since": "received_on__gte", "before": "received_on__lt"}
    narrowed = chosen(form)
    return found.filter(**{lookups[name]: value for name, value in narrowed.items()})


def _title(institute: Institute, found: IncomeByStream) -> str:
    if not found.years:
        return _("No income of its own is recorded for %(institute)s") % {
            "institute": local_name(institute)
        }
    year = found.years[-1]
    return _("In %(year)s, %(institute)s earned %(amount)s of its own") % {
        "year": fiscal_year(year),
        "institute": local_name(institute),
        "amount": money(found.of_year(year), found.currency),
    }


def _under_income(institute: Institute) -> tuple[Crumb, ...]:
    url = reverse("funding:list_own_income", args=[institute.key])
    return (*funding_crumbs(institute), Crumb(_("Own income"), url))


def _actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    if not may(actor, PERMISSIONS["record_own_income"], institute=institute.key):
        return ()
    url = reverse("funding:record_own_income", args=[institute.key])
    return (Action(_("Record own income"), url, is_primary=True),)


def _entry_actions(actor: Actor, entry: OwnIncome, left_minor: int) -> tuple[Action, ...]:
    is_open = entry.reverses is None and left_minor > 0
    if not (
        is_open and may(actor, PERMISSIONS["reverse_own_income"], institute=entry.institute.key)
    ):
        return ()
    return (Action(_("Reverse"), reverse("funding:reverse_own_income", args=[entry.pk])),)


def _items(entry: OwnIncome, left_minor: int) -> tuple[Item, ...]:
    items = [
        Item(_("Stream"), stream_name(entry.stream)),
        Item(_("Payer"), entry.payer or "–"),
        Item(_("Received on"), date_local(entry.received_on)),
        Item(_("Own number"), entry.external_id or "–"),
        Item(_("Recorded at"), date_local(entry.recorded_at)),
        Item(
            _("Recorded by"),
            user_name(entry.recorded_by),
        ),
    ]
    if entry.reverses is None:
        items.append(Item(_("Left to reverse"), money(left_minor, entry.currency)))
    else:
        items.append(
            Item(
                _("Reverses"),
                date_local(entry.reverses.received_on),
                url=entry.reverses.get_absolute_url(),
            )
        )
    return tuple(items)


def _streams_table(found: IncomeByStream) -> Table:
    """Streams down, the latest years across, with their totals."""
    years = found.years[-_YEARS_SHOWN:]
    rows = [
        Row(
            (
                Cell(local_name(stream)),
                *(Cell(money(found.of(year, stream.key), found.currency)) for year in years),
            )
        )
        for stream in profile_in_use().income_streams
        if any(found.of(year, stream.key) for year in years)
    ]
    totals = (Cell(money(found.of_year(year), found.currency)) for year in years)
    return Table(
        caption=_("Own income by stream and fiscal year"),
        columns=(
            Column("stream", _("Stream")),
            *(Column(str(year), fiscal_year(year), is_number=True) for year in years),
        ),
        rows=tuple(rows),
        foot=(Cell(_("All streams")), *totals) if rows else (),
        empty=_("No income is recorded yet."),
    )


def _entries_table(page: Any, export_url: str) -> Table:
    return Table(
        caption=_("Entries, newest first") if export_url else _("What took it back"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("stream", _("Stream")),
            Column("payer", _("Payer")),
            Column("amount", _("Amount"), is_number=True),
        ),
        rows=tuple(_entry_row(entry) for entry in page),
        page=page if export_url else None,
        export_url=export_url,
        empty=_("No entry answers to this filter.") if export_url else _("Nothing."),
        is_stacked=True,
    )


def _entry_row(entry: OwnIncome) -> Row:
    sign = -1 if entry.reverses_id is not None else 1
    return Row(
        (
            Cell(date_local(entry.received_on), url=entry.get_absolute_url()),
            Cell(stream_name(entry.stream), note=entry.description or entry.why),
            Cell(entry.payer),
            Cell(money(sign * entry.amount_minor, entry.currency)),
        )
    )
