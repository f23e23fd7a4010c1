"""Pages of commitments: what was promised to an institute and what is left, and the forms."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import CommitmentForm, ReasonForm, posted
from lineshaft.apps.funding.forms.commitments import CASH
from lineshaft.apps.funding.models import COMMITMENT_STANDING_LABELS, Commitment
from lineshaft.apps.funding.rules import (
    PERMISSIONS,
    AgreementState,
    CommitmentStanding,
    commitment_standing,
)
from lineshaft.apps.funding.views.transfers import funding_crumbs, may_under, permit_under
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.formats import date_local, local_name, money
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_TONES: dict[CommitmentStanding, Tone] = {
    CommitmentStanding.KEPT: "ok",
    CommitmentStanding.OPEN: "quiet",
    CommitmentStanding.OVERDUE: "due",
    CommitmentStanding.RELEASED: "quiet",
}


@require_GET
def list_commitments(request: HttpRequest, key: str) -> HttpResponse:
    """What was promised to the institute, and what is left of it, the earliest due first."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    if not queries.may_read_contributors(actor, institute.key):
        raise NotFound(code="commitments", message=queries.NOT_OPEN)
    currency = profile_in_use().currency
    commitments = queries.commitments_of(actor, institute.key).filter(currency=currency)
    totals = queries.commitment_totals(commitments)
    context = {
        "title": _("%(brought)s of %(expected)s promised to %(institute)s is brought")
        % {
            "brought": money(totals.brought_minor, currency),
            "expected": money(totals.expected_minor, currency),
            "institute": local_name(institute),
        }
        if totals.expected_minor
        else _("Nothing is promised to %(institute)s") % {"institute": local_name(institute)},
        "lede": _(
            "Promises less what was released, set off against contributions accepted of the same "
            "contributor, the earliest due first."
        ),
        "crumbs": funding_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "actions": _list_actions(actor, institute),
        "table": _table(actor, paginate(request, commitments)),
    }
    return render_page(request, "funding/list_commitments.html", context)


@require_http_methods(["GET", "POST"])
def record_commitment(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a promise."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    permit(actor, PERMISSIONS["record_commitment"], institute=institute.key)
    agreements = (
        queries.agreements_visible_to(actor)
        .filter(institute=institute)
        .exclude(state=AgreementState.DRAFT)
    )
    form = CommitmentForm(posted(request), actor=actor, agreements=agreements)
    status, refusal = status_of(form), None
    list_url = reverse("funding:list_commitments", args=[key])
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            services.record_commitment(actor, _promise(form.cleaned_data), now=clock.now())
        if form.is_valid():
            messages.success(request, _("The promise is recorded."))
            return redirect(list_url)
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": _("Record a promise to %(institute)s") % {"institute": local_name(institute)},
        "lede": _("Cost share that an organisation committed to bring, by a letter or a contract."),
        "crumbs": (*funding_crumbs(institute), Crumb(_("Commitments"), list_url)),
        "form": form,
        "submit_label": _("Record"),
        "cancel_url": list_url,
        "refusal": refusal,
    }
    return render_page(request, "funding/record_commitment.html", context, status=status)


@require_http_methods(["GET", "POST"])
def release_commitment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that releases what is left of a promise."""
    actor = actor_of(request)
    commitment = queries.commitment_by_id(actor, pk)
    permit_under(actor, "release_commitment", commitment.agreement)
    institute = commitment.agreement.institute
    list_url = reverse("funding:list_commitments", args=[institute.key])
    form = ReasonForm(posted(request))
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        with errors_into_form(form) as outcome:
            services.release_commitment(
                actor, commitment.pk, today=clock.today(), now=clock.now(), **form.cleaned_data
            )
        if form.is_valid():
            messages.success(request, _("What was left of the promise is released."))
            return redirect(list_url)
        status, refusal = outcome.status, outcome.refusal
    left_minor = queries.left_minor_of([commitment])[commitment.pk]
    context = {
        "title": _("Release what is left of the promise of %(contributor)s")
        % {"contributor": local_name(commitment.organisation.standing)},
        "lede": _("%(left)s is left of %(amount)s, due on %(day)s.")
        % {
            "left": money(left_minor, commitment.currency),
            "amount": money(commitment.amount),
            "day": date_local(commitment.due_on),
        },
        "crumbs": (*funding_crumbs(institute), Crumb(_("Commitments"), list_url)),
        "form": form,
        "submit_label": _("Release"),
        "cancel_url": list_url,
        "refusal": refusal,
    }
    return render_page(request, "funding/release_commitment.html", context, status=status)


def _promise(data: dict[str, Any]) -> services.Promise:
    return services.Promise(
        id=data["id"],
        agreement_id=data["agreement"].pk,
        organisation_id=data["contributor"].pk,
        is_cash=data["form"] == CASH,
        amount_minor=data["amount_minor"],
        currency=data["agreement"].currency,
        promised_on=data["promised_on"],
        due_on=data["due_on"],
        reference=data["reference"],
    )


def _list_actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    if not may(actor, PERMISSIONS["record_commitment"], institute=institute.key):
        return ()
    url = reverse("funding:record_commitment", args=[institute.key])
    return (Action(_("Record a promise"), url, is_primary=True),)


def _table(actor: Actor, page: Any) -> Table:
    left = queries.left_minor_of(page)
    return Table(
        caption=_("Commitments of cost share"),
        columns=(
            Column("due", _("Due on")),
            Column("contributor", _("Contributor")),
            Column("form", _("Form")),
            Column("letter", _("Letter")),
            Column("amount", _("Promised"), is_number=True),
            Column("left", _("Left"), is_number=True),
            Column("standing", _("State")),
            Column("release", _("Release")),
        ),
        rows=tuple(_row(actor, one, left[one.pk]) for one in page),
        page=page,
        empty=_("No promise is recorded."),
        is_stacked=True,
    )


def _row(actor: Actor, one: Commitment, left_minor: int) -> Row:
    standing = commitment_standing(left_minor, one.released_minor, one.due_on, clock.today())
    may_release = left_minor > 0 and may_under(actor, "release_commitment", one.agreement)
    return Row(
        (
            Cell(date_local(one.due_on)),
            Cell(local_name(one.organisation.standing)),
            Cell(_("Cash") if one.is_cash else _("In-kind")),
            Cell(one.reference),
            Cell(money(one.amount)),
            Cell(money(left_minor, one.currency)),
            Cell(str(COMMITMENT_STANDING_LABELS[standing]), tag=_TONES[standing]),
            Cell(_("Release"), url=reverse("funding:release_commitment", args=[one.pk]))
            if may_release
            else Cell(one.release_reason or "–"),
        )
    )
