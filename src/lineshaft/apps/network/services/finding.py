"""Finding awards that overlap among those that are stored, as a job, and keeping what was found.

Texts are read in batches. What is found is recorded as it is found; an overlap that nobody has
decided, or that was taken up again after a correction, and that is not found again goes. Stopped or
killed on the way and run again, it finds the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import F, Q

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import AwardOverlap, CommonPhrases, OutsideAward
from lineshaft.apps.network.queries import LOOKUP_BATCH, outdated_q
from lineshaft.apps.network.services.overlaps import (
    SUBJECT,
    FoundOverlap,
    OverlapOutcome,
    record_overlaps,
)
from lineshaft.engines.match.overlap.awards import Award, Fields, Overlap
from lineshaft.kernel.errors import Stale
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import permit

if TYPE_CHECKING:
    from lineshaft.apps.network.services.comparing import AwardReader
    from lineshaft.engines.match.overlap.words import Numbers

type Report = Callable[[int, int, str], None]
"""Called with what is done, the total (0 while unknown) and a word on what goes on."""

FIND_OVERLAPS_JOB: Final = "find_overlaps"
RECORD_BATCH: Final = 500
_PART_AWARDS: Final = 50
_PART_PAIRS: Final = 1_000
_INDEXING: Final = gettext_noop("entering keys")
_COMPARING: Final = gettext_noop("comparing")


@dataclass(frozen=True, slots=True)
class FindOutcome:
    """How many awards were compared with all others, and what became of the overlaps."""

    compared: int
    created: int
    updated: int
    unchanged: int
    withdrawn: int


def request_overlaps(actor: Actor, scope: rules.OverlapScope, *, now: datetime) -> Job:
    """Queue a comparison of awards; one that waits already is returned instead."""
    permit(actor, rules.PERMISSIONS["find_overlaps"])
    return enqueue(actor, FIND_OVERLAPS_JOB, {"scope": scope.value}, now=now, unique=True)


def find_overlaps(
    actor: Actor,
    scope: rules.OverlapScope,
    *,
    now: datetime,
    report: Report = lambda _done, _total, _note: None,
    check_stop: Callable[[], None] = lambda: None,
) -> FindOutcome:
    """Compare stored awards and keep what overlaps; what is decided stays.

    `CHANGED` compares all where more than one award in ten is new or was corrected, or where all
    were never compared. `check_stop` is called often and may raise to end the work; what was
    recorded by then stays. Writes an audit event for each five hundred overlaps found, and one for
    those withdrawn.
    """
    permit(actor, rules.PERMISSIONS["find_overlaps"])
    # Not at the top: the engine's arithmetic takes its time to load.
    from lineshaft.apps.network.services import comparing  # noqa: PLC0415

    reader = comparing.AwardReader.stored()
    changed = _changed()
    if scope is rules.OverlapScope.CHANGED and not changed:
        return FindOutcome(0, 0, 0, 0, 0)
    _enter_keys(reader, changed, report, check_stop)
    if scope is rules.OverlapScope.ALL or _is_much(len(changed)):
        return _find_among_all(actor, reader, now=now, report=report, check_stop=check_stop)
    digests = comparing.digests_of(changed)
    found = _found_beside(reader, changed, report, check_stop)
    outcome = _keep(actor, found, frozenset(changed), now=now)
    _mark_compared(digests)
    return outcome


def _changed() -> list[int]:
    """The awards that are new or were corrected since they were compared, and those of overlaps
    that wait and whose text has changed, in order.
    """
    new = OutsideAward.objects.exclude(compared_digest=F("digest"))
    waiting = AwardOverlap.objects.filter(outdated_q(), state=rules.OverlapState.FOUND)
    return sorted({*new.values_list("pk", flat=True), *waiting.values_list("first_id", flat=True)})


def _is_much(changed: int) -> bool:
    """Whether comparing all is the shorter way, or the only one since it was never done."""
    is_first = not CommonPhrases.objects.exists()
    return is_first or changed * rules.CHANGED_SHARE_MAX > OutsideAward.objects.count()


def _enter_keys(
    reader: "AwardReader", ids: list[int], report: Report, check_stop: Callable[[], None]
) -> None:
    from lineshaft.apps.network.services import comparing  # noqa: PLC0415 -- as above

    done = 0
    for part in batched(ids, comparing.READ_BATCH, strict=False):
        report(done, len(ids), _INDEXING)
        check_stop()
        comparing.enter_award_keys(reader.awards(part).items())
        done += len(part)


# ------------------------------------------------------------------------------------- comparing


def _find_among_all(
    actor: Actor,
    reader: "AwardReader",
    *,
    now: datetime,
    report: Report,
    check_stop: Callable[[], None],
) -> FindOutcome:
    """Every award with every other; candidates are found in DuckDB, outside the database."""
    from lineshaft.apps.network.services import comparing  # noqa: PLC0415 -- as above
    from lineshaft.engines.match.overlap.judgement import THRESHOLDS  # noqa: PLC0415
    from lineshaft.engines.match.overlap.on_duckdb import find_candidates  # noqa: PLC0415
    from lineshaft.engines.match.overlap.search import bounds_of  # noqa: PLC0415

    def tell(done: int, total: int, note: str) -> None:
        report(done, total, note)
        check_stop()

    records = comparing.StoredRecords(reader)
    found = find_candidates(records, bounds_of(THRESHOLDS[Fields.ALL]), tell)
    ids = records.ids
    pairs = [
        (ids[first], ids[second])
        for first, second in zip(found.first.tolist(), found.second.tolist(), strict=True)
    ]
    overlapping = _found_of(reader, pairs, found.common, tell)
    outcome = _keep(actor, overlapping, frozenset(ids), now=now)
    CommonPhrases.objects.update_or_create(
        pk=1,
        defaults={
            "shingles": comparing.stored_form(found.common),
            "awards": len(ids),
            "compared_at": now,
        },
    )
    _mark_compared(records.digests)
    return outcome


def _found_beside(
    reader: "AwardReader", ids: list[int], report: Report, check_stop: Callable[[], None]
) -> Iterator[FoundOverlap]:
    """What overlaps with these awards, by the stored keys and by what was found of them before."""
    from lineshaft.apps.network.services import comparing  # noqa: PLC0415 -- as above

    common = comparing.common_phrases()
    done = 0
    for part in batched(ids, _PART_AWARDS, strict=False):
        report(done, len(ids), _COMPARING)
        check_stop()
        pairs = {
            (min(pk, other), max(pk, other))
            for pk, award in reader.awards(part).items()
            for other in comparing.nearest(award, common, Q(), without=(pk,))
        }
        known = AwardOverlap.objects.filter(Q(first__in=part) | Q(second__in=part))
        pairs.update(known.values_list("first_id", "second_id"))
        yield from _found_of(reader, sorted(pairs), common, lambda _done, _total, _note: None)
        done += len(part)


def _found_of(
    reader: "AwardReader", pairs: list[tuple[int, int]], common: "Numbers", tell: Report
) -> Iterator[FoundOverlap]:
    """Those of the pairs that overlap; the texts of a thousand pairs are in memory together."""
    from lineshaft.engines.match.overlap.comparing import Comparison  # noqa: PLC0415 -- as above
    from lineshaft.engines.match.overlap.judgement import THRESHOLDS  # noqa: PLC0415

    comparison = Comparison(common, fields=Fields.ALL, threshold=THRESHOLDS[Fields.ALL])
    done = 0
    for part in batched(pairs, _PART_PAIRS, strict=False):
        tell(done, len(pairs), _COMPARING)
        awards = reader.awards({pk for pair in part for pk in pair})
        for first, second in part:
            overlap = comparison.overlap(awards[first], awards[second])
            if overlap is not None:
                yield _found(overlap, awards[first], awards[second])
        done += len(part)


def _found(overlap: Overlap, first: Award, second: Award) -> FoundOverlap:
    return FoundOverlap(
        int(overlap.a),
        int(overlap.b),
        rules.OverlapKind(overlap.kind.value),
        rules.basis_points(overlap.score),
        rules.basis_points(overlap.share_a),
        rules.basis_points(overlap.share_b),
        overlap.facts,
        tuple(
            (one.a_start, one.a_end, one.b_start, one.b_end)
            for one in overlap.passages[: rules.PASSAGES_MAX]
        ),
        rules.digest_of_text(first.abstract),
        rules.digest_of_text(second.abstract),
    )


# --------------------------------------------------------------------------------------- keeping


def _keep(
    actor: Actor, found: Iterable[FoundOverlap], compared: frozenset[int], *, now: datetime
) -> FindOutcome:
    """Record what was found, and take out what waits, is of the awards compared and was not."""
    seen: set[tuple[int, int]] = set()
    created = updated = unchanged = 0
    for part in batched(found, RECORD_BATCH, strict=False):
        outcome = _recorded(actor, part, now=now)
        seen.update((one.first_id, one.second_id) for one in part)
        created += outcome.created
        updated += outcome.updated
        unchanged += outcome.unchanged
    withdrawn = _withdraw(actor, seen, compared, now=now)
    return FindOutcome(len(compared), created, updated, unchanged, withdrawn)


def _recorded(actor: Actor, found: Sequence[FoundOverlap], *, now: datetime) -> OverlapOutcome:
    """Record them; where another job has recorded one in the same moment, once more."""
    try:
        return record_overlaps(actor, found, now=now)
    except Stale:
        return record_overlaps(actor, found, now=now)


def _withdraw(
    actor: Actor, seen: set[tuple[int, int]], compared: frozenset[int], *, now: datetime
) -> int:
    """Take out what waits and was not found again; what was decided once and taken up again only
    where a text was corrected since. The audit trail keeps what was decided.
    """
    waiting = AwardOverlap.objects.filter(
        Q(decided_at__isnull=True) | outdated_q(),
        state=rules.OverlapState.FOUND,
        found_at__lte=now,
    )
    gone = [
        pk
        for pk, first, second in waiting.values_list("pk", "first_id", "second_id")
        if (first, second) not in seen and (first in compared or second in compared)
    ]
    withdrawn = 0
    with transaction.atomic():
        for part in batched(gone, LOOKUP_BATCH, strict=False):
            withdrawn += waiting.filter(pk__in=part).delete()[0]
        if withdrawn:
            record_event(
                actor,
                "find_overlaps",
                (SUBJECT, ""),
                now=now,
                count=withdrawn,
                changes={"withdrawn": withdrawn},
            )
    return withdrawn


def _mark_compared(digests: dict[int, str]) -> None:
    """Remember with which content each award was compared; one corrected since is not marked."""
    for part in batched(sorted(digests), LOOKUP_BATCH, strict=False):
        with transaction.atomic():
            locked = OutsideAward.objects.select_for_update().filter(pk__in=part)
            now_there = locked.exclude(compared_digest=F("digest")).values_list("pk", "digest")
            same = [pk for pk, digest in now_there.order_by("pk") if digest == digests[pk]]
            OutsideAward.objects.filter(pk__in=same).update(compared_digest=F("digest"))
