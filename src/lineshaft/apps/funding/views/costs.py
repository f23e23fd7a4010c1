"""Pages of costs: what is encumbered, owed and paid under an agreement, and what proves it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.exchange.costs import cost_columns, cost_records
from lineshaft.apps.funding.forms import (
    CostFilterForm,
    CostForm,
    CostMoveForm,
    MovementForm,
    ReleaseForm,
    chosen,
    initial_day,
    posted,
    prefilled,
)
from lineshaft.apps.funding.models import (
    TRANSFER_CODE_LABELS,
    Agreement,
    Cost,
    CostMovement,
)
from lineshaft.apps.funding.rules import CODES, COST_PRINCIPLES, TransferCode, state_allows
from lineshaft.apps.funding.views.transfers import agreement_crumbs, may_under, permit_under
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.web.downloads import table_download
from lineshaft.web.formats import date_local, local_name, money
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

type Move = Callable[[dict[str, Any]], Cost]

_SORTS = {
    "date": "occurred_on",
    "payee": "payee",
    "amount": "amount_minor",
    "incurred": "incurred_minor",
    "paid": "paid_minor",
}
_STANDING = {
    "encumbered": Q(encumbered_minor__gt=0),
    "to_pay": Q(incurred_minor__gt=F("paid_minor")),
    "paid": Q(incurred_minor__gt=0, incurred_minor=F("paid_minor"), encumbered_minor=0),
}


@require_GET
def list_costs(request: HttpRequest, pk: int) -> HttpResponse:
    """The costs under an agreement: what waits to be paid, and what is set aside."""
    actor = actor_of(request)
    agreement = queries.overseen_agreement_by_id(actor, pk)
    form = CostFilterForm(request.GET or None)
    order_by, sort = sorting(request, _SORTS, "-date")
    page = paginate(request, _narrowed(actor, agreement, form).order_by(order_by, "pk"))
    totals = queries.cost_totals(agreement)
    export = reverse("funding:export_costs", args=[pk, "csv"])
    context = {
        "title": _("%(to_pay)s of costs wait to be paid under %(number)s")
        % {
            "to_pay": money(totals.to_pay_minor, agreement.currency),
            "number": agreement.number,
        },
        "lede": _(
            "The federal share of costs: %(incurred)s incurred, %(paid)s of it paid, and "
            "%(encumbered)s more encumbered."
        )
        % {
            "incurred": money(totals.incurred_minor, agreement.currency),
            "paid": money(totals.paid_minor, agreement.currency),
            "encumbered": money(totals.encumbered_minor, agreement.currency),
        },
        "crumbs": under_agreement(agreement),
        "actions": _list_actions(actor, agreement),
        "filter_form": form,
        "table": _costs_table(page, sort, f"{export}?{request.GET.urlencode()}"),
    }
    return render_page(request, "funding/list_costs.html", context)


@require_GET
def export_costs(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The same list as a file: csv, xlsx or json."""
    actor = actor_of(request)
    agreement = queries.overseen_agreement_by_id(actor, pk)
    filters = CostFilterForm(request.GET or None)
    found = _narrowed(actor, agreement, filters).order_by("occurred_on", "pk")
    return table_download(
        actor,
        form,
        name=f"costs-{agreement.number}",
        institute=agreement.institute.key,
        columns=cost_columns(),
        rows=cost_records(found),
        provenance=Provenance(
            title=_("Costs under %(number)s") % {"number": agreement.number},
            generated_at=clock.now(),
            is_demonstration=settings.IS_DEMONSTRATION,
            filters={name: str(value) for name, value in chosen(filters).items()},
        ),
    )


