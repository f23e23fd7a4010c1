"""Pages of the analysis of business plans: all of a stage side by side, one application's, the
assumptions, the judgement.
"""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.awarding import exchange, queries, rules, services
from lineshaft.apps.awarding.forms import AssumptionsForm, JudgementForm, initial_of_assumptions
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.apps.awarding.views.analysis_drawing import drawings_of
from lineshaft.apps.awarding.views.analysis_words import (
    assumption_items,
    finding_of,
    label_of,
    number_items,
    rule_notes,
    year_text,
)
from lineshaft.apps.awarding.views.words import (
    competition_to_read,
    rating_tag,
    running_crumbs,
    tabs_for,
)
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Competition, Stage, Submission
from lineshaft.apps.competitions.services import day_in, title_in
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, sorting

FORM: Final = "awarding/form.html"
SORTS: Final = {
    "number": "application__number",
    "chance": "chance",
    "lowest": "lowest",
    "break_even": "break_even",
}


@require_GET
@login_required
def list_analyses(request: HttpRequest, key: str) -> HttpResponse:
    """Every plan side by side, as the stage judges them whose plans the reader sees first."""
    return _list_page(request, key, None)


@require_GET
@login_required
def list_plans(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Every plan that this stage judges, side by side."""
    return _list_page(request, key, number)


@require_GET
@login_required
def export_analyses(request: HttpRequest, key: str, number: int, form: str) -> HttpResponseBase:
    """The same as a file."""
    actor, shown = competition_to_read(request, key)
    stage = _stage(actor, shown, number)
    plans = list(queries.plans_listed(actor, stage))
    analyses = queries.analyses_of_plans(plans)
    return table_download(
        actor,
        form,
        name=f"{shown.key}-plans",
        columns=exchange.analysis_columns(shown.currency),
        rows=exchange.analysis_rows(plans, analyses),
        provenance=Provenance(
            title=_("Business plans in “%(stage)s”") % {"stage": formats.local_name(stage)},
            generated_at=clock.now(),
            is_demonstration=shown.is_demonstration,
        ),
        institute=shown.institute.key if shown.institute else "",
    )


@require_GET
@login_required
def show_analysis(request: HttpRequest, key: str, number: int, application: int) -> HttpResponse:
    """The last run of the analysis of an application's plan."""
    return _analysis_page(request, key, number, application, None)


@require_GET
@login_required
def show_run(
    request: HttpRequest, key: str, number: int, application: int, run: int
) -> HttpResponse:
    """An earlier run of it."""
    return _analysis_page(request, key, number, application, run)


@require_http_methods(["GET", "POST"])
@login_required
def run_plan_analysis(
    request: HttpRequest, key: str, number: int, application: int
) -> HttpResponse:
    """The form of the assumptions by which a plan is analysed."""
    actor, shown, stage, submission = _to_analyse(request, key, number, application)
    counted = services.counted_plan(submission, years_after=rules.YEARS_BEYOND_MOST)
    before = services.assumptions_before(stage, submission)
    form = AssumptionsForm(
        request.POST or None,
        currency=shown.currency,
        promises=[(one.key, one.giver) for one in counted.promises],
        streams=[(stream, label_of(stream, {})) for stream, _amounts in counted.revenue],
        initial=initial_of_assumptions(before, shown.currency),
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("By which assumptions the plan is analysed"),
            "lede": title_in(submission.content),
            "submit_label": _("Analyse"),
            **_of(stage, application),
        },
        perform=lambda: services.run_plan_analysis(
            actor,
            stage,
            submission.application,
            form.assumptions(),
            why=form.cleaned_data["reason"],
            now=clock.now(),
        ),
        told=lambda made: _("Run %(number)s is stored.") % {"number": made.number},
        seen_at=lambda made: made.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def judge_plan(request: HttpRequest, key: str, number: int, application: int) -> HttpResponse:
    """The form of the analyst's judgement on the last run."""
    actor, _shown, stage, submission = _to_analyse(request, key, number, application)
    analysis = queries.runs_of(submission, stage).first()
    if analysis is None:
        raise NotFound(queries.NO_PLAN, code="no_run")
    initial = {
        "rating": analysis.rating,
        "judgement": analysis.judgement,
        "seen": analysis.judged_at.isoformat() if analysis.judged_at else "",
    }
    form = JudgementForm(request.POST or None, initial=initial)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("What you make of the plan"),
            "lede": finding_of(analysis, stage.competition.currency),
            "submit_label": _("Store"),
            **_of(stage, application),
        },
        perform=lambda: services.judge_plan(
            actor,
            analysis,
            form.cleaned_data["rating"],
            form.cleaned_data["judgement"],
            seen=_moment(form.cleaned_data["seen"]),
            now=clock.now(),
        ),
        told=lambda _done: _("The judgement is stored."),
        seen_at=lambda done: f"{done.get_absolute_url()}#judgement",
    )


# ---------------------------------------------------------------------------------------- leaves


