"""An institute's cost ledger in: what was ordered, incurred and paid; and the list of costs out."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.rows import (
    MAPPINGS,
    agreements_named,
    no_agreement,
    refused,
)
from lineshaft.apps.funding.models import Agreement, Cost
from lineshaft.apps.funding.rules import LEDGER_COST_CODES, OPENING_CODES, PERMISSIONS, TransferCode
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.spec import (
    Column,
    ColumnKind,
    ImportContext,
    ImportOutcome,
    ImportSpec,
    Row,
    RowError,
)
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn

_NO_COST: Final = gettext_noop("A liquidation, release or payment names the cost that it moves.")
_NO_COST_REMEDY: Final = gettext_noop(
    "Write the number of the cost's row, of this file or of an earlier one."
)


def cost_id(agreement_number: str, external_id: str) -> UUID:
    """The id that a movement of a cost of that number under that agreement always has."""
    return derived_id("funding.cost", agreement_number, external_id)


def import_costs(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Post the rows in the order of the file."""
    agreements = agreements_named(actor, rows)
    errors: list[RowError] = []
    posted: list[services.CostRow] = []
    for row in rows:
        agreement = agreements.get(row.text("agreement"))
        if agreement is None:
            errors.append(no_agreement(row))
        elif TransferCode(row.text("code")) not in OPENING_CODES and not row.text("cost"):
            errors.append(RowError(row.number, "cost", "", _NO_COST, _NO_COST_REMEDY))
        else:
            posted.append(_cost_row(row, agreement))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.post_costs(actor, posted, now=context.now, why=context.why)
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


def cost_records(costs: QuerySet[Cost]) -> Iterable[tuple[ExportCell, ...]]:
    """The rows of an export, in the order of `cost_columns`."""
    for one in costs.select_related("agreement").iterator(2_000):
        encumbered: int = getattr(one, "encumbered_minor", 0)
        yield (
            str(one.pk),
            one.agreement.number,
            one.category,
            one.payee,
            one.description,
            one.occurred_on,
            one.amount,
            Money(encumbered, one.currency),
            Money(one.incurred_minor, one.currency),
            Money(one.paid_minor, one.currency),
            one.external_id,
        )


def cost_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export; their keys are those of an import where one matches."""
    return (
        ExportColumn("id", _("Cost")),
        ExportColumn("agreement", _("Agreement")),
        ExportColumn("category", _("Category")),
        ExportColumn("payee", _("Payee")),
        ExportColumn("description", _("Description")),
        ExportColumn("date", _("Date")),
        ExportColumn("amount", _("Amount")),
        ExportColumn("encumbered", _("Encumbered")),
        ExportColumn("incurred", _("Incurred")),
        ExportColumn("paid", _("Paid")),
        ExportColumn("number", _("Own number")),
    )


COSTS_IMPORT: Final = ImportSpec(
    kind="costs",
    title=gettext_noop("Costs"),
    help=gettext_noop(
        "The federal share of costs: what was ordered, incurred and paid, one row a movement."
    ),
    columns=(
        Column(
            "number",
            is_required=True,
            is_identifier=True,
            max_length=120,
            help=gettext_noop("Your own number for the row; it never changes."),
            aliases=("id", "document number", "voucher"),
        ),
        Column(
            "agreement",
            is_required=True,
            max_length=64,
            aliases=("award", "award number", "agreement number"),
        ),
        Column(
            "code",
            ColumnKind.CHOICE,
            is_required=True,
            choices=tuple(sorted(code.value for code in LEDGER_COST_CODES)),
            aliases=("transaction", "transaction type"),
        ),
        Column("amount", ColumnKind.MONEY, is_required=True),
        Column("date", ColumnKind.DATE, is_required=True),
        Column(
            "cost",
            max_length=120,
            help=gettext_noop("For a liquidation, release or payment: the number of its cost."),
            aliases=("cost number", "order number"),
        ),
        Column(
            "category",
            max_length=40,
            help=gettext_noop("Category of the budget, such as personnel or equipment."),
            aliases=("object class",),
        ),
        Column("payee", max_length=200, aliases=("vendor", "supplier")),
        Column("description", max_length=300),
        Column(
            "evidence",
            max_length=200,
            help=gettext_noop("The record in your own books that proves it."),
            aliases=("evidence reference", "document"),
        ),
        Column("reason", max_length=500),
    ),
    apply=import_costs,
    permission=PERMISSIONS["post_costs"],
    mappings=MAPPINGS / "costs",
)


def _cost_row(row: Row, agreement: Agreement) -> services.CostRow:
    amount, on, moved = row.money("amount"), row.date("date"), row.text("cost")
    assert amount is not None  # noqa: S101 -- the column is required
    assert on is not None  # noqa: S101 -- as above
    code = TransferCode(row.text("code"))
    is_opening = code in OPENING_CODES
    return services.CostRow(
        id=cost_id(agreement.number, row.text("number")),
        agreement_id=agreement.pk,
        code=code,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        occurred_on=on,
        cost_id=None if is_opening else cost_id(agreement.number, moved),
        category=row.text("category"),
        payee=row.text("payee"),
        description=row.text("description"),
        reference=row.text("number"),
        reason=row.text("reason"),
        evidence=(row.text("evidence"),) if row.text("evidence") else (),
    )
