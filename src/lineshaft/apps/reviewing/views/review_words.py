"""What the pages of reviews share: words for states and scores, the way to them, their tabs."""

from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lineshaft.apps.competitions.models import Application, Criterion, Stage
from lineshaft.apps.competitions.services import moment_in
from lineshaft.apps.reviewing import queries, rules
from lineshaft.apps.reviewing.models import REVIEW_STATE_LABELS, Assignment
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.competitions import Blindness
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, Tab, Tag, Tone
from lineshaft.web.tables import Cell, Column, Row, Table

PROGRESS_LABELS: Final[dict[str, str | Promise]] = {
    rules.Progress.NOT_BEGUN: pgettext_lazy("review", "Not begun"),
    **REVIEW_STATE_LABELS,
}
PROGRESS_TONES: Final[dict[str, Tone]] = {
    rules.Progress.NOT_BEGUN: "due",
    rules.Progress.DRAFT: "due",
    rules.Progress.RETURNED: "bad",
    rules.Progress.SUBMITTED: "ok",
}
BLINDNESS_TOLD: Final[dict[Blindness, Promise]] = {
    Blindness.OPEN: gettext_lazy("Applicants are told who reviews them."),
    Blindness.SINGLE: gettext_lazy("You are not named to the applicants."),
    Blindness.DOUBLE: gettext_lazy(
        "You are not named to the applicants, nor they to you: organisations, people and givers of"
        " letters are replaced by words, and documents without counted pages are withheld. What a"
        " text tells without a name still stands."
    ),
}


def named_for_panel(stage: Stage, application: Application, title: str | None) -> str:
    """What an application is called on pages of its panel; by its number alone where a title might
    tell who applies.
    """
    if queries.hides_applicants(stage) or not title:
        return _("Application %(number)s") % {"number": application.number}
    return title


def progress_tag(progress: rules.Progress) -> Tag:
    """How far a review is, as a word."""
    return Tag(str(PROGRESS_LABELS[progress]), PROGRESS_TONES[progress])


def progress_cell(progress: rules.Progress, *, url: str | None = None, is_late: bool) -> Cell:
    """How far a review is, in a table."""
    note = _("Late") if is_late else ""
    return Cell(str(PROGRESS_LABELS[progress]), url, tag=PROGRESS_TONES[progress], note=note)


def score_text(score_bp: int | None) -> str:
    """A weighted score with two decimals."""
    if score_bp is None:
        return formats.MISSING
    return formats.number(Decimal(rules.hundredths_of(score_bp)) / 100, 2)


def criteria_table(criteria: list[Criterion]) -> Table:
    """By what an application is judged, and what the scores mean."""
    return Table(
        _("Criteria, weights and what the scores mean"),
        (
            Column("criterion", _("Criterion")),
            Column("text", _("What it asks")),
            Column("anchors", _("What scores mean")),
            Column("weight", _("Weight"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one)),
                    Cell(formats.local_of(one, "text") or formats.MISSING),
                    Cell(_anchors(one) or formats.MISSING),
                    Cell(formats.percent_bp(one.weight_bp)),
                )
            )
            for one in criteria
        ),
        is_stacked=True,
    )


def scores_table(
    caption: str, criteria: list[Criterion], remarks: dict[int, rules.Remarks]
) -> Table:
    """A review's scores with what each adds to the weighted score, which stands in the foot."""
    scores = {number: one.score for number, one in remarks.items()}
    total = rules.weighted_bp(queries.outlines_of(criteria), scores)
    return Table(
        caption,
        (
            Column("criterion", _("Criterion")),
            Column("weight", _("Weight"), is_number=True),
            Column("score", _("Score"), is_number=True),
            Column("adds", _("Weight × score"), is_number=True),
        ),
        tuple(_score_row(one, scores.get(one.number)) for one in criteria),
        foot=(
            Cell(_("Weighted score")),
            Cell(formats.percent_bp(sum(one.weight_bp for one in criteria))),
            Cell(""),
            Cell(score_text(total)),
        ),
    )


def own_crumbs(assignment: Assignment | None = None, label: str = "") -> tuple[Crumb, ...]:
    """The way to one's own reviews, and to an application from a page about it."""
    listed = Crumb(_("My reviews"), reverse("reviewing:list_own_reviews"))
    if assignment is None:
        return (listed,)
    return (listed, Crumb(label, reverse("reviewing:read_application", args=[assignment.pk])))


def own_tabs(assignment: Assignment, current: str) -> tuple[Tab, ...]:
    """The pages of an assignment; the discussion once the reviewer reads it."""
    entries = [
        (_("Application"), "reviewing:read_application", [assignment.pk]),
        (_("Your review"), "reviewing:write_review", [assignment.pk]),
    ]
    if queries.reads_others(assignment):
        place = [assignment.seat.stage_id, assignment.application_id]
        entries.append((_("Discussion"), "reviewing:show_discussion", place))
    return tuple(
        Tab(label, reverse(name, args=args), name == current) for label, name, args in entries
    )


def deadline_text(stage: Stage) -> str:
    """Until when the stage is reviewed, by the clocks of the competition."""
    return moment_in(stage.competition.zone, stage.ends_at)


# ---------------------------------------------------------------------------------------- leaves


def _anchors(criterion: Criterion) -> str:
    return " · ".join(
        _("%(score)s: %(text)s") % {"score": one.score, "text": formats.local_of(one, "text")}
        for one in criterion.anchors.all()
    )


def _score_row(criterion: Criterion, score: int | None) -> Row:
    adds = None if score is None else Decimal(score * criterion.weight_bp) / BASIS_POINTS
    return Row(
        (
            Cell(formats.local_name(criterion)),
            Cell(formats.percent_bp(criterion.weight_bp)),
            Cell(formats.number(score)),
            Cell(formats.number(adds, 2)),
        )
    )
