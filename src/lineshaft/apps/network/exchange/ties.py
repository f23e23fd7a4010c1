"""Ties between people in: rows of a list to `record_person_ties`."""

from collections.abc import Sequence
from typing import Final

from lineshaft.apps.network import rules
from lineshaft.apps.network.services import TieRow, TieTerms, record_person_ties
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.spec import (
    Column,
    ColumnKind,
    ImportContext,
    ImportOutcome,
    ImportSpec,
    Row,
)

TIE_COLUMNS: Final = (
    Column(
        "person",
        is_required=True,
        aliases=("person email", "email"),
        help=gettext_noop("The e-mail address; of an advisor, that of who advised."),
    ),
    Column("other", is_required=True, aliases=("other email",)),
    Column("kind", ColumnKind.CHOICE, is_required=True, choices=tuple(rules.PersonTieKind)),
    Column("year_from", ColumnKind.INT, is_required=True, aliases=("from", "year")),
    Column("year_to", ColumnKind.INT, aliases=("to",)),
    Column("evidence", max_length=rules.TIE_TEXT_MAX, aliases=("title",)),
    Column("source", is_required=True, max_length=300),
)


def apply_ties(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Record every row; what is wrong with one comes back with its row."""
    created, same = record_person_ties(
        actor, [_tie_row(row) for row in rows], now=context.now, why=context.why
    )
    return ImportOutcome(created, 0, same)


TIES_IMPORT: Final = ImportSpec(
    kind="person-ties",
    title=gettext_noop("Ties between people"),
    help=gettext_noop(
        "Who wrote, worked or studied with whom, and in which years. A tie that is there already"
        " is left as it is."
    ),
    columns=TIE_COLUMNS,
    apply=apply_ties,
    permission=rules.PERMISSIONS["record_person_ties"],
)


def _tie_row(row: Row) -> TieRow:
    terms = TieTerms(
        kind=row.text("kind"),
        year_from=row.integer("year_from") or 0,
        year_to=row.integer("year_to"),
        evidence=row.text("evidence"),
        source=row.text("source"),
    )
    return TieRow(person=row.text("person"), other=row.text("other"), terms=terms, row=row.number)