def _list_page(request: HttpRequest, key: str, number: int | None) -> HttpResponse:
    actor, shown = competition_to_read(request, key)
    stage = _stage(actor, shown, number)
    order, sort = sorting(request, SORTS, "number")
    rows = queries.plans_listed(actor, stage).order_by(_in_order(order), "application__number")
    page = paginate(request, rows)
    analyses = queries.analyses_of_plans(page)
    run = queries.last_runs(actor, stage).count()
    exports = [
        (form.upper(), reverse("awarding:export_analyses", args=[key, stage.number, form]))
        for form in ("xlsx", "json")
    ]
    context = {
        "title": ngettext(
            "%(run)s of %(count)s business plan is analysed",
            "%(run)s of %(count)s business plans are analysed",
            page.total,
        )
        % {"run": formats.number(run), "count": formats.number(page.total)}
        if page.total
        else _("No business plan can be read yet"),
        "lede": _(
            "Counted from what “%(stage)s” judges. The chance is that of standing alone in the last"
            " year that is looked at, with cash never below zero before."
        )
        % {"stage": formats.local_name(stage)},
        "crumbs": running_crumbs(shown),
        "tabs": tabs_for(actor, shown, "awarding:list_analyses"),
        "stages": _stage_links(actor, shown, stage),
        "table": _table(stage, page, analyses, sort),
        "exports": exports,
    }
    return render_page(request, "awarding/list_analyses.html", context)


def _analysis_page(
    request: HttpRequest, key: str, number: int, application: int, run: int | None
) -> HttpResponse:
    actor, shown = competition_to_read(request, key)
    stage = _stage(actor, shown, number)
    submission = queries.plan_judged(actor, stage, application)
    runs = list(queries.runs_of(submission, stage))
    analysis = runs[0] if runs else None
    if run is not None:
        analysis = next((one for one in runs if one.number == run), None)
        if analysis is None:
            raise NotFound(queries.NO_PLAN, code="no_run")
    context: dict[str, Any] = {
        "title": finding_of(analysis, shown.currency) if analysis else title_in(submission.content),
        "lede": _lede(submission, analysis, shown.zone),
        "crumbs": running_crumbs(shown, _list_crumb(stage)),
        "tabs": tabs_for(actor, shown, "awarding:list_analyses"),
        "actions": _actions(actor, stage, application, runs),
        "submission_url": reverse("competitions:show_submission", args=[key, submission.pk])
        if competitions.may_read_submissions(actor, shown)
        else "",
        "analysis": analysis,
    }
    if analysis is not None:
        context |= {
            "tag": rating_tag(analysis),
            "is_last": analysis is runs[0],
            "items": number_items(analysis, shown.currency),
            "rules": rule_notes(analysis),
            "drawings": drawings_of(analysis, shown.currency),
            "assumptions": assumption_items(analysis, shown.currency),
            "runs": _runs_table(stage, application, runs, analysis),
            "judged_by": formats.actor_name(analysis.judged_by) if analysis.judged_by else "",
        }
    return render_page(request, "awarding/show_analysis.html", context)


def _stage(actor: Actor, competition: Competition, number: int | None) -> Stage:
    """The stage asked for among those whose plans the actor reads; the first without."""
    stages = queries.analysis_stages(actor, competition)
    for stage in stages:
        if number in {None, stage.number}:
            return stage
    raise NotFound(queries.NO_PLAN, code="no_stage")


def _to_analyse(
    request: HttpRequest, key: str, number: int, application: int
) -> tuple[Actor, Competition, Stage, Submission]:
    """Who asks, and the plan, if they analyse it."""
    actor, shown = competition_to_read(request, key)
    stage = _stage(actor, shown, number)
    submission = queries.plan_judged(actor, stage, application)
    if not queries.may_analyse(actor, stage):
        permission = rules.PERMISSIONS["run_plan_analysis"]
        raise NotPermitted(
            permission.sentence, code="not_permitted", params={"verb": permission.verb}
        )
    return actor, shown, stage, submission


def _of(stage: Stage, application: int) -> dict[str, Any]:
    """The way to the form of a plan, and back."""
    key = stage.competition.key
    return {
        "crumbs": running_crumbs(stage.competition, _list_crumb(stage)),
        "cancel_url": reverse("awarding:show_analysis", args=[key, stage.number, application]),
    }


def _list_crumb(stage: Stage) -> Crumb:
    url = reverse("awarding:list_plans", args=[stage.competition.key, stage.number])
    return Crumb(_("Business plans"), url)


def _moment(seen: str) -> datetime | None:
    """When the reader saw the plan judged; what is no moment counts as never, which is stale."""
    try:
        return datetime.fromisoformat(seen) if seen else None
    except ValueError:
        return None


def _in_order(order: str) -> Any:
    """The order of a list in which what was not analysed, or never breaks even, stands last."""
    named = F(order.removeprefix("-"))
    if order.startswith("-"):
        return named.desc(nulls_last=True)
    return named.asc(nulls_last=True)


