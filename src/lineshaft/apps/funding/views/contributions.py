"""Pages of cost share: the list, a claim with its evidence, and the forms that decide on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.exchange import contribution_records, export_columns
from lineshaft.apps.funding.forms import (
    AcceptForm,
    ContributionFilterForm,
    ContributionForm,
    EvidenceForm,
    ReasonForm,
    ValuationForm,
    chosen,
    initial_day,
    posted,
)
from lineshaft.apps.funding.models import (
    CONTRIBUTION_STATE_LABELS,
    ClaimLine,
    Contribution,
    ContributionEvidence,
    CostShareClaim,
)
from lineshaft.apps.funding.rules import (
    PERMISSIONS,
    TRANSITIONS,
    UNIFORM_GUIDANCE,
    AgreementState,
    ContributionState,
    valuation_complete,
)
from lineshaft.apps.funding.services import VALUATION_FIELDS
from lineshaft.apps.funding.views.duplicates import duplicates_table
from lineshaft.apps.funding.views.tones import CONTRIBUTION_TONES
from lineshaft.apps.funding.views.transfers import funding_crumbs, may_under, permit_under
from lineshaft.apps.funding.views.valuation import kind_name, kind_of, valuation_items
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import (
    institute_by_key,
    may_see_organisation,
    profile_in_use,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import CostShareKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import date_local, local_name, money, number, user_name
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

_SORTS = {
    "date": "occurred_on",
    "contributor": "organisation__name",
    "claimed": "claimed_minor",
    "accepted": "accepted_minor",
    "state": "state",
}

type Decide = Callable[[dict[str, Any]], Contribution]


@require_GET
def list_contributions(request: HttpRequest, key: str) -> HttpResponse:
    """The contributions to an institute that the reader may see, filtered by the address."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    form = ContributionFilterForm(request.GET or None)
    order_by, sort = sorting(request, _SORTS, "-date")
    found = _narrowed(actor, institute, form)
    page = paginate(request, found.order_by(order_by, "pk"))
    total = queries.count_all_contributions(institute.key)
    export = reverse("funding:export_contributions", args=[key, "csv"])
    context = {
        "institute": institute,
        "title": ngettext(
            "%(count)s contribution to %(institute)s",
            "%(count)s contributions to %(institute)s",
            total,
        )
        % {"count": number(total), "institute": local_name(institute)},
        "funding_url": reverse("funding:show_funding", args=[key]),
        "lede": _("Cost share as claimed and as accepted. Only what is accepted counts."),
        "crumbs": funding_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "actions": _list_actions(actor, institute),
        "filter_form": form,
        "table": _contributions_table(page, sort, f"{export}?{request.GET.urlencode()}"),
        "withheld": total - queries.contributions_of(actor, institute.key).count(),
    }
    return render_page(request, "funding/list_contributions.html", context)


