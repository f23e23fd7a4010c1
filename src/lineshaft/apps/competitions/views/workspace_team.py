"""Pages of who applies together: partners and what they see, people and their invitations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    Choices,
    InviteForm,
    PartnerForm,
    SharesForm,
    UnwantedForm,
)
from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.services import PartnerRow
from lineshaft.apps.competitions.views.workspaces import FORM, of_application, permit_seat
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import actor_of

_NOT_FOUND = gettext_noop(
    "No organisation of that name or number is registered. Correct it, or enter it as a new one."
)
_SEVERAL = gettext_noop("Several are called so: %(names)s. Write the number of the one you mean.")


@require_http_methods(["GET", "POST"])
@login_required
def add_partner(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that names a partner."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "add_partner")
    profile = formats.profile()
    form = PartnerForm(
        request.POST or None,
        parts=_parts(),
        kinds=[(one.key, formats.local_name(one)) for one in profile.organisation_kinds],
        regions=[(code, formats.region(code)) for code, _name, _zh in profile.place_codes.codes],
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Name a partner"),
            "lede": _("Its people see what you share with it, and nothing else."),
            "submit_label": _("Add the partner"),
            **of_application(application),
        },
        perform=lambda: services.add_partner(
            actor, application, _partner(actor, form), now=clock.now()
        ),
        told=lambda made: (
            _("%(name)s is a partner.") % {"name": formats.local_name(made.organisation)}
        ),
        seen_at=lambda _made: f"{application.get_absolute_url()}#partners",
    )


@require_http_methods(["GET", "POST"])
@login_required
def share_with_partner(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    """The form that says what a partner brings and sees."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "share_with_partner")
    found = queries.partner_by_id(application, partner)
    initial = {"part": found.part, "shares": found.shares}
    form = SharesForm(request.POST or None, parts=_parts(), initial=initial)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("What the people of %(name)s see")
            % {"name": formats.local_name(found.organisation)},
            "lede": formats.local_name(application),
            "submit_label": _("Save"),
            **of_application(application),
        },
        perform=lambda: services.share_with_partner(
            actor,
            application,
            found,
            shares=form.cleaned_data["shares"],
            part=form.cleaned_data["part"],
            now=clock.now(),
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: f"{application.get_absolute_url()}#partners",
    )


@require_POST
@login_required
def remove_partner(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    """Take a partner off."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    found = queries.partner_by_id(application, partner)
    services.remove_partner(actor, application, found, now=clock.now())
    messages.success(request, _("The partner is taken off."))
    return redirect(f"{application.get_absolute_url()}#partners")


@require_http_methods(["GET", "POST"])
@login_required
def invite_to_team(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that names somebody on the team."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "invite_to_team")
    form = InviteForm(request.POST or None, organisations=_organisations(application))
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Name somebody on the team"),
            "lede": _("Who leads changes everything; who writes changes what is open to them."),
            "submit_label": _("Add to the team"),
            **of_application(application),
        },
        perform=lambda: services.invite_to_team(actor, application, form.row(), now=clock.now()),
        told=lambda made: _("%(name)s is on the team.") % {"name": made.name},
        seen_at=lambda _made: f"{application.get_absolute_url()}#team",
    )


@require_POST
@login_required
def remove_from_team(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Take somebody off the team."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "remove_from_team")
    found = queries.member_by_id(application, member)
    services.remove_from_team(actor, application, found, now=clock.now())
    messages.success(request, _("%(name)s is off the team.") % {"name": found.name})
    return redirect(f"{application.get_absolute_url()}#team")


@require_POST
@login_required
def join_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept an invitation that waits for one of the reader's addresses."""
    actor = actor_of(request)
    invitation = queries.invitation_by_id(actor, pk)
    joined = services.join_team(actor, invitation, now=clock.now())
    messages.success(request, _("You are on the team."))
    return redirect(joined.application)


@require_http_methods(["GET", "POST"])
@login_required
def name_unwanted_reviewer(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that names somebody who should not review the application."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "name_unwanted_reviewer")
    form = UnwantedForm(request.POST or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Name somebody who should not review"),
            "lede": _(
                "Until whoever runs the competition decides otherwise, the application stays closed"
                " to this person, who is not told. At most %(most)s can be named."
            )
            % {"most": rules.UNWANTED_MAX},
            "submit_label": _("Name"),
            **of_application(application),
        },
        perform=lambda: services.name_unwanted_reviewer(
            actor, application, form.row(), now=clock.now()
        ),
        told=lambda made: _("%(name)s is named as unwanted.") % {"name": made.name},
        seen_at=lambda _made: f"{application.get_absolute_url()}#unwanted",
    )


@require_POST
@login_required
def remove_unwanted_reviewer(request: HttpRequest, pk: int, unwanted: int) -> HttpResponse:
    """Take back that somebody should not review."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "remove_unwanted_reviewer")
    found = queries.unwanted_by_id(application, unwanted)
    services.remove_unwanted_reviewer(actor, application, found, now=clock.now())
    messages.success(request, _("%(name)s is no longer named.") % {"name": found.name})
    return redirect(f"{application.get_absolute_url()}#unwanted")


# ---------------------------------------------------------------------------------------- leaves


def _parts() -> Choices:
    return [(part, services.part_label(part)) for part in rules.SHARED_PARTS]


def _organisations(application: Application) -> Choices:
    lead = (str(application.lead_id), formats.local_name(application.lead))
    partners = [
        (str(one.organisation_id), formats.local_name(one.organisation))
        for one in application.partners.all()
    ]
    return [lead, *partners]


def _partner(actor: Actor, form: PartnerForm) -> PartnerRow:
    """The partner as entered; raises Invalid where the name means none or several."""
    data = form.cleaned_data
    said = {"part": data["part"], "shares": tuple(data["shares"])}
    if data["is_new"]:
        new = OrganisationRow(
            name=data["name"], kind=data["kind"], city=data["city"], region=data["region"]
        )
        return PartnerRow(new=new, is_none_of_these=data["is_none_of_these"], **said)
    found = network.organisations_named(actor, data["name"].strip())
    if not found:
        raise Invalid.in_field("name", _NOT_FOUND)
    if len(found) > 1:
        names = tuple(f"{one.name} ({one.pk})" for one in found)
        raise Invalid.in_field("name", _SEVERAL, names=names)
    return PartnerRow(organisation_id=found[0].pk, **said)
