"""What governance decides of bodies: who may sit where and how long, and whether a body is made up
as the profile's rules ask.

A body is a board, council or the like with seats; each seat is kept for a kind of holder, and held
by appointments over half-open spans of days. Two appointments to a seat never share a day, and
nobody holds two seats of a body at once. An appointment that was entered by mistake is annulled: it
stays on record and counts nowhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.jurisdiction import BodyKind, BodyMeasure, BodyRule, OrganisationGroup
from lineshaft.kernel.spans import Span, years_on
from lineshaft.kernel.text import Day, Term, gettext_noop


class AppointmentWay(StrEnum):
    """How somebody came to a seat."""

    APPOINTED = "appointed"
    ELECTED = "elected"
    EX_OFFICIO = "ex_officio"


OF_INSTITUTES: Final = frozenset({BodyKind.INSTITUTE_BOARD, BodyKind.TECHNICAL_COUNCIL})
"""Kinds of bodies that may be an institute's; a board always is."""

YEARS_BETWEEN_TERMS: Final = 1
"""Whoever has been out so long begins again with a first term."""

_SEAT_TAKEN: Final = gettext_noop(
    "%(holder)s holds this seat from %(starts_on)s until %(ends_on)s. End that appointment, or "
    "begin this one later."
)
_SITS_ALREADY: Final = gettext_noop(
    "%(person)s holds another seat of this body in these days. Nobody holds two."
)
_SEAT_CLOSED: Final = gettext_noop(
    "This seat is closed from %(closed_on)s on. Choose another seat, or an earlier end."
)
_NOT_OPEN_YET: Final = gettext_noop("This seat is open from %(opened_on)s on.")
_OPEN_END: Final = gettext_noop(
    "A term in this body has an end, %(most)s years after its begin at most. Enter the end."
)
_TERM_TOO_LONG: Final = gettext_noop("A term in this body lasts %(most)s years at most.")
_TERMS_TOO_MANY: Final = gettext_noop(
    "%(person)s would serve more than %(most)s terms in a row. After them comes a year without a "
    "seat."
)
_BARRED_ORIGIN: Final = gettext_noop(
    "%(person)s comes from %(organisation)s. The rule of this body says: %(says)s."
)
_STILL_HELD: Final = gettext_noop(
    "%(holder)s holds this seat until %(ends_on)s. End the appointment first."
)
_ENDED_ALREADY: Final = gettext_noop("The appointment has its end on %(ends_on)s already.")
_ENDS_BEFORE_START: Final = gettext_noop(
    "The appointment began on %(starts_on)s, so it cannot end on %(ends_on)s. Choose a later day."
)
_BODIES_TOO_MANY: Final = gettext_noop(
    "In these days %(person)s sits in %(body)s. The rule of this body says: %(says)s."
)
_ANNULLED: Final = gettext_noop("The appointment is annulled already.")
_ANNULLED_WHY: Final = gettext_noop("Say why the appointment is annulled.")
_HAS_ACTED: Final = gettext_noop(
    "%(person)s has attended or voted in this seat, so the appointment is part of what was decided "
    "and can't be annulled. End it instead."
)
_ON_OPEN_ROLL: Final = gettext_noop(
    "%(person)s is on the roll of the vote on motion %(number)s of meeting %(meeting)s, which is "
    "open. Close that vote first."
)
_BOARD_OF_NOBODY: Final = gettext_noop("A board is that of an institute. Name the institute.")
_NOT_OF_INSTITUTE: Final = gettext_noop("A body of this kind is the network's, not an institute's.")
_ANOTHER_BODY: Final = Term(gettext_noop("another body of this kind"))
_OPEN: Final = Term(gettext_noop("further notice"))


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds a seat on a day: for whom the seat is kept, and from what kind of organisation
    and group they come.
    """

    seat_kind: str
    organisation_kind: str = ""
    group: OrganisationGroup | None = None
    bodies: int = 1
    """In how many bodies of the same kind they sit on the day, this one counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule on a body, what was counted, and whether that is as asked.

    `counted` is seats, basis points for a share, or for a bound on bodies the holders above it.
    """

    rule: BodyRule
    counted: int
    is_met: bool


def _seats_of(rule: BodyRule, holders: Sequence[Holder]) -> int:
    return sum(one.seat_kind in rule.seat_kinds for one in holders)


def _holders_of(rule: BodyRule, holders: Sequence[Holder]) -> int:
    return sum(one.organisation_kind in rule.organisation_kinds for one in holders)


def _share_bp(part: int, holders: Sequence[Holder]) -> int:
    """So many of the holders in basis points, rounded down; 0 of none."""
    return BASIS_POINTS * part // len(holders) if holders else 0


def _industry_bp(_rule: BodyRule, holders: Sequence[Holder]) -> int:
    """The share of the holders who come from industry."""
    return _share_bp(sum(one.group is OrganisationGroup.INDUSTRY for one in holders), holders)


def _kinds_bp(rule: BodyRule, holders: Sequence[Holder]) -> int:
    """The share of the holders who come from the rule's kinds of organisations."""
    return _share_bp(_holders_of(rule, holders), holders)


