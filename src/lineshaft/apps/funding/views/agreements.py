"""The page of an agreement, and the forms that sign, activate, end and terminate it."""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import (
    ConfirmForm,
    SignForm,
    TerminateForm,
    TransferFilterForm,
    chosen,
    posted,
)
from lineshaft.apps.funding.models import AGREEMENT_STATE_LABELS, Account, Agreement
from lineshaft.apps.funding.rules import (
    CODES,
    PERMISSIONS,
    TRANSITIONS,
    AccountKind,
    AgreementState,
    TransferCode,
)
from lineshaft.apps.funding.views.institute import AGREEMENT_TONES
from lineshaft.apps.funding.views.pages import agreement_tabs
from lineshaft.apps.funding.views.transfers import (
    account_label,
    agreement_crumbs,
    funding_crumbs,
    may_under,
    permit_under,
    sponsors_account_label,
    transfers_table,
)
from lineshaft.apps.network.queries import institute_by_key, profile_in_use, sponsor_keys_of
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate_days
from lineshaft.plumbing.permit import permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import date_local, local_name, money, number
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

type Change = Callable[[dict[str, Any]], Agreement]


@require_GET
def show_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """What the agreement says, what stands in its accounts, and what moved."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    kinds = queries.kinds_readable_by(actor, agreement)
    form = TransferFilterForm(
        request.GET or None,
        sponsors=[part.agency for part in agreement.sponsors.all()],
        kinds=kinds,
    )
    narrowed = chosen(form)
    transfers = queries.transfers_of(actor, agreement, narrowed)
    days = queries.days_of_transfers(actor, agreement, narrowed)
    page = paginate_days(request, transfers, days)
    accounts = list(
        queries.accounts_visible_to(actor)
        .filter(agreement=agreement, organisation__isnull=True)
        .select_related("agency")
        .order_by("pk")
    )
    context = {
        "agreement": agreement,
        "title": _agreement_title(agreement, accounts),
        "lede": agreement.title,
        "tag": _state_tag(agreement),
        "crumbs": agreement_crumbs(agreement),
        "actions": _agreement_actions(actor, agreement),
        "tabs": agreement_tabs(agreement, "funding:show_agreement"),
        "items": _agreement_items(actor, agreement, accounts),
        "sponsors_table": _sponsors_table(agreement, accounts),
        "accounts_table": _accounts_table(accounts, agreement, kinds),
        "obligations_table": _obligations_table(actor, agreement),
        "filter_form": form,
        "transfers_table": transfers_table(page, _("Transfers, newest first")),
    }
    return render_page(request, "funding/show_agreement.html", context)


@require_http_methods(["GET", "POST"])
def sign_agreement(request: HttpRequest, key: str) -> HttpResponse:
    """The form that records an agreement with the institute as a draft."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    agencies = queries.agencies_to_sign_for(actor, institute)
    if not agencies:
        permit(actor, PERMISSIONS["sign_agreement"], agencies=sponsor_keys_of(institute))
    currency = profile_in_use().currency
    others = queries.agencies_to_sponsor_with(agencies)
    form = SignForm(posted(request), agencies=agencies, others=others, currency=currency)

    def change(data: dict[str, Any]) -> Agreement:
        agency = data.pop("agency")
        parts = tuple(services.SponsorPart(one.pk, part) for one, part in data.pop("co_sponsors"))
        terms = services.AgreementTerms(currency=currency, co_sponsors=parts, **data)
        return services.sign_agreement(actor, institute, agency, terms=terms, now=clock.now())

    return _change_page(
        request,
        "sign_agreement",
        form,
        change,
        title=_("Sign an agreement with %(institute)s") % {"institute": local_name(institute)},
        lede=_("It is kept as a draft, and is public once it is activated."),
        crumbs=funding_crumbs(institute),
        submit_label=_("Sign an agreement"),
        cancel_url=reverse("funding:show_funding", args=[key]),
    )


@require_http_methods(["GET", "POST"])
def activate_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that lets money move under a draft."""
    actor = actor_of(request)
    return _state_page(
        request,
        queries.agreement_by_id(actor, pk),
        "activate_agreement",
        ConfirmForm(posted(request)),
        lambda _data: services.activate_agreement(actor, pk, today=clock.today(), now=clock.now()),
        lede=_("From then on it is public, and money can be authorised and obligated under it."),
    )


@require_http_methods(["GET", "POST"])
def end_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that closes an agreement at the end of its term."""
    actor = actor_of(request)
    return _state_page(
        request,
        queries.agreement_by_id(actor, pk),
        "end_agreement",
        ConfirmForm(posted(request)),
        lambda _data: services.end_agreement(actor, pk, today=clock.today(), now=clock.now()),
        lede=_what_closing_does(),
    )


