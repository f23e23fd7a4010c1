"""The ranked list as tables: on the page, as a file, and what stands behind a row of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lineshaft.apps.competitions.models import Competition, Submission
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Review
from lineshaft.apps.reviewing.queries import Ranked, Ranking, Severity
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn
from lineshaft.plumbing.listing import Page
from lineshaft.web import formats
from lineshaft.web.tables import Cell, Column, Row, Table

type Shown = Mapping[int, Submission]
"""What was handed in, by its id, with its titles then."""

PLACES: Final = 2


def title_of(submission: Submission) -> str:
    """The title as it was handed in, in the reader's language where it has one."""
    title: str | None = submission.title  # type: ignore[attr-defined] # annotated, as the next
    title_zh: str | None = submission.title_zh  # type: ignore[attr-defined]
    return (title_zh if formats.is_chinese() else "") or title or ""


def ranked_columns() -> tuple[Column, ...]:
    """The heads of the ranked list."""
    return (
        Column("rank", _("Rank"), is_number=True, place="state"),
        Column("application", _("Application"), place="start"),
        Column("lead", _("Lead organisation"), place="line"),
        Column("group", _("Group"), is_number=True, place="foot"),
        Column("estimate", _("Estimate"), is_number=True, place="end"),
        Column("interval", _("Interval, 90 per cent"), is_number=True, place="line"),
        Column("next", _("Better than the next"), place="line", is_named=True),
        Column("mean", _("Raw mean"), is_number=True, place="foot"),
        Column("spread", _("Spread"), is_number=True, place="foot"),
        Column("reviews", pgettext("competition", "Reviews"), is_number=True, place="foot"),
        Column("consensus", _("Consensus"), is_number=True, place="foot"),
    )


def ranked_row(row: Ranked, submission: Submission, url: str, *, is_sure: bool) -> Row:
    """A row of the ranked list; `url` opens what it counts."""
    return Row(
        (
            Cell(formats.number(row.rank)),
            Cell(f"{row.number}. {title_of(submission)}", url),
            Cell(formats.local_name(submission.application.lead)),
            Cell(formats.number(row.group)),
            Cell(formats.number(row.estimate, PLACES), url),
            Cell(_interval(row.low, row.high)),
            _next_cell(row, is_sure=is_sure),
            Cell(formats.number(row.mean, PLACES), url),
            Cell(formats.number(row.spread, PLACES)),
            Cell(formats.number(row.reviews), url),
            Cell(formats.number(row.consensus, PLACES)),
        )
    )


def ranked_export_columns() -> list[ExportColumn]:
    """The columns of the list as a file."""
    return [
        ExportColumn("rank", _("Rank")),
        ExportColumn("application", _("Application")),
        ExportColumn("title", _("Title")),
        ExportColumn("lead", _("Lead organisation")),
        ExportColumn("group", _("Group")),
        ExportColumn("reviews", pgettext("competition", "Reviews")),
        ExportColumn("mean", _("Raw mean")),
        ExportColumn("spread", _("Spread")),
        ExportColumn("estimate", _("Estimate")),
        ExportColumn("low", _("Interval from")),
        ExportColumn("high", _("Interval to")),
        ExportColumn("beats_next", _("Better than the next, probability")),
        ExportColumn("joined", _("Set joined by reviewers")),
        ExportColumn("consensus", _("Consensus")),
    ]


def ranked_export_rows(ranking: Ranking, shown: Shown) -> Iterator[Sequence[ExportCell]]:
    """The list as a file."""
    for row in ranking.rows:
        submission = shown[row.submission_id]
        yield (
            row.rank,
            row.number,
            submission.title or "",  # type: ignore[attr-defined] # annotated
            submission.application.lead.name,
            row.group,
            row.reviews,
            row.mean,
            row.spread,
            row.estimate,
            row.low,
            row.high,
            row.beats_next,
            row.joined,
            row.consensus,
        )


def unreviewed_table(competition: Competition, rows: Sequence[Submission], *, count: int) -> Table:
    """Applications without a submitted review; there are `count` of them."""
    return Table(
        _("Applications without a submitted review, %(shown)s of %(count)s")
        % {"shown": formats.number(len(rows)), "count": formats.number(count)},
        (
            Column("number", _("Number"), is_number=True),
            Column("application", _("Application")),
            Column("lead", _("Lead organisation")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.number(one.application.number)),
                    Cell(
                        title_of(one),
                        reverse("competitions:show_submission", args=[competition.key, one.pk]),
                    ),
                    Cell(formats.local_name(one.application.lead)),
                )
            )
            for one in rows
        ),
        is_stacked=True,
    )


def reviews_table(reviews: Iterable[Review], ranking: Ranking, *, shows_names: bool) -> Table:
    """The reviews that a row counts: each with its scores, and what is taken out of it."""
    leniency = {one.reviewer_id: one for one in ranking.severities}
    rows = []
    for number, review in enumerate(reviews, 1):
        reviewer = review.assignment.seat.reviewer
        name = str(reviewer.person) if shows_names else ""
        said = [
            f"{formats.local_name(one.criterion)} {formats.number(one.score)}"
            for one in review.scores.all()
        ]
        weighted: int | None = review.weighted_bp  # type: ignore[attr-defined] # annotated
        severity = leniency.get(reviewer.pk)
        cells = [
            Cell(name or _("Reviewer %(number)s") % {"number": number}),
            Cell(" · ".join(said)),
            Cell(formats.number(None if weighted is None else rules.score_of(weighted), PLACES)),
        ]
        if shows_names:
            cells.append(Cell(_signed(severity.leniency) if severity else formats.MISSING))
        rows.append(Row(tuple(cells)))
    return Table(
        _("Submitted reviews of the application"),
        (
            Column("reviewer", _("Reviewer")),
            Column("scores", _("Scores by criterion")),
            Column("weighted", _("Weighted score"), is_number=True),
            *(
                (Column("leniency", _("Gives more than others would"), is_number=True),)
                if shows_names
                else ()
            ),
        ),
        tuple(rows),
        is_stacked=True,
    )


def severities_table(page: Page[Severity], names: Mapping[int, str]) -> Table:
    """How severely reviewers score, the most severe first."""
    return Table(
        _("Reviewers by severity, in points of the scale"),
        (
            Column("reviewer", _("Reviewer")),
            Column("reviews", pgettext("competition", "Reviews"), is_number=True),
            Column("leniency", _("Gives more than others would"), is_number=True),
            Column("interval", _("Interval, 90 per cent"), is_number=True),
        ),
        tuple(
            Row(
                (
                    Cell(names.get(one.reviewer_id, formats.MISSING)),
                    Cell(formats.number(one.reviews)),
                    Cell(_signed(one.leniency)),
                    Cell(_interval(one.low, one.high)),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("A review counts once it is submitted."),
        is_stacked=True,
    )


def _next_cell(row: Ranked, *, is_sure: bool) -> Cell:
    if row.beats_next is None:
        return Cell(formats.MISSING)
    share = formats.percent_bp(int(row.beats_next * 10_000), 0)
    if is_sure:
        return Cell(share)
    return Cell(_("Cannot be told apart"), tag="quiet", note=share)


def _interval(low: Decimal, high: Decimal) -> str:
    return _("%(low)s to %(high)s") % {
        "low": formats.number(low, PLACES),
        "high": formats.number(high, PLACES),
    }


def _signed(value: Decimal) -> str:
    """With its sign, since it says more or less than others."""
    return f"+{formats.number(value, PLACES)}" if value > 0 else formats.number(value, PLACES)
