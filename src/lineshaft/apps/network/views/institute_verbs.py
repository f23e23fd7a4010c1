"""The forms of institutes: proposing one, naming it, changing its status."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.forms import (
    InstituteNameForm,
    InstituteStatusForm,
    LeadForm,
    ProposalForm,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.views.institutes import (
    area_choices,
    institute_crumbs,
    sponsor_choices,
    status_tag,
    status_verbs,
)
from lineshaft.apps.network.views.people import organisation_of
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Crumb, actor_of


@require_http_methods(["GET", "POST"])
def propose_institute(request: HttpRequest) -> HttpResponse:
    """Enter an institute that is only proposed yet."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["propose_institute"])
    form = ProposalForm(request.POST or None, sponsors=sponsor_choices(), areas=area_choices())
    listed = reverse("network:list_institutes")
    return form_page(
        request,
        "network/propose_institute.html",
        form,
        {"crumbs": (Crumb(_("Institutes"), listed),), "cancel_url": listed},
        perform=lambda: services.propose_institute(actor, form.proposal(), now=clock.now()),
        told=lambda _institute: _("The institute is proposed."),
        seen_at=lambda proposed: reverse("network:show_institute", args=[proposed.key]),
    )


@require_http_methods(["GET", "POST"])
def add_institute_name(request: HttpRequest, key: str) -> HttpResponse:
    """Add a name under which the institute is found."""
    actor = actor_of(request)
    institute = queries.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["add_institute_name"], institute=key)
    form = InstituteNameForm(request.POST or None)

    def perform() -> None:
        entered = dict(form.cleaned_data)
        kind = rules.NameKind(entered.pop("kind"))
        services.add_institute_name(
            actor, institute, entered.pop("name"), kind=kind, now=clock.now(), **entered
        )

    url = reverse("network:show_institute", args=[key])
    return form_page(
        request,
        "network/add_institute_name.html",
        form,
        {"institute": institute, "crumbs": institute_crumbs(institute), "cancel_url": url},
        perform=perform,
        told=lambda _done: _("The name is added."),
        seen_at=lambda _done: url,
    )


@require_http_methods(["GET", "POST"])
def change_institute_status(request: HttpRequest, key: str) -> HttpResponse:
    """Move the institute to another state, by the verbs that its state and the actor allow."""
    actor = actor_of(request)
    institute = queries.institute_by_key(actor, key)
    verbs = status_verbs(actor, institute)
    if not verbs:
        permit(
            actor,
            rules.PERMISSIONS["terminate_institute"],
            institute=key,
            agencies=queries.sponsor_keys_of(institute),
        )
    form = InstituteStatusForm(
        request.POST or None, verbs=verbs, initial={"on": clock.today().isoformat()}
    )
    return form_page(
        request,
        "network/change_institute_status.html",
        form,
        {
            "institute": institute,
            "is_final": not verbs,
            "tag": status_tag(institute),
            "crumbs": institute_crumbs(institute),
            "notes": [
                (_(rules.VERB_RULES[verb]), rules.VERB_CITATIONS[verb])
                for verb in verbs
                if verb in rules.VERB_RULES
            ],
        },
        perform=lambda: _change(actor, institute, form),
        told=lambda _done: _("The status of the institute was changed."),
        seen_at=lambda _done: reverse("network:show_institute", args=[key]),
    )


@require_http_methods(["GET", "POST"])
def name_lead_organisation(request: HttpRequest, key: str) -> HttpResponse:
    """Say which registered organisation leads the institute."""
    actor = actor_of(request)
    institute = queries.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["name_lead_organisation"], institute=key)
    form = LeadForm(request.POST or None)

    def perform() -> None:
        organisation = organisation_of(actor, form, form.cleaned_data["organisation"])
        if organisation is not None:
            services.name_lead_organisation(
                actor,
                institute,
                organisation,
                source=form.cleaned_data["source"],
                now=clock.now(),
            )

    url = reverse("network:show_institute", args=[key])
    return form_page(
        request,
        "network/name_lead_organisation.html",
        form,
        {"institute": institute, "crumbs": institute_crumbs(institute), "cancel_url": url},
        perform=perform,
        told=lambda _done: _("The lead organisation is named."),
        seen_at=lambda _done: url,
    )


def _change(actor: Actor, institute: Institute, form: InstituteStatusForm) -> Institute:
    verb, on = form.cleaned_data["verb"], form.cleaned_data["on"]
    source, now = form.cleaned_data["source"], clock.now()
    if verb == "terminate_institute":
        return services.terminate_institute(
            actor,
            institute,
            ground=rules.TerminationGround(form.cleaned_data["ground"]),
            on=on,
            source=source,
            now=now,
        )
    return services.STATUS_VERBS[verb](actor, institute, on=on, source=source, now=now)
