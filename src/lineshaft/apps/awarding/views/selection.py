"""Pages of the selection: the ranked list against the budget, choices, marks, pairs, the end."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.awarding import exchange, queries, rules, services
from lineshaft.apps.awarding.forms import ChoiceForm, MarksForm, PairForm, SelectionDecisionForm
from lineshaft.apps.awarding.queries import Candidate, Selection
from lineshaft.apps.awarding.views.selection_tables import (
    Reader,
    departures_table,
    export_url,
    pairs_table,
    scenarios_figures,
    selection_figure,
    selection_table,
)
from lineshaft.apps.awarding.views.words import competition_crumbs, numbered, selection_crumbs
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.queries import (
    competition_by_key,
    may_read_submissions,
    may_run,
    permit_to_decide,
)
from lineshaft.apps.competitions.rules import SELECTING, Outcome
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import page_of_all
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, actor_of, render_page

FORM: Final = "awarding/form.html"


@require_GET
@login_required
def show_selection(request: HttpRequest, key: str) -> HttpResponse:
    """The ranked list with what is asked for and chosen, against the budget."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    selection = queries.selection_of(actor, shown)
    scenarios = queries.scenarios_visible_to(actor, shown)
    reader = _reader(actor, shown)
    page = page_of_all(request, selection.candidates)
    context = {
        "competition": shown,
        "title": _title(selection),
        "lede": _lede(selection),
        "crumbs": competition_crumbs(shown),
        "tabs": competition_tabs(key, "awarding:show_selection") if reader.can_read else (),
        "actions": _actions(actor, shown),
        "figure": selection_figure(selection),
        "table": selection_table(selection, page, reader),
        "exports": [(form.upper(), export_url(shown, form)) for form in ("xlsx", "json")],
        "departures": departures_table(selection, reader),
        "scenarios": scenarios_figures(selection, scenarios),
        "pairs": pairs_table(selection, reader),
        "merit": rules.MERIT,
        "special": rules.SPECIAL_CONSIDERATION,
        "can_change": reader.can_choose,
        "marks": [(numbered(one), _marks_url(shown, one)) for one in page]
        if reader.can_choose
        else (),
    }
    return render_page(request, "awarding/show_selection.html", context)


@require_GET
@login_required
def export_selection(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The whole list as a file, as far as it is open to the reader."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    selection = queries.selection_of(actor, shown)
    ids = [one.application.pk for one in selection.candidates]
    return table_download(
        actor,
        form,
        name=f"selection-{shown.key}",
        columns=exchange.selection_columns(shown.currency),
        rows=exchange.selection_rows(selection, queries.analysis_of(ids), queries.visits_of(ids)),
        provenance=Provenance(
            title=_("Selection of %(code)s") % {"code": shown.code},
            generated_at=clock.now(),
            is_demonstration=shown.is_demonstration,
            filters={},
        ),
        institute=shown.institute.key if shown.institute else "",
    )


@require_http_methods(["GET", "POST"])
@login_required
def record_selection_choice(request: HttpRequest, key: str, application_id: int) -> HttpResponse:
    """The form that chooses what becomes of an application."""
    actor, shown, candidate = _candidate_to(request, key, application_id)
    choice = candidate.choice
    asked = f"{Money(candidate.asked_minor, shown.currency).amount:f}"
    initial = {"seen": choice.revision if choice else 0, "amount_minor": asked}
    if choice is not None:
        minor = choice.amount_minor
        initial |= {
            "outcome": choice.outcome,
            "amount_minor": "" if minor is None else f"{Money(minor, shown.currency).amount:f}",
            "reason": choice.reason,
            "explanation": choice.explanation,
            "explanation_zh": choice.explanation_zh,
        }
    form = ChoiceForm(request.POST or None, initial=initial, currency=shown.currency)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Choose on %(application)s") % {"application": numbered(candidate)},
            "lede": _("It asks for %(asked)s. A choice is a draft until the decision.")
            % {"asked": formats.money(candidate.asked_minor, shown.currency)},
            "submit_label": _("Keep the choice"),
            "crumbs": selection_crumbs(shown),
            "cancel_url": _url(shown),
        },
        perform=lambda: services.record_selection_choice(
            actor,
            shown,
            candidate.application,
            form.terms(),
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _made: _("The choice is kept."),
        seen_at=lambda _made: _url(shown),
    )


@require_http_methods(["GET", "POST"])
@login_required
def set_policy_marks(request: HttpRequest, key: str, application_id: int) -> HttpResponse:
    """The form that says which grounds of special consideration an application meets."""
    actor, shown, candidate = _candidate_to(request, key, application_id)
    initial = {one.mark: one.reason for one in candidate.marks} | {"seen": candidate.marks_digest}
    form = MarksForm(request.POST or None, initial=initial)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Special consideration of %(application)s")
            % {"application": numbered(candidate)},
            "lede": _("What is found met here is what a scenario can ask for some of."),
            "citation": rules.SPECIAL_CONSIDERATION,
            "submit_label": _("Save"),
            "crumbs": selection_crumbs(shown),
            "cancel_url": _url(shown),
        },
        perform=lambda: services.set_policy_marks(
            actor,
            shown,
            candidate.application,
            form.reasons(),
            seen=form.cleaned_data["seen"] or None,
            now=clock.now(),
        ),
        told=lambda _made: _("Saved."),
        seen_at=lambda _made: _url(shown),
    )


