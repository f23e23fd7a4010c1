"""Pages of reviewers' texts, and of the profile that reviewers keep themselves."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import OwnReviewingForm, TextsForm
from lineshaft.apps.reviewing.views.pool import initial_of_reviewing
from lineshaft.apps.reviewing.views.words import area_choices, own_crumbs, pool_crumbs
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.plumbing import clock
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import actor_of

_ANSWER_OF = {None: "", True: "yes", False: "no"}


@require_http_methods(["GET", "POST"])
@login_required
def edit_own_reviewing(request: HttpRequest) -> HttpResponse:
    """The form in which reviewers say what they know and how much they take on."""
    actor = actor_of(request)
    own = queries.own_reviewing(actor)
    if own is None:
        raise NotFound(queries.NO_REVIEWER, code="no_reviewer")
    declared = {"is_political_appointee": _ANSWER_OF[own.is_political_appointee]}
    form = OwnReviewingForm(
        request.POST or None, areas=area_choices(), initial=initial_of_reviewing(own) | declared
    )
    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Say what you know and how much you take on"),
            "lede": _(
                "Applications are assigned by it. Whoever runs a competition reads it, and no"
                " applicant does."
            ),
            "submit_label": _("Save"),
            "crumbs": own_crumbs(),
            "cancel_url": own.get_absolute_url(),
        },
        perform=lambda: services.edit_own_reviewing(
            actor, own, form.terms(), now=clock.now(), seen=form.cleaned_data["seen"]
        ),
        told=lambda _done: _("Your profile is saved."),
        seen_at=lambda _done: own.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def add_reviewer_texts(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that adds one text or many."""
    actor = actor_of(request)
    shown = queries.reviewer_by_id(actor, pk)
    is_own = queries.is_own_record(actor, shown)
    if not is_own and not queries.may_keep_pool(actor, "edit_reviewer"):
        raise NotPermitted(rules.PERMISSIONS["add_reviewer_texts"].sentence)
    form = TextsForm(request.POST or None)

    def told(done: services.TextOutcome) -> str:
        count = done.created + done.updated
        said = ngettext("%(count)s text is stored.", "%(count)s texts are stored.", count)
        return said % {"count": formats.number(count)}

    return form_page(
        request,
        "reviewing/form.html",
        form,
        {
            "title": _("Add texts of your own")
            if is_own
            else _("Add texts of %(name)s") % {"name": formats.local_name(shown.person)},
            "lede": _(
                "Titles and abstracts of papers, patents or reports: which applications are close"
                " to what a reviewer knows is counted from them. A title that is there already is"
                " replaced."
            ),
            "submit_label": _("Add"),
            "crumbs": own_crumbs() if is_own else pool_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.add_reviewer_texts(actor, shown, form.rows(), now=clock.now()),
        told=told,
        seen_at=lambda _done: f"{shown.get_absolute_url()}#texts",
    )


@require_POST
@login_required
def remove_reviewer_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a text off a record."""
    actor = actor_of(request)
    text = queries.text_by_id(actor, pk)
    services.remove_reviewer_text(actor, text, now=clock.now())
    return redirect(text.reviewer)
