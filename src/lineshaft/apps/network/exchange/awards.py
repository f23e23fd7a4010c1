"""Awards of other agencies in: rows of a register's file to `register_outside_awards`.

The layouts of public registers differ; mapping files that ship say how each is read.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lineshaft.apps.network import rules
from lineshaft.apps.network.services import AwardFile, AwardRow, register_outside_awards
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
from lineshaft.plumbing.sharing import SharingLevel

_NAME_LENGTH: Final = 200

AWARD_COLUMNS: Final = (
    Column(
        "source",
        is_required=True,
        max_length=32,
        aliases=("register",),
        help=gettext_noop("A short name of the register, such as nsf, sbir or usaspending."),
    ),
    Column(
        "number",
        is_required=True,
        max_length=_NAME_LENGTH,
        aliases=("award number", "award id", "资助编号"),
        help=gettext_noop("By which the register knows the award; it stands once in a register."),
    ),
    Column("title", max_length=rules.TITLE_LENGTH_MAX, aliases=("award title", "题目")),
    Column(
        "abstract",
        max_length=rules.ABSTRACT_LENGTH_MAX,
        aliases=("description", "摘要"),
        help=gettext_noop("What the award is for. Markup becomes plain text."),
    ),
    Column(
        "agency",
        is_required=True,
        max_length=_NAME_LENGTH,
        aliases=("department", "部门"),
        help=gettext_noop("The agency that made the award, by name or key."),
    ),
    Column("office", max_length=_NAME_LENGTH, aliases=("sub agency", "branch", "division")),
    Column("programme", aliases=("program",)),
    Column("instrument", max_length=120),
    Column("phase", max_length=60),
    Column(
        "investigator",
        max_length=_NAME_LENGTH,
        aliases=("principal investigator", "pi name", "pi"),
    ),
    Column("other_investigators", max_length=2000, aliases=("co-investigators", "co-pis")),
    Column("recipient", max_length=300, aliases=("organisation", "organization", "firm")),
    Column("recipient_uei", max_length=32, aliases=("uei",)),
    Column("city", max_length=120),
    Column("region", max_length=64, aliases=("state", "province")),
    Column("postal_code", max_length=16, aliases=("zip",)),
    Column("country", max_length=2),
    Column("starts_on", ColumnKind.DATE, aliases=("start date",)),
    Column("ends_on", ColumnKind.DATE, aliases=("end date",)),
    Column(
        "year",
        ColumnKind.INT,
        minimum=rules.YEAR_FIRST,
        maximum=rules.YEAR_LAST,
        aliases=("award year",),
        help=gettext_noop("The year of the award; where blank, the one in which it starts."),
    ),
    Column("amount", ColumnKind.MONEY, is_signed=True, aliases=("award amount",)),
    Column(
        "level",
        ColumnKind.CHOICE,
        choices=(SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED),
        help=gettext_noop(
            "How far the record is shared. A blank cell leaves it as it is; a new award is public."
        ),
    ),
)


def apply_awards(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Record every row; what is wrong with one comes back with its row."""
    outcome = register_outside_awards(
        actor,
        [_award_row(row, context.currency) for row in rows],
        now=context.now,
        file=AwardFile(context.source_name, context.source_sha256),
        why=context.why,
    )
    same = len(rows) - outcome.created - outcome.updated
    return ImportOutcome(outcome.created, outcome.updated, same)


AWARDS_IMPORT: Final = ImportSpec(
    kind="awards",
    title=gettext_noop("Awards of other agencies"),
    help=gettext_noop(
        "What other agencies have awarded, from their public registers: NSF, SBIR, USAspending. An "
        "award that is there already is found by its register and number, and corrected."
    ),
    columns=AWARD_COLUMNS,
    apply=apply_awards,
    permission=rules.PERMISSIONS["register_outside_awards"],
    mappings=Path(__file__).parent.parent / "mappings" / "awards",
)


def _award_row(row: Row, currency: str) -> AwardRow:
    amount = row.money("amount")
    return AwardRow(
        source=row.text("source"),
        number=row.text("number"),
        title=row.text("title"),
        abstract=row.text("abstract"),
        agency_name=row.text("agency"),
        office_name=row.text("office"),
        programme=row.text("programme"),
        instrument=row.text("instrument"),
        phase=row.text("phase"),
        investigator=row.text("investigator"),
        other_investigators=row.text("other_investigators"),
        recipient=row.text("recipient"),
        recipient_uei=row.text("recipient_uei"),
        city=row.text("city"),
        region=row.text("region"),
        postal_code=row.text("postal_code"),
        country=row.text("country"),
        starts_on=row.date("starts_on"),
        ends_on=row.date("ends_on"),
        year=row.integer("year"),
        amount_minor=None if amount is None else amount.amount_minor,
        currency=currency if amount is None else amount.currency,
        level=row.text("level"),
        row=row.number,
    )
