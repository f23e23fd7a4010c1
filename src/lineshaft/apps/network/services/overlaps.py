"""Keeping what a comparison of awards found, and deciding of it.

`record_overlaps` is called with what an engine found and decides nothing. What somebody decided of
two awards stays, whatever is found of them later, until it is taken up again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Length

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Agency, AwardOverlap, FormerAwardText, OutsideAward
from lineshaft.apps.network.queries import LOOKUP_BATCH, overlaps_visible_to
from lineshaft.kernel.errors import NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import may, permit

SUBJECT: Final = "network.awardoverlap"
_EVIDENCE: Final = ("kind", "score_bp", "share_first_bp", "share_second_bp", "facts", "passages",
                    "first_digest", "second_digest")  # fmt: skip
_NO_AWARD: Final = gettext_noop("There is no such award.")
_NO_OVERLAP: Final = gettext_noop("There is no such overlap, or none that you may see.")


@dataclass(frozen=True, slots=True)
class FoundOverlap:
    """What an engine found of two awards, named by their ids in either order.

    `share_first_bp` and the first two offsets of a passage are of `first_id`'s text. The digests
    name the texts that were compared, see `rules.digest_of_text`; blank ones stand for the stored.
    """

    first_id: int
    second_id: int
    kind: rules.OverlapKind
    score_bp: int
    share_first_bp: int
    share_second_bp: int
    facts: tuple[str, ...] = ()
    passages: tuple[rules.Passage, ...] = ()
    first_digest: str = ""
    second_digest: str = ""

    def in_order(self) -> "FoundOverlap":
        """The same with the smaller id first, as it is stored."""
        if self.first_id <= self.second_id:
            return self
        return FoundOverlap(
            self.second_id,
            self.first_id,
            self.kind,
            self.score_bp,
            self.share_second_bp,
            self.share_first_bp,
            self.facts,
            tuple((start, end, begin, stop) for begin, stop, start, end in self.passages),
            self.second_digest,
            self.first_digest,
        )


@dataclass(frozen=True, slots=True)
class OverlapOutcome:
    """How many overlaps were new, had other evidence, stand as they were or were decided, and were
    left out because a text was corrected after it was compared.
    """

    created: int
    updated: int
    unchanged: int
    outdated: int = 0


def record_overlaps(
    actor: Actor, found: Sequence[FoundOverlap], *, now: datetime, why: str = ""
) -> OverlapOutcome:
    """Keep what was found, all or none; the same again changes nothing, what is decided stays.

    What was found in a text that has been corrected since is left out. Raises NotFound for an award
    that is not there, Refused for evidence that points beside a text. Writes one audit event when
    anything changed.
    """
    permit(actor, rules.PERMISSIONS["record_overlaps"])
    given = {(one.first_id, one.second_id): one for one in (each.in_order() for each in found)}
    try:
        with transaction.atomic():
            wanted = _of_texts_there(given.values())
            outcome = _record(actor, wanted, now=now, why=why)
            return replace(outcome, outdated=len(given) - len(wanted))
    except IntegrityError as error:
        raise Stale from error


def confirm_same_work(
    actor: Actor, overlap: AwardOverlap, *, why: str, now: datetime
) -> AwardOverlap:
    """Say that both awards pay for the same work."""
    return _decide(actor, overlap, "confirm_same_work", why=why, now=now)


def confirm_continuation(
    actor: Actor, overlap: AwardOverlap, *, why: str, now: datetime
) -> AwardOverlap:
    """Say that one award continues the other."""
    return _decide(actor, overlap, "confirm_continuation", why=why, now=now)


def confirm_collaboration(
    actor: Actor, overlap: AwardOverlap, *, why: str, now: datetime
) -> AwardOverlap:
    """Say that the awards pay for parts of one work."""
    return _decide(actor, overlap, "confirm_collaboration", why=why, now=now)


def keep_awards_apart(
    actor: Actor, overlap: AwardOverlap, *, why: str, now: datetime
) -> AwardOverlap:
    """Say that the works are two, and remember it: they are not brought up again."""
    return _decide(actor, overlap, "keep_awards_apart", why=why, now=now)


def reopen_overlap(actor: Actor, overlap: AwardOverlap, *, why: str, now: datetime) -> AwardOverlap:
    """Take a decision up again."""
    return _decide(actor, overlap, "reopen_overlap", why=why, now=now)


OVERLAP_VERBS: Final[Mapping[str, Callable[..., AwardOverlap]]] = {
    "confirm_same_work": confirm_same_work,
    "confirm_continuation": confirm_continuation,
    "confirm_collaboration": confirm_collaboration,
    "keep_awards_apart": keep_awards_apart,
    "reopen_overlap": reopen_overlap,
}
"""What can be decided of an overlap, by the names of the verbs."""


def may_decide_overlap(actor: Actor, verb: str, overlap: AwardOverlap) -> bool:
    """Whether the actor may do that verb of these two awards."""
    return may(actor, rules.PERMISSIONS[verb], agencies=_agencies_of(overlap))


def permit_overlap(actor: Actor, verb: str, overlap: AwardOverlap) -> None:
    """Raise NotPermitted unless the actor may do that verb of these two awards."""
    permit(actor, rules.PERMISSIONS[verb], agencies=_agencies_of(overlap))


def keep_former_texts(texts: Sequence[FormerAwardText]) -> None:
    """Keep those of these texts that an overlap points into, in the caller's transaction, before
    nothing else has them any more. Written without an event of its own.
    """
    named: set[tuple[int, str]] = set()
    for part in batched(sorted(one.award_id for one in texts), LOOKUP_BATCH, strict=False):
        for place in ("first", "second"):
            rows = AwardOverlap.objects.filter(**{f"{place}_id__in": part})
            named.update(rows.values_list(f"{place}_id", f"{place}_digest"))
    FormerAwardText.objects.bulk_create(
        [one for one in texts if (one.award_id, one.digest) in named], ignore_conflicts=True
    )


# --------------------------------------------------------------------------------------- leaves


def _of_texts_there(found: Collection[FoundOverlap]) -> dict[tuple[int, int], FoundOverlap]:
    """What points into the texts as they stand, by its awards; the digests are filled in.

    The awards are locked, so that a correction finds the overlap and keeps the text it points into.
    """
    ids = sorted({pk for one in found for pk in (one.first_id, one.second_id)})
    texts: dict[int, tuple[int, str]] = {}
    for part in batched(ids, LOOKUP_BATCH, strict=False):
        locked = OutsideAward.objects.select_for_update(of=("self",), no_key=True)
        rows = locked.filter(pk__in=part).annotate(length=Length("abstract")).order_by("pk")
        texts.update(
            (pk, (length, digest))
            for pk, length, digest in rows.values_list("pk", "length", "text_digest")
        )
    there = {}
    for one in found:
        if one.first_id not in texts or one.second_id not in texts:
            raise NotFound(_NO_AWARD, code="no_outside_award")
        (length, digest), (other_length, other_digest) = texts[one.first_id], texts[one.second_id]
        if one.first_digest not in {"", digest} or one.second_digest not in {"", other_digest}:
            continue
        lengths = (length, other_length)
        refuse_if(rules.refuse_overlap(one.first_id, one.second_id, one.passages, lengths=lengths))
        there[one.first_id, one.second_id] = replace(
            one, first_digest=digest, second_digest=other_digest
        )
    return there


def _record(
    actor: Actor, wanted: dict[tuple[int, int], FoundOverlap], *, now: datetime, why: str
) -> OverlapOutcome:
    held: dict[tuple[int, int], AwardOverlap] = {}
    for part in batched(sorted({first for first, _second in wanted}), LOOKUP_BATCH, strict=False):
        locked = AwardOverlap.objects.select_for_update(of=("self",)).filter(first_id__in=part)
        held.update(((row.first_id, row.second_id), row) for row in locked.order_by("pk"))
    new = [
        AwardOverlap(
            first_id=pair[0],
            second_id=pair[1],
            found_at=now,
            **{name: _stored(one, name) for name in _EVIDENCE},
        )
        for pair, one in wanted.items()
        if pair not in held
    ]
    changed = []
    for pair, one in wanted.items():
        row = held.get(pair)
        if row is None or row.state != rules.OverlapState.FOUND:
            continue
        evidence = {name: _stored(one, name) for name in _EVIDENCE}
        if any(getattr(row, name) != value for name, value in evidence.items()):
            for name, value in evidence.items():
                setattr(row, name, value)
            changed.append(row)
    AwardOverlap.objects.bulk_create(new)
    AwardOverlap.objects.bulk_update(changed, _EVIDENCE, batch_size=100)
    if new or changed:
        record_event(
            actor,
            "record_overlaps",
            (SUBJECT, ""),
            now=now,
            why=why,
            count=len(new) + len(changed),
            changes={"created": len(new), "updated": len(changed)},
        )
    return OverlapOutcome(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _stored(one: FoundOverlap, name: str) -> Any:
    value = getattr(one, name)
    match name:
        case "passages":
            return [list(passage) for passage in value]
        case "facts":
            return list(value)
        case "kind":
            return str(value)
        case _:
            return value


def _decide(
    actor: Actor, overlap: AwardOverlap, verb: str, *, why: str, now: datetime
) -> AwardOverlap:
    with transaction.atomic():
        row = (
            AwardOverlap.objects.select_for_update(of=("self",))
            .select_related("first__agency", "second__agency")
            .filter(pk__in=overlaps_visible_to(actor).filter(pk=overlap.pk).values("pk"))
            .first()
        )
        if row is None:
            raise NotFound(_NO_OVERLAP, code="no_overlap")
        permit_overlap(actor, verb, row)
        refuse_if(rules.refuse_overlap_reason(why))
        refuse_if(rules.OVERLAP_WORKFLOW.check(row.state, verb))
        before, row.state = row.state, rules.OVERLAP_WORKFLOW.target(row.state, verb)
        row.why, row.decided_by_id, row.decided_at = why.strip(), actor.user_id, now
        row.save(update_fields=["state", "why", "decided_by", "decided_at"])
        record_event(
            actor,
            verb,
            row,
            now=now,
            why=row.why,
            changes={"state": [before, row.state], "awards": [row.first_id, row.second_id]},
        )
    return row


def _agencies_of(overlap: AwardOverlap) -> list[str]:
    """The agencies that made the two awards, and those above them."""
    parents = dict(Agency.objects.values_list("key", "parent__key"))
    return [
        key
        for award in (overlap.first, overlap.second)
        for key in rules.agencies_above(award.agency.key if award.agency else None, parents)
    ]
