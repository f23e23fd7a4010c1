"""Pages of claims: an institute's, one with its lines, and the form that decides line by line."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import ClaimForm, DecideClaimForm, posted
from lineshaft.apps.funding.forms.claims import REFUSE
from lineshaft.apps.funding.models import (
    CONTRIBUTION_STATE_LABELS,
    Contribution,
    CostShareClaim,
)
from lineshaft.apps.funding.queries import Duplicate
from lineshaft.apps.funding.rules import (
    PERMISSIONS,
    UNIFORM_GUIDANCE,
    AgreementState,
    ContributionState,
)
from lineshaft.apps.funding.views.tones import CONTRIBUTION_TONES
from lineshaft.apps.funding.views.transfers import funding_crumbs, may_under, permit_under
from lineshaft.apps.funding.views.valuation import kind_name, reckoning_of
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, may_see_organisation
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.formats import date_local, local_name, money, spoken
from lineshaft.web.forms import REFUSED_STATUS, errors_into_form, status_of
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def list_claims(request: HttpRequest, key: str) -> HttpResponse:
    """The claims to an institute, those with lines that wait first."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    if not queries.may_read_contributors(actor, institute.key):
        raise NotFound(code="claims", message=queries.NOT_OPEN)
    waiting = queries.count_waiting_claims(actor, institute.key)
    name = local_name(institute)
    context = {
        "title": ngettext(
            "%(count)s claim to %(institute)s waits for a decision",
            "%(count)s claims to %(institute)s wait for a decision",
            waiting,
        )
        % {"count": waiting, "institute": name},
        "lede": _("What one contributor brought in one period, decided line by line."),
        "crumbs": funding_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "actions": _list_actions(actor, institute),
        "table": _claims_table(paginate(request, queries.claims_of(actor, institute.key))),
    }
    return render_page(request, "funding/list_claims.html", context)


@require_GET
def show_claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One claim: what of it counts, and what waits."""
    actor = actor_of(request)
    claim = queries.claim_by_id(actor, pk)
    lines = queries.lines_of(actor, claim)
    institute = claim.agreement.institute
    context = {
        "title": _title(claim),
        "lede": _("Lines: %(count)s, waiting for a decision: %(waiting)s.")
        % {"count": _count(claim, "line_count"), "waiting": _count(claim, "waiting_count")},
        "crumbs": (*funding_crumbs(institute), *_claims_crumb(institute)),
        "actions": _actions(actor, claim),
        "items": _items(actor, claim),
        "table": _lines_table(actor, list(lines)),
        "events": events_of(actor, claim)[:20],
    }
    return render_page(request, "funding/show_claim.html", context)


@require_http_methods(["GET", "POST"])
def open_claim(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a claim's head; its lines are added on its own page."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    permit(actor, PERMISSIONS["open_claim"], institute=institute.key)
    agreements = (
        queries.agreements_visible_to(actor)
        .filter(institute=institute)
        .exclude(state=AgreementState.DRAFT)
    )
    form = ClaimForm(posted(request), actor=actor, agreements=agreements)
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            claim = services.open_claim(actor, _header(form.cleaned_data), now=clock.now())
        if form.is_valid():
            messages.success(request, _("The claim is open. Add its lines."))
            return redirect(claim.get_absolute_url())
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": _("Open a claim of cost share to %(institute)s")
        % {"institute": local_name(institute)},
        "lede": _("One contributor, one agreement, one period. Each line is decided by itself."),
        "crumbs": (*funding_crumbs(institute), *_claims_crumb(institute)),
        "form": form,
        "submit_label": _("Open the claim"),
        "cancel_url": reverse("funding:list_claims", args=[key]),
        "refusal": refusal,
    }
    return render_page(request, "funding/open_claim.html", context, status=status)


@require_http_methods(["GET", "POST"])
def decide_claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that accepts or refuses the open lines of a claim, all or none."""
    actor = actor_of(request)
    claim = queries.claim_by_id(actor, pk)
    permit_under(actor, "decide_claim", claim.agreement)
    lines = [
        line for line in queries.lines_of(actor, claim) if line.state == ContributionState.RECORDED
    ]
    form = DecideClaimForm(posted(request), lines=lines)
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        decisions = _decisions(form)
        with errors_into_form(form) as outcome:
            try:
                services.decide_claim(
                    actor, claim.pk, decisions, today=clock.today(), now=clock.now()
                )
            except services.RefusedRow as error:
                name = f"{decisions[error.position].contribution_id}-decision"
                form.add_error(name, error.as_text(spoken))
                status, refusal = REFUSED_STATUS, error.refusal
        if form.is_valid():
            messages.success(request, _("The lines are decided."))
            return redirect(claim.get_absolute_url())
        status, refusal = max(status, outcome.status), refusal or outcome.refusal
    found = queries.duplicates_of(actor, lines)
    context = {
        "title": _("Decide on the claim of %(contributor)s")
        % {"contributor": local_name(claim.organisation)},
        "lede": _title(claim),
        "crumbs": (
            *funding_crumbs(claim.agreement.institute),
            Crumb(_("Claim"), claim.get_absolute_url()),
        ),
        "form": form,
        "refusal": refusal,
        "lines": [_line(form, line, found.get(line.pk, ())) for line in lines],
        "cancel_url": claim.get_absolute_url(),
        "citation": UNIFORM_GUIDANCE,
    }
    return render_page(request, "funding/decide_claim.html", context, status=status)


def _header(data: dict[str, Any]) -> services.ClaimHeader:
    return services.ClaimHeader(
        id=data["id"],
        agreement_id=data["agreement"].pk,
        organisation_id=data["contributor"].pk,
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
        number=data["number"],
    )


