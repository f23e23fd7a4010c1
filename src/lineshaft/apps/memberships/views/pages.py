"""What the pages of joining share: the way to a record, and the page of a verb."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import INVOICE_STATE_LABELS, Invoice, MembershipApplication
from lineshaft.apps.memberships.rules import ApplicationState, InvoiceState
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Crumb, Tag, Tone

APPLICATION_TONES: dict[str, Tone] = {
    ApplicationState.SUBMITTED: "due",
    ApplicationState.APPROVED: "due",
    ApplicationState.SIGNED: "due",
    ApplicationState.ADMITTED: "ok",
}
INVOICE_TONES: dict[str, Tone] = {
    InvoiceState.ISSUED: "due",
    InvoiceState.REFUND_DUE: "due",
    InvoiceState.PAID: "ok",
}


def verb_page[Done](
    request: HttpRequest,
    verb: str,
    form: BaseForm,
    *,
    title: str,
    crumbs: tuple[Crumb, ...],
    back: str,
    perform: Callable[[], Done],
    told: Callable[[Done], str],
    seen_at: Callable[[Done], str] | None = None,
    **shown: Any,
) -> HttpResponse:
    """The verb's page; afterwards the reader stands where it is seen, on `back` if not said.

    `shown` is the rest of what the template draws: `lede`, `submit_label` if it is not the title.
    """
    context = {"title": title, "submit_label": title, "crumbs": crumbs, "cancel_url": back} | shown
    return form_page(
        request,
        f"memberships/{verb}.html",
        form,
        context,
        perform=perform,
        told=told,
        seen_at=seen_at or (lambda _done: back),
    )


def confirmation(request: HttpRequest) -> Form:
    """The form of a verb that asks for nothing but to be confirmed."""
    return Form(request.POST if request.method == "POST" else None)


def institute_crumbs(institute: Institute) -> tuple[Crumb, ...]:
    """The way to what belongs to an institute's members."""
    return (
        Crumb(_("Institutes"), reverse("network:list_institutes")),
        Crumb(
            formats.local_name(institute), reverse("network:show_institute", args=[institute.key])
        ),
        Crumb(_("Members"), reverse("memberships:list_members", args=[institute.key])),
    )


def applications_crumb(institute: Institute) -> Crumb:
    """The institute's applications."""
    return Crumb(_("Applications"), reverse("memberships:list_applications", args=[institute.key]))


def invoices_crumb(institute: Institute) -> Crumb:
    """The institute's invoices."""
    return Crumb(_("Invoices"), reverse("memberships:list_invoices", args=[institute.key]))


def people_crumbs(organisation: Organisation) -> tuple[Crumb, ...]:
    """The way to an organisation's people."""
    return (
        Crumb(_("My memberships"), reverse("memberships:show_own_memberships")),
        Crumb(
            _("People of %(organisation)s") % {"organisation": formats.local_name(organisation)},
            reverse("memberships:list_organisation_people", args=[organisation.pk]),
        ),
    )


def may_at(actor: Actor, verb: str, institute: Institute) -> bool:
    """Whether the actor may do that at the institute."""
    return may(actor, rules.PERMISSIONS[verb], institute=institute.key)


def organisation_url(actor: Actor, organisation: Organisation) -> str:
    """Where its record stands; nothing for whoever does not see it."""
    if not network.may_see_organisation(actor, organisation):
        return ""
    return reverse("network:show_organisation", args=[organisation.pk])


def application_tag(application: MembershipApplication) -> Tag:
    """Where it stands, as a word."""
    return Tag(application.get_state_display(), APPLICATION_TONES.get(application.state, "quiet"))


def invoice_tag(invoice: Invoice) -> Tag:
    """Where it stands, as a word."""
    label = INVOICE_STATE_LABELS[InvoiceState(invoice.state)]
    return Tag(str(label), INVOICE_TONES.get(invoice.state, "quiet"))


def tier_name(key: str) -> str:
    """The tier's name in the reader's language, or its key where the profile lost it."""
    tiers = network.profile_in_use().tiers
    found = next((one for one in tiers if one.key == key), None)
    return formats.local_name(found) if found else key


def kind_name(key: str) -> str:
    """The kind of organisation in the reader's language, or its key where the profile lost it."""
    kinds = network.profile_in_use().organisation_kinds
    found = next((one for one in kinds if one.key == key), None)
    return formats.local_name(found) if found else key
