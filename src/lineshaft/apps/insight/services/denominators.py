"""Keeping what money is set against, state by state: people, and jobs in manufacturing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.insight import queries, rules
from lineshaft.apps.insight.models import StateDenominator
from lineshaft.apps.insight.rules import DenominatorMeasure
from lineshaft.kernel.refusals import Refusal, refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.reference.state_figures import load_state_tables

_SHIPPED: Final = "shipped reference data"


@dataclass(frozen=True, slots=True)
class StateNumber:
    """A number of one state in one year, and who published it."""

    measure: DenominatorMeasure
    state: str
    year: int
    number: int
    source: str


@dataclass(frozen=True, slots=True)
class NumbersKept:
    """How many numbers were new, changed, and the same as before."""

    created: int
    updated: int
    unchanged: int


def number_refusal(row: StateNumber) -> Refusal | None:
    """Why the number cannot be kept; None where it can."""
    known = {code for code, *_names in queries.profile_in_use().place_codes.codes}
    return rules.denominator_usable(
        state=row.state,
        is_known=row.state in known,
        year=row.year,
        number=row.number,
        source=row.source,
    )


def record_denominators(
    actor: Actor, rows: Sequence[StateNumber], *, now: datetime, why: str = ""
) -> NumbersKept:
    """Keep the numbers, all or none; a number of the same state, measure and year is replaced.

    One audit event for all that changed; a repetition writes nothing. Raises Refused for a state
    that the profile does not know, a number that is not above zero, and a missing source.
    """
    permit(actor, rules.PERMISSIONS["record_denominators"])
    for row in rows:
        refuse_if(number_refusal(row))
    with transaction.atomic():
        stored = {
            (one.measure, one.state, one.year): one
            for one in StateDenominator.objects.select_for_update().filter(
                year__in={row.year for row in rows}
            )
        }
        wanted = {(row.measure.value, row.state, row.year): row for row in rows}
        fresh = [
            StateDenominator(
                measure=row.measure.value,
                state=row.state,
                year=row.year,
                number=row.number,
                source=row.source,
            )
            for key, row in wanted.items()
            if key not in stored
        ]
        changed = []
        for key, held in stored.items():
            given = wanted.get(key)
            if given is not None and (held.number, held.source) != (given.number, given.source):
                held.number, held.source = given.number, given.source
                changed.append(held)
        StateDenominator.objects.bulk_create(fresh)
        StateDenominator.objects.bulk_update(changed, ["number", "source"])
        if fresh or changed:
            record_event(
                actor,
                "record_denominators",
                ("insight.statedenominator", "many"),
                now=now,
                why=why,
                count=len(fresh) + len(changed),
            )
    return NumbersKept(len(fresh), len(changed), len(rows) - len(fresh) - len(changed))


def record_shipped_denominators(actor: Actor, *, now: datetime) -> NumbersKept:
    """Keep the shipped numbers of the profile in use that lack; one that stands is left as it is.

    What somebody imported for the same state, measure and year is theirs and stays.
    """
    rows = _shipped(queries.profile_in_use().key)
    held = {
        (measure, state, year)
        for measure, state, year in StateDenominator.objects.values_list("measure", "state", "year")
    }
    lacking = [row for row in rows if (row.measure.value, row.state, row.year) not in held]
    kept = record_denominators(actor, lacking, now=now, why=_SHIPPED)
    return NumbersKept(kept.created, 0, len(rows) - len(lacking))


def _shipped(jurisdiction: str) -> list[StateNumber]:
    return [
        StateNumber(DenominatorMeasure(table.measure), state, table.year, number, table.source)
        for table in load_state_tables()
        if table.jurisdiction == jurisdiction
        for state, number in table.numbers
    ]