@require_http_methods(["GET", "POST"])
def terminate_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that closes an agreement before its term, with the reason."""
    actor = actor_of(request)
    return _state_page(
        request,
        queries.agreement_by_id(actor, pk),
        "terminate_agreement",
        TerminateForm(posted(request)),
        lambda data: services.terminate_agreement(
            actor, pk, reason=data["reason"], today=clock.today(), now=clock.now()
        ),
        lede=_what_closing_does(),
    )


def _state_page(
    request: HttpRequest,
    agreement: Agreement,
    verb: str,
    form: Form,
    change: Change,
    *,
    lede: str,
) -> HttpResponse:
    """The page of a verb that moves a signed agreement to another state."""
    permit_under(actor_of(request), verb, agreement)
    label = _state_verbs()[verb]
    return _change_page(
        request,
        verb,
        form,
        change,
        title=_("%(verb)s: %(number)s") % {"verb": label, "number": agreement.number},
        lede=lede,
        crumbs=(
            *agreement_crumbs(agreement),
            Crumb(agreement.number, agreement.get_absolute_url()),
        ),
        submit_label=label,
        cancel_url=agreement.get_absolute_url(),
    )


def _change_page(
    request: HttpRequest, verb: str, form: Form, change: Change, **shown: Any
) -> HttpResponse:
    """Show the verb's form, or perform it; `shown` is the rest of what the template draws."""
    return form_page(
        request,
        f"funding/{verb}.html",
        form,
        shown,
        perform=lambda: change(dict(form.cleaned_data)),
        told=lambda changed: (
            _("Agreement %(number)s: %(state)s.")
            % {"number": changed.number, "state": _state_tag(changed).text}
        ),
        seen_at=Agreement.get_absolute_url,
    )


def _what_closing_does() -> str:
    return _(
        "Nothing new is authorised or obligated under it from then on. What is pending can still "
        "be drawn or released."
    )


def _state_verbs() -> dict[str, str]:
    return {
        "activate_agreement": _("Activate the agreement"),
        "end_agreement": _("End the agreement"),
        "terminate_agreement": _("Terminate the agreement"),
    }


def _state_tag(agreement: Agreement) -> Tag:
    state = AgreementState(agreement.state)
    return Tag(str(AGREEMENT_STATE_LABELS[state]), AGREEMENT_TONES[state])


def _agreement_title(agreement: Agreement, accounts: list[Account]) -> str:
    drawn_minor = sum(one.balance_minor for one in accounts if one.kind == AccountKind.DRAWN)
    return _("%(drawn)s of %(total)s drawn under %(number)s") % {
        "drawn": money(drawn_minor, agreement.currency),
        "total": money(agreement.federal_total),
        "number": agreement.number,
    }


