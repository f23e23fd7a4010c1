"""Pages of the reviews of a stage, for whoever runs the competition: how far they are, by
application, by reviewer, one by one; going on to the next phase; reminding.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Application, Criterion, Stage
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import GoOnForm, ProgressFilters
from lineshaft.apps.reviewing.models import PHASE_LABELS, Assignment, Review
from lineshaft.apps.reviewing.queries import Counts
from lineshaft.apps.reviewing.views.discussion import FORM, REVIEWS_TAB
from lineshaft.apps.reviewing.views.review_words import (
    PROGRESS_LABELS,
    deadline_text,
    progress_cell,
    score_text,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import ExportColumn, Provenance
from lineshaft.plumbing.listing import Page, paginate, paginate_wide
from lineshaft.web import formats
from lineshaft.web.charts import Bar, bar_chart
from lineshaft.web.downloads import table_download
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, Figure, Tab, Tag, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

PHASE_TONES: Final[dict[rules.Phase, Tone]] = {
    rules.Phase.ALONE: "quiet",
    rules.Phase.DISCUSSION: "quiet",
    rules.Phase.CLOSED: "ok",
}


@require_GET
@login_required
def list_stage_reviews(request: HttpRequest, key: str) -> HttpResponse:
    """The reviews of the stage that is judged now, or was judged last."""
    actor = actor_of(request)
    competition = competitions.competition_by_key(actor, key)
    if not competitions.may_read_submissions(actor, competition):
        raise NotFound(code="no_stage")
    first = queries.stage_shown_first(queries.stages_judged(competition))
    if first is not None and first.began_at is not None:
        return redirect("reviewing:show_stage_reviews", key, first.number)
    context = {
        "title": _("No stage is reviewed yet"),
        "lede": _("Reviews stand here from the beginning of the first stage that judges."),
        "crumbs": _crumbs(key, competition.code),
        "tabs": competition_tabs(key, REVIEWS_TAB),
    }
    return render_page(request, "reviewing/no_stage_reviews.html", context)


@require_GET
@login_required
def show_stage_reviews(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """How far the reviews of a stage are, with a list by what the reader asks for."""
    actor, now = actor_of(request), clock.now()
    stage = queries.stage_run_by(actor, key, number)
    form = ProgressFilters(request.GET)
    chosen = form.chosen()
    counts = queries.counts_of(actor, stage, now=now)
    judging = queries.judging_of(stage)
    said = {
        "submitted": formats.number(counts.submitted),
        "assigned": formats.number(counts.assigned),
    }
    context = {
        "title": _("%(submitted)s of %(assigned)s reviews are submitted") % said
        if counts.assigned
        else _("Nobody is assigned to an application yet"),
        "tag": Tag(str(PHASE_LABELS[judging.phase]), PHASE_TONES[judging.phase]),
        "lede": _("“%(stage)s”, until %(moment)s. Counted are the reviews that are open to you.")
        % {"stage": formats.local_name(stage), "moment": deadline_text(stage)},
        "crumbs": _crumbs(key, stage.competition.code),
        "tabs": competition_tabs(key, REVIEWS_TAB),
        "stages": _stage_tabs(stage),
        "actions": _actions(actor, stage, judging),
        "chart": _chart(counts) if counts.assigned else None,
        "numbers": _numbers_table(key, number, counts),
        "form": form,
        "table": _list(request, actor, stage, chosen, now=now),
    }
    return render_page(request, "reviewing/show_stage_reviews.html", context)


@require_GET
@login_required
def export_stage_reviews(
    request: HttpRequest, key: str, number: int, form: str
) -> HttpResponseBase:
    """Every review of the list as a file, with its scores; no confidential note is in it."""
    actor, now = actor_of(request), clock.now()
    stage = queries.stage_run_by(actor, key, number)
    criteria = queries.criteria_of(stage)
    chosen = ProgressFilters(request.GET).chosen()
    return table_download(
        actor,
        form,
        name=f"{key}-{number}-reviews",
        institute=stage.competition.institute.key if stage.competition.institute else "",
        columns=_export_columns(criteria),
        rows=_export_rows(actor, stage, criteria, chosen, now=now),
        provenance=Provenance(
            title=_("Reviews of “%(stage)s”, %(code)s")
            % {"stage": formats.local_name(stage), "code": stage.competition.code},
            generated_at=now,
            is_demonstration=stage.competition.is_demonstration,
            filters={name: str(value) for name, value in chosen.items()},
        ),
    )


@require_http_methods(["GET", "POST"])
@login_required
def open_discussion(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that opens the discussion of a stage."""
    return _go_on(
        request,
        key,
        number,
        "open_discussion",
        {
            "title": _("Open the discussion"),
            "told": _(
                "Whoever has submitted a review then reads what others submitted on the same"
                " application, under their names."
            ),
            "done": _("The discussion is open."),
        },
    )


