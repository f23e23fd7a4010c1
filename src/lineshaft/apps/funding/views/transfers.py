"""The page of a transfer, and the forms by which federal money moves and is corrected."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import (
    CorrectionForm,
    MovementForm,
    ReleaseForm,
    initial_day,
    posted,
    prefilled,
)
from lineshaft.apps.funding.models import (
    ACCOUNT_KIND_LABELS,
    TRANSFER_CODE_LABELS,
    TRANSFER_KIND_LABELS,
    Account,
    Agreement,
    Transfer,
)
from lineshaft.apps.funding.rules import (
    CODES,
    PERMISSIONS,
    SPONSOR_VERBS,
    AccountKind,
    TransferCode,
    TransferKind,
)
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import date_local, local_name, money, user_name
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

type Move = Callable[[dict[str, Any]], services.Moved]


@require_GET
def show_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One movement, what it settles or corrects, and who recorded it."""
    actor = actor_of(request)
    transfer = queries.transfer_by_id(actor, pk)
    settlements = queries.transfers_visible_to(actor).filter(pending=transfer)
    corrections = queries.transfers_visible_to(actor).filter(corrects=transfer)
    context = {
        "transfer": transfer,
        "title": _("%(code)s of %(amount)s")
        % {"code": _code_label(transfer), "amount": money(transfer.amount)},
        "lede": _("On %(day)s, from %(debit)s to %(credit)s.")
        % {
            "day": date_local(transfer.occurred_on),
            "debit": account_label(transfer.debit_account),
            "credit": account_label(transfer.credit_account),
        },
        "crumbs": (
            *agreement_crumbs(transfer.agreement),
            Crumb(transfer.agreement.number, transfer.agreement.get_absolute_url()),
        ),
        "actions": _transfer_actions(actor, transfer),
        "items": _transfer_items(actor, transfer),
        "settlements_table": _plain_table(settlements, _("What settled it")),
        "corrections_table": _plain_table(corrections, _("What corrected it")),
        "events": events_of(actor, transfer)[:20],
    }
    return render_page(request, "funding/show_transfer.html", context)


