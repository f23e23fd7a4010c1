"""Pages of the discussion of an application: reviews beside each other, remarks, the consensus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions.models import Application, Criterion, Stage
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import ConsensusForm, RemarkForm, ReturnForm
from lineshaft.apps.reviewing.models import Consensus, DiscussionRemark, Review
from lineshaft.apps.reviewing.views.review_words import (
    deadline_text,
    named_for_panel,
    own_crumbs,
    own_tabs,
    progress_tag,
    score_text,
    scores_table,
)
from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

FORM: Final = "reviewing/form.html"
REVIEWS_TAB: Final = "reviewing:list_stage_reviews"


@dataclass(frozen=True, slots=True)
class ReviewShown:
    """A review as others read it; `remarks` are (criterion, strengths, weaknesses)."""

    pk: int
    reviewer: str
    organisation: str
    tag: Tag
    score: str
    table: Table
    remarks: tuple[tuple[str, str, str], ...]
    summary: str
    confidential: str
    versions: str
    return_url: str


@dataclass(frozen=True, slots=True)
class RemarkShown:
    """A remark of the discussion; the text is empty once it was taken back."""

    pk: int
    author: str
    moment: str
    text: str
    is_withdrawn: bool
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class ConsensusShown:
    """What the panel came to, as it was recorded."""

    number: int
    lede: str
    agreed: str
    text: str
    table: Table


@require_GET
@login_required
def show_panel_work(request: HttpRequest, stage: int) -> HttpResponse:
    """The applications of a panel, for its chair: what was submitted, said and recorded."""
    actor = actor_of(request)
    seat = queries.panel_led(actor, stage)
    page = paginate(request, queries.applications_of_panel(actor, seat.stage))
    keys = [one.pk for one in page]
    counts = queries.panel_counts(seat.stage, keys)
    titles = queries.titles_judged(seat.stage, keys)
    recorded = sum(1 for one in counts.values() if one.recorded)
    context = {
        "title": ngettext(
            "The panel discusses %(count)s application",
            "The panel discusses %(count)s applications",
            page.total,
        )
        % {"count": formats.number(page.total)},
        "lede": _("“%(stage)s” of %(code)s, until %(moment)s. Recorded on this page: %(recorded)s.")
        % {
            "stage": formats.local_name(seat.stage),
            "code": seat.stage.competition.code,
            "moment": deadline_text(seat.stage),
            "recorded": recorded,
        },
        "crumbs": own_crumbs(),
        "table": _panel_table(seat.stage, page, counts, titles),
    }
    return render_page(request, "reviewing/show_panel_work.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def show_discussion(request: HttpRequest, stage: int, application: int) -> HttpResponse:
    """The reviews of an application beside each other, what was said of it, and what was recorded;
    what is sent is a remark.
    """
    actor = actor_of(request)
    place = queries.place_in(actor, stage, application)
    form = RemarkForm(request.POST if request.method == "POST" else None)
    here = discussion_url(place)
    return form_page(
        request,
        "reviewing/show_discussion.html",
        form,
        {**_discussion(actor, place), "submit_label": _("Post the remark")},
        perform=lambda: services.post_remark(
            actor, place.stage, place.application, form.cleaned_data["text"], now=clock.now()
        ),
        told=lambda _made: _("Your remark is posted."),
        seen_at=lambda made: f"{here}#remark-{made.pk}",
    )


@require_POST
@login_required
def withdraw_remark(
    request: HttpRequest, stage: int, application: int, remark: int
) -> HttpResponse:
    """Take a remark of one's own back."""
    actor = actor_of(request)
    place = queries.place_in(actor, stage, application)
    found = queries.remark_of(actor, place, remark)
    services.withdraw_remark(actor, found, now=clock.now())
    messages.success(request, _("Your remark is taken back."))
    return redirect(discussion_url(place))


@require_http_methods(["GET", "POST"])
@login_required
def record_consensus(request: HttpRequest, stage: int, application: int) -> HttpResponse:
    """The form in which the chair records what the panel came to."""
    actor = actor_of(request)
    place = queries.place_in(actor, stage, application)
    if not place.chairs:
        raise NotPermitted(rules.PERMISSIONS["record_consensus"].sentence)
    last = queries.consensuses_in(place).last()
    form = ConsensusForm(
        request.POST if request.method == "POST" else None,
        criteria=queries.criteria_of(place.stage),
        seats=queries.seats_that_submitted(place.stage, place.application),
        initial=_initial_of_consensus(last),
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Record the consensus on %(title)s") % {"title": _name(place)},
            "lede": _("What was recorded before stays on record; the last version counts."),
            "submit_label": _("Record"),
            "crumbs": _crumbs(place),
            "cancel_url": discussion_url(place),
        },
        perform=lambda: services.record_consensus(
            actor,
            place.stage,
            place.application,
            form.entry(),
            seen=form.cleaned_data["seen"] or 0,
            now=clock.now(),
        ),
        told=lambda made: _("Recorded as version %(number)s.") % {"number": made.number},
        seen_at=lambda _made: discussion_url(place),
    )