@require_http_methods(["GET", "POST"])
@login_required
def close_reviewing(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that closes the reviewing of a stage."""
    return _go_on(
        request,
        key,
        number,
        "close_reviewing",
        {
            "title": _("Close the reviewing"),
            "told": _("Nothing is written any more. What is not submitted does not count."),
            "done": _("The reviewing is closed."),
        },
    )


@require_POST
@login_required
def remind_reviewers(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Write to everybody who has a review to submit."""
    actor = actor_of(request)
    stage = queries.stage_run_by(actor, key, number)
    written = services.remind_reviewers(actor, stage, now=clock.now())
    told = ngettext("%(count)s reviewer is reminded.", "%(count)s reviewers are reminded.", written)
    messages.success(request, told % {"count": formats.number(written)})
    return redirect("reviewing:show_stage_reviews", key, number)


# ---------------------------------------------------------------------------------------- leaves


def _go_on(
    request: HttpRequest, key: str, number: int, verb: str, words: dict[str, str]
) -> HttpResponse:
    actor = actor_of(request)
    stage = queries.stage_run_by(actor, key, number)
    services.permit_to_judge(actor, verb, stage)
    perform = {
        "open_discussion": services.open_discussion,
        "close_reviewing": services.close_reviewing,
    }[verb]
    shown = reverse("reviewing:show_stage_reviews", args=[key, number])
    missing = queries.missing_of(actor, stage)
    lacking = ngettext(
        "%(count)s review is not submitted.", "%(count)s reviews are not submitted.", missing
    ) % {"count": formats.number(missing)}
    form = GoOnForm(request.POST if request.method == "POST" else None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": words["title"],
            "lede": f"{words['told']} {lacking}" if missing else words["told"],
            "submit_label": words["title"],
            "crumbs": (
                *_crumbs(key, stage.competition.code),
                Crumb(formats.local_name(stage), shown),
            ),
            "cancel_url": shown,
        },
        perform=lambda: perform(actor, stage, why=form.cleaned_data["why"], now=clock.now()),
        told=lambda _done: words["done"],
        seen_at=lambda _done: shown,
    )


def _crumbs(key: str, code: str) -> tuple[Crumb, ...]:
    listed = Crumb(_("Competitions"), reverse("competitions:list_competitions"))
    return (listed, Crumb(code, reverse("competitions:show_opportunity", args=[key])))


def _stage_tabs(stage: Stage) -> tuple[Tab, ...]:
    """The stages that are judged or were, where there is more than one."""
    competition = stage.competition
    begun = [one for one in queries.stages_judged(competition) if one.began_at is not None]
    if len(begun) == 1:
        return ()
    return tuple(
        Tab(
            formats.local_name(one),
            reverse("reviewing:show_stage_reviews", args=[competition.key, one.number]),
            one.number == stage.number,
        )
        for one in begun
    )


def _actions(actor: Actor, stage: Stage, judging: queries.Judging) -> tuple[Action, ...]:
    if not queries.runs_judging(actor, stage) or not judging.is_open:
        return ()
    args = [stage.competition.key, stage.number]
    actions = [
        Action(_("Close the reviewing"), reverse("reviewing:close_reviewing", args=args)),
        Action(
            _("Remind reviewers"), reverse("reviewing:remind_reviewers", args=args), is_post=True
        ),
    ]
    if judging.phase is rules.Phase.ALONE:
        url = reverse("reviewing:open_discussion", args=args)
        actions.insert(0, Action(_("Open the discussion"), url, is_primary=True))
    return tuple(actions)


def _shares(counts: Counts) -> tuple[tuple[str, int, str], ...]:
    """What the reviews are, how many, and the words of the address that list them."""
    return (
        (pgettext("review", "Submitted"), counts.submitted, "by=review&state=submitted"),
        (pgettext("review", "Returned"), counts.returned, "by=review&state=returned"),
        (pgettext("review", "Draft"), counts.draft, "by=review&state=draft"),
        (pgettext("review", "Not begun"), counts.not_begun, "by=review&state=not_begun"),
        (_("Late"), counts.late, "by=review&state=late"),
    )


