"""The verbs that join lines with the ledger: by rule, by hand, by an explanation, and apart again.

None of them changes the ledger or a line. Lock: the institute's row, so that two runs do not join
one line twice; the database's constraints hold it besides.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    AgreementSponsor,
    LineMatch,
    MatchPart,
    OwnIncome,
    StatementLine,
    Transfer,
)
from lineshaft.apps.funding.queries import ledger_income, ledger_transfers
from lineshaft.apps.funding.rules import LineSource, MatchRule
from lineshaft.apps.funding.services.book import CHUNK_ROWS
from lineshaft.apps.funding.services.matching import (
    INCOME,
    LINE,
    TRANSFER,
    match_part,
    open_items,
    store_matches,
    taken_apart,
)
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import may, permit


@dataclass(frozen=True, slots=True)
class MatchOutcome:
    """What a run of the rules joined: matches by rule, and the lines in them."""

    matches_by_rule: Mapping[str, int] = field(default_factory=dict)
    lines: int = 0

    @property
    def matches(self) -> int:
        """How many matches were made."""
        return sum(self.matches_by_rule.values())


type Heed = Callable[[int, int], None]
"""Hears how many lines are done, of how many."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a person joins: records by their ids."""

    lines: Collection[UUID]
    transfers: Collection[UUID] = ()
    own_incomes: Collection[UUID] = ()


def match_lines(
    actor: Actor,
    institute: Institute,
    source: LineSource,
    *,
    now: datetime,
    heed: Heed = lambda _done, _lines: None,
) -> MatchOutcome:
    """Join by the rules what is open of the institute; a second run joins nothing more.

    An agency's officer joins the payments of the own agency. `heed` hears now and then how many of
    how many lines are joined; what it raises leaves everything as it was.
    """
    with transaction.atomic():
        _lock(institute.pk)
        of_agencies = _permitted_agencies(actor, institute, source)
        items = open_items(institute, source, of_agencies)
        barred = taken_apart(institute, source)
        count = len(items.lines)
        heed(0, count)
        found = rules.find_matches(
            items.lines, items.entries, barred=barred, heed=lambda done: heed(done, count)
        )
        if not found:
            return MatchOutcome()
        store_matches(actor, found, items.amounts, institute, source, now=now)
        outcome = MatchOutcome(
            dict(sorted(Counter(str(one.rule) for one in found).items())),
            sum(len(one.lines) for one in found),
        )
        record_event(
            actor,
            "match_lines",
            institute,
            now=now,
            institute=institute.key,
            count=outcome.matches,
            changes={"source": str(source), "matches": dict(outcome.matches_by_rule)},
        )
        return outcome


def match_by_hand(
    actor: Actor,
    joined: Joined,
    *,
    id: UUID,  # noqa: A002 -- the caller's key, as in the ledger
    now: datetime,
    reason: str = "",
) -> LineMatch:
    """Join lines with entries of the ledger as a person sees it.

    A difference, and an entry of another agreement than the lines name, want their reason.
    """
    with transaction.atomic():
        lines = _lines(joined.lines)
        first = lines[0]
        _of_one_agency(lines)
        _lock(first.institute_id)
        _permit_lines(actor, "match_by_hand", lines)
        entries = _entries(joined, lines)
        stored = LineMatch.objects.filter(pk=id).first()
        if stored is not None:
            refuse_if(rules.same_content(is_same=_joins(stored, joined), transfer_id=str(id)))
            return stored
        refuse_if(rules.match_joins(len(lines), len(entries)))
        refuse_if(rules.still_open(is_open=_all_open(joined, LineSource(first.source))))
        sums = [sum(line.amount_minor for line in lines), sum(entries.values())]
        difference_minor = sums[0] - sums[1]
        refuse_if(rules.difference_explained(difference_minor, reason))
        is_other = _is_of_another_agreement(joined, lines)
        refuse_if(rules.other_agreement_explained(is_other=is_other, reason=reason))
        match = _new_match(actor, first, MatchRule.BY_HAND, id=id, reason=reason, now=now)
        match.save(force_insert=True)
        parts = [match_part(match, LINE, line.pk, line.amount_minor) for line in lines]
        parts += [match_part(match, kind, pk, amount) for (kind, pk), amount in entries.items()]
        MatchPart.objects.bulk_create(parts, batch_size=1_000)
        changes = {"lines": len(lines), "entries": len(entries), "difference": difference_minor}
        _audit(actor, "match_by_hand", match, lines, now=now, why=reason, changes=changes)
        return match