@require_GET
def show_cost(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One cost: what it is for, how far it is paid, each movement with its evidence."""
    actor = actor_of(request)
    cost = queries.cost_by_id(actor, pk)
    context = {
        "title": _("%(payee)s: %(paid)s of %(amount)s paid")
        % {
            "payee": cost.payee,
            "paid": money(cost.paid_minor, cost.currency),
            "amount": money(cost.amount),
        },
        "tag": standing_tag(cost),
        "lede": cost.description,
        "crumbs": _under_costs(cost),
        "actions": _actions(actor, cost),
        "items": _items(cost),
        "movements_table": _movements_table(queries.movements_of(cost), cost),
        "citation": COST_PRINCIPLES,
        "events": events_of(actor, cost)[:20],
    }
    return render_page(request, "funding/show_cost.html", context)


@require_http_methods(["GET", "POST"])
def record_cost(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a cost that was incurred."""
    return _opening_page(request, pk, services.record_cost, title=_("Record a cost"))


@require_http_methods(["GET", "POST"])
def record_encumbrance(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that sets money aside for an order."""
    return _opening_page(
        request, pk, services.record_encumbrance, title=_("Encumber money for an order")
    )


@require_http_methods(["GET", "POST"])
def liquidate_encumbrance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that turns an encumbrance into a cost."""
    return _moving_page(
        request, pk, services.liquidate_encumbrance, title=_("Liquidate an encumbrance")
    )


@require_http_methods(["GET", "POST"])
def pay_cost(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that pays a cost."""
    return _moving_page(request, pk, services.pay_cost, title=_("Pay a cost"))


@require_http_methods(["GET", "POST"])
def release_encumbrance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that gives back what is left of an encumbrance."""
    return _moving_page(
        request,
        pk,
        services.release_encumbrance,
        title=_("Release an encumbrance"),
        form_class=ReleaseForm,
    )


def standing_tag(cost: Cost) -> Tag:
    """How far a cost has come, in a word."""
    encumbered: int = getattr(cost, "encumbered_minor", 0)
    if cost.to_pay_minor:
        return Tag(_("to be paid"), "due")
    if encumbered:
        return Tag(_("encumbered"), "quiet")
    if cost.paid_minor:
        return Tag(_("paid"), "ok")
    return Tag(_("taken back"), "quiet")


def category_name(key: str) -> str:
    """The category's name in the reader's language, or its key where the profile lost it."""
    categories = profile_in_use().cost_categories
    found = next((one for one in categories if one.key == key), None)
    return local_name(found) if found else key


def under_agreement(agreement: Agreement) -> tuple[Crumb, ...]:
    """The way to a page under an agreement, the agreement included."""
    return (*agreement_crumbs(agreement), Crumb(agreement.number, agreement.get_absolute_url()))


def _narrowed(actor: Actor, agreement: Agreement, form: CostFilterForm) -> QuerySet[Cost]:
    found = queries.costs_visible_to(actor).filter(agreement=agreement)
    narrowed = chosen(form)
    if "standing" in narrowed:
        found = found.filter(_STANDING[narrowed["standing"]])
    if "category" in narrowed:
        found = found.filter(category=narrowed["category"])
    return found


def _under_costs(cost: Cost) -> tuple[Crumb, ...]:
    url = reverse("funding:list_costs", args=[cost.agreement_id])
    return (*under_agreement(cost.agreement), Crumb(_("Costs"), url))


def _opening_page(
    request: HttpRequest, pk: int, begin: Callable[..., Cost], *, title: str
) -> HttpResponse:
    """The page of the service of that name, which begins a cost under an agreement."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    return _cost_page(
        request,
        agreement,
        begin.__name__,
        CostForm,
        lambda data: begin(
            actor, agreement, currency=agreement.currency, now=clock.now(), **_proved(data)
        ),
        title=title,
        lede=_("The federal share alone; what others bear is recorded as a contribution."),
        cancel_url=agreement.get_absolute_url(),
    )


def _moving_page(
    request: HttpRequest,
    pk: UUID,
    move: Callable[..., Cost],
    *,
    title: str,
    form_class: type[MovementForm] = CostMoveForm,
) -> HttpResponse:
    """The page of the service of that name, which moves a cost."""
    actor = actor_of(request)
    cost = queries.cost_by_id(actor, pk)
    return _cost_page(
        request,
        cost.agreement,
        move.__name__,
        form_class,
        lambda data: move(actor, cost, now=clock.now(), **_proved(data)),
        title=title,
        lede=_left(cost),
        cancel_url=cost.get_absolute_url(),
    )


def _cost_page(
    request: HttpRequest,
    agreement: Agreement,
    verb: str,
    form_class: type[MovementForm],
    move: Move,
    *,
    title: str,
    lede: str,
    cancel_url: str,
) -> HttpResponse:
    """Show the verb's form, or perform it; whoever may not is told before typing."""
    permit_under(actor_of(request), verb, agreement)
    form = form_class(
        posted(request),
        request.FILES or None,
        currency=agreement.currency,
        initial=initial_day(clock.today()) | prefilled(request),
    )
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            cost = move(dict(form.cleaned_data))
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("%(title)s: it is recorded.") % {"title": title})
            return redirect(cost.get_absolute_url())
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": title,
        "lede": lede,
        "crumbs": under_agreement(agreement),
        "form": form,
        "submit_label": title,
        "cancel_url": cancel_url,
        "refusal": refusal,
    }
    return render_page(request, f"funding/{verb}.html", context, status=status)


def _proved(data: dict[str, Any]) -> dict[str, Any]:
    """What the service takes: references and files as it names them."""
    if "evidence" in data:
        reference = data.pop("evidence")
        data["evidence"] = (reference,) if reference else ()
        data["files"] = [
            services.EvidenceFile(file.name or "", file.file) for file in data.pop("evidence_files")
        ]
    return data


def _left(cost: Cost) -> str:
    encumbered: int = getattr(cost, "encumbered_minor", 0)
    return _("%(payee)s: %(encumbered)s is encumbered, %(to_pay)s is incurred and not paid.") % {
        "payee": cost.payee,
        "encumbered": money(encumbered, cost.currency),
        "to_pay": money(cost.to_pay_minor, cost.currency),
    }


def _list_actions(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    offered = (
        (TransferCode.INCUR, _("Record a cost")),
        (TransferCode.ENCUMBER, _("Encumber money for an order")),
    )
    return tuple(
        Action(
            label,
            reverse(f"funding:{CODES[code].verb}", args=[agreement.pk]),
            is_primary=code is TransferCode.INCUR,
        )
        for code, label in offered
        if may_under(actor, CODES[code].verb, agreement)
        and state_allows(code, agreement.state) is None
    )


def _actions(actor: Actor, cost: Cost) -> tuple[Action, ...]:
    encumbered: int = getattr(cost, "encumbered_minor", 0)
    offered = (
        ("pay_cost", _("Pay"), cost.to_pay_minor > 0),
        ("liquidate_encumbrance", _("Liquidate"), encumbered > 0),
        ("release_encumbrance", _("Release"), encumbered > 0),
    )
    return tuple(
        Action(label, reverse(f"funding:{verb}", args=[cost.pk]), is_primary=verb == "pay_cost")
        for verb, label, is_possible in offered
        if is_possible and may_under(actor, verb, cost.agreement)
    )


def _items(cost: Cost) -> tuple[Item, ...]:
    encumbered: int = getattr(cost, "encumbered_minor", 0)
    return (
        Item(_("Agreement"), cost.agreement.number, url=cost.agreement.get_absolute_url()),
        Item(_("Category"), category_name(cost.category)),
        Item(_("Payee"), cost.payee),
        Item(_("Date"), date_local(cost.occurred_on)),
        Item(_("Encumbered"), money(encumbered, cost.currency)),
        Item(_("Incurred"), money(cost.incurred_minor, cost.currency)),
        Item(_("Paid"), money(cost.paid_minor, cost.currency)),
        Item(_("Own number"), cost.external_id or "–"),
    )


def _movements_table(movements: QuerySet[CostMovement], cost: Cost) -> Table:
    return Table(
        caption=_("Movements, oldest first"),
        columns=(
            Column("date", _("Date")),
            Column("what", _("What")),
            Column("amount", _("Amount"), is_number=True),
            Column("reference", _("Reference")),
            Column("evidence", _("Evidence")),
        ),
        rows=tuple(row for movement in movements for row in _movement_rows(movement, cost)),
        is_stacked=True,
    )


def _movement_rows(movement: CostMovement, cost: Cost) -> list[Row]:
    """One row a movement, and one more for each further proof of it."""
    transfer = movement.transfer
    proofs = [
        Cell(one.file.name, url=one.file.get_absolute_url()) if one.file else Cell(one.reference)
        for one in movement.evidence.all()
    ] or [Cell("–")]
    first = Row(
        (
            Cell(date_local(transfer.occurred_on), url=transfer.get_absolute_url()),
            Cell(str(TRANSFER_CODE_LABELS[TransferCode(transfer.code)]), note=transfer.reason),
            Cell(money(Money(transfer.amount_minor, cost.currency))),
            Cell(transfer.reference),
            proofs[0],
        )
    )
    rest = [Row((Cell(""), Cell(""), Cell(""), Cell(""), proof)) for proof in proofs[1:]]
    return [first, *rest]


def _costs_table(page: Any, sort: str, export_url: str) -> Table:
    return Table(
        caption=_("Costs and encumbrances"),
        columns=(
            Column("date", _("Date"), sort="date"),
            Column("payee", _("Payee"), sort="payee"),
            Column("category", _("Category")),
            Column("encumbered", _("Encumbered"), is_number=True),
            Column("incurred", _("Incurred"), is_number=True, sort="incurred"),
            Column("paid", _("Paid"), is_number=True, sort="paid"),
            Column("state", _("State")),
        ),
        rows=tuple(_cost_row(cost) for cost in page),
        page=page,
        sort=sort,
        export_url=export_url,
        empty=_("No cost answers to this filter."),
        is_stacked=True,
    )


def _cost_row(cost: Cost) -> Row:
    tag = standing_tag(cost)
    encumbered: int = getattr(cost, "encumbered_minor", 0)
    return Row(
        (
            Cell(date_local(cost.occurred_on), url=cost.get_absolute_url()),
            Cell(cost.payee, note=cost.description),
            Cell(category_name(cost.category)),
            Cell(money(encumbered, cost.currency)),
            Cell(money(cost.incurred_minor, cost.currency)),
            Cell(money(cost.paid_minor, cost.currency)),
            Cell(tag.text, tag=tag.tone),
        )
    )
