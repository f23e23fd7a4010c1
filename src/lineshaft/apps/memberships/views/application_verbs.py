"""Pages of the verbs on an application: deciding, signing, admitting, and its document."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.forms import BaseForm
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.joining import (
    ApprovalForm,
    ReasonForm,
    RevisionForm,
    SignatureForm,
    WithdrawalForm,
)
from lineshaft.apps.memberships.models import MembershipApplication
from lineshaft.apps.memberships.views.pages import (
    applications_crumb,
    confirmation,
    institute_crumbs,
    verb_page,
)
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.files.views import own_attachment
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, actor_of


@require_http_methods(["GET", "POST"])
def approve_application(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the application from a first day on."""
    application = _decided(request, "approve_application", pk)
    form = ApprovalForm(request.POST or None, initial={"starts_on": clock.today()})
    return _page(
        request,
        "approve_application",
        application,
        form,
        lambda: services.approve_application(
            actor_of(request),
            application,
            starts_on=form.cleaned_data["starts_on"],
            now=clock.now(),
        ),
        title=_("Approve the application"),
        lede=_(
            "The agreement is made from the terms in force on the first day, and waits for both "
            "signatures. The applicant is told by mail."
        ),
        told=_("The application is approved; the agreement waits for both signatures."),
    )


@require_http_methods(["GET", "POST"])
def decline_application(request: HttpRequest, pk: int) -> HttpResponse:
    """Decline the application with a reason."""
    application = _decided(request, "decline_application", pk)
    form = ReasonForm(request.POST or None)
    return _page(
        request,
        "decline_application",
        application,
        form,
        lambda: services.decline_application(
            actor_of(request), application, reason=form.cleaned_data["reason"], now=clock.now()
        ),
        title=_("Decline the application"),
        lede=_("The applicant is told the reason by mail, and may apply again."),
        told=_("The application is declined."),
    )


@require_http_methods(["GET", "POST"])
def withdraw_application(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw the application."""
    application = _spoken_for(request, "withdraw_application", pk)
    form = WithdrawalForm(request.POST or None)
    return _page(
        request,
        "withdraw_application",
        application,
        form,
        lambda: services.withdraw_application(
            actor_of(request), application, reason=form.cleaned_data["reason"], now=clock.now()
        ),
        title=_("Withdraw the application"),
        lede=_("It stays on record. You may apply again."),
        told=_("The application is withdrawn."),
    )


@require_http_methods(["GET", "POST"])
def revise_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the agreement anew for another tier or first day."""
    application = _decided(request, "revise_agreement", pk)
    starts_on = application.starts_on or clock.today()
    offers = queries.offers_to(
        actor_of(request),
        application.institute,
        kind=application.organisation.kind,
        on=starts_on,
    )
    form = RevisionForm(
        request.POST or None,
        tiers=[(key, formats.local_name(one.tier)) for key, one in offers.items()],
        initial={"tier": application.tier, "starts_on": starts_on},
    )
    return _page(
        request,
        "revise_agreement",
        application,
        form,
        lambda: services.revise_agreement(
            actor_of(request), application, **form.cleaned_data, now=clock.now()
        ),
        title=_("Revise the agreement"),
        lede=_("A new document is made. Whoever signed the one before signs again."),
        told=_("The agreement is made anew and waits for both signatures."),
    )


@require_http_methods(["GET", "POST"])
def sign_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the agreement for the organisation."""
    application = _spoken_for(request, "sign_agreement", pk)
    return _signing(request, "sign_agreement", application, services.sign_agreement)


@require_http_methods(["GET", "POST"])
def countersign_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the agreement for the institute."""
    application = _decided(request, "countersign_agreement", pk)
    return _signing(request, "countersign_agreement", application, services.countersign_agreement)


@require_http_methods(["GET", "POST"])
def issue_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the first invoice of a signed application."""
    application = _decided(request, "issue_invoice", pk)
    return _page(
        request,
        "issue_invoice",
        application,
        confirmation(request),
        lambda: services.issue_invoice(actor_of(request), application, now=clock.now()),
        title=_("Issue the invoice"),
        lede=_(
            "Over the dues of the first year, less open credits. It is due in %(days)s days; once "
            "it is paid the member is admitted."
        )
        % {"days": formats.number(formats.profile().dues_due_days)},
        told=_("The invoice is issued."),
    )


@require_http_methods(["GET", "POST"])
def admit_applicant(request: HttpRequest, pk: int) -> HttpResponse:
    """Admit who has signed and paid."""
    application = _decided(request, "admit_applicant", pk)
    return _page(
        request,
        "admit_applicant",
        application,
        confirmation(request),
        lambda: services.admit_applicant(actor_of(request), application, now=clock.now()),
        title=_("Admit the applicant"),
        lede=_("Both sides have signed and nothing is owed. Every rule of admission holds."),
        told=_("The member is admitted."),
    )


@require_safe
def download_agreement(request: HttpRequest, pk: int) -> FileResponse:
    """The agreement document as it stands, to whoever may see the application."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    if application.document is None:
        raise NotFound(gettext_noop("There is no agreement yet: it comes with the approval."))
    return own_attachment(application.document)


# -------------------------------------------------------------------------------------- leaves


def _decided(request: HttpRequest, verb: str, pk: int) -> MembershipApplication:
    """The application, for whoever decides at the institute."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS[verb], institute=application.institute.key)
    return application


def _spoken_for(request: HttpRequest, verb: str, pk: int) -> MembershipApplication:
    """The application, for whoever made it or acts for the organisation."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    if not services.may_as_applicant(actor, verb, application, on=clock.today()):
        raise NotPermitted(rules.PERMISSIONS[verb].sentence)
    return application


def _signing(
    request: HttpRequest,
    verb: str,
    application: MembershipApplication,
    sign: Callable[..., MembershipApplication],
) -> HttpResponse:
    form = SignatureForm(
        request.POST or None,
        initial={"name": actor_of(request).label, "sha256": application.document_sha256},
    )
    ends_on = (
        rules.month_after(application.starts_on, application.term_months) - timedelta(days=1)
        if application.starts_on and application.term_months
        else None
    )
    return _page(
        request,
        verb,
        application,
        form,
        lambda: sign(actor_of(request), application, **form.signed(), now=clock.now()),
        title=_("Sign the agreement"),
        lede=_(
            "Membership from %(from)s to %(until)s, dues of %(dues)s a year. Open the document and "
            "read it: you sign it under the hash below, and no other."
        )
        % {
            "from": formats.date_local(application.starts_on),
            "until": formats.date_local(ends_on),
            "dues": formats.money(application.dues_minor),
        },
        told=_("The agreement is signed."),
    )


def _page[Done](
    request: HttpRequest,
    verb: str,
    application: MembershipApplication,
    form: BaseForm,
    perform: Callable[[], Done],
    *,
    title: str,
    told: str,
    **shown: Any,
) -> HttpResponse:
    institute = application.institute
    crumbs = (
        *institute_crumbs(institute),
        applications_crumb(institute),
        Crumb(formats.local_name(application.organisation), application.get_absolute_url()),
    )
    return verb_page(
        request,
        verb,
        form,
        title=title,
        crumbs=crumbs,
        back=application.get_absolute_url(),
        perform=perform,
        told=lambda _done: told,
        application=application,
        **shown,
    )
