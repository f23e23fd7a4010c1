"""Pages of programme income: what was earned, by which method it is spent, and on what."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import (
    IncomeForm,
    IncomeUseForm,
    ReportingTermsForm,
    initial_day,
    posted,
)
from lineshaft.apps.funding.models import Agreement, Income, IncomeUse
from lineshaft.apps.funding.rules import ReportBasis
from lineshaft.apps.funding.views.costs import category_name, under_agreement
from lineshaft.apps.funding.views.transfers import may_under, permit_under
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import IncomeMethod, IncomeMethodKey
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.web.formats import date_local, local_name, local_of, money
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

type Change = Callable[[dict[str, Any]], object]


@require_GET
def list_income(request: HttpRequest, pk: int) -> HttpResponse:
    """Programme income under an agreement: what is unspent, what came in, what it was spent on."""
    actor = actor_of(request)
    agreement = queries.overseen_agreement_by_id(actor, pk)
    position = queries.income_position(agreement)
    method = queries.income_method_of(agreement)
    income = queries.income_visible_to(actor).filter(agreement=agreement)
    uses = queries.income_uses_visible_to(actor).filter(agreement=agreement)[:100]
    context = {
        "title": _("%(unspent)s of programme income is unspent under %(number)s")
        % {
            "unspent": money(position.unspent_minor, agreement.currency),
            "number": agreement.number,
        },
        "lede": _("%(earned)s earned, %(used)s spent. %(consequence)s")
        % {
            "earned": money(position.earned_minor, agreement.currency),
            "used": money(position.used_minor, agreement.currency),
            "consequence": _consequence(method),
        },
        "crumbs": under_agreement(agreement),
        "actions": _actions(actor, agreement),
        "items": (
            Item(_("Use of programme income"), local_name(method)),
            Item(_("Reported on lines"), _reported_on(method)),
        ),
        "rule_text": local_of(method, "text"),
        "citation": method.authority.citation,
        "income_table": _income_table(paginate(request, income), agreement),
        "uses_table": _uses_table(uses, agreement),
    }
    return render_page(request, "funding/list_income.html", context)


@require_http_methods(["GET", "POST"])
def record_income(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of programme income that came in."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def record(data: dict[str, Any]) -> object:
        earning = services.Earning(
            gross_minor=data.pop("amount_minor"),
            cost_of_earning_minor=data.pop("cost_of_earning_minor") or 0,
            currency=agreement.currency,
            **data,
        )
        return services.record_income(actor, agreement, earning, now=clock.now())

    form = IncomeForm(
        posted(request), currency=agreement.currency, initial=initial_day(clock.today())
    )
    return _income_page(
        request, agreement, "record_income", form, record, title=_("Record programme income")
    )


@require_http_methods(["GET", "POST"])
def use_income(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that spends programme income."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    form = IncomeUseForm(
        posted(request), currency=agreement.currency, initial=initial_day(clock.today())
    )
    return _income_page(
        request,
        agreement,
        "use_income",
        form,
        lambda data: services.use_income(
            actor, agreement, services.Use(currency=agreement.currency, **data), now=clock.now()
        ),
        title=_("Spend programme income"),
    )


@require_http_methods(["GET", "POST"])
def set_reporting_terms(request: HttpRequest, pk: int) -> HttpResponse:
    """The form by which the sponsor says how the agreement is reported on."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    form = ReportingTermsForm(posted(request), terms=queries.reporting_terms_of(agreement))
    return _income_page(
        request,
        agreement,
        "set_reporting_terms",
        form,
        lambda data: services.set_reporting_terms(
            actor, agreement, **data | {"basis": ReportBasis(data["basis"])}, now=clock.now()
        ),
        title=_("Set the terms of reporting"),
    )


def _income_page(
    request: HttpRequest, agreement: Agreement, verb: str, form: Form, change: Change, *, title: str
) -> HttpResponse:
    """Show the verb's form, or perform it; whoever may not is told before typing."""
    permit_under(actor_of(request), verb, agreement)
    back = reverse("funding:list_income", args=[agreement.pk])
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            change(dict(form.cleaned_data))
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("%(title)s: it is recorded.") % {"title": title})
            return redirect(back)
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": title,
        "lede": "",
        "crumbs": under_agreement(agreement),
        "form": form,
        "submit_label": title,
        "cancel_url": back,
        "refusal": refusal,
    }
    return render_page(request, f"funding/{verb}.html", context, status=status)


def _consequence(method: IncomeMethod) -> str:
    match IncomeMethodKey(method.key):
        case IncomeMethodKey.DEDUCTION | IncomeMethodKey.ADDITION:
            return _("What is unspent goes before further federal money is drawn.")
        case IncomeMethodKey.COST_SHARING:
            return _("What is spent counts as the recipient's share.")


def _reported_on(method: IncomeMethod) -> str:
    lines = {
        IncomeMethodKey.DEDUCTION: "10l, 10m, 10o",
        IncomeMethodKey.ADDITION: "10l, 10n, 10o",
        IncomeMethodKey.COST_SHARING: "10j",
    }
    return lines[IncomeMethodKey(method.key)]


def _actions(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    offered = (
        ("record_income", _("Record programme income")),
        ("use_income", _("Spend programme income")),
        ("set_reporting_terms", _("Set the terms of reporting")),
    )
    return tuple(
        Action(
            label,
            reverse(f"funding:{verb}", args=[agreement.pk]),
            is_primary=verb == "record_income",
        )
        for verb, label in offered
        if may_under(actor, verb, agreement)
    )


def stream_name(key: str) -> str:
    """The stream's name in the reader's language, or its key where the profile lost it."""
    streams = profile_in_use().income_streams
    found = next((one for one in streams if one.key == key), None)
    return local_name(found) if found else key


def _income_table(page: Any, agreement: Agreement) -> Table:
    return Table(
        caption=_("Earned, newest first"),
        columns=(
            Column("date", _("Date")),
            Column("payer", _("Payer")),
            Column("stream", _("Stream")),
            Column("gross", _("Came in"), is_number=True),
            Column("cost", _("Costs of earning it"), is_number=True),
            Column("net", _("Programme income"), is_number=True),
        ),
        rows=tuple(_income_row(one, agreement.currency) for one in page),
        page=page,
        empty=_("No programme income is recorded."),
        is_stacked=True,
    )


def _income_row(income: Income, currency: str) -> Row:
    transfer = income.transfer
    return Row(
        (
            Cell(date_local(transfer.occurred_on), url=transfer.get_absolute_url()),
            Cell(income.payer, note=income.description),
            Cell(stream_name(income.stream)),
            Cell(money(income.gross_minor, currency)),
            Cell(money(income.cost_of_earning_minor, currency)),
            Cell(money(transfer.amount_minor, currency)),
        )
    )


def _uses_table(uses: Iterable[IncomeUse], agreement: Agreement) -> Table:
    return Table(
        caption=_("Spent, newest first"),
        columns=(
            Column("date", _("Date")),
            Column("what", _("What it was spent on")),
            Column("category", _("Category")),
            Column("amount", _("Amount"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(date_local(use.transfer.occurred_on), url=use.transfer.get_absolute_url()),
                    Cell(use.description),
                    Cell(category_name(use.category)),
                    Cell(money(use.transfer.amount_minor, agreement.currency)),
                )
            )
            for use in uses
        ),
        empty=_("Nothing of it is spent yet."),
        is_stacked=True,
    )