def _stage_links(actor: Actor, competition: Competition, shown: Stage) -> list[tuple[str, str]]:
    """The other stages whose plans the actor reads, and where."""
    return [
        (
            formats.local_name(one),
            reverse("awarding:list_plans", args=[competition.key, one.number]),
        )
        for one in queries.analysis_stages(actor, competition)
        if one.pk != shown.pk
    ]


def _lede(submission: Submission, analysis: PlanAnalysis | None, zone: str) -> str:
    said = {
        "title": title_in(submission.content),
        "lead": formats.local_name(submission.application.lead),
        "day": day_in(zone, submission.submitted_at),
    }
    if analysis is None:
        return _("%(lead)s handed it in on %(day)s. Its plan was not analysed yet.") % said
    said["day"] = day_in(zone, analysis.submission.submitted_at)
    return _("“%(title)s” by %(lead)s, as it was handed in on %(day)s.") % said


def _actions(
    actor: Actor, stage: Stage, application: int, runs: list[PlanAnalysis]
) -> tuple[Action, ...]:
    if not queries.may_analyse(actor, stage):
        return ()
    args = [stage.competition.key, stage.number, application]
    is_needed = not runs or runs[0].is_out_of_date  # type: ignore[attr-defined] # an annotation
    label = _("Analyse anew") if runs else _("Analyse the plan")
    run = Action(label, reverse("awarding:run_plan_analysis", args=args), is_primary=is_needed)
    if not runs:
        return (run,)
    judge = Action(
        _("Judge the plan"), reverse("awarding:judge_plan", args=args), is_primary=not is_needed
    )
    return (judge, run)


def _table(
    stage: Stage, page: Page[Submission], analyses: dict[int, PlanAnalysis], sort: str
) -> Table:
    return Table(
        _("Business plans by application; cash in %(unit)s")
        % {"unit": formats.millions_unit(stage.competition.currency)},
        (
            Column("number", _("Number"), is_number=True, sort="number"),
            Column("title", _("Application")),
            Column("lead", _("Lead organisation")),
            Column("chance", _("Chance of standing alone"), is_number=True, sort="chance"),
            Column("lowest", _("Least cash in hand"), is_number=True, sort="lowest"),
            Column("break_even", _("Pays for itself from"), is_number=True, sort="break_even"),
            Column("match", _("Share of other money"), is_number=True),
            Column("rating", _("Rating")),
            Column("state", _("Analysis")),
        ),
        tuple(_row(stage, one, analyses.get(one.application_id)) for one in page),
        page=page,
        sort=sort,
        export_url=reverse(
            "awarding:export_analyses", args=[stage.competition.key, stage.number, "csv"]
        ),
        empty=_("What is handed in is opened when its stage is over."),
        is_stacked=True,
    )


def _row(stage: Stage, one: Submission, analysis: PlanAnalysis | None) -> Row:
    competition = stage.competition
    args = [competition.key, stage.number, one.application_id]
    head = (
        Cell(formats.number(one.application.number)),
        Cell(title_in(one.content), reverse("awarding:show_analysis", args=args)),
        Cell(formats.local_name(one.application.lead)),
    )
    if analysis is None:
        return Row((*head, *(Cell(formats.MISSING),) * 5, Cell(_("Not analysed"), tag="due")))
    rating = rating_tag(analysis)
    is_old = analysis.submission_id != one.pk
    return Row(
        (
            *head,
            Cell(formats.percent_bp(analysis.chance_bp, 0)),
            Cell(formats.millions(analysis.lowest_minor, competition.currency)),
            Cell(year_text(analysis.break_even) if analysis.break_even else _("never")),
            Cell(formats.percent_bp(analysis.result["match_bp"])),
            Cell(rating.text, tag=rating.tone) if rating else Cell(_("Not judged yet")),
            Cell(_("Out of date"), tag="due") if is_old else Cell(_("Up to date"), tag="ok"),
        )
    )


def _runs_table(
    stage: Stage, application: int, runs: list[PlanAnalysis], shown: PlanAnalysis
) -> Table:
    key = stage.competition.key

    def url(one: PlanAnalysis) -> str | None:
        if one is shown:
            return None
        return reverse("awarding:show_run", args=[key, stage.number, application, one.number])

    return Table(
        _("Every run, the last first"),
        (
            Column("number", _("Run"), is_number=True),
            Column("moment", _("Run on")),
            Column("by", _("By")),
            Column("chance", _("Chance of standing alone"), is_number=True),
            Column("why", _("Why these assumptions")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.number(one.number), url(one)),
                    Cell(formats.date_local(one.run_at)),
                    Cell(formats.actor_name(one.run_by)),
                    Cell(formats.percent_bp(one.chance_bp, 0)),
                    Cell(one.why),
                )
            )
            for one in runs
        ),
        is_stacked=True,
    )