def _agreement_actions(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    moves = (
        (TransferCode.AUTHORISE, _("Authorise funds")),
        (TransferCode.OBLIGATE, _("Obligate funds")),
        (TransferCode.RETURN, _("Return funds")),
    )
    offered = [
        (CODES[code].verb, label)
        for code, label in moves
        if rules.state_allows(code, agreement.state) is None
    ]
    labels = _state_verbs()
    offered += [
        (verb, labels[verb])
        for verb in TRANSITIONS["agreement"].verbs_from(agreement.state)
        if verb != "end_agreement" or rules.term_over(agreement.ends_on, clock.today()) is None
    ]
    verbs = tuple(
        Action(
            label,
            reverse(f"funding:{verb}", args=[agreement.pk]),
            is_primary=verb == "activate_agreement",
        )
        for verb, label in offered
        if may_under(actor, verb, agreement)
    )
    return verbs + _ledger_pages(actor, agreement)


def _ledger_pages(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    """The pages beside the agreement for those who oversee it."""
    if agreement.state == AgreementState.DRAFT or not queries.oversees(actor, agreement):
        return ()
    pages = (
        ("list_costs", _("Costs")),
        ("list_income", _("Programme income")),
        ("show_financial_report", _("Financial report")),
    )
    waiting = queries.waiting_under(agreement)
    proposals = Action(
        ngettext(
            "%(count)s transfer waits for a second person",
            "%(count)s transfers wait for a second person",
            waiting,
        )
        % {"count": number(waiting)}
        if waiting
        else _("Proposed transfers"),
        f"{reverse('funding:list_proposals')}?agreement={agreement.pk}",
    )
    return (
        *(Action(label, reverse(f"funding:{name}", args=[agreement.pk])) for name, label in pages),
        proposals,
    )


def _agreement_items(
    actor: Actor, agreement: Agreement, accounts: list[Account]
) -> tuple[Item, ...]:
    required = agreement.cost_share_required_minor
    items = [
        Item(
            _("Institute"),
            local_name(agreement.institute),
            url=reverse("funding:show_funding", args=[agreement.institute.key]),
        ),
        Item(_("Agency"), local_name(agreement.agency)),
        Item(_("Signed on"), date_local(agreement.signed_on)),
        Item(
            _("Term"),
            _("from %(starts_on)s up to %(ends_on)s")
            % {
                "starts_on": date_local(agreement.starts_on),
                "ends_on": date_local(agreement.ends_on),
            },
        ),
        Item(_("Federal total"), money(agreement.federal_total)),
        Item(
            _("Cost share required"),
            _("by the matching rule") if required is None else money(required, agreement.currency),
        ),
    ]
    through = max((one.closed_through for one in accounts if one.closed_through), default=None)
    if through is not None and queries.may_read_contributors(actor, agreement.institute.key):
        url = reverse("funding:show_books", args=[agreement.institute.key])
        items.append(Item(_("Books closed through"), date_local(through), url=url))
    if agreement.closed_on is not None:
        items.append(Item(_("Closed on"), date_local(agreement.closed_on)))
    if agreement.close_reason and queries.may_read_contributors(actor, agreement.institute.key):
        items.append(Item(_("Reason"), agreement.close_reason))
    return tuple(items)


def _sponsors_table(agreement: Agreement, accounts: list[Account]) -> Table | None:
    """Each sponsor's part and what became of it; nothing where one agency sponsors alone."""
    sponsors = list(agreement.sponsors.all())
    if len(sponsors) == 1:
        return None
    held: dict[int | None, dict[str, Account]] = {}
    for account in accounts:
        held.setdefault(account.agency_id, {})[account.kind] = account
    rows = []
    for one in sorted(sponsors, key=lambda part: (part.agency_id != agreement.agency_id, part.pk)):
        own = held.get(one.agency_id, {})
        drawn = own[AccountKind.DRAWN]
        authorised_minor = sum(account.balance_minor for account in own.values())
        rows.append(
            Row(
                (
                    Cell(
                        local_name(one.agency),
                        note=_("leads") if one.agency_id == agreement.agency_id else "",
                    ),
                    Cell(money(one.federal_total_minor, agreement.currency)),
                    Cell(money(authorised_minor, agreement.currency)),
                    Cell(money(drawn.balance_minor + drawn.credits_pending, agreement.currency)),
                    Cell(money(drawn.balance_minor, agreement.currency)),
                )
            )
        )
    return Table(
        caption=_("Sponsors and their parts, %(currency)s") % {"currency": agreement.currency},
        columns=(
            Column("agency", _("Agency")),
            Column("part", _("Part of the federal total"), is_number=True),
            Column("authorised", _("Authorised"), is_number=True),
            Column("obligated", _("Obligated"), is_number=True),
            Column("drawn", _("Drawn"), is_number=True),
        ),
        rows=tuple(rows),
    )


def _accounts_table(
    accounts: list[Account], agreement: Agreement, open_kinds: Collection[AccountKind]
) -> Table:
    """What stands in each account; what came in and went out opens to the transfers it sums."""
    is_shared = len(agreement.sponsors.all()) > 1

    def moved(account: Account, side: str, amount_minor: int) -> Cell:
        narrowed = {side: account.kind}
        if is_shared and account.agency_id is not None:
            narrowed["agency"] = str(account.agency_id)
        is_open = amount_minor and account.kind in open_kinds
        return Cell(
            money(amount_minor, account.currency),
            url=f"?{urlencode(narrowed)}#transfers" if is_open else "",
        )

    return Table(
        caption=_("Accounts, %(currency)s") % {"currency": agreement.currency},
        columns=(
            Column("account", _("Account")),
            Column("credits", _("Came in"), is_number=True),
            Column("debits", _("Went out"), is_number=True),
            Column("balance", _("Balance"), is_number=True),
            Column("credits_pending", _("Pending in"), is_number=True),
            Column("debits_pending", _("Pending out"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(sponsors_account_label(account) if is_shared else account_label(account)),
                    moved(account, "into", account.credits_posted),
                    moved(account, "out_of", account.debits_posted),
                    Cell(money(account.balance_minor, account.currency)),
                    Cell(money(account.credits_pending, account.currency)),
                    Cell(money(account.debits_pending, account.currency)),
                )
            )
            for account in accounts
        ),
    )


def _obligations_table(actor: Actor, agreement: Agreement) -> Table:
    may_draw = may_under(actor, "draw_funds", agreement)
    may_release = may_under(actor, "release_obligation", agreement)
    rows = []
    for obligation in queries.open_obligations(agreement)[:100]:
        verb = Cell("")
        if may_draw:
            verb = Cell(_("Draw"), url=reverse("funding:draw_funds", args=[obligation.pk]))
        elif may_release:
            verb = Cell(
                _("Release"), url=reverse("funding:release_obligation", args=[obligation.pk])
            )
        rows.append(
            Row(
                (
                    Cell(date_local(obligation.occurred_on), url=obligation.get_absolute_url()),
                    Cell(obligation.reference),
                    Cell(money(obligation.amount)),
                    Cell(money(obligation.hold.remaining_minor, obligation.currency)),
                    *((verb,) if may_draw or may_release else ()),
                )
            )
        )
    return Table(
        caption=_("Obligations with something left to draw"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("reference", _("Reference")),
            Column("amount", _("Obligated"), is_number=True),
            Column("left", _("Left"), is_number=True),
            *((Column("verb", _("Action")),) if may_draw or may_release else ()),
        ),
        rows=tuple(rows),
        empty=_("Nothing is left to draw."),
        is_stacked=True,
    )