@require_http_methods(["GET", "POST"])
@login_required
def return_review(request: HttpRequest, stage: int, application: int, review: int) -> HttpResponse:
    """The form that gives a review back to its reviewer."""
    actor = actor_of(request)
    place = queries.place_in(actor, stage, application)
    found = queries.reviews_read_in(place).filter(pk=review).first()
    if found is None or not _may_return(actor, place):
        raise NotFound(code="no_review")
    reviewer = formats.local_name(found.assignment.seat.reviewer.person)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Return the review of %(reviewer)s") % {"reviewer": reviewer},
            "lede": _(
                "It counts no more until it is submitted anew. The reviewer is told by mail."
            ),
            "submit_label": _("Return it"),
            "crumbs": _crumbs(place),
            "cancel_url": discussion_url(place),
        },
        perform=lambda: services.return_review(
            actor, found.assignment, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The review is returned."),
        seen_at=lambda _done: discussion_url(place),
    )


def discussion_url(place: queries.Place) -> str:
    """Where the discussion stands."""
    return reverse("reviewing:show_discussion", args=[place.stage.pk, place.application.pk])


# ---------------------------------------------------------------------------------------- leaves


def _discussion(actor: Actor, place: queries.Place) -> dict[str, Any]:
    judging = queries.judging_of(place.stage)
    criteria = queries.criteria_of(place.stage)
    is_open = judging.phase is rules.Phase.DISCUSSION and not place.owes_review
    is_discussed = is_open and queries.speaks_in(actor, place)
    reviews = list(queries.reviews_read_in(place))
    may_return = judging.is_open and _may_return(actor, place)
    consensuses = list(queries.consensuses_in(place))
    count = sum(1 for one in reviews if one.state == rules.SUBMITTED)
    record = reverse("reviewing:record_consensus", args=[place.stage.pk, place.application.pk])
    may_record = is_discussed and place.chairs
    return {
        "title": _name(place),
        "lede": ngettext(
            "%(count)s review is submitted in “%(stage)s” of %(code)s.",
            "%(count)s reviews are submitted in “%(stage)s” of %(code)s.",
            count,
        )
        % {
            "count": formats.number(count),
            "stage": formats.local_name(place.stage),
            "code": place.stage.competition.code,
        },
        "crumbs": _crumbs(place)[:-1],
        "tabs": _tabs(place),
        "actions": (Action(_("Record the consensus"), record, is_primary=True),)
        if may_record
        else (),
        "reviews": [_review_shown(place, one, criteria, may_return=may_return) for one in reviews],
        "remarks": [
            _remark_shown(actor, place, one, is_open=is_discussed)
            for one in queries.remarks_said(place)
        ],
        "is_discussed": is_discussed,
        "was_discussed": judging.was_discussed,
        "consensus": _consensus_shown(place, consensuses[-1], criteria) if consensuses else None,
        "earlier": [_consensus_shown(place, one, criteria) for one in reversed(consensuses[:-1])],
    }


def _may_return(actor: Actor, place: queries.Place) -> bool:
    return place.chairs or queries.runs_judging(actor, place.stage)


def _name(place: queries.Place) -> str:
    """What the application is called to the reader: the panel is told as little as its stage says,
    whoever runs the competition everything.
    """
    if place.runs and place.title:
        return place.title
    return named_for_panel(place.stage, place.application, place.title)


def _crumbs(place: queries.Place) -> tuple[Crumb, ...]:
    """The way to the discussion, for whoever runs the competition and for the panel."""
    here = Crumb(_name(place), discussion_url(place))
    if place.runs:
        competition = place.stage.competition
        stage = reverse("reviewing:show_stage_reviews", args=[competition.key, place.stage.number])
        listed = Crumb(_("Competitions"), reverse("competitions:list_competitions"))
        shown = Crumb(competition.code, competition.get_absolute_url())
        return (listed, shown, Crumb(formats.local_name(place.stage), stage), here)
    if place.chairs:
        work = reverse("reviewing:show_panel_work", args=[place.stage.pk])
        return (*own_crumbs(), Crumb(formats.local_name(place.stage), work), here)
    return (*own_crumbs(), here)


