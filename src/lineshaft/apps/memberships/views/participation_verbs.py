"""The forms of participation: screening, deciding, checking again, reporting a change."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.participation import (
    ApprovalForm,
    ConditionsForm,
    FulfilForm,
    ScreeningForm,
    WhyForm,
)
from lineshaft.apps.memberships.models import ParticipationReview, ScreeningSheet
from lineshaft.apps.memberships.views.pages import confirmation, verb_page
from lineshaft.apps.memberships.views.participation_words import review_crumbs
from lineshaft.apps.network.queries import (
    institute_by_key,
    organisation_by_id,
    profile_in_use,
)
from lineshaft.kernel.jurisdiction import WaiverScope
from lineshaft.kernel.participation import ParticipationRule
from lineshaft.kernel.spans import months_on
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import actor_of


@require_http_methods(["GET", "POST"])
def screen_organisation(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that screens an organisation before it takes part at an institute."""
    actor = actor_of(request)
    institute, organisation = institute_by_key(actor, key), organisation_by_id(actor, pk)
    services.permit_screening(actor, "screen_organisation", pk, institute)
    form = ScreeningForm(request.POST or None, questions=profile_in_use().screening.questions)

    def told(sheet: ScreeningSheet) -> str:
        review = queries.review_of(sheet.organisation_id, sheet.institute_id)
        if review is not None and review.sheet_id != sheet.pk:
            return _(
                "The screening is kept, but the one before it calls for more and is what the "
                "sponsor decides on. The institute or the sponsor enters what no longer holds."
            )
        if sheet.is_review_needed:
            return _("The screening is kept. The sponsor now decides.")
        return _("The screening is kept. Nothing in it calls for a review.")

    return form_page(
        request,
        "memberships/screen_organisation.html",
        form,
        {
            "organisation": organisation,
            "institute": institute,
            "crumbs": review_crumbs(),
            "cancel_url": reverse("network:show_organisation", args=[pk]),
            "rules": _rules(*queries.countries_bound(organisation)),
        },
        perform=lambda: services.screen_organisation(
            actor, organisation, institute, form.row(), now=clock.now()
        ),
        told=told,
        seen_at=_seen_at,
    )


@require_http_methods(["GET", "POST"])
def report_ownership_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that screens an organisation anew, since its owners changed."""
    actor = actor_of(request)
    review = queries.review_by_id(actor, pk)
    services.permit_screening(
        actor, "report_ownership_change", review.organisation_id, review.institute
    )
    form = ScreeningForm(
        request.POST or None,
        questions=profile_in_use().screening.questions,
        initial=dict(review.sheet.answers),
    )
    form.fields["why"].label = _("What changed")
    return form_page(
        request,
        "memberships/report_ownership_change.html",
        form,
        {
            "review": review,
            "crumbs": review_crumbs(review),
            "cancel_url": review.get_absolute_url(),
        },
        perform=lambda: services.report_ownership_change(
            actor, review, form.row(), now=clock.now()
        ),
        told=lambda _review: _("The review is open again. No decision stands until the next."),
        seen_at=lambda _review: review.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def approve_participation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that approves without conditions."""
    review = queries.review_by_id(actor_of(request), pk)
    form = ApprovalForm(request.POST or None, **_approving(review))

    def perform() -> object:
        return services.approve_participation(
            actor_of(request), review, form.approval(), now=clock.now()
        )

    return _decision(request, review, "approve_participation", form, perform)