def explain_lines(
    actor: Actor,
    line_ids: Collection[UUID],
    *,
    id: UUID,  # noqa: A002 -- as above
    reason: str,
    now: datetime,
) -> dict[UUID, LineMatch]:
    """Say once why lines have nothing in the ledger, such as a bank's fees; all of them, or none.

    Returns the match of each line: one apiece, so that each can be undone by itself. The lines are
    of one institute and one source. Writes one audit event, with their count.
    """
    with transaction.atomic():
        lines = _lines(line_ids)
        _lock(lines[0].institute_id)
        _permit_lines(actor, "explain_lines", lines)
        refuse_if(rules.lines_at_once(len(lines)))
        keys = _explanation_keys(id, [line.pk for line in lines])
        stored = _explained(keys)
        if stored:
            is_same = {pk: match.pk for pk, match in stored.items()} == keys
            refuse_if(rules.same_content(is_same=is_same, transfer_id=str(id)))
            return stored
        refuse_if(rules.match_reason_given(reason))
        matched = _matched(line.pk for line in lines)
        for line in lines:
            is_open = line.pk not in matched
            refuse_if(rules.line_open(line.amount, line.booked_on, is_open=is_open))
        made = {
            line.pk: _new_match(
                actor, line, MatchRule.EXPLAINED, id=keys[line.pk], reason=reason, now=now
            )
            for line in lines
        }
        LineMatch.objects.bulk_create(made.values(), batch_size=1_000)
        parts = [match_part(made[line.pk], LINE, line.pk, line.amount_minor) for line in lines]
        MatchPart.objects.bulk_create(parts, batch_size=1_000)
        changes = {
            "amount_minor": sum(line.amount_minor for line in lines),
            "currency": lines[0].currency,
        }
        first = made[min(made)]
        _audit(
            actor,
            "explain_lines",
            first,
            lines,
            now=now,
            why=reason,
            changes=changes,
            count=len(lines),
        )
        return made


def undo_matches(
    actor: Actor, match_ids: Collection[UUID], *, reason: str, now: datetime
) -> list[LineMatch]:
    """Take matches and explanations apart, all or none; the rules do not join the same again.

    The matches are of one institute. Writes one audit event, with their count.
    """
    with transaction.atomic():
        _lock(_institute_of(match_ids))
        matches = _matches(match_ids)
        parts = _parts(match_ids)
        lines = [part.line for part in parts if part.line is not None]
        _permit_undoing(actor, matches[0].institute.key, parts)
        refuse_if(rules.lines_at_once(len(matches)))
        if all(one.undone_at is not None and one.undo_reason == reason for one in matches):
            return matches
        refuse_if(rules.match_reason_given(reason))
        for match in matches:
            refuse_if(rules.match_open(is_undone=match.undone_at is not None))
            match.undone_by_id, match.undone_at, match.undo_reason = actor.user_id, now, reason
        for chunk in batched(match_ids, CHUNK_ROWS, strict=False):
            LineMatch.objects.filter(pk__in=chunk).update(
                undone_by=actor.user_id, undone_at=now, undo_reason=reason
            )
            MatchPart.objects.filter(match__in=chunk).update(is_open=False)
        changes = {
            "rule": ", ".join(sorted({match.rule for match in matches})),
            "parts": len(parts),
        }
        _audit(
            actor,
            "undo_matches",
            matches[0],
            lines,
            now=now,
            why=reason,
            changes=changes,
            count=len(matches),
        )
        return matches


def _lock(institute_id: int) -> None:
    Institute.objects.select_for_update(no_key=True).get(pk=institute_id)