def _chart(counts: Counts) -> Figure:
    shares = _shares(counts)
    said = {"submitted": counts.submitted, "assigned": counts.assigned, "late": counts.late}
    finding = _("%(submitted)s of %(assigned)s reviews are submitted; %(late)s are late.") % said
    late = shares[-1][0]
    svg = bar_chart(
        [
            Bar(label, value, formats.number(value), is_marked=label == late and value > 0)
            for label, value, _query in shares
        ],
        title_alt=finding,
        x_label=pgettext("competition", "Reviews"),
    )
    return Figure(svg, _("Reviews by how far they are"))


def _numbers_table(key: str, number: int, counts: Counts) -> Table:
    url = reverse("reviewing:show_stage_reviews", args=[key, number])
    return Table(
        _("Reviews by how far they are"),
        (
            Column("state", _("State")),
            Column("reviews", pgettext("competition", "Reviews"), is_number=True),
        ),
        tuple(
            Row((Cell(label), Cell(formats.number(value), f"{url}?{query}")))
            for label, value, query in _shares(counts)
        ),
        foot=(Cell(_("Assigned")), Cell(formats.number(counts.assigned))),
    )


def _list(
    request: HttpRequest, actor: Actor, stage: Stage, chosen: dict[str, Any], *, now: datetime
) -> Table:
    state = str(chosen.get("state", ""))
    match chosen.get("by", ""):
        case "reviewer":
            seats = paginate(request, queries.seats_reviewing(actor, stage, state=state, now=now))
            by_seat = queries.counts_by_seat(actor, stage, seats, now=now)
            return _reviewers_table(stage, seats, by_seat)
        case "review":
            seat = chosen.get("seat")
            rows = queries.reviews_listed(actor, stage, state=state, seat=seat, now=now)
            return _reviews_table(request, stage, paginate_wide(request, rows), now=now)
        case _:
            found = queries.tallies_listed(actor, stage, state=state, now=now)
            page = paginate(request, found)
            shown = [one.application for one in page]
            by_application = queries.counts_by_application(actor, stage, shown, now=now)
            titles = queries.titles_judged(stage, [one.pk for one in shown])
            return _applications_table(stage, page, by_application, titles)


def _count_columns() -> tuple[Column, ...]:
    return (
        Column("assigned", _("Assigned"), is_number=True, place="foot"),
        Column("submitted", _("Submitted"), is_number=True, place="foot"),
        Column("begun", pgettext("review", "Begun"), is_number=True, place="foot"),
        Column("late", _("Late"), is_number=True, place="foot"),
        Column("state", _("State"), place="end"),
    )


def _count_cells(counts: Counts) -> tuple[Cell, ...]:
    state = Cell(formats.MISSING)
    if counts.assigned:
        state = (
            Cell(_("Missing: %(count)s") % {"count": counts.missing}, tag="due")
            if counts.missing
            else Cell(_("All submitted"), tag="ok")
        )
    begun = counts.draft + counts.returned
    return (
        *(
            Cell(formats.number(value))
            for value in (counts.assigned, counts.submitted, begun, counts.late)
        ),
        state,
    )


def _applications_table(
    stage: Stage, page: Page[Any], counts: dict[int, Counts], titles: dict[int, str]
) -> Table:
    return Table(
        _("Applications by number, with their reviews"),
        (
            Column("number", _("Number"), is_number=True, place="state"),
            Column("application", _("Application"), place="start"),
            Column("lead", _("Lead organisation"), place="line"),
            *_count_columns(),
        ),
        tuple(
            Row(
                (
                    Cell(formats.number(one.number)),
                    Cell(
                        _title_of(one, titles),
                        reverse("reviewing:show_discussion", args=[stage.pk, one.pk]),
                    ),
                    Cell(formats.local_name(one.lead)),
                    *_count_cells(counts.get(one.pk, Counts())),
                )
            )
            for one in (tally.application for tally in page)
        ),
        page=page,
        export_url=_export_url(stage),
        empty=_("No application fits, or nobody is assigned to one."),
        is_stacked=True,
    )


def _reviewers_table(stage: Stage, page: Page[Any], counts: dict[int, Counts]) -> Table:
    url = reverse("reviewing:show_stage_reviews", args=[stage.competition.key, stage.number])
    return Table(
        _("Reviewers by name, with their reviews"),
        (
            Column("reviewer", _("Reviewer"), place="start"),
            Column("organisation", _("Organisation"), place="line"),
            *_count_columns(),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.reviewer.person), f"{url}?by=review&seat={one.pk}"),
                    Cell(formats.local_name(one.reviewer.person.organisation)),
                    *_count_cells(counts.get(one.pk, Counts())),
                )
            )
            for one in page
        ),
        page=page,
        export_url=_export_url(stage),
        empty=_("No reviewer fits, or nobody sits on the panel."),
        is_stacked=True,
    )