def _sitting_elsewhere(rule: BodyRule, holders: Sequence[Holder]) -> int:
    """The holders who sit in more bodies of the kind than the rule allows."""
    return sum(one.bodies > rule.number for one in holders)


_MEASURES: Final[
    dict[
        BodyMeasure, tuple[Callable[[BodyRule, Sequence[Holder]], int], Callable[[int, int], bool]]
    ]
] = {
    BodyMeasure.SEATS_LEAST: (lambda _rule, holders: len(holders), lambda n, asked: n >= asked),
    BodyMeasure.SEATS_OF_KINDS_LEAST: (_seats_of, lambda n, asked: n >= asked),
    BodyMeasure.INDUSTRY_SHARE_ABOVE_BP: (_industry_bp, lambda n, asked: n > asked),
    BodyMeasure.HOLDERS_OF_KINDS_SHARE_ABOVE_BP: (_kinds_bp, lambda n, asked: n > asked),
    BodyMeasure.BODIES_MOST: (_sitting_elsewhere, lambda n, _asked: n == 0),
    BodyMeasure.HOLDERS_OF_KINDS_LEAST: (_holders_of, lambda n, asked: n >= asked),
    BodyMeasure.HOLDERS_OF_KINDS_NONE: (_holders_of, lambda n, _asked: n == 0),
}
"""How each measure of composition counts, and when the count is enough."""


def composition(rules: Iterable[BodyRule], holders: Sequence[Holder]) -> tuple[Check, ...]:
    """How a body of these holders stands under the rules that ask who sits in it."""
    checks = []
    for rule in rules:
        if rule.measure not in _MEASURES:
            continue
        count, is_enough = _MEASURES[rule.measure]
        counted = count(rule, holders)
        checks.append(Check(rule, counted, is_enough(counted, rule.number)))
    return tuple(checks)


def refuse_body(kind: BodyKind, *, is_of_institute: bool) -> Refusal | None:
    """Why a body of that kind can't be an institute's, or can't be without one, or None."""
    if kind is BodyKind.INSTITUTE_BOARD and not is_of_institute:
        return Refusal("board_of_nobody", _BOARD_OF_NOBODY)
    if is_of_institute and kind not in OF_INSTITUTES:
        return Refusal("not_of_institute", _NOT_OF_INSTITUTE)
    return None


def refuse_seat(span: Span, seat: Span) -> Refusal | None:
    """Why a seat that is open over `seat` can't be held over `span`, or None."""
    if span.starts_on < seat.starts_on:
        return Refusal("not_open_yet", _NOT_OPEN_YET, params={"opened_on": Day(seat.starts_on)})
    if seat.ends_on is not None and (span.ends_on is None or span.ends_on > seat.ends_on):
        return Refusal("seat_closed", _SEAT_CLOSED, params={"closed_on": Day(seat.ends_on)})
    return None


def refuse_taken(span: Span, held: Iterable[tuple[str, Span]]) -> Refusal | None:
    """Why a seat can't be held over that span beside those who hold it, or None."""
    for holder, other in held:
        if other.overlaps(span):
            return Refusal(
                "seat_taken",
                _SEAT_TAKEN,
                params={
                    "holder": holder,
                    "starts_on": Day(other.starts_on),
                    "ends_on": Day(other.ends_on) if other.ends_on else _OPEN,
                },
            )
    return None


def refuse_second_seat(person: str, span: Span, own: Iterable[Span]) -> Refusal | None:
    """Why somebody who sits in the body over these spans can't take the seat, or None."""
    if any(other.overlaps(span) for other in own):
        return Refusal("sits_already", _SITS_ALREADY, params={"person": person})
    return None


