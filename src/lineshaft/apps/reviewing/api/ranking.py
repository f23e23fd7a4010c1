"""The API of the ranked list of a stage, for whoever runs the competition."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from lineshaft.apps.competitions.models import Submission
from lineshaft.apps.competitions.queries import (
    competition_by_key,
    criterion_by_number,
    may_read_submissions,
    stage_by_number,
)
from lineshaft.apps.competitions.rules import JUDGED
from lineshaft.apps.reviewing import queries
from lineshaft.apps.reviewing.queries import Ranked
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.rest import LIMIT_DEFAULT, LIMIT_MAX, PageOf, actor_of

type StageNumber = Annotated[int, Field(ge=1, le=32_767)]
router = Router(tags=["reviewing"])


class RankedApplicationOut(Schema):
    """A row of the ranked list. Scores are on the scale of the criteria; `spread` is null of a
    single review; `beats_next` is the probability, from 0 to 1, that it is better than the next.

    Within a `group` the first cannot be told from any other. `joined` numbers the sets of
    applications that no chain of shared reviewers joins.
    """

    rank: int
    application: int
    number: int
    submission: int
    title: str
    group: int
    reviews: int
    mean: Decimal
    spread: Decimal | None
    estimate: Decimal
    low: Decimal
    high: Decimal
    beats_next: Decimal | None
    joined: int
    consensus: Decimal | None


@router.get(
    "/opportunities/{key}/stages/{stage}/ranking",
    response=PageOf[RankedApplicationOut],
    operation_id="show_ranking",
    summary="The ranked list of a stage",
)
def show_ranking(
    request: HttpRequest,
    key: str,
    stage: StageNumber,
    *,
    criterion: StageNumber | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The list from the best estimate down, over what is open to the caller, by one criterion or
    by all.
    """
    actor = actor_of(request)
    competition = competition_by_key(actor, key)
    if not may_read_submissions(actor, competition):
        raise NotFound(code="no_ranking")
    judged = stage_by_number(competition, stage)
    if judged.stage_kind not in JUDGED:
        raise NotFound(code="no_ranking")
    asked = criterion_by_number(judged, criterion) if criterion is not None else None
    rows = queries.ranking_of(actor, judged, asked).rows
    start = _place(cursor, limit)
    shown = rows[start : start + limit]
    handed_in = queries.submissions_shown(row.submission_id for row in shown)
    end = start + len(shown)
    return {
        "items": [_ranked(row, handed_in[row.submission_id]) for row in shown],
        "next_cursor": str(end) if end < len(rows) else None,
    }


def _place(cursor: str | None, limit: int) -> int:
    """The place behind which a page begins: the list is worked out anew as a whole."""
    if not 1 <= limit <= LIMIT_MAX:
        raise Invalid.in_field(
            "limit", gettext_noop("A page holds from 1 to %(most)d rows."), most=LIMIT_MAX
        )
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= len(str(10**9))):
        raise Invalid.in_field(
            "cursor", gettext_noop("This is no cursor of this list. Start without one.")
        )
    return int(cursor)


def _ranked(row: Ranked, submission: Submission) -> RankedApplicationOut:
    return RankedApplicationOut(
        rank=row.rank,
        application=row.application_id,
        number=row.number,
        submission=row.submission_id,
        title=submission.title or "",  # type: ignore[attr-defined] # annotated
        group=row.group,
        reviews=row.reviews,
        mean=row.mean,
        spread=row.spread,
        estimate=row.estimate,
        low=row.low,
        high=row.high,
        beats_next=row.beats_next,
        joined=row.joined,
        consensus=row.consensus,
    )
