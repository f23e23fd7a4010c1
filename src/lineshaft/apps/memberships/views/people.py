"""Pages of an organisation's own: its memberships, and who belongs to it here."""

from collections.abc import Callable, Iterable
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.joining import (
    CodeForm,
    DomainForm,
    InvitationForm,
    WithdrawalForm,
)
from lineshaft.apps.memberships.models import (
    WAY_LABELS,
    Invitation,
    MailDomain,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.memberships.rules import ApplicationState, InvoiceState, Way
from lineshaft.apps.memberships.views.invoices import invoices_table
from lineshaft.apps.memberships.views.pages import (
    application_tag,
    confirmation,
    people_crumbs,
    tier_name,
    verb_page,
)
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role
from lineshaft.web import formats
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

SHOWN: Final = 20
"""So many of each kind stand on the page of one's own memberships, the newest first."""


@require_safe
@login_required
def show_own_memberships(request: HttpRequest) -> HttpResponse:
    """What waits for the actor as a member or applicant, and what is theirs."""
    actor, now = actor_of(request), clock.now()
    own = queries.own_memberships_of(actor, on=now.date())
    applications = own.applications.order_by("-submitted_at", "-pk")[:SHOWN]
    invoices = own.invoices.order_by("-issued_at", "-pk")[:SHOWN]
    context = {
        "title": _own_title(own),
        "lede": _("Applications, agreements, invoices and people of your organisations."),
        "crumbs": (Crumb(_("My desk"), reverse("desk:show_desk")),),
        "actions": (Action(_("Compare memberships"), reverse("memberships:compare_tiers")),),
        "waiting": _waiting_table(
            queries.invitations_to(actor, now=now)[:SHOWN],
            queries.organisations_to_join(actor)[:SHOWN],
        ),
        "applications": _applications_table(applications),
        "agreements": _agreements_table(own.agreements.order_by("-starts_on", "pk")[:SHOWN]),
        "invoices": invoices_table(invoices, _("Invoices"), is_of_one=True),
        "people": _organisations_table(actor),
    }
    return render_page(request, "memberships/show_own_memberships.html", context)


@require_GET
def list_organisation_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who belongs to the organisation here, whom it has invited, and its domains."""
    actor, now = actor_of(request), clock.now()
    organisation = queries.organisation_with_people(actor, pk)
    page = paginate(request, queries.people_of(organisation, on=now.date()))
    acts = _may(actor, "invite_person", organisation)
    removes = _may(actor, "remove_person", organisation)
    context = {
        "title": ngettext(
            "%(number)s person belongs to %(organisation)s here",
            "%(number)s people belong to %(organisation)s here",
            page.total,
        )
        % {
            "number": formats.number(page.total),
            "organisation": formats.local_name(organisation),
        },
        "lede": _("They see what its memberships open. Who acts for it signs and invites besides."),
        "crumbs": people_crumbs(organisation)[:1],
        "actions": _people_actions(actor, organisation),
        "table": Table(
            caption=_("People"),
            columns=(
                Column("name", _("Name")),
                Column("acts", _("Acts for it")),
                Column("how", _("How")),
                Column("since", _("Since"), is_short=True),
                *((Column("remove", _("Action")),) if removes else ()),
            ),
            rows=tuple(_person_row(one, organisation, removes=removes) for one in page),
            page=page,
            empty=_("Nobody belongs to it here yet."),
            is_stacked=True,
        ),
        "invitations": _invitations_table(queries.invitations_of(organisation, now=now)[:SHOWN])
        if acts
        else None,
        "domains": _domains_table(actor, organisation),
    }
    return render_page(request, "memberships/list_organisation_people.html", context)


@require_http_methods(["GET", "POST"])
def invite_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite somebody by e-mail."""
    actor, organisation = _acting(request, "invite_person", pk)
    form = InvitationForm(request.POST or None)
    return _page(
        request,
        "invite_person",
        organisation,
        form,
        lambda: services.invite_person(
            actor,
            organisation,
            **form.cleaned_data,
            origin=settings.ORIGIN or request.build_absolute_uri("/"),
            now=clock.now(),
        ),
        title=_("Invite a person"),
        lede=_(
            "A link is mailed that holds for %(days)s days. Only whoever signs in with that "
            "verified address can accept it."
        )
        % {"days": formats.number(rules.INVITATION_DAYS)},
        told=_("The invitation is on its way."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def accept_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation by the secret of its link, or by number one that waits for the actor."""
    actor = actor_of(request)
    invitation = queries.invitation_named(actor, secret, now=clock.now())
    own = reverse("memberships:show_own_memberships")
    organisation = formats.local_name(invitation.organisation)
    return verb_page(
        request,
        "accept_invitation",
        confirmation(request),
        title=_("%(organisation)s invites you") % {"organisation": organisation},
        lede=_("You will see what its memberships open to its people."),
        submit_label=_("Accept the invitation"),
        crumbs=(Crumb(_("My memberships"), own),),
        back=own,
        perform=lambda: services.accept_invitation(actor, invitation, now=clock.now()),
        told=lambda _made: (
            _("You belong to %(organisation)s now.") % {"organisation": organisation}
        ),
    )


@require_http_methods(["GET", "POST"])
def verify_domain(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a domain of e-mail to be verified."""
    actor, organisation = _acting(request, "verify_domain", pk)
    form = DomainForm(request.POST or None)
    return _page(
        request,
        "verify_domain",
        organisation,
        form,
        lambda: services.verify_domain(
            actor, organisation, address=form.cleaned_data["address"], now=clock.now()
        ),
        title=_("Verify an e-mail domain"),
        lede=_(
            "Everybody with a verified address at the domain can then join %(organisation)s here."
        )
        % {"organisation": formats.local_name(organisation)},
        told=_("The code is on its way. Enter it once it has arrived."),
    )


@require_http_methods(["GET", "POST"])
def confirm_domain(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Enter the code that was mailed for a domain."""
    actor, organisation = _acting(request, "confirm_domain", pk)
    domain = queries.domain_by_id(organisation, number)
    form = CodeForm(request.POST or None)
    return _page(
        request,
        "confirm_domain",
        organisation,
        form,
        lambda: services.confirm_domain(
            actor, organisation, domain, code=form.cleaned_data["code"], now=clock.now()
        ),
        title=_("Enter the code for %(domain)s") % {"domain": domain.domain},
        lede=_("It was mailed to %(address)s and holds for %(hours)s hours.")
        % {"address": domain.address, "hours": formats.number(rules.CODE_HOURS)},
        told=_("The domain is verified."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def join_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Join an organisation by a verified address at its domain."""
    actor = actor_of(request)
    organisation = network.organisation_by_id(actor, pk)
    own = reverse("memberships:show_own_memberships")
    names = {"organisation": formats.local_name(organisation)}
    return verb_page(
        request,
        "join_organisation",
        confirmation(request),
        title=_("Join %(organisation)s") % names,
        lede=_("You have a verified address at its domain."),
        crumbs=(Crumb(_("My memberships"), own),),
        back=own,
        perform=lambda: services.join_organisation(actor, organisation, now=clock.now()),
        told=lambda _made: _("You belong to %(organisation)s now.") % names,
    )


@require_http_methods(["GET", "POST"])
def remove_person(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take somebody off the organisation."""
    actor, organisation = _acting(request, "remove_person", pk)
    user = queries.person_of(organisation, number, on=clock.today())
    form = WithdrawalForm(request.POST or None)
    return _page(
        request,
        "remove_person",
        organisation,
        form,
        lambda: services.remove_person(
            actor, organisation, user, why=form.cleaned_data["reason"], now=clock.now()
        ),
        title=_("Take %(name)s off") % {"name": formats.actor_name(str(user))},
        lede=_("From now on its memberships open nothing to this person."),
        told=_("The person is taken off."),
    )


# -------------------------------------------------------------------------------------- leaves


def _own_title(own: queries.OwnMemberships) -> str:
    to_sign = own.applications.filter(state=ApplicationState.APPROVED).count()
    to_pay = own.invoices.filter(queries.in_state(InvoiceState.ISSUED)).count()
    said = []
    if to_sign:
        said.append(
            ngettext("%(number)s agreement to sign", "%(number)s agreements to sign", to_sign)
            % {"number": formats.number(to_sign)}
        )
    if to_pay:
        said.append(
            ngettext("%(number)s invoice to pay", "%(number)s invoices to pay", to_pay)
            % {"number": formats.number(to_pay)}
        )
    if not said:
        return _("Nothing of your memberships waits for you")
    return _("You have %(things)s") % {"things": formats.joined(said)}


def _waiting_table(
    invitations: Iterable[Invitation], organisations: Iterable[Organisation]
) -> Table:
    """Organisations that the actor can belong to from now on."""
    rows = [
        Row(
            (
                Cell(formats.local_name(one.organisation)),
                Cell(str(WAY_LABELS[Way.INVITATION])),
                Cell(
                    _("Accept the invitation"),
                    url=reverse("memberships:accept_invitation", args=[str(one.pk)]),
                ),
            )
        )
        for one in invitations
    ]
    rows += [
        Row(
            (
                Cell(formats.local_name(one)),
                Cell(str(WAY_LABELS[Way.DOMAIN])),
                Cell(_("Join"), url=reverse("memberships:join_organisation", args=[one.pk])),
            )
        )
        for one in organisations
    ]
    return Table(
        caption=_("Organisations that are open to you"),
        columns=(
            Column("organisation", _("Organisation")),
            Column("how", _("How")),
            Column("action", _("Action")),
        ),
        rows=tuple(rows),
        is_stacked=True,
    )


def _applications_table(applications: Iterable[MembershipApplication]) -> Table:
    return Table(
        caption=_("Applications"),
        columns=(
            Column("institute", _("Institute")),
            Column("organisation", _("Organisation")),
            Column("state", _("State")),
            Column("tier", _("Membership tier")),
            Column("submitted", _("Submitted"), is_short=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(formats.local_name(one.institute), url=one.get_absolute_url()),
                    Cell(formats.local_name(one.organisation)),
                    Cell(application_tag(one).text, tag=application_tag(one).tone),
                    Cell(tier_name(one.tier)),
                    Cell(formats.date_local(one.submitted_at.date())),
                )
            )
            for one in applications
        ),
        empty=_("None. Compare memberships, then apply to an institute."),
        is_stacked=True,
    )


def _agreements_table(agreements: Iterable[MemberAgreement]) -> Table:
    return Table(
        caption=_("Memberships in force"),
        columns=(
            Column("institute", _("Institute")),
            Column("organisation", _("Organisation")),
            Column("tier", _("Membership tier")),
            Column("from", _("From"), is_short=True),
            Column("until", _("Until, not included"), is_short=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.institute),
                        url=reverse("memberships:show_member", args=[one.pk]),
                    ),
                    Cell(formats.local_name(one.organisation)),
                    Cell(tier_name(one.tier)),
                    Cell(formats.date_local(one.starts_on)),
                    Cell(formats.date_local(one.ends_on)),
                )
            )
            for one in agreements
        ),
        empty=_("None of your organisations is a member of an institute."),
        is_stacked=True,
    )


def _organisations_table(actor: Actor) -> Table:
    rows = network.organisations_visible_to(actor).filter(pk__in=sorted(actor.organisation_ids))
    return Table(
        caption=_("Your organisations"),
        columns=(Column("organisation", _("Organisation")), Column("people", _("People"))),
        rows=tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one),
                        url=reverse("network:show_organisation", args=[one.pk]),
                    ),
                    Cell(
                        _("See its people"),
                        url=reverse("memberships:list_organisation_people", args=[one.pk]),
                    ),
                )
            )
            for one in rows.order_by("name", "pk")[:SHOWN]
        ),
        empty=_("You belong to no organisation yet. Ask one of its people to invite you."),
        is_stacked=True,
    )


def _person_row(one: User, organisation: Organisation, *, removes: bool) -> Row:
    ways, grants = one.own_ways, one.own_grants  # type: ignore[attr-defined] # prefetched
    acts = any(grant.role == Role.MEMBER for grant in grants)
    how = str(WAY_LABELS[Way(ways[0].way)]) if ways else _("By the programme office")
    remove = Cell(
        _("Take off"),
        url=reverse("memberships:remove_person", args=[organisation.pk, one.pk]),
    )
    return Row(
        (
            Cell(formats.actor_name(one.name or one.email)),
            Cell(_("Yes"), tag="ok") if acts else Cell(_("No"), tag="quiet"),
            Cell(how),
            Cell(formats.date_local(ways[0].joined_at.date()) if ways else formats.MISSING),
            *((remove,) if removes else ()),
        )
    )


def _invitations_table(invitations: Iterable[Invitation]) -> Table:
    return Table(
        caption=_("Invitations that wait"),
        columns=(
            Column("email", _("E-mail address")),
            Column("acts", _("May act for it")),
            Column("until", _("Until"), is_short=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(one.email),
                    Cell(_("Yes") if one.may_act else _("No")),
                    Cell(formats.date_local(one.expires_at.date())),
                )
            )
            for one in invitations
        ),
        empty=_("No invitation waits."),
        is_stacked=True,
    )


def _domains_table(actor: Actor, organisation: Organisation) -> Table:
    confirms = _may(actor, "confirm_domain", organisation)

    def state(one: MailDomain) -> Cell:
        if one.verified_at is not None:
            return Cell(_("Verified"), tag="ok")
        if confirms:
            url = reverse("memberships:confirm_domain", args=[organisation.pk, one.pk])
            return Cell(_("Enter the code"), url=url)
        return Cell(_("Waits for its code"), tag="due")

    return Table(
        caption=_("E-mail domains"),
        columns=(Column("domain", _("Domain")), Column("state", _("State"))),
        rows=tuple(
            Row((Cell(one.domain), state(one))) for one in queries.domains_of(organisation)[:SHOWN]
        ),
        empty=_("No domain lets people in."),
        is_stacked=True,
    )


def _people_actions(actor: Actor, organisation: Organisation) -> tuple[Action, ...]:
    offered = (
        ("invite_person", _("Invite a person"), True),
        ("verify_domain", _("Verify an e-mail domain"), False),
    )
    return tuple(
        Action(
            label,
            reverse(f"memberships:{verb}", args=[organisation.pk]),
            is_primary=is_primary,
        )
        for verb, label, is_primary in offered
        if _may(actor, verb, organisation)
    )


def _may(actor: Actor, verb: str, organisation: Organisation) -> bool:
    return may(actor, rules.PERMISSIONS[verb], organisation=str(organisation.pk))


def _acting(request: HttpRequest, verb: str, pk: int) -> tuple[Actor, Organisation]:
    """The organisation, for whoever may do that for it."""
    actor = actor_of(request)
    organisation = queries.organisation_with_people(actor, pk)
    permit(actor, rules.PERMISSIONS[verb], organisation=str(pk))
    return actor, organisation


def _page(
    request: HttpRequest,
    verb: str,
    organisation: Organisation,
    form: BaseForm,
    perform: Callable[[], object],
    *,
    title: str,
    lede: str,
    told: str,
) -> HttpResponse:
    return verb_page(
        request,
        verb,
        form,
        title=title,
        lede=lede,
        crumbs=people_crumbs(organisation),
        back=reverse("memberships:list_organisation_people", args=[organisation.pk]),
        perform=perform,
        told=lambda _done: told,
    )