@require_http_methods(["GET", "POST"])
def approve_participation_with_conditions(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that approves within limits."""
    review = queries.review_by_id(actor_of(request), pk)
    form = ConditionsForm(request.POST or None, **_approving(review))

    def perform() -> object:
        return services.approve_participation_with_conditions(
            actor_of(request), review, form.approval(), form.conditions(), now=clock.now()
        )

    return _decision(request, review, "approve_participation_with_conditions", form, perform)


@require_http_methods(["GET", "POST"])
def deny_participation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that denies, or ends an approval."""
    review = queries.review_by_id(actor_of(request), pk)
    form = WhyForm(request.POST or None, initial={"seen_sheet": review.sheet_id})

    def perform() -> object:
        return services.deny_participation(
            actor_of(request), review, **form.cleaned_data, now=clock.now()
        )

    return _decision(request, review, "deny_participation", form, perform)


@require_http_methods(["GET", "POST"])
def close_participation_review(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that closes a review in which there is nothing to decide."""
    review = queries.review_by_id(actor_of(request), pk)
    form = WhyForm(request.POST or None, initial={"seen_sheet": review.sheet_id})

    def perform() -> object:
        return services.close_participation_review(
            actor_of(request), review, **form.cleaned_data, now=clock.now()
        )

    return _decision(request, review, "close_participation_review", form, perform)


@require_http_methods(["GET", "POST"])
def recheck_participation(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that lets an approval stand after another look."""
    review = queries.review_by_id(actor_of(request), pk)
    form = WhyForm(request.POST or None, initial={"seen_sheet": review.sheet_id})

    def perform() -> object:
        return services.recheck_participation(
            actor_of(request), review, why=form.cleaned_data["why"], now=clock.now()
        )

    return _decision(request, review, "recheck_participation", form, perform)


@require_http_methods(["GET", "POST"])
def fulfil_commitment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that enters that a commitment was met."""
    actor = actor_of(request)
    commitment = queries.commitment_by_id(actor, pk)
    review = commitment.decision.review
    permit(
        actor,
        rules.PERMISSIONS["fulfil_commitment"],
        institute=review.institute.key,
        agencies=queries.deciding_agencies(review.institute),
    )
    form = FulfilForm(request.POST or None, initial={"met_on": clock.today()})
    return form_page(
        request,
        "memberships/fulfil_commitment.html",
        form,
        {
            "commitment": commitment,
            "crumbs": review_crumbs(review),
            "cancel_url": review.get_absolute_url(),
        },
        perform=lambda: services.fulfil_commitment(
            actor, commitment, now=clock.now(), **form.cleaned_data
        ),
        told=lambda _met: _("The commitment is entered as met."),
        seen_at=lambda _met: review.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def make_decision_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the letters of a decision made that are missing."""
    actor = actor_of(request)
    decision = queries.decision_by_id(actor, pk)
    review = decision.review
    permit(
        actor,
        rules.PERMISSIONS["make_decision_letters"],
        institute=review.institute.key,
        agencies=queries.deciding_agencies(review.institute),
    )
    return verb_page(
        request,
        "make_decision_letters",
        confirmation(request),
        title=_("Make the letters"),
        lede=_(
            "Decision %(reference)s, in each language in which there is no letter yet. What was "
            "made stays as it is."
        )
        % {"reference": decision.reference},
        crumbs=review_crumbs(review),
        back=review.get_absolute_url(),
        perform=lambda: services.make_decision_letters(actor, decision, now=clock.now()),
        told=lambda made: (
            ngettext("%(number)s letter is made.", "%(number)s letters are made.", len(made))
            % {"number": formats.number(len(made))}
        ),
    )


def _decision(
    request: HttpRequest,
    review: ParticipationReview,
    verb: str,
    form: WhyForm,
    perform: Callable[[], object],
) -> HttpResponse:
    """The page of one decision, for whoever decides at the institute."""
    services.permit_decision(actor_of(request), verb, review.institute)
    named = {"organisation": formats.local_name(review.organisation)}
    titles = {
        "approve_participation": _("Approve %(organisation)s without conditions"),
        "approve_participation_with_conditions": _("Approve %(organisation)s with conditions"),
        "deny_participation": _("Deny that %(organisation)s takes part"),
        "close_participation_review": _("Close the review of %(organisation)s"),
        "recheck_participation": _("Check %(organisation)s again"),
    }
    bound = {*review.sheet.countries, review.organisation.ownership_country}
    return form_page(
        request,
        f"memberships/{verb}.html",
        form,
        {
            "title": titles[verb] % named,
            "crumbs": review_crumbs(review),
            "cancel_url": review.get_absolute_url(),
            "rules": _rules(*bound),
        },
        perform=perform,
        told=lambda _done: _("The decision is kept, and holds from today."),
        seen_at=lambda _done: review.get_absolute_url(),
    )


def _approving(review: ParticipationReview) -> dict[str, Any]:
    """What the forms of approval ask for, and what they begin with."""
    profile = profile_in_use()
    months = profile.screening.recheck_months
    return {
        "grounds": [
            (one.key, formats.local_name(one))
            for one in profile.waiver_grounds
            if one.scope is WaiverScope.PARTICIPATION
        ],
        "kinds": profile.screening.commitment_kinds,
        "initial": {
            "seen_sheet": review.sheet_id,
            "ends_on": months_on(clock.today(), months),
        },
    }


def _rules(*countries: str) -> list[dict[str, Any]]:
    """The rules that bind owners of these countries, quoted where they bite."""
    binding: tuple[ParticipationRule, ...] = rules.binding_rules(
        profile_in_use(), countries, clock.today()
    )
    return [
        {"text": formats.local_of(rule, "text"), "citation": rule.authority.citation}
        for rule in binding
    ]


def _seen_at(sheet: ScreeningSheet) -> str:
    """The review that came of a screening, or the organisation."""
    review = queries.review_of(sheet.organisation_id, sheet.institute_id)
    if review is not None:
        return review.get_absolute_url()
    return reverse("network:show_organisation", args=[sheet.organisation_id])
