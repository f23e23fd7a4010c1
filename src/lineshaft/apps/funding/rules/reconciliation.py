"""How lines of a payment file or a bank's statement are matched with what the ledger holds.

The rules, in their order; what a rule can't decide for both sides at once is left to a person:

1. the same reference and the same amount;
2. one reference, under which the lines and the entries sum to the same;
3. the same amount within `WINDOW_DAYS`, under the same agreement where the line names one, and no
   other line or entry that it could be;
4. one line that is the sum of several entries, or one entry that is the sum of several lines,
   within the same days, and in one way only;
5. an entry that its own corrections took back: no line belongs to it.

Returns are below zero on both sides. Each rule decides on all that is open at once and then the
rules begin again, so that the order of lines and entries does not matter, and a second run finds
nothing. *Source*: 2 CFR 200.302(b)(3), records that identify the application of funds, and
200.303(a), internal control; the rules of matching are this program's own.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations, islice
from typing import Final, NamedTuple

from lineshaft.apps.funding.rules.states import TransferCode
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Day, gettext_noop

WINDOW_DAYS: Final = 7
"""Days between an entry and its line that still are one event: a transfer and a week-end."""

VALUE_DAYS: Final = 366
"""Days between a booking and its value date beyond which one of the two is mistyped."""

_WINDOW: Final = range(-WINDOW_DAYS, WINDOW_DAYS + 1)

SUM_PARTS_MAX: Final = 4
"""How many lines or entries may make up one of the other side."""

SUM_CANDIDATES_MAX: Final = 10
"""Among more candidates a sum comes out by accident; it is left to a person."""

CROWD_MAX: Final = 60
"""Lines or entries of a window that are looked through for candidates of a sum."""

REFERENCE_PARTS_MAX: Final = 50
"""Lines and entries under one reference that are summed."""

LINES_MAX: Final = 10_000
"""Lines that are explained or undone in one act; as many as a batch brings."""


class LineSource(StrEnum):
    """Who says that the money moved."""

    PAYMENT = "payment"
    BANK = "bank"


class MatchRule(StrEnum):
    """Why lines and entries belong together; the last two are a person's decision."""

    REFERENCE = "reference"
    REFERENCE_SUM = "reference_sum"
    AMOUNT = "amount"
    SUM = "sum"
    CORRECTED = "corrected"
    BY_HAND = "by_hand"
    EXPLAINED = "explained"


class LineState(StrEnum):
    """Where a line or an entry stands."""

    MATCHED = "matched"
    EXPLAINED = "explained"
    UNMATCHED = "unmatched"


PAYMENT_SIGNS: Final = {TransferCode.DRAW: 1, TransferCode.RETURN: -1}
"""What the agency's payment file shows of the ledger: 1 where the institute receives."""
BANK_SIGNS: Final = PAYMENT_SIGNS | {
    TransferCode.EARN_INCOME: 1,
    TransferCode.USE_INCOME: -1,
    TransferCode.PAY: -1,
}
"""What the institute's bank shows of the ledger, beside its own income."""
SIGNS: Final = {LineSource.PAYMENT: PAYMENT_SIGNS, LineSource.BANK: BANK_SIGNS}


class Item(NamedTuple):
    """A line, or an entry with what corrected it; `keys` are the records it stands for.

    `names` are the references by which it may be known. A line without an agreement may belong to
    any; an entry without one belongs to no agreement.
    """

    keys: tuple[str, ...]
    amount_minor: int
    on: date
    names: frozenset[str] = frozenset()
    agreement: int | None = None
    agency: int | None = None