def refuse_term(
    rules: Iterable[BodyRule], person: str, span: Span, own: Sequence[Span]
) -> Refusal | None:
    """Why a term over that span, beside those that the person has or had, is not allowed, or None.

    Terms follow on each other where less than a year lies between them.
    """
    for rule in rules:
        if rule.measure is BodyMeasure.TERM_YEARS_MOST:
            latest = years_on(span.starts_on, rule.number)
            if span.ends_on is None:
                return _cited("open_end", _OPEN_END, rule, most=rule.number)
            if span.ends_on > latest:
                return _cited("term_too_long", _TERM_TOO_LONG, rule, most=rule.number)
        if rule.measure is BodyMeasure.TERMS_MOST and _terms_in_a_row(span, own) > rule.number:
            return _cited("terms_too_many", _TERMS_TOO_MANY, rule, person=person, most=rule.number)
    return None


def refuse_origin(
    rules: Iterable[BodyRule], person: str, *, organisation: str, kind: str
) -> Refusal | None:
    """Why somebody from that organisation of that kind can't sit in the body, or None."""
    for rule in rules:
        is_bar = rule.measure is BodyMeasure.HOLDERS_OF_KINDS_NONE
        if is_bar and kind in rule.organisation_kinds:
            return _cited(
                "barred_origin",
                _BARRED_ORIGIN,
                rule,
                person=person,
                organisation=organisation,
                says=Term(rule.name),
            )
    return None


def refuse_other_bodies(
    rules: Iterable[BodyRule], person: str, span: Span, others: Sequence[tuple[str, Span]]
) -> Refusal | None:
    """Why somebody who sits in other bodies of the same kind, each over a span, can't take a seat
    over that span, or None. A body that can't be named here has an empty name.
    """
    beside = [
        (body, both.starts_on) for body, other in others if (both := span.intersection(other))
    ]
    for rule in rules:
        if rule.measure is not BodyMeasure.BODIES_MOST:
            continue
        for body, day in beside:
            if sum(other.contains(day) for _body, other in others) >= rule.number:
                return _cited(
                    "bodies_too_many",
                    _BODIES_TOO_MANY,
                    rule,
                    person=person,
                    body=body or _ANOTHER_BODY,
                    says=Term(rule.name),
                )
    return None


def refuse_annulled(*, is_annulled: bool) -> Refusal | None:
    """Why nothing can be done with an appointment any more, or None."""
    return Refusal("annulled", _ANNULLED) if is_annulled else None


def refuse_annulment(
    person: str, *, has_acted: bool, motions_open: Iterable[tuple[int, int]], why: str
) -> Refusal | None:
    """Why the appointment of that person can't be annulled, or None.

    `has_acted` tells whether they attended or voted in the seat; `motions_open` are those (number,
    meeting) on whose roll they stand.
    """
    if has_acted:
        return Refusal("has_acted", _HAS_ACTED, params={"person": person})
    for number, meeting in motions_open:
        params = {"person": person, "number": number, "meeting": meeting}
        return Refusal("on_open_roll", _ON_OPEN_ROLL, params=params)
    return None if why.strip() else Refusal("no_reason", _ANNULLED_WHY)


def refuse_closing(closed_on: date, held: Iterable[tuple[str, Span]]) -> Refusal | None:
    """Why a seat can't be closed from that day on, or None."""
    for holder, span in held:
        if span.ends_on is None or span.ends_on > closed_on:
            return Refusal(
                "still_held",
                _STILL_HELD,
                params={
                    "holder": holder,
                    "ends_on": Day(span.ends_on) if span.ends_on else _OPEN,
                },
            )
    return None


def refuse_end(span: Span, ends_on: date) -> Refusal | None:
    """Why an appointment over that span can't end on that day, or None."""
    if ends_on <= span.starts_on:
        return Refusal(
            "ends_before_start",
            _ENDS_BEFORE_START,
            params={"starts_on": Day(span.starts_on), "ends_on": Day(ends_on)},
        )
    if span.ends_on is not None and span.ends_on <= ends_on:
        return Refusal("ended_already", _ENDED_ALREADY, params={"ends_on": Day(span.ends_on)})
    return None


def _terms_in_a_row(span: Span, own: Sequence[Span]) -> int:
    """How many of the terms stand in one row with that span: a row breaks at a year between."""
    terms = sorted([span, *own], key=lambda one: one.starts_on)
    rows: list[list[Span]] = []
    for term in terms:
        ended = rows[-1][-1].ends_on if rows else None
        if ended is None or years_on(ended, YEARS_BETWEEN_TERMS) <= term.starts_on:
            rows.append([term])
        else:
            rows[-1].append(term)
    return next(len(row) for row in rows if span in row)


def _cited(code: str, message: str, rule: BodyRule, **params: object) -> Refusal:
    return Refusal(code, message, rule.authority.citation, params)