def _permitted_agencies(actor: Actor, institute: Institute, source: LineSource) -> list[int] | None:
    """The agencies whose payments the actor may match; None where that is all of the institute."""
    permission = rules.PERMISSIONS["match_lines"]
    if may(actor, permission, institute=institute.key):
        return None
    sponsors = AgreementSponsor.objects.filter(agreement__institute=institute).order_by()
    agencies = sponsors.values_list("agency_id", "agency__key").distinct()
    own = [pk for pk, key in agencies if may(actor, permission, agency=key)]
    if source is LineSource.BANK or not own:
        permit(actor, permission, institute=institute.key)
    return own


def _lines(ids: Collection[UUID]) -> list[StatementLine]:
    """The lines, of one institute and source; NotFound for none, or others among them."""
    wanted = set(ids)
    found: list[StatementLine] = []
    for chunk in batched(wanted, CHUNK_ROWS, strict=False):
        found += StatementLine.objects.select_related("institute", "agency").filter(pk__in=chunk)
    if not found or len(found) < len(wanted):
        raise _no_line()
    if len({(line.institute_id, line.source) for line in found}) > 1:
        raise _no_line()
    return sorted(found, key=lambda line: (line.booked_on, line.pk))


def _of_one_agency(lines: Sequence[StatementLine]) -> None:
    """Return if the lines are of one agency's file, or of the bank; raises NotFound."""
    if len({line.agency_id for line in lines}) > 1:
        raise _no_line()


def _no_line() -> NotFound:
    return NotFound(code="line", message=gettext_noop("There is no such line."))


def _permit_lines(actor: Actor, verb: str, lines: Sequence[StatementLine]) -> None:
    """All of the lines, by their institute or by the agency of each."""
    institute = lines[0].institute.key
    for agency in sorted({line.agency.key if line.agency else "" for line in lines}):
        permit(actor, rules.PERMISSIONS[verb], institute=institute, agency=agency or None)


def _explanation_keys(id: UUID, line_ids: Collection[UUID]) -> dict[UUID, UUID]:  # noqa: A002 -- as above
    """The key of each line's match: the caller's own for the first, derived from it for others."""
    first = min(line_ids)
    return {pk: id if pk == first else derived_id("funding.explanation", id, pk) for pk in line_ids}


def _explained(keys: Mapping[UUID, UUID]) -> dict[UUID, LineMatch]:
    """Of the matches with these keys those that are stored, by line."""
    found: dict[UUID, LineMatch] = {}
    for chunk in batched(keys.values(), CHUNK_ROWS, strict=False):
        parts = MatchPart.objects.filter(match__in=chunk).select_related("match__institute")
        found |= {part.line_id: part.match for part in parts if part.line_id is not None}
    return found


def _matched(line_ids: Iterable[UUID]) -> set[UUID | None]:
    """Which of the lines are in a match that stands."""
    found: set[UUID | None] = set()
    for chunk in batched(line_ids, CHUNK_ROWS, strict=False):
        parts = MatchPart.objects.filter(is_open=True, line__in=chunk).order_by()
        found.update(parts.values_list("line", flat=True))
    return found


def _no_match() -> NotFound:
    return NotFound(code="match", message=gettext_noop("There is no such match."))


def _institute_of(match_ids: Collection[UUID]) -> int:
    """Whose the first of the matches is; NotFound for none."""
    first = LineMatch.objects.filter(pk=min(match_ids)).first() if match_ids else None
    if first is None:
        raise _no_match()
    return first.institute_id


def _matches(ids: Collection[UUID]) -> list[LineMatch]:
    """The matches in the order of their ids; NotFound where one is missing or another's."""
    wanted = set(ids)
    found: list[LineMatch] = []
    for chunk in batched(wanted, CHUNK_ROWS, strict=False):
        found += LineMatch.objects.select_related("institute").filter(pk__in=chunk)
    if len(found) < len(wanted) or len({match.institute_id for match in found}) > 1:
        raise _no_match()
    return sorted(found, key=lambda match: match.pk)


