"""Pages of what a topic overlaps with: for whoever runs the competition, and for the team."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import JudgementForm
from lineshaft.apps.competitions.models import (
    OVERLAP_OF_LABELS,
    TOPIC_JUDGEMENT_LABELS,
    Competition,
    Submission,
)
from lineshaft.apps.competitions.services import TopicOverlap
from lineshaft.apps.competitions.views.words import running_crumbs
from lineshaft.apps.competitions.views.workspaces import of_application
from lineshaft.plumbing import clock
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Crumb, Item, Tone, actor_of, render_page
from lineshaft.web.passages import MarkedText, marked
from lineshaft.web.tables import Cell, Column, Row, Table

JUDGEMENT_TONES: Final[dict[str, Tone]] = {
    rules.TopicJudgementKind.DUPLICATE: "bad",
    rules.TopicJudgementKind.DISTINCT: "ok",
    rules.TopicJudgementKind.UNCLEAR: "due",
}


@dataclass(frozen=True, slots=True)
class OverlapShown:
    """An overlap as it is drawn: `anchor` names it on the page, `judge_url` is empty where nobody
    judges here.
    """

    anchor: str
    name: str
    label: str
    items: tuple[Item, ...]
    texts: tuple[MarkedText, ...]
    judge_url: str
    is_first: bool


@require_GET
@login_required
def show_topic_overlaps(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """What the topic of an application that was handed in overlaps with."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    one = queries.submission_by_id(actor, shown, pk)
    found = services.topic_overlaps(actor, one, now=clock.now())
    may_judge = queries.may_run(actor, "judge_topic_overlap", shown)
    topic = services.topic_of_submission(one)
    context = {
        **_context(found, topic.text, submission=one if may_judge else None),
        "lede": _(
            "Compared with every institute, every running competition, the awards of other"
            " agencies, and what others handed in here. A person decides; likeness refuses nothing."
        ),
        "crumbs": _crumbs(shown, one),
    }
    return render_page(request, "competitions/show_topic_overlaps.html", context)


