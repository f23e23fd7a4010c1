"""Pages of the verbs that change a membership: next term, another tier, expulsion, leaving."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.joining import ExpulsionForm, LeavingForm, TierChangeForm
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.views.pages import confirmation, institute_crumbs, verb_page
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.pages import Action, Crumb, actor_of


@require_http_methods(["GET", "POST"])
def renew_membership(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree the next term."""
    actor, agreement = actor_of(request), _changed(request, "renew_membership", pk)
    return verb_page(
        request,
        "renew_membership",
        confirmation(request),
        title=_("Renew the membership"),
        lede=_(
            "The next term of %(organisation)s begins on %(day)s, under the terms then in force. "
            "The invoice of its first year is issued."
        )
        % {
            "organisation": formats.local_name(agreement.organisation),
            "day": formats.date_local(agreement.ends_on),
        },
        crumbs=_crumbs(agreement),
        back=_shown(agreement),
        perform=lambda: services.renew_membership(actor, agreement, now=clock.now()),
        told=lambda _made: _("The next term is agreed."),
        seen_at=_shown,
    )


@require_http_methods(["GET", "POST"])
def change_tier(request: HttpRequest, pk: int) -> HttpResponse:
    """Let another tier follow."""
    actor, agreement = actor_of(request), _changed(request, "change_tier", pk)
    today = clock.today()
    offers = queries.offers_to(
        actor, agreement.institute, kind=agreement.organisation.standing.kind, on=today
    )
    form = TierChangeForm(
        request.POST or None,
        tiers=[
            (
                key,
                _("%(tier)s: %(dues)s a year")
                % {
                    "tier": formats.local_name(one.tier),
                    "dues": formats.money(one.dues_minor),
                },
            )
            for key, one in offers.items()
            if key != agreement.tier
        ],
        initial={"on": today},
    )
    return verb_page(
        request,
        "change_tier",
        form,
        title=_("Change the tier"),
        lede=_(
            "What is billed from that day on is credited and the new dues are charged, by days, in "
            "one invoice. The term stays as it is."
        ),
        crumbs=_crumbs(agreement),
        back=_shown(agreement),
        perform=lambda: services.change_tier(
            actor, agreement, **form.cleaned_data, now=clock.now()
        ),
        told=lambda _made: _("The new tier holds from that day on."),
        seen_at=_shown,
    )


@require_http_methods(["GET", "POST"])
def expel_member(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership for breach."""
    actor, agreement = actor_of(request), _changed(request, "expel_member", pk)
    form = ExpulsionForm(request.POST or None, initial={"ends_on": clock.today()})
    return verb_page(
        request,
        "expel_member",
        form,
        title=_("Expel the member"),
        lede=_("%(organisation)s is told the reason by mail; what is unpaid is cancelled.")
        % {"organisation": formats.local_name(agreement.organisation)},
        crumbs=_crumbs(agreement),
        back=_shown(agreement),
        perform=lambda: services.expel_member(
            actor, agreement, **form.cleaned_data, now=clock.now()
        ),
        told=lambda _made: _("The membership ends on that day."),
    )


@require_http_methods(["GET", "POST"])
def leave_membership(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership for the organisation."""
    actor = actor_of(request)
    agreement = queries.member_agreement_by_id(actor, pk)
    permission = rules.PERMISSIONS["leave_membership"]
    permit(actor, permission, organisation=str(agreement.organisation.standing.pk))
    form = LeavingForm(request.POST or None, initial={"ends_on": clock.today()})
    return verb_page(
        request,
        "leave_membership",
        form,
        title=_("Leave the institute"),
        lede=_("%(organisation)s leaves %(institute)s. Paid dues are not given back.")
        % {
            "organisation": formats.local_name(agreement.organisation),
            "institute": formats.local_name(agreement.institute),
        },
        crumbs=_crumbs(agreement),
        back=_shown(agreement),
        perform=lambda: services.leave_membership(
            actor, agreement, **form.cleaned_data, now=clock.now()
        ),
        told=lambda _made: _("The membership ends on that day."),
    )


def change_actions(actor: Actor, agreement: MemberAgreement) -> tuple[Action, ...]:
    """What the actor can change of an agreement that has not ended."""
    if agreement.ends_on is not None and agreement.ends_on <= clock.today():
        return ()
    of_institute = (
        ("renew_membership", _("Renew"), agreement.ends_on is not None),
        ("bill_next_year", _("Bill the next year"), agreement.ends_on is not None),
        ("change_tier", _("Change the tier"), not agreement.ended_reason),
        ("expel_member", _("Expel the member"), True),
    )
    found = [
        (verb, label)
        for verb, label, is_offered in of_institute
        if is_offered and may(actor, rules.PERMISSIONS[verb], institute=agreement.institute.key)
    ]
    leaves = rules.PERMISSIONS["leave_membership"]
    own = str(agreement.organisation.standing.pk)
    if may(actor, leaves, organisation=own) and not actor.is_system:
        found.append(("leave_membership", _("Leave the institute")))
    return tuple(
        Action(label, reverse(f"memberships:{verb}", args=[agreement.pk])) for verb, label in found
    )


def _changed(request: HttpRequest, verb: str, pk: int) -> MemberAgreement:
    actor = actor_of(request)
    agreement = queries.member_agreement_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS[verb], institute=agreement.institute.key)
    return agreement


def _shown(agreement: MemberAgreement) -> str:
    return reverse("memberships:show_member", args=[agreement.pk])


def _crumbs(agreement: MemberAgreement) -> tuple[Crumb, ...]:
    return (
        *institute_crumbs(agreement.institute),
        Crumb(formats.local_name(agreement.organisation), _shown(agreement)),
    )
