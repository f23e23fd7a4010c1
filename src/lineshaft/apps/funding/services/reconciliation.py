"""The verbs that join lines with the ledger: by rule, by hand, by an explanation, and apart again.

None of them changes the ledger or a line. Lock: the institute's row, so that two runs do not join
one line twice; the database's constraints hold it besides.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Joined:
    """What a person joins: records by their ids."""

    lines: Collection[UUID]
    transfers: Collection[UUID] = ()
    own_incomes: Collection[UUID] = ()


def match_lines(
    actor: Actor, institute: Institute, source: LineSource, *, now: datetime
) -> MatchOutcome:
    """Join by the rules what is open of the institute; a second run joins nothing more.

    An agency's officer joins the payments of the own agency.
    """
    with transaction.atomic():
        _lock(institute.pk)
        of_agencies = _permitted_agencies(actor, institute, source)
        items = open_items(institute, source, of_agencies)
        barred = taken_apart(institute, source)
        found = rules.find_matches(items.lines, items.entries, barred=barred)
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
        match = _match(actor, first, MatchRule.BY_HAND, id=id, reason=reason, now=now)
        parts = [match_part(match, LINE, line.pk, line.amount_minor) for line in lines]
        parts += [match_part(match, kind, pk, amount) for (kind, pk), amount in entries.items()]
        MatchPart.objects.bulk_create(parts, batch_size=1_000)
        changes = {"lines": len(lines), "entries": len(entries), "difference": difference_minor}
        _audit(actor, "match_by_hand", match, lines, now=now, why=reason, changes=changes)
        return match


def explain_line(
    actor: Actor,
    line_id: UUID,
    *,
    id: UUID,  # noqa: A002 -- as above
    reason: str,
    now: datetime,
) -> LineMatch:
    """Say why a line has nothing in the ledger, such as a bank's fee."""
    with transaction.atomic():
        lines = _lines([line_id])
        line = lines[0]
        _lock(line.institute_id)
        _permit_lines(actor, "explain_line", lines)
        joined = Joined([line_id])
        stored = LineMatch.objects.filter(pk=id).first()
        if stored is not None:
            refuse_if(rules.same_content(is_same=_joins(stored, joined), transfer_id=str(id)))
            return stored
        refuse_if(rules.match_reason_given(reason))
        refuse_if(rules.still_open(is_open=_all_open(joined, LineSource(line.source))))
        match = _match(actor, line, MatchRule.EXPLAINED, id=id, reason=reason, now=now)
        match_part(match, LINE, line.pk, line.amount_minor).save()
        changes = {"amount_minor": line.amount_minor, "currency": line.currency}
        _audit(actor, "explain_line", match, lines, now=now, why=reason, changes=changes)
        return match


def undo_match(actor: Actor, match_id: UUID, *, reason: str, now: datetime) -> LineMatch:
    """Take a match or an explanation apart; the rules do not join the same again."""
    with transaction.atomic():
        found = LineMatch.objects.select_related("institute").filter(pk=match_id).first()
        if found is None:
            raise NotFound(code="match", message=gettext_noop("There is no such match."))
        _lock(found.institute_id)
        match = LineMatch.objects.select_related("institute").get(pk=match_id)
        parts = list(match.parts.all())
        line_ids = [part.line_id for part in parts if part.line_id is not None]
        lines = _lines(line_ids) if line_ids else []
        if lines:
            _permit_lines(actor, "undo_match", lines)
        else:
            permit(actor, rules.PERMISSIONS["undo_match"], institute=match.institute.key)
        if match.undone_at is not None and match.undo_reason == reason:
            return match
        refuse_if(rules.match_reason_given(reason))
        refuse_if(rules.match_open(is_undone=match.undone_at is not None))
        match.undone_by_id, match.undone_at, match.undo_reason = actor.user_id, now, reason
        match.save(update_fields=["undone_by", "undone_at", "undo_reason"])
        match.parts.update(is_open=False)
        changes = {"rule": match.rule, "parts": len(parts)}
        _audit(actor, "undo_match", match, lines, now=now, why=reason, changes=changes)
        return match


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
    """The lines, of one institute, source and agency; NotFound for none, or others among them."""
    found = list(
        StatementLine.objects.select_related("institute", "agency")
        .filter(pk__in=set(ids))
        .order_by("booked_on", "pk")
    )
    sides = {(line.institute_id, line.source, line.agency_id) for line in found}
    if not found or len(found) < len(set(ids)) or len(sides) > 1:
        raise NotFound(code="line", message=gettext_noop("There is no such line."))
    return found


def _permit_lines(actor: Actor, verb: str, lines: Sequence[StatementLine]) -> None:
    """Each of the lines, by its institute or by its agency."""
    for line in lines:
        permit(
            actor,
            rules.PERMISSIONS[verb],
            institute=line.institute.key,
            agency=line.agency.key if line.agency else None,
        )


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


def _match(
    actor: Actor,
    line: StatementLine,
    rule: MatchRule,
    *,
    id: UUID,  # noqa: A002 -- as above
    reason: str,
    now: datetime,
) -> LineMatch:
    return LineMatch.objects.create(
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
        changes={"source": match.source, **changes},
    )