def _decisions(form: DecideClaimForm) -> list[services.LineDecision]:
    return [
        services.LineDecision(
            pk,
            is_refused=given["decision"] == REFUSE,
            accepted_minor=None if given["decision"] == REFUSE else given["accepted_minor"],
            reason=given["reason"],
        )
        for pk, given in form.decided().items()
    ]


def _line(
    form: DecideClaimForm, line: Contribution, duplicates: tuple[Duplicate, ...]
) -> dict[str, object]:
    """What the form shows of a line, above the fields that decide on it."""
    return {
        "contribution": line,
        "summary": _("%(kind)s, %(day)s: %(amount)s")
        % {
            "kind": kind_name(line.kind),
            "day": date_local(line.occurred_on),
            "amount": money(line.claimed),
        },
        "worth": reckoning_of(line),
        "evidence": line.evidence.all(),
        "duplicates": len(duplicates),
        "fields": form.fields_of(line),
    }


def _title(claim: CostShareClaim) -> str:
    return _("%(contributor)s claims %(claimed)s, and %(accepted)s of it counts") % {
        "contributor": local_name(claim.organisation),
        "claimed": _sum(claim, "claimed_minor"),
        "accepted": _sum(claim, "accepted_minor"),
    }


def _count(claim: CostShareClaim, name: str) -> int:
    """A sum that the query has annotated."""
    found: int = getattr(claim, name)
    return found


def _sum(claim: CostShareClaim, name: str) -> str:
    return money(Money(_count(claim, name), claim.agreement.currency))


def _claims_crumb(institute: Institute) -> tuple[Crumb, ...]:
    return (Crumb(_("Claims"), reverse("funding:list_claims", args=[institute.key])),)


def _list_actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    if not may(actor, PERMISSIONS["open_claim"], institute=institute.key):
        return ()
    url = reverse("funding:open_claim", args=[institute.key])
    return (Action(_("Open a claim"), url, is_primary=True),)


def _actions(actor: Actor, claim: CostShareClaim) -> tuple[Action, ...]:
    actions: list[Action] = []
    if _count(claim, "waiting_count") and may_under(actor, "decide_claim", claim.agreement):
        url = reverse("funding:decide_claim", args=[claim.pk])
        actions.append(Action(_("Decide on its lines"), url, is_primary=True))
    if may_under(actor, "record_contribution", claim.agreement):
        url = reverse("funding:record_contribution", args=[claim.agreement.institute.key])
        actions.append(Action(_("Add a line"), f"{url}?claim={claim.pk}"))
    return tuple(actions)


def _items(actor: Actor, claim: CostShareClaim) -> tuple[Item, ...]:
    return (
        Item(
            _("Contributor"),
            local_name(claim.organisation),
            url=reverse("network:show_organisation", args=[claim.organisation_id])
            if may_see_organisation(actor, claim.organisation)
            else "",
        ),
        Item(_("Agreement"), claim.agreement.number, url=claim.agreement.get_absolute_url()),
        Item(_("Period"), _period(claim)),
        Item(_("Own number"), claim.number or "–"),
    )


def _period(claim: CostShareClaim) -> str:
    return f"{date_local(claim.starts_on)} – {date_local(claim.ends_on)}"


def _claims_table(page: Any) -> Table:
    return Table(
        caption=_("Claims of cost share"),
        columns=(
            Column("claim", _("Claim")),
            Column("contributor", _("Contributor")),
            Column("period", _("Period")),
            Column("lines", _("Lines"), is_number=True),
            Column("waiting", _("Waiting"), is_number=True),
            Column("claimed", _("Claimed"), is_number=True),
            Column("accepted", _("Accepted"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(claim.number or _("without number"), url=claim.get_absolute_url()),
                    Cell(local_name(claim.organisation)),
                    Cell(_period(claim)),
                    Cell(str(_count(claim, "line_count"))),
                    Cell(str(_count(claim, "waiting_count"))),
                    Cell(_sum(claim, "claimed_minor")),
                    Cell(_sum(claim, "accepted_minor")),
                )
            )
            for claim in page
        ),
        page=page,
        empty=_("No claim is open yet."),
        is_stacked=True,
    )


def _lines_table(actor: Actor, lines: list[Contribution]) -> Table:
    twice = queries.duplicates_of(actor, lines)
    return Table(
        caption=_("Lines of the claim"),
        columns=(
            Column("date", _("Date")),
            Column("kind", _("Kind")),
            Column("worth", _("Worth")),
            Column("claimed", _("Claimed"), is_number=True),
            Column("accepted", _("Accepted"), is_number=True),
            Column("evidence", _("Evidence"), is_number=True),
            Column("state", _("State")),
            Column("note", _("Note")),
        ),
        rows=tuple(_line_row(line, is_twice=line.pk in twice) for line in lines),
        empty=_("No line is recorded yet."),
        is_stacked=True,
    )


def _line_row(line: Contribution, *, is_twice: bool) -> Row:
    state = ContributionState(line.state)
    note = _("Looks claimed on another award too") if is_twice else line.decision_reason
    return Row(
        (
            Cell(date_local(line.occurred_on), url=line.get_absolute_url()),
            Cell(kind_name(line.kind)),
            Cell(reckoning_of(line) or "–"),
            Cell(money(line.claimed)),
            Cell(money(line.accepted)),
            Cell(str(len(line.evidence.all()))),
            Cell(str(CONTRIBUTION_STATE_LABELS[state]), tag=CONTRIBUTION_TONES[state]),
            Cell(note or "–"),
        )
    )