@require_GET
def export_contributions(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The same list as a file: csv, xlsx or json."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    filters = ContributionFilterForm(request.GET or None)
    found = _narrowed(actor, institute, filters).order_by("occurred_on", "pk")
    return table_download(
        actor,
        form,
        name=f"contributions-{key}",
        institute=key,
        columns=export_columns(),
        rows=contribution_records(found),
        provenance=Provenance(
            title=_("Contributions to %(institute)s") % {"institute": local_name(institute)},
            generated_at=clock.now(),
            is_demonstration=settings.IS_DEMONSTRATION,
            filters={name: str(value) for name, value in chosen(filters).items()},
        ),
    )


@require_GET
def show_contribution(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One claim: who brought it, how it was valued, what proves it, what was decided."""
    actor = actor_of(request)
    contribution = queries.contribution_by_id(actor, pk)
    state = ContributionState(contribution.state)
    institute = contribution.agreement.institute
    context = {
        "contribution": contribution,
        "title": _("%(contributor)s: %(amount)s, %(kind)s")
        % {
            "contributor": local_name(contribution.organisation.standing),
            "amount": money(contribution.claimed),
            "kind": kind_name(contribution.kind),
        },
        "tag": Tag(str(CONTRIBUTION_STATE_LABELS[state]), CONTRIBUTION_TONES[state]),
        "crumbs": (
            *funding_crumbs(institute),
            Crumb(_("Contributions"), reverse("funding:list_contributions", args=[institute.key])),
        ),
        "actions": _actions(actor, contribution),
        "items": _items(actor, contribution),
        "evidence_table": _evidence_table(contribution),
        "duplicates_table": _duplicates_table(actor, contribution),
        "kind": kind_of(contribution.kind),
        "events": events_of(actor, contribution)[:20],
    }
    return render_page(request, "funding/show_contribution.html", context)


@require_http_methods(["GET", "POST"])
def record_contribution(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a claim with its evidence; how each kind is valued stands beside it."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    permit(actor, PERMISSIONS["record_contribution"], institute=institute.key)
    agreements = (
        queries.agreements_visible_to(actor)
        .filter(institute=institute)
        .exclude(state=AgreementState.DRAFT)
    )
    kind = _kind_asked(request)
    claim = _claim_asked(request, institute)
    form = ContributionForm(
        posted(request),
        request.FILES or None,
        actor=actor,
        agreements=agreements,
        kind=kind,
        is_line=claim is not None,
        initial=initial_day(clock.today()) | request.GET.dict() | {"kind": kind.key},
    )
    return form_page(
        request,
        "funding/record_contribution.html",
        form,
        {
            "title": _("Record a contribution to %(institute)s")
            % {"institute": local_name(institute)},
            "lede": _("A line of the claim of %(contributor)s under %(agreement)s.")
            % {
                "contributor": local_name(claim.organisation.standing),
                "agreement": claim.agreement.number,
            }
            if claim
            else _("It counts as cost share once it is accepted on its evidence."),
            "crumbs": funding_crumbs(institute),
            "submit_label": _("Record"),
            "cancel_url": claim.get_absolute_url()
            if claim
            else reverse("funding:show_funding", args=[key]),
            "kind": kind,
            "kinds": profile_in_use().cost_share_kinds,
        },
        perform=lambda: services.record_contribution(
            actor, _claim(form.cleaned_data, claim), now=clock.now(), files=_files(form)
        ),
        told=lambda _recorded: _("The contribution is recorded. It waits for acceptance."),
        seen_at=lambda recorded: (claim or recorded).get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def attach_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that adds proof."""
    actor = actor_of(request)
    contribution = queries.contribution_by_id(actor, pk)
    form = EvidenceForm(posted(request), request.FILES or None)
    return _deciding_page(
        request,
        contribution,
        "attach_evidence",
        form,
        title=_("Attach evidence"),
        done=_("The evidence is attached."),
        decide=lambda data: services.attach_evidence(
            actor,
            contribution.pk,
            now=clock.now(),
            files=_files(form),
            references=[data["reference"]],
        ),
    )


@require_http_methods(["GET", "POST"])
def value_contribution(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form of a valuation that the record lacks."""
    actor = actor_of(request)
    contribution = queries.contribution_by_id(actor, pk)
    form = ValuationForm(
        posted(request),
        kind=profile_in_use().cost_share_kind(contribution.kind),
        valuation=contribution.valuation,
        currency=contribution.currency,
    )
    return _deciding_page(
        request,
        contribution,
        "value_contribution",
        form,
        title=_("Value the contribution"),
        done=_("The contribution is valued. It waits for acceptance."),
        decide=lambda _data: services.value_contribution(
            actor, contribution.pk, form.valuation, now=clock.now()
        ),
    )


@require_http_methods(["GET", "POST"])
def accept_contribution(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that lets a claim count, in part too."""
    actor = actor_of(request)
    contribution = queries.contribution_by_id(actor, pk)
    return _deciding_page(
        request,
        contribution,
        "accept_contribution",
        AcceptForm(posted(request), contribution=contribution),
        title=_("Accept the contribution"),
        done=_("The contribution counts as cost share."),
        decide=lambda data: services.accept_contribution(
            actor, contribution.pk, today=clock.today(), now=clock.now(), **data
        ),
    )


@require_http_methods(["GET", "POST"])
def refuse_contribution(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that refuses a claim with its reason."""
    return _void_page(
        request,
        pk,
        services.refuse_contribution,
        title=_("Refuse the contribution"),
        done=_("The contribution is refused."),
    )


@require_http_methods(["GET", "POST"])
def withdraw_contribution(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that takes back a claim recorded by mistake."""
    return _void_page(
        request,
        pk,
        services.withdraw_contribution,
        title=_("Withdraw the contribution"),
        done=_("The contribution is withdrawn."),
    )


def _void_page(
    request: HttpRequest, pk: UUID, void: Callable[..., Contribution], *, title: str, done: str
) -> HttpResponse:
    """The page of the service of that name, which ends a claim with a reason."""
    actor = actor_of(request)
    contribution = queries.contribution_by_id(actor, pk)
    return _deciding_page(
        request,
        contribution,
        void.__name__,
        ReasonForm(posted(request)),
        title=title,
        done=done,
        decide=lambda data: void(
            actor, contribution.pk, today=clock.today(), now=clock.now(), **data
        ),
    )


def _deciding_page(
    request: HttpRequest,
    contribution: Contribution,
    verb: str,
    form: Form,
    *,
    title: str,
    done: str,
    decide: Decide,
) -> HttpResponse:
    agreement = contribution.agreement
    permit_under(actor_of(request), verb, agreement, 0)
    return form_page(
        request,
        f"funding/{verb}.html",
        form,
        {
            "title": title,
            "lede": _("%(contributor)s claims %(amount)s as %(kind)s.")
            % {
                "contributor": local_name(contribution.organisation.standing),
                "amount": money(contribution.claimed),
                "kind": kind_name(contribution.kind),
            },
            "crumbs": funding_crumbs(agreement.institute),
            "submit_label": title,
            "cancel_url": contribution.get_absolute_url(),
            "citation": UNIFORM_GUIDANCE,
            "evidence_table": _evidence_table(contribution),
            "duplicates_table": _duplicates_table(actor_of(request), contribution),
        },
        perform=lambda: decide(form.cleaned_data),
        told=lambda _decided: done,
        seen_at=Contribution.get_absolute_url,
    )


def _narrowed(
    actor: Actor, institute: Institute, form: ContributionFilterForm
) -> QuerySet[Contribution]:
    narrowed = chosen(form)
    found = queries.contributions_of(actor, institute.key)
    for name in ("state", "kind"):
        if name in narrowed:
            found = found.filter(**{name: narrowed[name]})
    if "fiscal_year" in narrowed:
        period = profile_in_use().fiscal_year(narrowed["fiscal_year"])
        found = found.filter(occurred_on__gte=period.starts_on, occurred_on__lt=period.ends_on)
    return found


def _kind_asked(request: HttpRequest) -> CostShareKind:
    """The kind that the form or the address names, else the profile's first."""
    key = request.POST.get("kind") or request.GET.get("kind", "")
    return kind_of(key) or profile_in_use().cost_share_kinds[0]


def _claim_asked(request: HttpRequest, institute: Institute) -> CostShareClaim | None:
    """The institute's claim of which the contribution is to be a line; None: of no claim."""
    key = request.GET.get("claim", "")
    if not key:
        return None
    try:
        claim = queries.claim_by_id(actor_of(request), UUID(key))
    except ValueError as error:
        raise NotFound(code="claim", message=queries.NO_CLAIM) from error
    if claim.agreement.institute_id != institute.pk:
        raise NotFound(code="claim", message=queries.NO_CLAIM)
    return claim


def _claim(data: dict[str, Any], claim: CostShareClaim | None) -> services.Claim:
    agreement = claim.agreement if claim else data["agreement"]
    return services.Claim(
        id=data["id"],
        agreement_id=agreement.pk,
        organisation_id=(claim.organisation if claim else data["contributor"]).pk,
        claim_id=claim.pk if claim else None,
        kind=data["kind"],
        amount_minor=data["amount_minor"],
        currency=agreement.currency,
        occurred_on=data["occurred_on"],
        is_federal_origin=data["is_federal_origin"],
        other_award=data["other_award"],
        external_id=data["external_id"],
        evidence=(data["evidence"],) if data["evidence"] else (),
        **{name: data[name] for name in VALUATION_FIELDS if name in data},
    )


def _files(form: Form) -> list[services.EvidenceFile]:
    return [
        services.EvidenceFile(file.name or "", file.file)
        for file in form.cleaned_data["evidence_files"]
    ]


def _list_actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    actions: list[Action] = []
    if may(actor, PERMISSIONS["record_contribution"], institute=institute.key):
        url = reverse("funding:record_contribution", args=[institute.key])
        actions.append(Action(_("Record a contribution"), url, is_primary=True))
    if queries.may_read_contributors(actor, institute.key):
        url = reverse("funding:list_duplicates", args=[institute.key])
        actions.append(Action(_("Claimed twice"), url))
        url = reverse("funding:list_claims", args=[institute.key])
        actions.append(Action(_("Claims"), url))
        url = reverse("funding:list_commitments", args=[institute.key])
        actions.append(Action(_("Commitments"), url))
    return tuple(actions)


def _actions(actor: Actor, contribution: Contribution) -> tuple[Action, ...]:
    agreement = contribution.agreement
    possible = TRANSITIONS["contribution"].verbs_from(contribution.state)
    offered = (
        ("accept_contribution", _("Accept"), "accept_contribution" in possible),
        (
            "value_contribution",
            _("State its value"),
            "value_contribution" in possible and _lacks_value(contribution),
        ),
        ("refuse_contribution", _("Refuse"), "refuse_contribution" in possible),
        ("attach_evidence", _("Attach evidence"), bool(possible)),
        ("withdraw_contribution", _("Withdraw"), "withdraw_contribution" in possible),
    )
    return tuple(
        Action(
            label,
            reverse(f"funding:{verb}", args=[contribution.pk]),
            is_primary=verb == "accept_contribution",
        )
        for verb, label, is_possible in offered
        if is_possible and may_under(actor, verb, agreement, 0)
    )


def _lacks_value(contribution: Contribution) -> bool:
    kind = kind_of(contribution.kind)
    return kind is not None and valuation_complete(contribution.valuation, kind) is not None


def _items(actor: Actor, contribution: Contribution) -> tuple[Item, ...]:
    contributor = contribution.organisation.standing
    yes, no = _("yes"), _("no")
    items = [
        Item(
            _("Contributor"),
            local_name(contributor),
            url=reverse("network:show_organisation", args=[contributor.pk])
            if may_see_organisation(actor, contributor)
            else "",
        ),
        Item(
            _("Agreement"),
            contribution.agreement.number,
            url=contribution.agreement.get_absolute_url(),
        ),
        Item(_("Kind"), kind_name(contribution.kind)),
        Item(_("Date"), date_local(contribution.occurred_on)),
        Item(_("Claimed"), money(contribution.claimed)),
        Item(_("Accepted"), money(contribution.accepted)),
        Item(_("Of federal origin"), yes if contribution.is_federal_origin else no),
        Item(_("Counted for another award"), contribution.other_award or no),
    ]
    line: ClaimLine | None = getattr(contribution, "line", None)
    if line is not None:
        items.insert(2, Item(_("Claim"), str(line.claim), url=line.claim.get_absolute_url()))
    items += valuation_items(contribution, kind_of(contribution.kind))
    if contribution.external_id:
        items.append(Item(_("Own number"), contribution.external_id))
    items.append(
        Item(
            _("Recorded by"),
            _by(contribution.recorded_by, contribution.recorded_at),
            url=reverse("funding:show_transfer", args=[contribution.pk]),
        )
    )
    if contribution.decided_at is not None:
        items.append(Item(_("Decided by"), _by(contribution.decided_by, contribution.decided_at)))
    if contribution.decision_reason:
        items.append(Item(_("Reason"), contribution.decision_reason))
    return tuple(items)


def _by(user: object | None, moment: Any) -> str:
    return _("%(who)s, %(when)s") % {
        "who": user_name(user),
        "when": date_local(moment),
    }


def _duplicates_table(actor: Actor, contribution: Contribution) -> Table | None:
    found = queries.duplicates_of(actor, [contribution])
    return duplicates_table(found.get(contribution.pk, ()))


def _evidence_table(contribution: Contribution) -> Table:
    evidence: QuerySet[ContributionEvidence] = contribution.evidence.all()
    return Table(
        caption=_("What was attached, and by whom"),
        columns=(
            Column("evidence", _("Evidence")),
            Column("attached_by", _("Attached by")),
            Column("attached_at", _("Attached at")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(one.file.name, url=one.file.get_absolute_url())
                    if one.file
                    else Cell(one.reference),
                    Cell(user_name(one.attached_by)),
                    Cell(date_local(one.attached_at)),
                )
            )
            for one in evidence
        ),
        empty=_("No evidence yet. Without evidence a contribution can not be accepted."),
        is_stacked=True,
    )


def _contributions_table(page: Any, sort: str, export_url: str) -> Table:
    return Table(
        caption=_("Contributions"),
        columns=(
            Column("date", _("Date"), sort="date", is_short=True),
            Column("contributor", _("Contributor"), sort="contributor"),
            Column("kind", _("Kind")),
            Column("claimed", _("Claimed"), is_number=True, sort="claimed"),
            Column("accepted", _("Accepted"), is_number=True, sort="accepted"),
            Column("state", _("State"), sort="state"),
        ),
        rows=tuple(_contribution_row(contribution) for contribution in page),
        page=page,
        sort=sort,
        export_url=export_url,
        empty=_("No contribution answers to this filter."),
        is_stacked=True,
    )


def _contribution_row(contribution: Contribution) -> Row:
    state = ContributionState(contribution.state)
    return Row(
        (
            Cell(date_local(contribution.occurred_on), url=contribution.get_absolute_url()),
            Cell(local_name(contribution.organisation.standing)),
            Cell(kind_name(contribution.kind)),
            Cell(money(contribution.claimed)),
            Cell(money(contribution.accepted)),
            Cell(str(CONTRIBUTION_STATE_LABELS[state]), tag=CONTRIBUTION_TONES[state]),
        )
    )