@require_GET
@login_required
def show_own_overlaps(request: HttpRequest, pk: int) -> HttpResponse:
    """What the topic of the reader's own application overlaps with of what everybody may read."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    found = services.public_overlaps(actor, application, now=clock.now())
    topic = services.topic_of_application(actor, application)
    context = {
        **_context(found, topic.text),
        "lede": _(
            "Compared with every institute, and with what is public of running competitions and of"
            " the awards of other agencies. Whoever runs the competition decides on it."
        ),
        "crumbs": of_application(application)["crumbs"],
    }
    return render_page(request, "competitions/show_topic_overlaps.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def judge_topic_overlap(
    request: HttpRequest, key: str, pk: int, of: str, other: int
) -> HttpResponse:
    """The form that judges an overlap."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    one = queries.submission_to_judge(actor, shown, pk)
    name = queries.name_compared(actor, one, of, other)
    judged = queries.judgements_of(one.application).filter(of=of, other_id=other)
    last = judged.last()
    form = JudgementForm(request.POST or None, initial={"seen": last.pk if last else 0})
    url = reverse("competitions:show_topic_overlaps", args=[key, pk])
    return form_page(
        request,
        "competitions/judge_topic_overlap.html",
        form,
        {
            "title": _("Does the topic duplicate “%(name)s”?") % {"name": name},
            "lede": services.title_in(one.content),
            "citation": rules.NO_DUPLICATE,
            "rule": _("The focus of an institute does not substantially duplicate another’s."),
            "items": [
                Item(
                    str(TOPIC_JUDGEMENT_LABELS[rules.TopicJudgementKind(each.judgement)]),
                    _("%(reason)s (%(who)s, %(moment)s)")
                    % {
                        "reason": each.reason,
                        "who": formats.actor_name(each.judged_by),
                        "moment": services.moment_in(shown.zone, each.judged_at),
                    },
                )
                for each in judged
            ],
            "submit_label": _("Judge"),
            "crumbs": _crumbs(shown, one),
            "cancel_url": url,
        },
        perform=lambda: services.judge_topic_overlap(
            actor,
            one,
            services.JudgementTerms(
                of, other, form.cleaned_data["judgement"], form.cleaned_data["reason"]
            ),
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("The judgement is kept."),
        seen_at=lambda _done: url,
    )


# ---------------------------------------------------------------------------------------- leaves


def _crumbs(competition: Competition, submission: Submission) -> tuple[Crumb, ...]:
    args = [competition.key]
    return (
        *running_crumbs(competition),
        Crumb(
            pgettext("competition", "Applications"),
            reverse("competitions:list_submissions", args=args),
        ),
        Crumb(
            services.title_in(submission.content),
            reverse("competitions:show_submission", args=[*args, submission.pk]),
        ),
    )


def _context(
    found: Sequence[TopicOverlap], text: str, *, submission: Submission | None = None
) -> dict[str, Any]:
    """The table and the readings; with a submission they lead to the form that judges."""
    title = ngettext(
        "The topic overlaps with %(count)s thing",
        "The topic overlaps with %(count)s things",
        len(found),
    ) % {"count": formats.number(len(found))}
    return {
        "title": title if found else _("Nothing overlaps with the topic"),
        "table": _table(found, is_judged=submission is not None),
        "found": [
            _shown(one, text, place, submission) for place, one in enumerate(found) if one.text
        ],
    }


def _anchor(one: TopicOverlap) -> str:
    return f"{one.of.value}-{one.other_id}"


def _table(found: Sequence[TopicOverlap], *, is_judged: bool) -> Table:
    return Table(
        _("What is nearest to the topic, the nearest first"),
        (
            Column("name", _("Name"), place="start"),
            Column("of", _("Kind"), place="line"),
            Column("score", _("Nearness"), is_number=True, place="end"),
            Column("likeness", _("Words alike"), is_number=True, place="foot"),
            Column("share", _("Of the topic, in both"), is_number=True, place="foot"),
            Column("area", _("Technology area"), place="foot"),
            *((Column("judged", _("Judged"), place="state"),) if is_judged else ()),
        ),
        tuple(_row(one, is_judged=is_judged) for one in found),
        empty=_("Nothing that you may see is near enough. Write the summary to have it compared."),
        is_stacked=True,
    )


def _row(one: TopicOverlap, *, is_judged: bool) -> Row:
    cells = [
        Cell(one.name, f"#{_anchor(one)}" if one.text else None),
        Cell(str(OVERLAP_OF_LABELS[one.of])),
        Cell(formats.percent_bp(one.score_bp, 0)),
        Cell(formats.percent_bp(one.likeness_bp, 0)),
        Cell(formats.percent_bp(one.share_bp, 0)),
        Cell(_("The same") if one.shares_area else formats.MISSING),
    ]
    if is_judged:
        last = one.judgement
        label = TOPIC_JUDGEMENT_LABELS[rules.TopicJudgementKind(last.judgement)] if last else ""
        cells.append(
            Cell(str(label), tag=JUDGEMENT_TONES[last.judgement], note=last.reason)
            if last
            else Cell(pgettext("outcome", "Open"))
        )
    return Row(tuple(cells))


def _shown(one: TopicOverlap, text: str, place: int, submission: Submission | None) -> OverlapShown:
    own, other = marked(text, one.text, one.passages, prefix=f"p{place}")
    judge_url = ""
    if submission is not None:
        args = [submission.application.competition.key, submission.pk, one.of.value, one.other_id]
        judge_url = reverse("competitions:judge_topic_overlap", args=args)
    return OverlapShown(
        _anchor(one),
        one.name,
        formats.percent_bp(one.score_bp, 0),
        (
            Item(_("Kind"), str(OVERLAP_OF_LABELS[one.of])),
            Item(_("Words alike"), formats.percent_bp(one.likeness_bp, 0)),
            Item(_("Of the topic, in both"), formats.percent_bp(one.share_bp, 0)),
        ),
        (
            MarkedText(_("The topic"), own, lang=""),
            MarkedText(one.name, other, url=_url_of(one, submission), lang=""),
        ),
        judge_url,
        is_first=place == 0,
    )


def _url_of(one: TopicOverlap, submission: Submission | None) -> str:
    """Where the other thing is read."""
    match one.of:
        case rules.OverlapOf.INSTITUTE:
            return reverse("network:show_institute", args=[one.other.key])  # type: ignore[union-attr] # an institute
        case rules.OverlapOf.COMPETITION:
            return one.other.get_absolute_url()  # type: ignore[union-attr] # a competition
        case rules.OverlapOf.AWARD:
            return reverse("network:show_outside_award", args=[one.other_id])
        case _:
            key = submission.application.competition.key if submission else ""
            return reverse("competitions:show_submission", args=[key, one.other.pk]) if key else ""