@require_http_methods(["GET", "POST"])
@login_required
def note_overlap(request: HttpRequest, key: str) -> HttpResponse:
    """The form that notes two applications as overlapping."""
    actor, shown, selection = selection_to(request, key)
    choices = [(str(one.application.pk), numbered(one)) for one in selection.candidates]
    form = PairForm(request.POST or None, applications=choices)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Note two applications as overlapping"),
            "lede": _("A scenario can then fund at most one of them."),
            "citation": rules.NO_DUPLICATION,
            "submit_label": _("Note it"),
            "crumbs": selection_crumbs(shown),
            "cancel_url": _url(shown),
        },
        perform=lambda: services.note_overlap(
            actor,
            shown,
            (form.cleaned_data["first"], form.cleaned_data["second"]),
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        ),
        told=lambda _made: _("It is noted."),
        seen_at=lambda _made: _url(shown),
    )


@require_POST
@login_required
def remove_overlap(request: HttpRequest, key: str, pair: int) -> HttpResponse:
    """Take back that two applications overlap."""
    actor, shown, selection = selection_to(request, key)
    services.remove_overlap(actor, shown, queries.pair_by_id(selection, pair), now=clock.now())
    return redirect(_url(shown))


@require_http_methods(["GET", "POST"])
@login_required
def decide_selection(request: HttpRequest, key: str) -> HttpResponse:
    """The form in which the selecting official decides on all choices as they stand."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    permit_to_decide(actor, shown)
    selection, reader = queries.selection_of(actor, shown), _reader(actor, shown)
    form = SelectionDecisionForm(request.POST or None, initial={"seen": selection.digest})
    return form_page(
        request,
        "awarding/decide_selection.html",
        form,
        {
            "title": _title(selection),
            "lede": _(
                "With this, every application gets its outcome. It is read by whoever runs the"
                " competition, and by everybody once the results are published."
            ),
            "citation": rules.MERIT,
            "submit_label": _("Decide"),
            "crumbs": selection_crumbs(shown),
            "cancel_url": _url(shown),
            "table": selection_table(selection, None, reader),
            "departures": departures_table(selection, reader),
        },
        perform=lambda: services.decide_selection(
            actor,
            shown,
            form.cleaned_data["decision"],
            decision_zh=form.cleaned_data["decision_zh"],
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _made: _("The decision is entered."),
        seen_at=lambda _made: _url(shown),
    )


def selection_to(request: HttpRequest, key: str) -> tuple[Actor, Competition, Selection]:
    """The actor with the selection that they prepare; an official who runs nothing only reads."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    selection = queries.selection_of(actor, shown)
    if not may_run(actor, "begin_selection", shown):
        raise NotPermitted(
            rules.PERMISSIONS["record_selection_choice"].sentence, code="not_permitted"
        )
    return actor, shown, selection


# ---------------------------------------------------------------------------------------- leaves


def _reader(actor: Actor, competition: Competition) -> Reader:
    can_choose = competition.state == SELECTING and may_run(actor, "begin_selection", competition)
    return Reader(may_read_submissions(actor, competition), can_choose)


def _candidate_to(
    request: HttpRequest, key: str, application_id: int
) -> tuple[Actor, Competition, Candidate]:
    actor, shown, selection = selection_to(request, key)
    return actor, shown, selection.candidate(application_id)


def _url(competition: Competition) -> str:
    return reverse("awarding:show_selection", args=[competition.key])


def _marks_url(competition: Competition, one: Candidate) -> str:
    return reverse("awarding:set_policy_marks", args=[competition.key, one.application.pk])


def _title(selection: Selection) -> str:
    count = sum(one.outcome is Outcome.SELECTED for one in selection.candidates)
    total = len(selection.candidates)
    if not total:
        return _("There is nothing to select yet")
    return ngettext(
        "%(count)s of %(total)s applications is selected, for %(amount)s",
        "%(count)s of %(total)s applications are selected, for %(amount)s",
        count,
    ) % {
        "count": formats.number(count),
        "total": formats.number(total),
        "amount": formats.money(selection.selected_minor, selection.competition.currency),
    }


def _lede(selection: Selection) -> str:
    shown = selection.competition
    if selection.judged is None:
        return _("No review was submitted, so that the list follows the numbers of applications.")
    stage = formats.local_name(selection.judged)
    if shown.total_minor is None:
        return _("In the order of “%(stage)s”, counted among what is open to you.") % {
            "stage": stage
        }
    left = shown.total_minor - selection.selected_minor
    return _(
        "In the order of “%(stage)s”, counted among what is open to you. All awards have %(total)s;"
        " %(left)s of it is left."
    ) % {
        "stage": stage,
        "total": formats.money(shown.total_minor, shown.currency),
        "left": formats.money(left, shown.currency),
    }


def _actions(actor: Actor, competition: Competition) -> tuple[Action, ...]:
    if competition.state != SELECTING:
        return ()
    found = []
    try:
        permit_to_decide(actor, competition)
    except NotPermitted:
        pass
    else:
        url = reverse("awarding:decide_selection", args=[competition.key])
        found.append(Action(_("Decide"), url, is_primary=True))
    if may_run(actor, "begin_selection", competition):
        scenario = reverse("awarding:make_scenario", args=[competition.key])
        pair = reverse("awarding:note_overlap", args=[competition.key])
        found += [Action(_("Count a scenario"), scenario), Action(_("Note an overlap"), pair)]
    return tuple(found)
