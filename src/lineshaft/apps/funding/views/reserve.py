"""The page of an agreement's performance reserve, and the forms that withhold and release it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import MovementForm, ReserveReleaseForm, initial_day, posted
from lineshaft.apps.funding.models import RATING_LABELS, Account, Agreement, ReserveDecision
from lineshaft.apps.funding.rules import RESERVE, AccountKind, Rating, TransferCode
from lineshaft.apps.funding.views.pages import agreement_tabs, change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import may_under, sponsors_to_act_for
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.web.formats import date_local, local_name, money
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def show_reserve(request: HttpRequest, pk: int) -> HttpResponse:
    """What is held back for performance, and on which assessment the rest was released."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    accounts = list(
        queries.accounts_visible_to(actor)
        .filter(agreement=agreement, kind__in=[AccountKind.RESERVE, AccountKind.AWARD])
        .select_related("agency")
        .order_by("pk")
    )
    decisions = queries.reserve_decisions_visible_to(actor).filter(agreement=agreement)
    context = {
        "title": _title(agreement, accounts),
        "lede": _("What is held back can't be obligated until its release is decided."),
        "crumbs": under_crumbs(agreement),
        "actions": _actions(actor, agreement),
        "tabs": agreement_tabs(agreement, "funding:show_reserve"),
        "sponsors_table": _sponsors_table(accounts, agreement),
        "decisions_table": _decisions_table(paginate(request, decisions)),
        "citation": RESERVE,
    }
    return render_page(request, "funding/show_reserve.html", context)


@require_http_methods(["GET", "POST"])
def withhold_reserve(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that holds authorised money back for performance."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        held = services.withhold_reserve(
            actor, agreement, currency=agreement.currency, now=clock.now(), **data
        )
        return _("%(amount)s is held back.") % {"amount": money(held.amount)}

    return _movement_page(
        request, agreement, "withhold_reserve", MovementForm, change, title=_("Hold money back")
    )


@require_http_methods(["GET", "POST"])
def release_reserve(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that releases money held back, by a decision on assessed performance."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        assessed = services.Assessment(
            data.pop("assessed_from"),
            data.pop("assessed_before"),
            data.pop("rating"),
            data.pop("assessment"),
        )
        released = services.release_reserve(
            actor,
            agreement,
            assessed=assessed,
            currency=agreement.currency,
            now=clock.now(),
            **data,
        )
        return _("%(amount)s is released.") % {"amount": money(released.amount)}

    return _movement_page(
        request,
        agreement,
        "release_reserve",
        ReserveReleaseForm,
        change,
        title=_("Release performance reserve"),
    )


def _movement_page(
    request: HttpRequest,
    agreement: Agreement,
    verb: str,
    form_class: type[MovementForm],
    change: Any,
    *,
    title: str,
) -> HttpResponse:
    form = form_class(
        posted(request),
        currency=agreement.currency,
        sponsors=sponsors_to_act_for(actor_of(request), verb, agreement),
        initial=initial_day(clock.today()),
    )
    url = reverse("funding:show_reserve", args=[agreement.pk])
    return change_page(
        request,
        agreement,
        verb,
        form,
        change,
        title=title,
        next_url=url,
        crumbs=(Crumb(_("Performance reserve"), url),),
        citation=RESERVE,
    )


def _title(agreement: Agreement, accounts: list[Account]) -> str:
    held = sum(one.balance_minor for one in accounts if one.kind == AccountKind.RESERVE)
    if not held:
        return _("Nothing is held back under %(number)s") % {"number": agreement.number}
    return _("%(held)s is held back for performance under %(number)s") % {
        "held": money(held, agreement.currency),
        "number": agreement.number,
    }


def _actions(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    offered = (
        (TransferCode.RELEASE_RESERVE, "release_reserve", _("Release performance reserve")),
        (TransferCode.WITHHOLD, "withhold_reserve", _("Hold money back")),
    )
    return tuple(
        Action(label, reverse(f"funding:{verb}", args=[agreement.pk]))
        for code, verb, label in offered
        if rules.state_allows(code, agreement.state) is None and may_under(actor, verb, agreement)
    )


def _sponsors_table(accounts: list[Account], agreement: Agreement) -> Table:
    by_sponsor: dict[str, dict[str, Account]] = {}
    for account in accounts:
        by_sponsor.setdefault(local_name(account.agency), {})[account.kind] = account
    rows = []
    for name, held in by_sponsor.items():
        reserve, award = held[AccountKind.RESERVE], held[AccountKind.AWARD]
        amounts = (
            reserve.credits_posted,
            reserve.debits_posted,
            reserve.balance_minor,
            award.available_minor,
        )
        rows.append(
            Row((Cell(name), *(Cell(money(minor, agreement.currency)) for minor in amounts)))
        )
    return Table(
        caption=_("Held back by each sponsor, %(currency)s") % {"currency": agreement.currency},
        columns=(
            Column("agency", _("Agency")),
            Column("withheld", _("Held back in all"), is_number=True),
            Column("released", _("Released"), is_number=True),
            Column("held", _("Still held back"), is_number=True),
            Column("award", _("Left to obligate"), is_number=True),
        ),
        rows=tuple(rows),
    )


def _decisions_table(page: Any) -> Table:
    return Table(
        caption=_("Releases and what they rest on"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("amount", _("Amount"), is_number=True),
            Column("rating", _("Performance")),
            Column("assessed", _("Assessed")),
            Column("assessment", _("Assessment")),
        ),
        rows=tuple(_decision_row(one) for one in page),
        page=page,
        empty=_("No part of the reserve was released."),
        is_stacked=True,
    )


def _decision_row(decision: ReserveDecision) -> Row:
    transfer = decision.transfer
    return Row(
        (
            Cell(date_local(transfer.occurred_on), url=transfer.get_absolute_url()),
            Cell(money(transfer.amount)),
            Cell(str(RATING_LABELS[Rating(decision.rating)])),
            Cell(f"{date_local(decision.assessed_from)} – {date_local(decision.assessed_before)}"),
            Cell(decision.assessment),
        )
    )