@require_http_methods(["GET", "POST"])
def authorise_funds(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that puts appropriated money at the agreement's disposal."""
    lede = _("Appropriated money is put under the agreement; from then on it can be obligated.")
    return _agreement_page(
        request, pk, services.authorise_funds, title=_("Authorise funds"), lede=lede
    )


@require_http_methods(["GET", "POST"])
def obligate_funds(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that reserves money for the institute to draw."""
    lede = _(
        "%(left)s is authorised and not obligated yet. What is obligated, the institute can draw."
    )
    return _agreement_page(
        request, pk, services.obligate_funds, title=_("Obligate funds"), lede=lede
    )


@require_http_methods(["GET", "POST"])
def return_funds(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that pays drawn money back."""
    lede = _("The institute pays drawn money back; it can be obligated and drawn again.")
    return _agreement_page(request, pk, services.return_funds, title=_("Return funds"), lede=lede)


@require_http_methods(["GET", "POST"])
def draw_funds(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that draws from an obligation."""
    actor = actor_of(request)
    obligation = queries.transfer_by_id(actor, pk)
    return _movement_page(
        request,
        obligation.agreement,
        "draw_funds",
        title=_("Draw funds"),
        lede=_left_to_draw(obligation),
        move=lambda data: services.draw_funds(
            actor, obligation, currency=obligation.currency, now=clock.now(), **data
        ),
    )


@require_http_methods(["GET", "POST"])
def release_obligation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that gives back what is left of an obligation."""
    actor = actor_of(request)
    obligation = queries.transfer_by_id(actor, pk)
    return _movement_page(
        request,
        obligation.agreement,
        "release_obligation",
        title=_("Release an obligation"),
        lede=_left_to_draw(obligation),
        form_class=ReleaseForm,
        move=lambda data: services.release_obligation(actor, obligation, now=clock.now(), **data),
    )


@require_http_methods(["GET", "POST"])
def correct_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that takes back a transfer, or a part of it, by one the other way."""
    actor = actor_of(request)
    old = queries.transfer_by_id(actor, pk)
    permit_under(actor, CODES[TransferCode(old.code)].verb, old.agreement)
    left = Money(queries.left_to_correct_minor(old), old.currency)
    return _movement_page(
        request,
        old.agreement,
        "correct_transfer",
        title=_("Correct a transfer"),
        lede=_("%(code)s of %(amount)s on %(day)s: %(left)s of it is left to correct.")
        % {
            "code": _code_label(old),
            "amount": money(old.amount),
            "day": date_local(old.occurred_on),
            "left": money(left),
        },
        form_class=CorrectionForm,
        move=lambda data: services.correct_transfer(actor, old, now=clock.now(), **data),
    )


def transfers_table(page: Any, caption: str) -> Table:
    """A page of transfers."""
    return Table(
        caption=caption,
        columns=_TRANSFER_COLUMNS(),
        rows=tuple(_transfer_row(transfer) for transfer in page),
        page=page,
        empty=_("No transfer answers to this filter."),
        is_stacked=True,
    )


def _told(moved: services.Moved) -> str:
    said = (
        _("%(code)s of %(amount)s is recorded.")
        if isinstance(moved, Transfer)
        else _("%(code)s of %(amount)s is proposed. A second person approves it.")
    )
    return said % {"code": _code_label(moved), "amount": money(moved.amount)}


def _code_label(transfer: services.Moved) -> str:
    return str(TRANSFER_CODE_LABELS[TransferCode(transfer.code)])


def agreement_crumbs(agreement: Agreement) -> tuple[Crumb, ...]:
    """The way to the agreement, up to its institute's funding."""
    return funding_crumbs(agreement.institute)


def funding_crumbs(institute: Institute) -> tuple[Crumb, ...]:
    """The way to the institute's funding, that page included."""
    return (
        Crumb(_("Institutes"), reverse("network:list_institutes")),
        Crumb(local_name(institute), reverse("network:show_institute", args=[institute.key])),
        Crumb(_("Funding"), reverse("funding:show_funding", args=[institute.key])),
    )


def may_under(
    actor: Actor, verb: str, agreement: Agreement, amount_minor: int | None = None
) -> bool:
    """Whether the actor may perform the verb under the agreement, or on a sponsor's part of it."""
    return may(
        actor,
        PERMISSIONS[verb],
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        agencies=_sponsor_keys(verb, agreement),
        amount_minor=amount_minor,
    )


def permit_under(
    actor: Actor, verb: str, agreement: Agreement, amount_minor: int | None = None
) -> None:
    """Return if the actor may perform the verb under the agreement; raises NotPermitted."""
    permit(
        actor,
        PERMISSIONS[verb],
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        agencies=_sponsor_keys(verb, agreement),
        amount_minor=amount_minor,
    )


def sponsors_to_act_for(actor: Actor, verb: str, agreement: Agreement) -> tuple[Agency, ...]:
    """The sponsors on whose part the actor may perform the verb; none where there is no choice."""
    sponsors = [one.agency for one in agreement.sponsors.all()]
    if len(sponsors) == 1:
        return ()
    lead = agreement.agency.key
    return tuple(
        agency
        for agency in sorted(sponsors, key=lambda one: (one.key != lead, one.key))
        if queries.may_act_for(actor, verb, agreement, agency.key)
    )


def _sponsor_keys(verb: str, agreement: Agreement) -> list[str]:
    if verb not in SPONSOR_VERBS:
        return []
    return [one.agency.key for one in agreement.sponsors.all()]


def account_label(account: Account) -> str:
    """What kind of account it is, in the reader's language."""
    return str(ACCOUNT_KIND_LABELS[AccountKind(account.kind)])


def sponsors_account_label(account: Account) -> str:
    """The same with the sponsor whose part it holds."""
    return (
        f"{account_label(account)} · {local_name(account.agency)}"
        if account.agency
        else account_label(account)
    )


def _agreement_page(
    request: HttpRequest, pk: int, move: Callable[..., services.Moved], *, title: str, lede: str
) -> HttpResponse:
    """The page of the service of that name, which moves money under an agreement. `lede` may
    name what is left of the award.
    """
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    permit_under(actor, move.__name__, agreement)
    return _movement_page(
        request,
        agreement,
        move.__name__,
        title=title,
        lede=lede % {"left": money(_left_of_award(actor, agreement))},
        move=lambda data: move(
            actor, agreement, currency=agreement.currency, now=clock.now(), **data
        ),
    )


def _movement_page(
    request: HttpRequest,
    agreement: Agreement,
    verb: str,
    *,
    title: str,
    move: Move,
    lede: str = "",
    form_class: type[MovementForm] = MovementForm,
) -> HttpResponse:
    """Show the verb's form, or perform it; whoever may not is told before typing."""
    actor = actor_of(request)
    permit_under(actor, verb, agreement)
    is_by_sponsor = form_class is MovementForm and verb in SPONSOR_VERBS
    form: Form = form_class(
        posted(request),
        currency=agreement.currency,
        sponsors=sponsors_to_act_for(actor, verb, agreement) if is_by_sponsor else (),
        initial=initial_day(clock.today()) | prefilled(request),
    )
    url = agreement.get_absolute_url()
    return form_page(
        request,
        f"funding/{verb}.html",
        form,
        {
            "title": title,
            "lede": lede,
            "crumbs": (*agreement_crumbs(agreement), Crumb(agreement.number, url)),
            "submit_label": title,
            "cancel_url": url,
        },
        perform=lambda: move(form.cleaned_data),
        told=_told,
        seen_at=lambda moved: url if isinstance(moved, Transfer) else moved.get_absolute_url(),
    )


def _TRANSFER_COLUMNS() -> tuple[Column, ...]:  # noqa: N802 -- a constant in the reader's language
    return (
        Column("date", _("Date"), is_short=True),
        Column("code", _("What")),
        Column("amount", _("Amount"), is_number=True),
        Column("from", _("From")),
        Column("to", _("To")),
        Column("reference", _("Reference")),
    )


def _transfer_row(transfer: Transfer) -> Row:
    kind = TransferKind(transfer.kind)
    return Row(
        (
            Cell(date_local(transfer.occurred_on), url=transfer.get_absolute_url()),
            Cell(_code_label(transfer), note=str(TRANSFER_KIND_LABELS[kind])),
            Cell(money(transfer.amount)),
            Cell(account_label(transfer.debit_account)),
            Cell(account_label(transfer.credit_account)),
            Cell(transfer.reference),
        )
    )


def _plain_table(transfers: Any, caption: str) -> Table | None:
    rows = tuple(_transfer_row(transfer) for transfer in transfers[:100])
    return (
        Table(caption=caption, columns=_TRANSFER_COLUMNS(), rows=rows, is_stacked=True)
        if rows
        else None
    )


def _transfer_actions(actor: Actor, transfer: Transfer) -> tuple[Action, ...]:
    offered: list[tuple[str, str]] = []
    if transfer.code == TransferCode.OBLIGATE and transfer.hold.remaining_minor:
        offered = [("draw_funds", _("Draw funds")), ("release_obligation", _("Release"))]
    actions = [
        Action(label, reverse(f"funding:{verb}", args=[transfer.pk]))
        for verb, label in offered
        if may_under(actor, verb, transfer.agreement)
    ]
    if _may_correct(actor, transfer):
        url = reverse("funding:correct_transfer", args=[transfer.pk])
        actions.append(Action(_("Correct"), url))
    return tuple(actions)


def _may_correct(actor: Actor, transfer: Transfer) -> bool:
    """Whether the actor may correct it, by both verbs, and something is left to correct."""
    refusals = (
        rules.correctable(transfer.kind, transfer.code),
        rules.state_allows(TransferCode.CORRECT, transfer.agreement.state),
    )
    verbs = ("correct_transfer", CODES[TransferCode(transfer.code)].verb)
    return (
        not any(refusals)
        and all(may_under(actor, verb, transfer.agreement) for verb in verbs)
        and queries.left_to_correct_minor(transfer) > 0
    )


def _transfer_items(actor: Actor, transfer: Transfer) -> tuple[Item, ...]:
    items = [
        Item(_("Number"), str(transfer.pk)),
        Item(_("Agreement"), transfer.agreement.number, url=transfer.agreement.get_absolute_url()),
        Item(_("Kind"), str(TRANSFER_KIND_LABELS[TransferKind(transfer.kind)])),
        Item(_("Reference"), transfer.reference or "–"),
        Item(_("Recorded at"), date_local(transfer.recorded_at)),
    ]
    if transfer.kind == TransferKind.PENDING:
        left = Money(transfer.hold.remaining_minor, transfer.currency)
        items.append(Item(_("Still pending"), money(left)))
    if transfer.reason:
        items.append(Item(_("Reason"), transfer.reason))
    if queries.may_read_contributors(actor, transfer.agreement.institute.key):
        recorded_by = transfer.recorded_by
        items.append(Item(_("Recorded by"), user_name(recorded_by)))
    proposal = queries.proposal_of(actor, transfer)
    if proposal is not None:
        who, url = user_name(proposal.proposed_by), proposal.get_absolute_url()
        items.append(Item(_("Proposed by"), who, url=url))
    cost = queries.cost_of(transfer)
    if cost is not None:
        items.append(Item(_("Cost"), cost.payee, url=cost.get_absolute_url()))
    for label, other in ((_("Settles"), transfer.pending), (_("Corrects"), transfer.corrects)):
        if other is not None:
            items.append(Item(label, _code_label(other), url=other.get_absolute_url()))
    return tuple(items)


def _left_of_award(actor: Actor, agreement: Agreement) -> Money:
    """What its sponsors have authorised under the agreement and promised to nobody yet."""
    awards = queries.accounts_visible_to(actor).filter(agreement=agreement, kind=AccountKind.AWARD)
    return Money(sum(award.available_minor for award in awards), agreement.currency)


def _left_to_draw(obligation: Transfer) -> str:
    hold = getattr(obligation, "hold", None)
    left = Money(hold.remaining_minor if hold else 0, obligation.currency)
    return _("%(left)s is left of this obligation.") % {"left": money(left)}
