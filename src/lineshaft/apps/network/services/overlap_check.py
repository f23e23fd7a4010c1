"""What of the awards of other agencies overlaps with a work that somebody is about to propose.

For whoever begins an application or a project: nothing is recorded, nothing is decided, and only
awards that the actor may see are told.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import OutsideAward
from lineshaft.apps.network.queries import outside_awards_visible_to
from lineshaft.apps.network.services.works import WorkDescribed, compared
from lineshaft.engines.match.overlap.awards import Fields, Overlap
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.limits import Gate
from lineshaft.plumbing.sharing import visible_q


@dataclass(frozen=True, slots=True)
class OverlapSeen:
    """An award that overlaps with a work.

    `score_bp` is the likeness, `share_of_work_bp` and `share_of_award_bp` how much of each text
    stands in passages of both, in basis points. A passage is two runs of characters, the first in
    the work's text, the second in the award's abstract. `facts` names what agrees beside the text,
    as `models.FACT_LABELS` does. `is_over` tells that the award's last day has passed.
    """

    award: OutsideAward
    score_bp: int
    kind: rules.OverlapKind
    share_of_work_bp: int
    share_of_award_bp: int
    facts: tuple[str, ...]
    passages: tuple[rules.Passage, ...]
    is_over: bool


def overlaps_with(
    actor: Actor,
    work: WorkDescribed,
    now: datetime,
    *,
    without: Collection[int] = (),
    least_bp: int = rules.CHECK_LEAST_BP,
) -> tuple[OverlapSeen, ...]:
    """The awards that the actor may see and that overlap with the work, the most alike first;
    twenty at most.

    `without` are ids of awards that don't count, such as the one that the work is. Whoever may not
    search what is shared with the network finds what is public. Raises Refused where there is
    neither title nor text, and for a text that is too long. About eight queries, and no more texts
    than those of the awards that share most.
    """
    refuse_if(rules.refuse_check(work.title, work.text))
    # Not at the top: the engine's arithmetic takes its time to load.
    from lineshaft.apps.network.services import comparing  # noqa: PLC0415
    from lineshaft.engines.match.overlap.comparing import Comparison  # noqa: PLC0415

    reader = comparing.AwardReader.stored()
    asked = compared(work, "", department=reader.department)
    common = comparing.common_phrases()
    seen = visible_q(actor, level="award__level", institute=None, gate=Gate.SEARCH)
    ids = comparing.nearest(asked, common, seen, without=without)
    comparison = Comparison(common, fields=Fields.ALL, threshold=least_bp / rules.WHOLE_BP)
    found = []
    for row in outside_awards_visible_to(actor).filter(pk__in=ids).select_related("agency"):
        overlap = comparison.overlap(asked, reader.award_of(row))
        if overlap is not None:
            found.append(_seen(row, overlap, today=now.date()))
    ranked = sorted(found, key=lambda one: (-one.score_bp, one.award.pk))
    return tuple(ranked[: rules.CHECK_SHOWN_MAX])


def _seen(row: OutsideAward, overlap: Overlap, *, today: date) -> OverlapSeen:
    return OverlapSeen(
        row,
        rules.basis_points(overlap.score),
        rules.OverlapKind(overlap.kind.value),
        rules.basis_points(overlap.share_a),
        rules.basis_points(overlap.share_b),
        overlap.facts,
        tuple((one.a_start, one.a_end, one.b_start, one.b_end) for one in overlap.passages),
        is_over=row.ends_on is not None and row.ends_on < today,
    )
