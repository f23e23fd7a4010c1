"""Lines of statements, the entries of the ledger beside them, and how far the two agree.

A payment file is read as widely as the records of its agreement; a bank's statement by the
institute's own staff and the network's. Each reading takes the same number of queries, however
many lines there are.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Abs

from lineshaft.apps.funding.models import (
    AgreementSponsor,
    LineMatch,
    MatchPart,
    OwnIncome,
    StatementLine,
    Transfer,
)
from lineshaft.apps.funding.queries.own_income import own_income_visible_to, signed_own_minor
from lineshaft.apps.funding.queries.visible import overseen_q, transfers_visible_to
from lineshaft.apps.funding.rules import (
    SIGNS,
    LineSource,
    LineState,
    MatchRule,
    TransferCode,
)
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

CANDIDATE_DAYS: Final = 92
"""How far from a line an entry may lie to be offered for it."""

CANDIDATES_MAX: Final = 30
CHUNK_ROWS: Final = 10_000
NO_MATCH: Final = gettext_noop("There is no such match.")
NO_LINE: Final = gettext_noop("There is no such line.")
_ENTRY: Final = (
    "id",
    "entry_kind",
    "entry_on",
    "entry_minor",
    "entry_reference",
    "entry_code",
    "entry_about",
    "match_pk",
    "match_rule",
)


@dataclass(frozen=True, slots=True)
class ReconciliationScope:
    """Whose lines and entries of which source, over `[starts_on, ends_on)`; one agency's alone."""

    institute: Institute
    source: LineSource
    starts_on: date
    ends_on: date
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many records, and what they sum to."""

    count: int = 0
    sum_minor: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.count + other.count, self.sum_minor + other.sum_minor)


@dataclass(frozen=True, slots=True)
class SideSums:
    """One side of a reconciliation, by month (its first day) and state."""

    sums: dict[tuple[date, LineState], Counted] = field(default_factory=dict)

    def of(self, state: LineState) -> Counted:
        """All months of the state."""
        return _added(value for (_month, found), value in self.sums.items() if found is state)

    def of_month(self, month: date, state: LineState | None = None) -> Counted:
        """The month, of one state or of all."""
        return _added(
            value
            for (found, stands), value in self.sums.items()
            if found == month and state in {None, stands}
        )

    @property
    def whole(self) -> Counted:
        """All months and states."""
        return _added(self.sums.values())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The ledger beside one source of lines."""

    scope: ReconciliationScope
    ledger: SideSums
    lines: SideSums

    @property
    def difference_minor(self) -> int:
        """What the ledger holds beyond the lines."""
        return self.ledger.whole.sum_minor - self.lines.whole.sum_minor

    @property
    def months(self) -> list[date]:
        """The months with a line or an entry, oldest first."""
        return sorted({month for month, _state in (*self.ledger.sums, *self.lines.sums)})


def lines_visible_to(actor: Actor) -> QuerySet[StatementLine]:
    """Lines with `match_pk`, `match_rule` and `match_reason` of the match that they stand in."""
    lines = _lines_open_to(actor).select_related("institute", "agreement", "agency")
    return with_match(lines).annotate(
        match_rule=F("open_part__match__rule"), match_reason=F("open_part__match__reason")
    )


