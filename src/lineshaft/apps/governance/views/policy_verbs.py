"""Pages of the verbs of common policies: drafting, adopting, commenting, taking a position."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.forms import (
    AdoptionForm,
    AttestationForm,
    CommentForm,
    PolicyForm,
    PositionForm,
    ReasonForm,
    WordingForm,
)
from lineshaft.apps.governance.models import CommonPolicy, PolicyVersion
from lineshaft.apps.governance.views.policy_words import (
    policy_crumb,
    policy_crumbs,
    speakers_of,
    text_of,
)
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import actor_of

YEARS_OFFERED: Final = 5
"""So many fiscal years that are over can be attested on the page."""


@require_http_methods(["GET", "POST"])
def draft_policy(request: HttpRequest) -> HttpResponse:
    """The form that drafts a policy."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["draft_policy"])
    form = PolicyForm(request.POST or None)
    return form_page(
        request,
        "governance/draft_policy.html",
        form,
        {"crumbs": policy_crumbs(), "cancel_url": reverse("governance:list_policies")},
        perform=lambda: services.draft_policy(actor, form.proposal(), now=clock.now()),
        told=lambda _version: _("The draft stands open to comments."),
        seen_at=lambda version: version.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def revise_policy(request: HttpRequest, key: str) -> HttpResponse:
    """The form that drafts the next version, from the words of the last."""
    actor = actor_of(request)
    policy = queries.policy_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["revise_policy"])
    last = queries.versions_visible_to(actor).filter(policy=policy).first()
    initial = {"text": last.text, "text_zh": last.text_zh} if last else {}
    form = WordingForm(request.POST or None, initial=initial)
    return form_page(
        request,
        "governance/revise_policy.html",
        form,
        {
            "policy": policy,
            "crumbs": (*policy_crumbs(), policy_crumb(policy)),
            "cancel_url": policy.get_absolute_url(),
        },
        perform=lambda: services.revise_policy(actor, policy, form.wording(), now=clock.now()),
        told=lambda version: (
            _("Version %(number)s stands open to comments.") % {"number": version.number}
        ),
        seen_at=lambda version: version.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def adopt_policy(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that enters the adoption of a draft."""
    actor = actor_of(request)
    version = queries.version_by_number(actor, key, number)
    permit(actor, rules.PERMISSIONS["adopt_policy"])
    today = clock.today()
    form = AdoptionForm(request.POST or None, initial={"adopted_on": today, "in_force_on": today})
    return form_page(
        request,
        "governance/adopt_policy.html",
        form,
        {
            "wording": version,
            "crumbs": (*policy_crumbs(), policy_crumb(version.policy)),
            "cancel_url": version.get_absolute_url(),
        },
        perform=lambda: services.adopt_policy(actor, version, now=clock.now(), **form.cleaned_data),
        told=lambda adopted: (
            _("Version %(number)s is adopted, in force from %(day)s.")
            % {"number": adopted.number, "day": formats.date_local(adopted.in_force_on)}
        ),
        seen_at=lambda adopted: adopted.policy.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def revoke_adoption(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that takes an adoption back before its day."""
    actor = actor_of(request)
    version = queries.version_by_number(actor, key, number)
    permit(actor, rules.PERMISSIONS["revoke_adoption"])
    form = ReasonForm(request.POST or None)
    named = {"policy": formats.local_name(version.policy), "number": version.number}
    return form_page(
        request,
        "governance/record_verb.html",
        form,
        {
            "title": _("Revoke the adoption of %(policy)s, version %(number)s") % named,
            "lede": _("The version before stays in force. This one stays on record."),
            "submit_label": _("Revoke the adoption"),
            "crumbs": (*policy_crumbs(), policy_crumb(version.policy)),
            "cancel_url": version.get_absolute_url(),
        },
        perform=lambda: services.revoke_adoption(
            actor, version, why=form.cleaned_data["reason"], now=clock.now()
        ),
        told=lambda revoked: (
            _("The adoption of version %(number)s is revoked.") % {"number": revoked.number}
        ),
        seen_at=lambda revoked: revoked.get_absolute_url(),
    )


@require_POST
def withdraw_draft(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Give a draft up."""
    actor = actor_of(request)
    version = queries.version_by_number(actor, key, number)
    services.withdraw_draft(actor, version, now=clock.now())
    return redirect(version)


@require_POST
def comment_on_policy(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Add a comment to a draft."""
    actor = actor_of(request)
    version = queries.version_by_number(actor, key, number)
    speakers = speakers_of(actor)
    if not speakers:
        permit(actor, rules.PERMISSIONS["comment_on_policy"])
    form = CommentForm(request.POST, speakers=speakers)
    return form_page(
        request,
        "governance/comment_on_policy.html",
        form,
        {
            "wording": version,
            "crumbs": (*policy_crumbs(), policy_crumb(version.policy)),
            "cancel_url": version.get_absolute_url(),
        },
        perform=lambda: services.comment_on_policy(
            actor,
            version,
            form.cleaned_data["text"],
            institute=form.cleaned_data["institute"],
            now=clock.now(),
        ),
        told=lambda _comment: _("The comment stands under the draft."),
        seen_at=lambda _comment: f"{version.get_absolute_url()}#comments",
    )


@require_http_methods(["GET", "POST"])
def state_position(request: HttpRequest, key: str, institute: str) -> HttpResponse:
    """The form in which an institute says how it stands towards the latest adopted version."""
    actor, today = actor_of(request), clock.today()
    shown = queries.policy_standing(actor, key, today=today)
    speaking = institute_by_key(actor, institute)
    permit(actor, rules.PERMISSIONS["state_position"], institute=institute)
    version = _latest_adopted(shown.policy)
    version.refresh_from_db(fields=("text", "text_zh"))
    form = PositionForm(request.POST or None)
    return form_page(
        request,
        "governance/state_position.html",
        form,
        {
            "wording": version,
            "institute": speaking,
            "text": text_of(version),
            "crumbs": (*policy_crumbs(), policy_crumb(shown.policy)),
            "cancel_url": shown.policy.get_absolute_url(),
        },
        perform=lambda: services.state_position(
            actor,
            version,
            institute=institute,
            kind=form.position,
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        ),
        told=lambda _position: _("The position is recorded."),
        seen_at=lambda _position: shown.policy.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def attest_policy(request: HttpRequest, key: str, institute: str) -> HttpResponse:
    """The form in which an institute attests that it kept to a policy in a fiscal year."""
    actor, today = actor_of(request), clock.today()
    policy = queries.policy_by_key(actor, key)
    speaking = institute_by_key(actor, institute)
    permit(actor, rules.PERMISSIONS["attest_policy"], institute=institute)
    year = profile_in_use().fiscal_year_of(today).year - 1
    years = [(str(one), formats.fiscal_year(one)) for one in range(year, year - YEARS_OFFERED, -1)]
    form = AttestationForm(request.POST or None, years=years)
    return form_page(
        request,
        "governance/attest_policy.html",
        form,
        {
            "policy": policy,
            "institute": speaking,
            "crumbs": (*policy_crumbs(), policy_crumb(policy)),
            "cancel_url": policy.get_absolute_url(),
        },
        perform=lambda: services.attest_policy(
            actor, policy, institute=institute, now=clock.now(), **form.cleaned_data
        ),
        told=lambda made: (
            _("%(year)s is attested.") % {"year": formats.fiscal_year(made.fiscal_year)}
        ),
        seen_at=lambda _made: f"{policy.get_absolute_url()}#attestations",
    )


def _latest_adopted(policy: CommonPolicy) -> PolicyVersion:
    """The version to take a position on; raises Http404 where none was adopted."""
    adopted = [one for one in policy.versions.all() if one.state == rules.ADOPTED]
    if not adopted:
        raise Http404
    version = max(adopted, key=lambda one: one.number)
    version.policy = policy
    return version