def _tabs(place: queries.Place) -> tuple[Any, ...]:
    if place.runs:
        return competition_tabs(place.stage.competition.key, REVIEWS_TAB)
    if place.assignment is None:
        return ()
    return own_tabs(place.assignment, "reviewing:show_discussion")


def _review_shown(
    place: queries.Place, review: Review, criteria: list[Criterion], *, may_return: bool
) -> ReviewShown:
    person = review.assignment.seat.reviewer.person
    remarks = queries.remarks_in(review)
    args = [place.stage.pk, place.application.pk, review.pk]
    is_returnable = may_return and review.state == rules.SUBMITTED
    name = formats.local_name(person)
    versions = [one.submitted_at for one in review.versions.all()]
    zone = place.stage.competition.zone
    return ReviewShown(
        pk=review.pk,
        reviewer=name,
        organisation=formats.local_name(person.organisation) if person.organisation else "",
        tag=progress_tag(rules.Progress(review.state)),
        score=score_text(getattr(review, "weighted_bp", None)),
        table=scores_table(_("Scores of %(reviewer)s") % {"reviewer": name}, criteria, remarks),
        remarks=tuple(
            (formats.local_name(one), said.strengths, said.weaknesses)
            for one in criteria
            if (said := remarks.get(one.number)) is not None
        ),
        summary=review.summary,
        confidential=review.confidential if place.runs else "",
        versions=formats.joined([moment_in(zone, one) for one in versions]),
        return_url=reverse("reviewing:return_review", args=args) if is_returnable else "",
    )


def _remark_shown(
    actor: Actor, place: queries.Place, remark: DiscussionRemark, *, is_open: bool
) -> RemarkShown:
    is_withdrawn = remark.withdrawn_at is not None
    is_own = actor.user_id is not None and remark.author_user_id == actor.user_id
    args = [place.stage.pk, place.application.pk, remark.pk]
    can_withdraw = is_own and is_open and not is_withdrawn
    seat = remark.seat
    return RemarkShown(
        pk=remark.pk,
        author=formats.local_name(seat.reviewer.person)
        if seat is not None
        else formats.actor_name(remark.author),
        moment=moment_in(place.stage.competition.zone, remark.posted_at),
        text="" if is_withdrawn else remark.text,
        is_withdrawn=is_withdrawn,
        withdraw_url=reverse("reviewing:withdraw_remark", args=args) if can_withdraw else "",
    )


def _consensus_shown(
    place: queries.Place, one: Consensus, criteria: list[Criterion]
) -> ConsensusShown:
    scores = {each.criterion.number: rules.Remarks(score=each.score) for each in one.scores.all()}
    said = {
        "number": one.number,
        "moment": moment_in(place.stage.competition.zone, one.recorded_at),
        "who": formats.actor_name(one.recorded_by),
    }
    names = sorted(formats.local_name(each.reviewer.person) for each in one.agreed.all())
    return ConsensusShown(
        number=one.number,
        lede=_("Version %(number)s, recorded on %(moment)s by %(who)s.") % said,
        agreed=formats.joined(names),
        text=one.text,
        table=scores_table(_("Scores of the panel"), criteria, scores),
    )


def _initial_of_consensus(last: Consensus | None) -> dict[str, Any]:
    if last is None:
        return {"seen": 0}
    scores = {
        rules.field_name("score", one.criterion.number): one.score for one in last.scores.all()
    }
    agreed = [one.pk for one in last.agreed.all()]
    return {"seen": last.number, "text": last.text, "agreed": agreed, **scores}


def _panel_table(
    stage: Stage,
    page: Page[Application],
    counts: Mapping[int, queries.PanelCounts],
    titles: Mapping[int, str],
) -> Table:
    return Table(
        _("Applications that the panel discusses"),
        (
            Column("application", _("Application"), place="start"),
            Column("submitted", _("Reviews submitted"), is_number=True, place="foot"),
            Column("said", pgettext("discussion", "Remarks"), is_number=True, place="foot"),
            Column("recorded", _("Consensus"), place="end"),
        ),
        tuple(_panel_row(stage, one, counts[one.pk], titles.get(one.pk, "")) for one in page),
        page=page,
        empty=_("No application of the panel is open to you."),
        is_stacked=True,
    )


def _panel_row(stage: Stage, one: Application, counts: queries.PanelCounts, title: str) -> Row:
    url = reverse("reviewing:show_discussion", args=[stage.pk, one.pk])
    recorded = (
        Cell(_("Recorded"), tag="ok")
        if counts.recorded
        else Cell(pgettext("consensus", "Open"), tag="due")
    )
    return Row(
        (
            Cell(named_for_panel(stage, one, title), url),
            Cell(formats.number(counts.submitted)),
            Cell(formats.number(counts.said)),
            recorded,
        )
    )
