"""Pages of proposals: the form, one proposal beside what stands, and what is done with it."""

from collections.abc import Iterable
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import ProposeForm, initial_of_terms, name_of_pair
from lineshaft.apps.reviewing.models import AssignmentRun
from lineshaft.apps.reviewing.views.assignment_words import (
    RUN_TONES,
    WITHHELD,
    affinity,
    assignment_crumbs,
    may_assign,
    names_of,
    stage_to,
    stage_to_assign,
    url_of,
)
from lineshaft.apps.reviewing.views.explanations import explained
from lineshaft.kernel.text import fill
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import page_of_all
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Item, Tag, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

NEW, GONE, STAYS = "new", "gone", "stays"


@require_http_methods(["GET", "POST"])
def propose_assignment(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form of the terms of a proposal; `from` in the address begins with those of another."""
    actor, _shown, stage = stage_to_assign(request, key, number, "propose_assignment")
    terms = _terms_asked(request, actor, stage)
    form = ProposeForm(
        request.POST or None,
        forced=_pair_choices(actor, stage, terms.forced),
        forbidden=_pair_choices(actor, stage, terms.forbidden),
        initial=initial_of_terms(terms, request.GET.dict()),
    )
    return form_page(
        request,
        "reviewing/propose_assignment.html",
        form,
        {
            "title": _("Propose who reviews what in “%(stage)s”")
            % {"stage": formats.local_name(stage)},
            "lede": _(
                "Computed in the background from the reviewers' own texts, and nothing changes"
                " until it is adopted. Reviews that were begun keep their reviewer."
            ),
            "submit_label": _("Compute it"),
            "crumbs": assignment_crumbs(stage),
            "cancel_url": url_of(stage, "show_assignment"),
        },
        perform=lambda: services.propose_assignment(
            actor, stage, form.assignment_terms(), now=clock.now()
        ),
        told=lambda _run: _("It is being computed. This page shows how far it is."),
        seen_at=lambda run: url_of(stage, "show_assignment_run", run.pk),
    )


@require_GET
@login_required
def show_assignment_run(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """One proposal: how far it is, what it gives beside what stands, or why there is none."""
    actor, shown, stage = stage_to(request, key, number)
    run = queries.run_by_id(actor, stage, pk)
    is_withheld = queries.is_some_closed(actor, stage)
    is_open = may_assign(actor, shown)
    context = {
        "title": _title(run, is_withheld=is_withheld),
        "tag": Tag(str(run.get_state_display()), RUN_TONES[run.state]),
        "lede": _("Asked for by %(who)s on %(day)s.")
        % {"who": formats.actor_name(run.made_by), "day": formats.date_local(run.made_at)},
        "crumbs": assignment_crumbs(stage),
        "run": run,
        "url": url_of(stage, "show_assignment_run", run.pk),
        "is_computing": run.state == rules.COMPUTING and run.job is not None and run.job.is_open,
        "note": fill(run.job.note, run.job.note_params, _) if run.job and run.job.note else "",
        "has_failed": run.state == rules.COMPUTING and run.job is not None and not run.job.is_open,
        "items": (*_terms(run), *(() if is_withheld else _figures(run))),
        "withheld": WITHHELD if is_withheld else "",
        "explained": explained(actor, run),
        "is_impossible": run.state == rules.INFEASIBLE,
        "table": _difference(request, actor, run) if run.certainty else None,
        "actions": _actions(run, is_withheld=is_withheld) if is_open else (),
    }
    return render_page(request, "reviewing/show_assignment_run.html", context)


@require_POST
def adopt_assignment(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """Adopt a proposal, then show the assignment."""
    actor, _shown, stage = stage_to_assign(request, key, number, "adopt_assignment")
    services.adopt_assignment(actor, queries.run_by_id(actor, stage, pk), now=clock.now())
    messages.success(request, _("The proposal stands, and the reviewers are told."))
    return redirect(url_of(stage, "show_assignment"))


@require_POST
def discard_proposal(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """Lay a proposal aside, then show the assignment."""
    actor, _shown, stage = stage_to_assign(request, key, number, "discard_proposal")
    services.discard_proposal(actor, queries.run_by_id(actor, stage, pk), now=clock.now())
    messages.success(request, _("The proposal is laid aside."))
    return redirect(url_of(stage, "show_assignment"))


@require_POST
def stop_proposal(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """Stop a proposal that is being computed, then show it."""
    actor, _shown, stage = stage_to_assign(request, key, number, "stop_proposal")
    run = services.stop_proposal(actor, queries.run_by_id(actor, stage, pk), now=clock.now())
    return redirect(url_of(stage, "show_assignment_run", run.pk))


@require_POST
def take_back_conflicted(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take back what conflicts of interest have closed, then show the assignment."""
    actor, _shown, stage = stage_to_assign(request, key, number, "take_back_conflicted")
    services.take_back_conflicted(actor, stage, now=clock.now())
    messages.success(request, _("What conflicts close is taken back, and the reviewers are told."))
    return redirect(url_of(stage, "show_assignment"))


# ------------------------------------------------------------------------------------------ leaves


def _terms_asked(request: HttpRequest, actor: Actor, stage: Stage) -> rules.AssignmentTerms:
    """The terms that the form begins with: of the proposal that the address names, or in force."""
    asked = request.GET.get("from", "")
    if asked.isdecimal():
        run = queries.runs_shown(actor, stage).filter(pk=int(asked[:18])).first()
        if run is not None:
            return run.terms
    return replace(queries.terms_in_force(stage), time_limit_s=rules.TIME_LIMIT_S)


def _pair_choices(actor: Actor, stage: Stage, pairs: Iterable[rules.Pair]) -> list[tuple[str, str]]:
    """These pairs as choices, without those of applications that are closed to the actor and of
    whoever does not sit on the panel any more.
    """
    asked = list(pairs)
    if not asked:
        return []
    seats = queries.seats_accepted(stage).filter(pk__in=[one for _, one in asked])
    seated = set(seats.values_list("pk", flat=True))
    found = [pair for pair in asked if pair[1] in seated]
    names = names_of(actor, stage, [one for one, _ in found], [one for _, one in found])
    said = _("%(reviewer)s with %(application)s")
    return [
        (
            name_of_pair(pair),
            said % {"reviewer": names.seat(pair[1]), "application": names.application(pair[0])},
        )
        for pair in found
        if pair[0] in names.applications
    ]


def _title(run: AssignmentRun, *, is_withheld: bool) -> str:
    match run.state:
        case rules.COMPUTING:
            return _("A proposal is being computed")
        case rules.INFEASIBLE:
            return _("No assignment holds all that is asked")
        case rules.STOPPED:
            return _("The proposal was stopped before anything came out")
        case _ if run.worst is None or is_withheld:
            return _("Proposal of an assignment")
        case _:
            return _("The proposal gives the worst application %(worst)s and all %(total)s") % {
                "worst": affinity(run.worst),
                "total": affinity(run.total),
            }


def _terms(run: AssignmentRun) -> tuple[Item, ...]:
    any_number = _("any number")
    most = formats.number(run.load_most) if run.load_most else _("as many as each said")
    employer = formats.number(run.employer_most) if run.employer_most else any_number
    return (
        Item(_("What is wanted"), str(run.get_objective_display())),
        Item(_("Reviewers of an application"), formats.number(run.demand)),
        Item(_("Applications of a reviewer, at the least"), formats.number(run.load_least)),
        Item(_("Applications of a reviewer, at most"), most),
        Item(_("Of each half of the panel, at the least"), formats.number(run.sector_least)),
        Item(_("Of the lead's sector, at the least"), formats.number(run.lead_sector_least)),
        Item(_("Of one employer, at most"), employer),
    )


def _figures(run: AssignmentRun) -> tuple[Item, ...]:
    """What came out, with its bound; nothing where nothing did."""
    if not run.certainty:
        return ()
    bounded = _("%(reached)s, at most %(bound)s is possible")
    total = bounded % {"reached": affinity(run.total), "bound": affinity(run.total_bound)}
    worst = bounded % {"reached": affinity(run.worst), "bound": affinity(run.worst_bound)}
    seconds = formats.number((run.took_ms or 0) / 1_000, 1)
    return (
        Item(_("How sure"), str(run.get_certainty_display())),
        Item(_("Sum of affinities"), total),
        Item(_("Worst application"), worst),
        Item(_("Might still be better by"), affinity(run.gap)),
        Item(_("Computed in"), _("%(seconds)s s") % {"seconds": seconds}),
    )


def _difference(request: HttpRequest, actor: Actor, run: AssignmentRun) -> Table:
    """What the proposal changes of what stands, the changes first."""
    proposed = {
        (one.application_id, one.seat_id): one.affinity for one in queries.pairs_shown(actor, run)
    }
    standing = {
        (one.application_id, one.seat_id): one.affinity
        for one in queries.assignments_shown(actor, run.stage)
    }
    changes = [
        *((NEW, pair, fit) for pair, fit in proposed.items() if pair not in standing),
        *((GONE, pair, fit) for pair, fit in standing.items() if pair not in proposed),
        *((STAYS, pair, fit) for pair, fit in proposed.items() if pair in standing),
    ]
    page = page_of_all(request, changes)
    shown = list(page)
    names = names_of(
        actor,
        run.stage,
        [pair[0] for _kind, pair, _fit in shown],
        [pair[1] for _kind, pair, _fit in shown],
    )
    tags = {
        NEW: Cell(_("new"), tag="due"),
        GONE: Cell(_("taken back"), tag="due"),
        STAYS: Cell(_("stays"), tag="quiet"),
    }
    rows = tuple(
        Row(
            (
                Cell(names.application(pair[0]), url_of(run.stage, "show_candidates", pair[0])),
                Cell(names.seat(pair[1])),
                Cell(affinity(fit)),
                tags[kind],
            )
        )
        for kind, pair, fit in shown
    )
    counted = [sum(kind == one for kind, _pair, _fit in changes) for one in (NEW, GONE, STAYS)]
    caption = _("Beside what stands: %(new)s new, %(gone)s taken back, %(stay)s stay") % {
        "new": formats.number(counted[0]),
        "gone": formats.number(counted[1]),
        "stay": formats.number(counted[2]),
    }
    columns = (
        Column("application", _("Application")),
        Column("reviewer", _("Reviewer")),
        Column("affinity", _("Affinity"), is_number=True),
        Column("change", _("Change")),
    )
    return Table(caption, columns, rows, page=page, is_stacked=True)


def _actions(run: AssignmentRun, *, is_withheld: bool) -> tuple[Action, ...]:
    workflow = rules.TRANSITIONS["AssignmentRun"]
    again = Action(
        _("Propose with other terms"),
        f"{url_of(run.stage, 'propose_assignment')}?from={run.pk}",
    )
    labels = {
        "adopt_assignment": _("Adopt it"),
        "stop_proposal": _("Stop it"),
        "discard_proposal": _("Lay it aside"),
    }
    found = [
        Action(label, url_of(run.stage, verb, run.pk), is_post=True, is_primary=verb[0] == "a")
        for verb, label in labels.items()
        if workflow.check(run.state, verb) is None
        and not (verb == "adopt_assignment" and is_withheld)
    ]
    return (*found, again)