class Found(NamedTuple):
    """Lines and entries that a rule joins."""

    rule: MatchRule
    lines: tuple[Item, ...]
    entries: tuple[Item, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The records that it joins."""
        return frozenset(key for item in (*self.lines, *self.entries) for key in item.keys)


type Owner = tuple[int | None, int | None]
"""Agreement and agency; None where a line leaves it open."""
type Barred = Collection[frozenset[str]]
type Heed = Callable[[int], None]


@dataclass(slots=True)
class _Desk:
    """What is still open, and what may not be joined again since a person took it apart.

    `sums` holds the ways that were found to make up each item; they stand until something is taken
    within the window around it, on one of the `days_taken`.
    """

    lines: dict[tuple[str, ...], Item]
    entries: dict[tuple[str, ...], Item]
    barred: Barred
    found: list[Found] = field(default_factory=list)
    sums: dict[tuple[str, ...], list[tuple[Item, ...]]] = field(default_factory=dict)
    days_taken: set[date] = field(default_factory=set)

    def take(self, matches: Iterable[Found]) -> bool:
        """Accept the matches that nothing bars; whether there was one."""
        some = False
        for match in matches:
            if match.keys in self.barred:
                continue
            for line in match.lines:
                del self.lines[line.keys]
            for entry in match.entries:
                del self.entries[entry.keys]
            self.found.append(match)
            self.days_taken.update(item.on for item in (*match.lines, *match.entries))
            some = True
        return some


def find_matches(
    lines: Iterable[Item],
    entries: Iterable[Item],
    *,
    barred: Barred = frozenset(),
    heed: Heed = lambda _lines: None,
) -> list[Found]:
    """All that the rules join, each line and entry once; `barred` joins stay apart.

    Whatever the order of the lines and entries, the same are joined. Whenever some were joined,
    `heed` hears how many lines are by now; what it raises ends the search.
    """
    desk = _Desk(
        {line.keys: line for line in lines}, {entry.keys: entry for entry in entries}, barred
    )
    stages = (_by_reference, _by_reference_sum, _by_amount, _by_sum)
    count = len(desk.lines)
    while any(desk.take(stage(desk)) for stage in stages):
        heed(count - len(desk.lines))
    desk.take([Found(MatchRule.CORRECTED, (), (one,)) for one in _taken_back(desk)])
    return desk.found


def names_of(reference: str, text: str = "") -> frozenset[str]:
    """The references by which a line may be known: its own, and the words of its text that hold a
    digit.
    """
    words = {word.strip(".,;:()[]").casefold() for word in text.split()}
    told = {word for word in words if len(word) > 3 and any(map(str.isdigit, word))}  # noqa: PLR2004 -- shorter words are counts
    own = reference.strip().casefold()
    return frozenset(told | ({own} if own else set()))


def _taken_back(desk: _Desk) -> list[Item]:
    return [entry for entry in desk.entries.values() if not entry.amount_minor]


def _fits(line: Item, entry: Item) -> bool:
    """Whether the line may belong to the entry, as far as agreement and agency say."""
    return _owner(line) in _owners(entry)


def _owners(entry: Item) -> set[Owner]:
    """What lines of the entry may name."""
    agreements, agencies = {entry.agreement, None}, {entry.agency, None}
    return {(agreement, agency) for agreement in agreements for agency in agencies}


def _owner(line: Item) -> Owner:
    return (line.agreement, line.agency)


# -------------------------------------------------------------------------------- by reference


def _by_reference(desk: _Desk) -> list[Found]:
    lines = _named(desk.lines.values(), lambda line: {_owner(line)})
    entries = _named(desk.entries.values(), _owners)

    def entries_of(line: Item) -> Iterator[Item]:
        for name in line.names:
            yield from entries.get((name, line.amount_minor, _owner(line)), ())

    def lines_of(entry: Item) -> Iterator[Item]:
        for name in entry.names:
            for owner in _owners(entry):
                yield from lines.get((name, entry.amount_minor, owner), ())

    return _mutual(MatchRule.REFERENCE, desk, entries_of, lines_of)


def _named(
    items: Iterable[Item], owners_of: Callable[[Item], Iterable[Owner]]
) -> dict[tuple[str, int, Owner], list[Item]]:
    """The items by each name, amount and owner that the other side may look for."""
    found = defaultdict(list)
    for item in items:
        for name in item.names if item.amount_minor else ():
            for owner in owners_of(item):
                found[name, item.amount_minor, owner].append(item)
    return found


def _mutual(
    rule: MatchRule,
    desk: _Desk,
    entries_of: Callable[[Item], Iterator[Item]],
    lines_of: Callable[[Item], Iterator[Item]],
) -> list[Found]:
    """Pairs of which each is the only one that the other could be."""
    found = []
    for line in desk.lines.values():
        entry = _only(entries_of(line), desk.barred, line)
        if entry is not None and _only(lines_of(entry), desk.barred, entry) is line:
            found.append(Found(rule, (line,), (entry,)))
    return found


def _only(candidates: Iterator[Item], barred: Barred, other: Item) -> Item | None:
    """The one candidate there is; None for none, or for several."""
    first = None
    for candidate in candidates:
        if candidate is first or frozenset((*candidate.keys, *other.keys)) in barred:
            continue
        if first is not None:
            return None
        first = candidate
    return first


def _by_reference_sum(desk: _Desk) -> list[Found]:
    groups = []
    lines, entries = _under_names(desk.lines.values()), _under_names(desk.entries.values())
    for name in lines.keys() & entries.keys():
        some, others = lines[name], entries[name]
        is_small = len(some) + len(others) <= REFERENCE_PARTS_MAX
        is_one_way = len({item.amount_minor > 0 for item in (*some, *others)}) == 1
        if (
            is_small
            and is_one_way
            and _sum(some) == _sum(others)
            and all(_fits(line, entry) for line in some for entry in others)
        ):
            groups.append(Found(MatchRule.REFERENCE_SUM, _ordered(some), _ordered(others)))
    return _apart(groups, desk.barred)


def _under_names(items: Iterable[Item]) -> dict[str, list[Item]]:
    found = defaultdict(list)
    for item in items:
        for name in item.names if item.amount_minor else ():
            found[name].append(item)
    return found


def _sum(items: Iterable[Item]) -> int:
    return sum(item.amount_minor for item in items)


def _ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.keys))


def _apart(found: Iterable[Found], barred: Barred) -> list[Found]:
    """Those of which no part is in another one of them."""
    allowed = list({one.keys: one for one in found if one.keys not in barred}.values())
    uses: dict[str, int] = defaultdict(int)
    for one in allowed:
        for key in one.keys:
            uses[key] += 1
    return [one for one in allowed if all(uses[key] == 1 for key in one.keys)]


# ---------------------------------------------------------------------------- by amount and day


@dataclass(slots=True)
class _Days:
    """Items by what they have in common, each list in the order of its days."""

    lists: dict[tuple[object, ...], list[Item]] = field(default_factory=lambda: defaultdict(list))

    def sort(self) -> "_Days":
        for items in self.lists.values():
            items.sort(key=_on)
        return self

    def near(self, key: tuple[object, ...], on: date) -> Iterator[Item]:
        """Those of the key within the window around the day, one by one: who asks needs few."""
        items = self.lists.get(key, [])
        low = bisect_left(items, on - timedelta(days=WINDOW_DAYS), key=_on)
        high = bisect_right(items, on + timedelta(days=WINDOW_DAYS), key=_on)
        return map(items.__getitem__, range(low, high))


def _on(item: Item) -> date:
    return item.on


def _by_days(
    lines: Iterable[Item], entries: Iterable[Item], key: Callable[[Item], object]
) -> tuple[_Days, _Days]:
    """The lines, and the entries under each owner that a line of theirs may name."""
    some, others = _Days(), _Days()
    for line in lines:
        some.lists[key(line), *_owner(line)].append(line)
    for entry in entries:
        if entry.amount_minor:
            for owner in _owners(entry):
                others.lists[key(entry), *owner].append(entry)
    return some.sort(), others.sort()


def _by_amount(desk: _Desk) -> list[Found]:
    def amount(item: Item) -> int:
        return item.amount_minor

    lines, entries = _by_days(desk.lines.values(), desk.entries.values(), amount)

    def entries_of(line: Item) -> Iterator[Item]:
        yield from entries.near((line.amount_minor, *_owner(line)), line.on)

    def lines_of(entry: Item) -> Iterator[Item]:
        for owner in _owners(entry):
            yield from lines.near((entry.amount_minor, *owner), entry.on)

    return _mutual(MatchRule.AMOUNT, desk, entries_of, lines_of)


def _by_sum(desk: _Desk) -> list[Found]:
    def way(item: Item) -> bool:
        return item.amount_minor > 0

    lines, entries = _by_days(desk.lines.values(), desk.entries.values(), way)

    def entries_of(line: Item) -> Iterator[Item]:
        return entries.near((way(line), *_owner(line)), line.on)

    def lines_of(entry: Item) -> Iterator[Item]:
        for owner in _owners(entry):
            yield from lines.near((way(entry), *owner), entry.on)

    near_taken = {on + timedelta(days=days) for on in desk.days_taken for days in _WINDOW}
    desk.days_taken.clear()
    found = []
    for line in desk.lines.values():
        if line.keys not in desk.sums or line.on in near_taken:
            desk.sums[line.keys] = _parts(line, entries_of(line), desk.barred)
        found += [Found(MatchRule.SUM, (line,), parts) for parts in desk.sums[line.keys]]
    for entry in desk.entries.values():
        if entry.keys not in desk.sums or entry.on in near_taken:
            desk.sums[entry.keys] = _parts(entry, lines_of(entry), desk.barred)
        found += [Found(MatchRule.SUM, parts, (entry,)) for parts in desk.sums[entry.keys]]
    return _apart(found, desk.barred)


def _parts(whole: Item, crowd: Iterator[Item], barred: Barred) -> list[tuple[Item, ...]]:
    """The parts of the crowd that sum to the whole, where they do in one way; else nothing."""
    some = list(islice(crowd, CROWD_MAX + 1))
    if not whole.amount_minor or len(some) > CROWD_MAX:
        return []
    size = abs(whole.amount_minor)
    candidates = _ordered(item for item in some if abs(item.amount_minor) < size)
    if len(candidates) > SUM_CANDIDATES_MAX:
        return []
    ways = [
        parts
        for count in range(2, SUM_PARTS_MAX + 1)
        for parts in combinations(candidates, count)
        if _sum(parts) == whole.amount_minor and _joined(whole, parts) not in barred
    ]
    return ways if len(ways) == 1 else []


def _joined(whole: Item, parts: Iterable[Item]) -> frozenset[str]:
    return frozenset((*whole.keys, *(key for part in parts for key in part.keys)))


# ---------------------------------------------------------------------------------- refusals


def line_amount(amount_minor: int) -> Refusal | None:
    """Refuse a line of nothing."""
    if amount_minor:
        return None
    return Refusal("amount_zero", gettext_noop("A line of a statement moves an amount, not zero."))


def line_unchanged(reference: str, *, is_same: bool) -> Refusal | None:
    """Refuse another amount or day under a reference that stands already."""
    if is_same:
        return None
    return Refusal(
        "line_changed",
        gettext_noop(
            "The line “%(reference)s” is recorded with another amount or date. A line is never "
            "changed: a correction comes as a line of its own, with its own reference."
        ),
        params={"reference": reference},
    )


def line_once(reference: str, *, is_first: bool) -> Refusal | None:
    """Refuse a reference that stands twice, in the same direction, in what is sent at once."""
    if is_first:
        return None
    return Refusal(
        "line_twice",
        gettext_noop(
            "The reference “%(reference)s” stands in an earlier row already. Keep one of the two "
            "rows, or give each its own reference."
        ),
        params={"reference": reference},
    )


def value_day(value_on: date | None, booked_on: date) -> Refusal | None:
    """Refuse a value date that lies so far from the booking that it can only be a slip."""
    if value_on is None or abs((value_on - booked_on).days) <= VALUE_DAYS:
        return None
    return Refusal(
        "value_date_far",
        gettext_noop(
            "The value date %(value_on)s lies more than a year from the booking on %(booked_on)s. "
            "Check the year."
        ),
        params={"value_on": Day(value_on), "booked_on": Day(booked_on)},
    )


def account_given(account: str) -> Refusal | None:
    """Refuse a line of a bank's statement that names no account."""
    if account.strip():
        return None
    return Refusal("account_missing", gettext_noop("Name the account of the statement."))


def still_open(*, is_open: bool) -> Refusal | None:
    """Refuse to join what is matched or explained already."""
    if is_open:
        return None
    return Refusal(
        "matched_already",
        gettext_noop("One of these is matched or explained already. Undo that first."),
    )


def line_open(amount: Money, booked_on: date, *, is_open: bool) -> Refusal | None:
    """Refuse to explain a line that is matched or explained already."""
    if is_open:
        return None
    return Refusal(
        "matched_already",
        gettext_noop(
            "The line of %(day)s over %(amount)s is matched or explained already. Leave it out, or "
            "undo that first."
        ),
        params={"day": Day(booked_on), "amount": Amount(amount)},
    )


def lines_at_once(count: int) -> Refusal | None:
    """Refuse to explain or undo more in one act than a person can answer for."""
    if count <= LINES_MAX:
        return None
    return Refusal(
        "too_many_lines",
        gettext_noop(
            "These are %(count)s lines; at most %(limit)s are decided at once. Narrow the list, "
            "by a month or by words."
        ),
        params={"count": count, "limit": LINES_MAX},
    )


def match_joins(line_count: int, entry_count: int) -> Refusal | None:
    """Refuse a match that joins no line with no entry."""
    if line_count and entry_count:
        return None
    return Refusal("match_empty", gettext_noop("Choose the entries of the ledger that it is."))


def difference_explained(difference_minor: int, reason: str) -> Refusal | None:
    """Refuse a match that leaves a difference without saying why."""
    if not difference_minor or reason.strip():
        return None
    return Refusal(
        "difference_unexplained",
        gettext_noop("The two sides do not sum to the same. Say what the difference is."),
    )


def other_agreement_explained(*, is_other: bool, reason: str) -> Refusal | None:
    """Refuse to join lines with entries of an agreement that the lines do not name, unexplained."""
    if not is_other or reason.strip():
        return None
    return Refusal(
        "agreement_unexplained",
        gettext_noop(
            "The line names another agreement than the entry. Choose an entry of the line's own "
            "agreement, or say why they belong together."
        ),
    )


def match_reason_given(reason: str) -> Refusal | None:
    """Refuse an explanation, or an undoing, that does not say why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why."))


def match_open(*, is_undone: bool) -> Refusal | None:
    """Refuse to undo a match twice, for another reason."""
    if not is_undone:
        return None
    return Refusal("match_undone", gettext_noop("This match is undone already."))
