"""Pages of awards: what was opened from which application, and how far its money is obligated."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.forms import AwardForm, InstituteAwardForm
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.queries import Booking, Winner
from lineshaft.apps.awarding.rules import ObligationState
from lineshaft.apps.awarding.views.words import competition_crumbs
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.queries import competition_by_key, may_run
from lineshaft.apps.competitions.rules import PUBLISHED, TERMS
from lineshaft.apps.funding.models import Transfer
from lineshaft.apps.funding.queries import (
    institutes_to_sign_with,
    may_act_for,
    may_sign_for,
    permit_to_sign_for,
)
from lineshaft.apps.funding.rules import AgreementState, ProposalState
from lineshaft.apps.network.models import Agency
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.ids import slug
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Crumb, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

FORM = "awarding/form.html"
_TONES: Final[dict[str, Tone]] = {AgreementState.DRAFT: "due", AgreementState.ACTIVE: "ok"}


@require_GET
@login_required
def list_awards(request: HttpRequest, key: str) -> HttpResponse:
    """The applications that were selected, with the award of each."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    winners = queries.winners_of(actor, shown)
    runs = may_run(actor, "begin_selection", shown)
    bookings = queries.bookings_of(winners)
    opened = sum(one.award is not None for one in winners)
    context = {
        "title": ngettext(
            "%(opened)s of %(count)s award is opened",
            "%(opened)s of %(count)s awards are opened",
            len(winners),
        )
        % {"opened": formats.number(opened), "count": formats.number(len(winners))},
        "lede": _lede(shown),
        "crumbs": competition_crumbs(shown),
        "tabs": competition_tabs(key, "awarding:list_awards"),
        "table": _winners_table(actor, shown, winners, runs=runs),
        "obligations": [
            (
                _obligations_table(one.award, bookings),
                _obligate_actions(actor, shown, one, bookings),
            )
            for one in winners
            if one.award is not None and one.award.obligations.all()
        ],
        "citation": rules.AGREEMENT,
    }
    return render_page(request, "awarding/list_awards.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def open_agreement(request: HttpRequest, key: str, application_id: int) -> HttpResponse:
    """The form that opens the award of an application that was selected."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    winner = queries.winner_by_application(actor, shown, application_id)
    if not may_run(actor, "begin_selection", shown):
        raise NotPermitted(rules.PERMISSIONS["open_agreement"].sentence, code="not_permitted")
    signer = _signer(shown)
    if signer is not None:
        permit_to_sign_for(actor, signer.key)
    form = _form(request, actor, shown, winner)
    url = reverse("awarding:list_awards", args=[key])
    amount = formats.money(winner.record.amount_minor, shown.currency)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Open the award of %(amount)s to %(lead)s")
            % {"amount": amount, "lead": formats.local_name(winner.application.lead)},
            "lede": _form_lede(shown),
            "citation": rules.AGREEMENT,
            "submit_label": _("Open the award"),
            "crumbs": (*competition_crumbs(shown), Crumb(_("Awards"), url)),
            "cancel_url": url,
        },
        perform=lambda: services.open_agreement(
            actor, shown, winner.application, form.terms(), now=clock.now()
        ),
        told=lambda _made: _("The award is opened."),
        seen_at=lambda _made: url,
    )


@require_POST
@login_required
def obligate_award(
    request: HttpRequest, key: str, application_id: int, year: int, agency: str = ""
) -> HttpResponse:
    """Book what an award foresees of an agency for a year, the only one where none is named."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    winner = queries.winner_by_application(actor, shown, application_id)
    moved = services.obligate_award(
        actor, shown, winner.application, year, agency, today=clock.today(), now=clock.now()
    )
    if isinstance(moved, Transfer):
        messages.success(request, _("The money is obligated."))
    elif moved.state == ProposalState.PROPOSED:
        messages.success(request, _("A second person signs the obligation."))
    else:  # decided on meanwhile
        messages.warning(request, _("Nothing is obligated: what was proposed was not approved."))
    return redirect("awarding:list_awards", key=key)


# ---------------------------------------------------------------------------------------- leaves


def _lede(competition: Competition) -> str:
    if competition.state != PUBLISHED:
        return _("Awards are opened once the results are published.")
    if competition.kind == CompetitionKind.INSTITUTE:
        return _(
            "Opening an award drafts its agreement with the budget by year; the agency signs it,"
            " and obligates the money once it is active."
        )
    if competition.kind == CompetitionKind.PROJECT_CALL:
        return _(
            "Awards of a project call hang on the agreement of its institute. The project itself is"
            " set up outside this program."
        )
    return _("Each agency of a challenge signs for its own part; here the amount is on record.")


def _form_lede(competition: Competition) -> str:
    if competition.kind == CompetitionKind.INSTITUTE:
        return _(
            "The agreement is drafted for the agency that leads, over the term and with the budget"
            " that were handed in, scaled to the amount. It binds nobody before it is active."
        )
    return _("The award is recorded with its amount.")


def _signer(competition: Competition) -> Agency | None:
    """The agency that signs the agreement of an award: of an institute, the one that leads."""
    if competition.kind != CompetitionKind.INSTITUTE:
        return None
    return queries.leading_agency(competition.sponsors.all())


def _form(
    request: HttpRequest, actor: Actor, competition: Competition, winner: Winner
) -> AwardForm:
    if competition.kind != CompetitionKind.INSTITUTE:
        return AwardForm(request.POST or None)
    application, today = winner.application, clock.today()
    said = queries.last_submissions([application.pk])[application.pk].content[TERMS]
    title = said["title"]
    initial: dict[str, Any] = {
        "number": f"{competition.code}-{application.number}",
        "signed_on": today,
        "starts_on": today,
        "key": slug(title)[:64],
        "name": title,
        "name_zh": said["title_zh"],
    }
    signer = _signer(competition)
    led = queries.institutes_led(application) if signer else ()
    taking = institutes_to_sign_with(actor, signer, led) if signer else ()
    institutes = [(one.key, formats.local_name(one)) for one in taking]
    beside = [one.agency for one in competition.sponsors.all() if not one.is_lead]
    return InstituteAwardForm(
        request.POST or None,
        initial=initial,
        institutes=institutes,
        beside=beside,
        currency=competition.currency,
    )


def _winners_table(
    actor: Actor, competition: Competition, winners: list[Winner], *, runs: bool
) -> Table:
    next_step = _next_step(actor, competition, runs=runs)
    return Table(
        _("Applications that were selected, amounts in %(currency)s")
        % {"currency": competition.currency},
        (
            Column("lead", _("Lead organisation"), place="start"),
            Column("amount", _("Amount"), is_number=True, place="foot"),
            Column("match", _("Others bring"), is_number=True, place="foot"),
            Column("institute", _("Institute"), place="line"),
            Column("agreement", _("Agreement"), place="line"),
            Column("state", _("State"), place="state"),
        ),
        tuple(_winner_row(competition, one, next_step) for one in winners),
        empty=_("Nothing is selected yet."),
        is_stacked=True,
    )


def _next_step(actor: Actor, competition: Competition, *, runs: bool) -> str | None:
    """Who else opens the awards, "" where the reader does it here, None where nobody can yet."""
    if not runs or competition.state != PUBLISHED:
        return None
    signer = _signer(competition)
    if signer is None or may_sign_for(actor, signer.key):
        return ""
    return formats.local_name(signer)


def _winner_row(competition: Competition, one: Winner, next_step: str | None) -> Row:
    award, currency = one.award, competition.currency
    head = (
        Cell(formats.local_name(one.application.lead)),
        Cell(formats.money(one.record.amount_minor, currency)),
    )
    if award is None:
        url = reverse("awarding:open_agreement", args=[competition.key, one.application.pk])
        action = Cell(_("Not opened"), tag="quiet")
        if next_step == "":
            action = Cell(_("Open the award"), url)
        elif next_step:
            action = Cell(_("%(agency)s opens it") % {"agency": next_step}, tag="due")
        return Row((*head, Cell(""), Cell(""), Cell(""), action))
    institute, agreement = award.institute, award.agreement
    return Row(
        (
            *head,
            Cell(formats.money(award.match_minor, currency) if award.match_minor else ""),
            Cell(
                formats.local_name(institute),
                reverse("network:show_institute", args=[institute.key]) if institute else None,
            ),
            Cell(agreement.number, agreement.get_absolute_url())
            if agreement
            else Cell(_("No agreement of its own")),
            Cell(str(agreement.get_state_display()), tag=_TONES.get(agreement.state, "quiet"))
            if agreement
            else Cell(_("On record"), tag="quiet"),
        )
    )


def _obligations_table(award: Award, bookings: Mapping[int, Booking]) -> Table:
    number = award.agreement.number if award.agreement else ""
    return Table(
        _("Obligations foreseen under %(number)s, amounts in %(currency)s")
        % {"number": number, "currency": award.currency},
        (
            Column("year", _("Year"), is_number=True, place="start"),
            Column("agency", _("Agency"), place="line"),
            Column("due", _("From"), is_short=True, place="foot", is_named=True),
            Column("amount", _("Amount"), is_number=True, place="foot"),
            Column("state", _("State"), place="state"),
        ),
        tuple(
            Row(
                (
                    Cell(formats.number(one.year)),
                    Cell(formats.local_name(one.agency)),
                    Cell(formats.date_local(one.due_on)),
                    Cell(formats.money(one.amount_minor, award.currency)),
                    _state_cell(bookings[one.pk]),
                )
            )
            for one in award.obligations.all()
        ),
        is_stacked=True,
    )


def _state_cell(booking: Booking) -> Cell:
    match booking.state:
        case ObligationState.OBLIGATED:
            return Cell(_("Obligated"), tag="ok")
        case ObligationState.PROPOSED:
            url = reverse("funding:list_proposals")
            return Cell(_("A second person signs it"), url, tag="due")
        case ObligationState.FORESEEN:
            return Cell(_("Foreseen"), tag="quiet")


def _obligate_actions(
    actor: Actor, competition: Competition, winner: Winner, bookings: Mapping[int, Booking]
) -> list[tuple[str, str]]:
    """The next year to obligate of each agency for which the actor may: its label and where that is
    done; nothing before the agreement is active. A year that a second person has to sign is not
    offered again.
    """
    award = winner.award
    if award is None or award.agreement is None:
        return []
    if award.agreement.state != AgreementState.ACTIVE:
        return []
    left: dict[str, PlannedObligation] = {}
    for one in award.obligations.all():
        if bookings[one.pk].state == ObligationState.FORESEEN:
            left.setdefault(one.agency.key, one)
    is_shared = bool(queries.co_sponsors_of(award))
    label = _("Obligate year %(year)s of %(agency)s") if is_shared else _("Obligate year %(year)s")
    return [
        (
            label % {"year": one.year, "agency": formats.local_name(one.agency)},
            reverse(
                "awarding:obligate_award",
                args=[competition.key, winner.application.pk, one.year, one.agency.key],
            ),
        )
        for one in left.values()
        if may_act_for(actor, "obligate_funds", award.agreement, one.agency.key)
    ]