def with_match(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """The lines with `match_pk` of the match that they stand in."""
    return lines.annotate(
        open_part=FilteredRelation("match_parts", condition=Q(match_parts__is_open=True)),
        match_pk=F("open_part__match"),
    )


def _lines_open_to(actor: Actor) -> QuerySet[StatementLine]:
    lines = StatementLine.objects.all()
    if actor.is_network_staff:
        return lines
    return lines.filter(
        Q(institute__key__in=sorted(actor.own_institute_keys))
        | (Q(source=LineSource.PAYMENT) & overseen_q(actor, "agreement"))
    )


def line_by_id(actor: Actor, pk: UUID) -> StatementLine:
    """The line of that id; NotFound where there is none that the actor may see."""
    found = lines_visible_to(actor).select_related("recorded_by").filter(pk=pk).first()
    if found is None:
        raise NotFound(code="line", message=NO_LINE)
    return found


def lines_are_visible(actor: Actor, ids: Collection[UUID]) -> None:
    """Return if the actor may see every line of these ids; raises NotFound."""
    lines = lines_visible_to(actor)
    chunks = batched(set(ids), CHUNK_ROWS, strict=False)
    if sum(lines.filter(pk__in=chunk).count() for chunk in chunks) != len(ids):
        raise NotFound(code="line", message=NO_LINE)


def matches_visible_to(actor: Actor) -> QuerySet[LineMatch]:
    """Matches of the lines and entries that the actor may see."""
    matches = LineMatch.objects.select_related("institute", "made_by", "undone_by")
    if actor.is_network_staff:
        return matches
    visible = lines_visible_to(actor).order_by().values("pk")
    of_lines = MatchPart.objects.filter(line__in=visible).order_by().values("match")
    return matches.filter(
        Q(institute__key__in=sorted(actor.own_institute_keys)) | Q(pk__in=of_lines)
    )


def matches_of_lines(actor: Actor, line_ids: Collection[UUID]) -> list[UUID]:
    """The standing matches of these lines, as far as the actor may see them; newest lines first."""
    lines = lines_visible_to(actor).filter(pk__in=line_ids).order_by()
    parts = MatchPart.objects.filter(is_open=True, line__in=lines.values("pk"))
    found = parts.order_by("-line__booked_on", "-line").values_list("match", flat=True)
    return list(dict.fromkeys(found))


def lines_of_matches(actor: Actor, matches: Collection[UUID]) -> QuerySet[StatementLine]:
    """The lines that stand in these matches, as far as the actor may see them."""
    return lines_visible_to(actor).filter(Q(match_pk__in=matches))


def matches_are_visible(actor: Actor, ids: Collection[UUID]) -> None:
    """Return if the actor may see every match of these ids; raises NotFound."""
    matches = matches_visible_to(actor)
    chunks = batched(set(ids), CHUNK_ROWS, strict=False)
    if sum(matches.filter(pk__in=chunk).count() for chunk in chunks) != len(ids):
        raise NotFound(code="match", message=NO_MATCH)


def match_by_id(actor: Actor, pk: UUID) -> LineMatch:
    """The match of that id; NotFound where there is none that the actor may see."""
    found = matches_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(code="match", message=NO_MATCH)
    return found


def parts_of(match: LineMatch) -> QuerySet[MatchPart]:
    """What the match joins, lines first."""
    return (
        MatchPart.objects.filter(match=match)
        .select_related("line", "transfer__agreement", "own_income")
        .order_by(F("line").asc(nulls_last=True), "pk")
    )


def sources_open_to(actor: Actor, institute: str) -> tuple[LineSource, ...]:
    """The sources whose lines of the institute the actor reads."""
    if actor.is_network_staff or institute in actor.own_institute_keys:
        return tuple(LineSource)
    if institute in actor.staff_institute_keys:
        return (LineSource.PAYMENT,)
    return ()


def ledger_transfers(transfers: QuerySet[Transfer], source: LineSource) -> QuerySet[Any]:
    """Those of the transfers that lines of the source show, with `signed_minor` and their match."""
    signs = SIGNS[source]
    received = [code for code, sign in signs.items() if sign > 0]
    paid = [code for code, sign in signs.items() if sign < 0]
    return transfers.filter(
        Q(code__in=list(signs)) | Q(code=TransferCode.CORRECT, corrects__code__in=list(signs))
    ).annotate(
        signed_minor=Case(
            When(Q(code__in=received) | Q(corrects__code__in=paid), then=F("amount_minor")),
            default=-F("amount_minor"),
            output_field=BigIntegerField(),
        ),
        open_part=FilteredRelation(
            "match_parts",
            condition=Q(match_parts__is_open=True, match_parts__source=source.value),
        ),
        match_pk=F("open_part__match"),
        match_rule=F("open_part__match__rule"),
    )


def ledger_income(entries: QuerySet[OwnIncome]) -> QuerySet[Any]:
    """The entries of own income with `signed_minor` and their match; the bank shows them all."""
    return entries.annotate(
        signed_minor=signed_own_minor(),
        open_part=FilteredRelation("match_parts", condition=Q(match_parts__is_open=True)),
        match_pk=F("open_part__match"),
        match_rule=F("open_part__match__rule"),
    )


def state_q(state: LineState) -> Q:
    """Where lines or entries of these queries stand so."""
    match state:
        case LineState.UNMATCHED:
            return Q(match_pk__isnull=True)
        case LineState.EXPLAINED:
            return Q(match_rule=MatchRule.EXPLAINED)
        case LineState.MATCHED:
            return Q(match_pk__isnull=False) & ~Q(match_rule=MatchRule.EXPLAINED)


def lines_in(actor: Actor, scope: ReconciliationScope) -> QuerySet[StatementLine]:
    """The lines of the scope that the actor may see."""
    lines = lines_visible_to(actor).filter(
        institute=scope.institute,
        source=scope.source,
        booked_on__gte=scope.starts_on,
        booked_on__lt=scope.ends_on,
    )
    return lines.filter(agency__key=scope.agency) if scope.agency else lines


def counted_lines(lines: QuerySet[StatementLine]) -> tuple[Counted, int]:
    """How many lines there are and their sum, and how many of them are unmatched; one query."""
    found = lines.order_by().aggregate(
        whole_count=Count("pk"),
        whole_sum=Sum("amount_minor"),
        unmatched_count=Count("pk", filter=state_q(LineState.UNMATCHED)),
    )
    return Counted(found["whole_count"], found["whole_sum"] or 0), found["unmatched_count"]


def unmatched_by_counterparty(
    actor: Actor, scope: ReconciliationScope, *, most: int
) -> list[tuple[str, Counted]]:
    """Of those who have most unmatched lines in the scope: the name as written, and the lines."""
    grouped = (
        lines_in(actor, scope)
        .filter(state_q(LineState.UNMATCHED))
        .exclude(counterparty="")
        .order_by()
        .values_list("counterparty")
        .annotate(left_count=Count("pk"), left_sum=Sum("amount_minor"))
        .order_by("-left_count", "counterparty")
    )
    return [(who, Counted(count, sum_minor)) for who, count, sum_minor in grouped[:most]]


def parts_of_matches(matches: Collection[UUID]) -> dict[UUID, list[MatchPart]]:
    """What each of the matches joins; one query, none for no match."""
    found: dict[UUID, list[MatchPart]] = defaultdict(list)
    if matches:
        parts = MatchPart.objects.filter(match__in=matches)
        for part in parts.select_related("line", "transfer", "own_income").order_by("pk"):
            found[part.match_id].append(part)
    return found


def entries_in(
    actor: Actor, scope: ReconciliationScope, *, state: LineState | None = None
) -> QuerySet[Any, Any]:
    """The ledger's entries of the scope as values, newest first.

    `id`, `entry_kind` (transfer, own_income), `entry_on`, `entry_minor`, `entry_reference`,
    `entry_code` (code or stream), `entry_about` (agreement or payer), `match_pk`, `match_rule`.
    """
    transfers = _transfers_in(actor, scope)
    income = _income_in(actor, scope)
    if state is not None:
        transfers, income = transfers.filter(state_q(state)), income.filter(state_q(state))
    moved = (
        transfers.order_by()
        .annotate(
            entry_kind=Value("transfer", output_field=CharField()),
            entry_on=F("occurred_on"),
            entry_minor=F("signed_minor"),
            entry_reference=F("reference"),
            entry_code=F("code"),
            entry_about=F("agreement__number"),
        )
        .values(*_ENTRY)
    )
    if scope.source is LineSource.PAYMENT:
        ordered: QuerySet[Any, Any] = moved.order_by("-entry_on", "-id")
        return ordered
    earned = (
        income.order_by()
        .annotate(
            entry_kind=Value("own_income", output_field=CharField()),
            entry_on=F("received_on"),
            entry_minor=F("signed_minor"),
            entry_reference=F("external_id"),
            entry_code=F("stream"),
            entry_about=F("payer"),
        )
        .values(*_ENTRY)
    )
    both: QuerySet[Any, Any] = moved.union(earned, all=True).order_by("-entry_on", "-id")
    return both


def reconciliation(actor: Actor, scope: ReconciliationScope) -> Reconciliation:
    """Both sides of the scope by month and state; three queries."""
    sums: dict[tuple[date, LineState], Counted] = defaultdict(Counted)
    _count(sums, _transfers_in(actor, scope), "occurred_on", "signed_minor")
    if scope.source is LineSource.BANK:
        _count(sums, _income_in(actor, scope), "received_on", "signed_minor")
    lines: dict[tuple[date, LineState], Counted] = defaultdict(Counted)
    _count(lines, lines_in(actor, scope), "booked_on", "amount_minor")
    return Reconciliation(scope, SideSums(dict(sums)), SideSums(dict(lines)))


def days_of_lines(
    actor: Actor, *, institute: str = "", agency: str = ""
) -> tuple[date, date] | None:
    """The days of the first and the last line that the actor may see; None without any."""
    lines = _lines_open_to(actor)
    lines = lines.filter(institute__key=institute) if institute else lines
    lines = lines.filter(agency__key=agency) if agency else lines
    found = lines.aggregate(first=Min("booked_on"), last=Max("booked_on"))
    return None if found["first"] is None else (found["first"], found["last"])


def paying_agencies(institute: str) -> QuerySet[Agency]:
    """The agencies that sponsor an agreement of the institute, by name."""
    sponsors = AgreementSponsor.objects.filter(agreement__institute__key=institute).order_by()
    return Agency.objects.filter(pk__in=sponsors.values("agency")).order_by("name", "pk")


def candidates_of(
    line: StatementLine,
) -> tuple[list[Transfer], list[OwnIncome], list[StatementLine]]:
    """Open entries, and further open lines, that the line could be joined with; three queries.

    The nearest amounts first, within `CANDIDATE_DAYS` around the line.
    """
    source = LineSource(line.source)
    since, until = (
        line.booked_on + timedelta(days=days) for days in (-CANDIDATE_DAYS, CANDIDATE_DAYS)
    )
    moved = Transfer.objects.filter(
        agreement__institute=line.institute_id, occurred_on__range=(since, until)
    )
    if line.agency_id is not None:
        moved = moved.filter(debit_account__agency=line.agency_id)
    if line.agreement_id is not None:
        moved = moved.filter(agreement=line.agreement_id)
    open_q = state_q(LineState.UNMATCHED)
    far = Abs(F("signed_minor") - line.amount_minor)
    transfers = ledger_transfers(moved, source).filter(open_q).select_related("agreement")
    earned = OwnIncome.objects.filter(
        institute=line.institute_id, received_on__range=(since, until)
    )
    income = ledger_income(earned).filter(open_q)
    lines = StatementLine.objects.filter(
        institute=line.institute_id,
        source=line.source,
        agency=line.agency_id,
        booked_on__range=(since, until),
    ).exclude(pk=line.pk)
    others = (
        with_match(lines)
        .filter(open_q)
        .order_by(Abs(F("amount_minor") - line.amount_minor), "booked_on", "pk")
    )
    return (
        list(transfers.order_by(far, "occurred_on", "pk")[:CANDIDATES_MAX]),
        list(income.order_by(far, "received_on", "pk")[:CANDIDATES_MAX])
        if source is LineSource.BANK
        else [],
        list(others[:CANDIDATES_MAX]),
    )


def unmatched_lines_waiting(actor: Actor) -> list[tuple[Institute, int, int]]:
    """For each institute whose finance the actor keeps, and each fiscal year, how many lines are
    unmatched; the newest year first.
    """
    keys = actor.scope_ids(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE)
    if not keys:
        return []
    by_day = (
        lines_visible_to(actor)
        .filter(state_q(LineState.UNMATCHED), institute__key__in=sorted(keys))
        .order_by()
        .values_list("institute", "booked_on")
        .annotate(Count("pk"))
    )
    counted: dict[int, Counter[int]] = defaultdict(Counter)
    profile = profile_in_use()
    for pk, on, count in by_day:
        counted[pk][profile.fiscal_year_of(on).year] += count
    institutes = Institute.objects.filter(pk__in=counted).order_by("name", "pk") if counted else ()
    return [
        (one, year, counted[one.pk][year])
        for one in institutes
        for year in sorted(counted[one.pk], reverse=True)
    ]


def agency_payments(
    actor: Actor, agency: str, *, starts_on: date, ends_on: date
) -> list[tuple[Institute, SideSums, SideSums]]:
    """The agency's payments by institute: the ledger's side and its file's; three queries."""
    transfers = ledger_transfers(transfers_visible_to(actor), LineSource.PAYMENT).filter(
        debit_account__agency__key=agency, occurred_on__gte=starts_on, occurred_on__lt=ends_on
    )
    lines = lines_visible_to(actor).filter(
        source=LineSource.PAYMENT,
        agency__key=agency,
        booked_on__gte=starts_on,
        booked_on__lt=ends_on,
    )
    ledger = _by_institute(transfers, "agreement__institute", starts_on, "signed_minor")
    filed = _by_institute(lines, "institute", starts_on, "amount_minor")
    institutes = Institute.objects.filter(pk__in=ledger.keys() | filed.keys())
    return [
        (one, SideSums(ledger.get(one.pk, {})), SideSums(filed.get(one.pk, {})))
        for one in institutes.order_by("name", "pk")
    ]


def _added(values: Iterable[Counted]) -> Counted:
    return sum(values, Counted())


def _transfers_in(actor: Actor, scope: ReconciliationScope) -> QuerySet[Any]:
    transfers = transfers_visible_to(actor).filter(
        agreement__institute=scope.institute,
        occurred_on__gte=scope.starts_on,
        occurred_on__lt=scope.ends_on,
    )
    if scope.agency:
        transfers = transfers.filter(debit_account__agency__key=scope.agency)
    return ledger_transfers(transfers, scope.source)


def _income_in(actor: Actor, scope: ReconciliationScope) -> QuerySet[Any]:
    entries = own_income_visible_to(actor).filter(
        institute=scope.institute,
        received_on__gte=scope.starts_on,
        received_on__lt=scope.ends_on,
    )
    return ledger_income(entries)


def _stand() -> Case:
    return Case(
        When(match_rule__isnull=True, then=Value(LineState.UNMATCHED.value)),
        When(match_rule=MatchRule.EXPLAINED, then=Value(LineState.EXPLAINED.value)),
        default=Value(LineState.MATCHED.value),
    )


def _count(
    sums: dict[tuple[date, LineState], Counted],
    records: QuerySet[Any],
    day: str,
    amount: str,
) -> None:
    """Add the records to the sums; the database sums by days, which SQLite can do by itself."""
    grouped = (
        records.order_by()
        .annotate(stand=_stand())
        .values_list(day, "stand")
        .annotate(stand_count=Count("pk"), stand_sum=Sum(amount))
    )
    for on, state, count, sum_minor in grouped:
        sums[on.replace(day=1), LineState(state)] += Counted(count, sum_minor)


def _by_institute(
    records: QuerySet[Any], institute: str, since: date, amount: str
) -> dict[int, dict[tuple[date, LineState], Counted]]:
    """The records by institute and state; all of them stand under the day from which they are."""
    grouped = (
        records.order_by()
        .annotate(stand=_stand())
        .values_list(institute, "stand")
        .annotate(stand_count=Count("pk"), stand_sum=Sum(amount))
    )
    found: dict[int, dict[tuple[date, LineState], Counted]] = defaultdict(dict)
    for pk, state, count, sum_minor in grouped:
        found[pk][since, LineState(state)] = Counted(count, sum_minor)
    return found