def _parts(match_ids: Collection[UUID]) -> list[MatchPart]:
    found: list[MatchPart] = []
    for chunk in batched(match_ids, CHUNK_ROWS, strict=False):
        found += MatchPart.objects.filter(match__in=chunk).select_related("line__agency")
    return found


def _permit_undoing(actor: Actor, institute: str, parts: Iterable[MatchPart]) -> None:
    """Each of the matches, by the agency of its lines or by the institute."""
    agencies = {part.match_id: "" for part in parts}
    for part in parts:
        if part.line is not None and part.line.agency is not None:
            agencies[part.match_id] = part.line.agency.key
    for agency in sorted(set(agencies.values())):
        permission = rules.PERMISSIONS["undo_matches"]
        permit(actor, permission, institute=institute, agency=agency or None)


def _entries(joined: Joined, lines: Sequence[StatementLine]) -> dict[tuple[str, UUID], int]:
    """The signed amount of each entry; NotFound for one that lines of these do not show."""
    institute_id, source = lines[0].institute_id, lines[0].source
    moved = Transfer.objects.filter(pk__in=set(joined.transfers), agreement__institute=institute_id)
    if source == LineSource.PAYMENT:
        moved = moved.filter(debit_account__agency=lines[0].agency_id)
    transfers = ledger_transfers(moved, LineSource(source)).values_list("pk", "signed_minor")
    found = {(TRANSFER, pk): amount for pk, amount in transfers.order_by()}
    if joined.own_incomes and source == LineSource.BANK:
        own = OwnIncome.objects.filter(pk__in=set(joined.own_incomes), institute=institute_id)
        income = ledger_income(own).order_by().values_list("pk", "signed_minor")
        found |= {(INCOME, pk): amount for pk, amount in income}
    if len(found) < len(set(joined.transfers)) + len(set(joined.own_incomes)):
        raise NotFound(code="entry", message=gettext_noop("There is no such entry."))
    return found


def _is_of_another_agreement(joined: Joined, lines: Sequence[StatementLine]) -> bool:
    """Whether an entry stands under an agreement that none of the lines names, and all name one."""
    named = {line.agreement_id for line in lines if line.agreement_id is not None}
    if not named or any(line.agreement_id is None for line in lines):
        return False
    moved = Transfer.objects.filter(pk__in=set(joined.transfers))
    return moved.exclude(agreement__in=named).exists()


def _all_open(joined: Joined, source: LineSource) -> bool:
    """Whether none of them is in a match that stands."""
    standing = MatchPart.objects.filter(is_open=True, source=source)
    return not (
        standing.filter(line__in=joined.lines).exists()
        or standing.filter(transfer__in=joined.transfers).exists()
        or standing.filter(own_income__in=joined.own_incomes).exists()
    )


def _joins(match: LineMatch, joined: Joined) -> bool:
    """Whether the match joins just these."""
    asked = {*joined.lines, *joined.transfers, *joined.own_incomes}
    parts = match.parts.values_list("line_id", "transfer_id", "own_income_id")
    return {next(filter(None, part)) for part in parts} == asked


def _new_match(
    actor: Actor,
    line: StatementLine,
    rule: MatchRule,
    *,
    id: UUID,  # noqa: A002 -- as above
    reason: str,
    now: datetime,
) -> LineMatch:
    """A match of the line's institute and source, not stored yet."""
    return LineMatch(
        pk=id,
        source=line.source,
        institute=line.institute,
        rule=rule,
        reason=reason,
        made_by_id=actor.user_id,
        made_at=now,
    )


def _audit(
    actor: Actor,
    verb: str,
    match: LineMatch,
    lines: Sequence[StatementLine],
    *,
    now: datetime,
    why: str,
    changes: Mapping[str, object],
    count: int = 1,
) -> None:
    agencies = {line.agency.key for line in lines if line.agency}
    record_event(
        actor,
        verb,
        match,
        now=now,
        why=why,
        institute=match.institute.key,
        agency=agencies.pop() if len(agencies) == 1 else "",
        count=count,
        changes={"source": match.source, **changes},
    )