def _reviews_table(request: HttpRequest, stage: Stage, page: Page[Any], *, now: datetime) -> Table:
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    titles = queries.titles_judged(stage, [one.application_id for one in page])
    reviews = [review.pk for one in page if (review := queries.review_of(one)) is not None]
    scores = queries.scores_by_review(stage, reviews)
    outlines = queries.outlines_of(queries.criteria_of(stage))
    return Table(
        _("Reviews by number of the application"),
        (
            Column("number", _("Number"), is_number=True, place="state"),
            Column("application", _("Application"), place="start"),
            Column("reviewer", _("Reviewer"), place="line"),
            Column("submitted", _("Submitted"), place="foot"),
            Column("score", _("Weighted score"), is_number=True, place="foot"),
            Column("state", _("State"), place="end"),
        ),
        tuple(
            _review_row(
                stage,
                one,
                _title_of(one.application, titles),
                _score_of(queries.review_of(one), scores, outlines),
                now=now,
            )
            for one in page
        ),
        page=page,
        export_url=_export_url(stage) + query,
        empty=_("No review fits."),
        is_stacked=True,
    )


def _review_row(
    stage: Stage, one: Assignment, title: str, score_bp: int | None, *, now: datetime
) -> Row:
    review = queries.review_of(one)
    url = reverse("reviewing:show_discussion", args=[stage.pk, one.application_id])
    is_submitted = review is not None and review.state == rules.SUBMITTED
    moment = review.submitted_at if review is not None and is_submitted else None
    anchor = f"{url}#review-{review.pk}" if review is not None and is_submitted else None
    one.seat.stage = stage
    return Row(
        (
            Cell(formats.number(one.application.number)),
            Cell(title, url),
            Cell(formats.local_name(one.seat.reviewer.person)),
            Cell(moment_in(stage.competition.zone, moment)),
            Cell(score_text(score_bp), anchor),
            progress_cell(queries.progress_in(one), is_late=queries.is_late(one, now=now)),
        )
    )


def _title_of(application: Application, titles: dict[int, str]) -> str:
    """What an application was called; by its number where the stage judges it no more."""
    named = _("Application %(number)s") % {"number": application.number}
    return titles.get(application.pk) or named


def _score_of(
    review: Review | None,
    scores: dict[int, dict[int, int]],
    outlines: list[rules.CriterionOutline],
) -> int | None:
    """The weighted score of a submitted review, None for any other."""
    given = scores.get(review.pk) if review is not None else None
    return rules.weighted_bp(outlines, given) if given is not None else None


def _export_url(stage: Stage) -> str:
    args = [stage.competition.key, stage.number, "csv"]
    return reverse("reviewing:export_stage_reviews", args=args)


def _export_columns(criteria: list[Criterion]) -> list[ExportColumn]:
    return [
        ExportColumn("number", _("Number")),
        ExportColumn("application", _("Application")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("reviewer", _("Reviewer")),
        ExportColumn("organisation", _("Organisation")),
        ExportColumn("state", _("State")),
        ExportColumn("submitted_at", _("Submitted")),
        ExportColumn("late", _("Late")),
        ExportColumn("score", _("Weighted score")),
        *(
            ExportColumn(rules.field_name("score", one.number), formats.local_name(one))
            for one in criteria
        ),
    ]


def _export_rows(
    actor: Actor, stage: Stage, criteria: list[Criterion], chosen: dict[str, Any], *, now: datetime
) -> Iterator[list[Any]]:
    scores = queries.scores_by_review(stage)
    titles = queries.titles_judged(stage)
    outlines = queries.outlines_of(criteria)
    rows = queries.reviews_listed(
        actor, stage, state=str(chosen.get("state", "")), seat=chosen.get("seat"), now=now
    )
    for one in rows.iterator():
        review = queries.review_of(one)
        is_submitted = review is not None and review.state == rules.SUBMITTED
        one.seat.stage = stage
        person = one.seat.reviewer.person
        score_bp = _score_of(review, scores, outlines)
        given = scores.get(review.pk, {}) if review is not None else {}
        yield [
            one.application.number,
            _title_of(one.application, titles),
            formats.local_name(one.application.lead),
            formats.local_name(person),
            formats.local_name(person.organisation),
            str(PROGRESS_LABELS[queries.progress_in(one)]),
            review.submitted_at if review is not None and is_submitted else None,
            queries.is_late(one, now=now),
            None if score_bp is None else Decimal(rules.hundredths_of(score_bp)).scaleb(-2),
            *(given.get(criterion.number) for criterion in criteria),
        ]
