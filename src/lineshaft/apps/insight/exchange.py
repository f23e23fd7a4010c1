"""Denominators in: people and jobs in manufacturing by state, each number with its source."""

from collections.abc import Sequence
from typing import Final

from lineshaft.apps.insight.rules import PERMISSIONS, DenominatorMeasure
from lineshaft.apps.insight.services import StateNumber, number_refusal, record_denominators
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.rows import TWICE_REMEDY
from lineshaft.plumbing.exchange.spec import (
    Column,
    ColumnKind,
    ImportContext,
    ImportOutcome,
    ImportSpec,
    Row,
    RowError,
)

_TWICE: Final = gettext_noop("Row %(first)s gives this measure, state and year already.")


def import_denominators(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Keep the rows as denominators."""
    errors: list[RowError] = []
    numbers: list[StateNumber] = []
    first: dict[tuple[str, str, int], int] = {}
    for row in rows:
        number = _number(row)
        at = first.setdefault((number.measure, number.state, number.year), row.number)
        refusal = number_refusal(number)
        if refusal is not None:
            errors.append(
                RowError(row.number, "", number.state, refusal.message, "", refusal.params)
            )
        elif at != row.number:
            errors.append(
                RowError(row.number, "state", number.state, _TWICE, TWICE_REMEDY, {"first": at})
            )
        numbers.append(number)
    if errors:
        return ImportOutcome(errors=tuple(errors))
    kept = record_denominators(actor, numbers, now=context.now, why=context.why)
    return ImportOutcome(kept.created, kept.updated, kept.unchanged)


IMPORTS: Final = {
    "denominators": ImportSpec(
        kind="denominators",
        title=gettext_noop("Denominators of states"),
        help=gettext_noop(
            "People and jobs in manufacturing, one row for a state and year with its source; the "
            "portfolio divides by the newest number up to its last year. A row that is there "
            "already changes nothing; another number replaces the old one."
        ),
        columns=(
            Column(
                "measure",
                ColumnKind.CHOICE,
                is_required=True,
                choices=tuple(one.value for one in DenominatorMeasure),
            ),
            Column(
                "state",
                is_required=True,
                max_length=16,
                help=gettext_noop("Code of the state, such as OH."),
                aliases=("region", "州"),
            ),
            Column("year", ColumnKind.INT, is_required=True, aliases=("年",)),
            Column(
                "number",
                ColumnKind.INT,
                is_required=True,
                help=gettext_noop("People or jobs, not thousands of them."),
                aliases=("value", "数量"),
            ),
            Column(
                "source",
                is_required=True,
                max_length=300,
                help=gettext_noop("Who published the number, where and when."),
                aliases=("来源",),
            ),
        ),
        apply=import_denominators,
        permission=PERMISSIONS["record_denominators"],
    )
}


def _number(row: Row) -> StateNumber:
    year, number = row.integer("year"), row.integer("number")
    assert year is not None  # noqa: S101 -- the column is required
    assert number is not None  # noqa: S101 -- as above
    return StateNumber(
        measure=DenominatorMeasure(row.text("measure")),
        state=row.text("state").upper(),
        year=year,
        number=number,
        source=row.text("source"),
    )
