"""What is open of an institute, as the rules of matching see it, and how their matches are stored.

Under the verbs of `reconciliation`, which hold the lock and write the audit event.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    LineMatch,
    MatchPart,
    OwnIncome,
    StatementLine,
    Transfer,
)
from lineshaft.apps.funding.queries import ledger_income, ledger_transfers, state_q, with_match
from lineshaft.apps.funding.rules import Found, Item, LineSource, LineState, MatchRule
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.ids import derived_id
from lineshaft.plumbing.actor import Actor

LINE: Final = "line"
TRANSFER: Final = "transfer"
INCOME: Final = "own_income"


@dataclass(frozen=True, slots=True)
class OpenItems:
    """What the rules may join, and for each record of it the amount."""

    lines: list[Item]
    entries: list[Item]
    amounts: Mapping[str, int]


class _Entry(NamedTuple):
    """An open entry of the ledger; `takes_back` is the one that it corrects or reverses."""

    kind: str
    pk: UUID
    amount_minor: int
    on: date
    reference: str
    takes_back: UUID | None
    agreement: int | None = None
    agency: int | None = None

    @property
    def key(self) -> str:
        """The entry as the rules name it."""
        return key_of(self.kind, self.pk)


def open_items(
    institute: Institute, source: LineSource, agencies: Sequence[int] | None
) -> OpenItems:
    """The lines and entries in no match that stands; of some agencies alone, or all (None)."""
    lines = _open_lines(institute, source, agencies)
    entries = _open_entries(institute, source, agencies)
    amounts = {key: line.amount_minor for line in lines for key in line.keys}
    amounts |= {entry.key: entry.amount_minor for entry in entries}
    return OpenItems(lines, _less_corrections(entries), amounts)


def taken_apart(institute: Institute, source: LineSource) -> frozenset[frozenset[str]]:
    """What a person undid, and the rules leave so; an explanation is none of theirs."""
    keys: dict[UUID, set[str]] = defaultdict(set)
    parts = MatchPart.objects.filter(
        match__institute=institute, match__source=source, match__undone_at__isnull=False
    ).exclude(match__rule=MatchRule.EXPLAINED)
    for part in parts:
        keys[part.match_id].add(key_of(*_of_part(part)))
    return frozenset(frozenset(some) for some in keys.values())


def store_matches(
    actor: Actor,
    found: Sequence[Found],
    amounts: Mapping[str, int],
    institute: Institute,
    source: LineSource,
    *,
    now: datetime,
) -> None:
    """Store what the rules found, each match under the key that the same parts always have."""
    matches = [
        LineMatch(
            pk=derived_id("funding.match", source, *sorted(one.keys)),
            source=source,
            institute=institute,
            rule=one.rule,
            made_by_id=actor.user_id,
            made_at=now,
        )
        for one in found
    ]
    LineMatch.objects.bulk_create(matches, batch_size=1_000)
    parts = []
    for match, one in zip(matches, found, strict=True):
        for key in sorted(one.keys):
            kind, _colon, pk = key.partition(":")
            parts.append(match_part(match, kind, UUID(pk), amounts[key]))
    MatchPart.objects.bulk_create(parts, batch_size=1_000)


def match_part(match: LineMatch, kind: str, pk: UUID, amount_minor: int) -> MatchPart:
    """A part of the match, not stored yet."""
    owner = {f"{kind}_id": pk}
    return MatchPart(match=match, source=match.source, amount_minor=amount_minor, **owner)


def _of_part(part: MatchPart) -> tuple[str, UUID]:
    """The record that the part stands for."""
    owners = ((LINE, part.line_id), (TRANSFER, part.transfer_id), (INCOME, part.own_income_id))
    return next((kind, pk) for kind, pk in owners if pk is not None)


def key_of(kind: str, pk: UUID) -> str:
    """A record as the rules name it."""
    return f"{kind}:{pk}"


def _open_lines(
    institute: Institute, source: LineSource, agencies: Sequence[int] | None
) -> list[Item]:
    lines = with_match(StatementLine.objects.filter(institute=institute, source=source))
    lines = lines.filter(state_q(LineState.UNMATCHED))
    if agencies is not None:
        lines = lines.filter(agency__in=agencies)
    columns = ("pk", "amount_minor", "booked_on", "reference", "text", "agreement_id", "agency_id")
    return [
        Item((key_of(LINE, pk),), amount, on, rules.names_of(reference, text), agreement, agency)
        for pk, amount, on, reference, text, agreement, agency in lines.order_by().values_list(
            *columns
        )
    ]


def _open_entries(
    institute: Institute, source: LineSource, agencies: Sequence[int] | None
) -> list[_Entry]:
    is_open = state_q(LineState.UNMATCHED)
    moved = Transfer.objects.filter(agreement__institute=institute)
    if agencies is not None:
        moved = moved.filter(debit_account__agency__in=agencies)
    columns = ("pk", "signed_minor", "occurred_on", "reference", "corrects_id", "agreement_id")
    transfers = ledger_transfers(moved, source).filter(is_open).order_by()
    if source is LineSource.PAYMENT:
        agency = ("debit_account__agency",)
        return [_Entry(TRANSFER, *row) for row in transfers.values_list(*columns, *agency)]
    income = ledger_income(OwnIncome.objects.filter(institute=institute)).filter(is_open)
    own = ("pk", "signed_minor", "received_on", "external_id", "reverses_id")
    return [
        *(_Entry(TRANSFER, *row) for row in transfers.values_list(*columns)),
        *(_Entry(INCOME, *row) for row in income.order_by().values_list(*own)),
    ]


def _less_corrections(entries: Iterable[_Entry]) -> list[Item]:
    """Each entry with what took it back; a correction of an entry in a match stands alone."""
    by_pk = {entry.pk: entry for entry in entries}
    less: dict[UUID, list[_Entry]] = defaultdict(list)
    for entry in by_pk.values():
        if entry.takes_back in by_pk:
            less[entry.takes_back].append(entry)
    items = []
    for entry in by_pk.values():
        if entry.takes_back in by_pk:
            continue
        back = less[entry.pk]
        items.append(
            Item(
                (entry.key, *sorted(one.key for one in back)),
                entry.amount_minor + sum(one.amount_minor for one in back),
                entry.on,
                rules.names_of(entry.reference),
                entry.agreement,
                entry.agency,
            )
        )
    return items
