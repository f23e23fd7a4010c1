"""What others say moved: an agency's payment file and a bank's statement in, the lines out."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.rows import (
    MAPPINGS,
    agencies_named,
    agency_faults,
    agreements_named,
    no_agreement,
    refused,
)
from lineshaft.apps.funding.models import Agreement, StatementLine
from lineshaft.apps.funding.rules import PERMISSIONS
from lineshaft.apps.network.models import Institute
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

_RETURN: Final = "return"
_NO_INSTITUTE: Final = gettext_noop("There is no institute with this key.")
_NO_INSTITUTE_REMEDY: Final = gettext_noop("Write the key as the institute's address has it.")
_TWO_SIGNS: Final = gettext_noop("The amount is negative, and the direction says the same again.")
_TWO_SIGNS_REMEDY: Final = gettext_noop(
    "Give the direction with an amount above zero, or a signed amount without it."
)
_NO_AMOUNT: Final = gettext_noop("A row has one amount: signed, or paid in, or paid out.")
_NO_AMOUNT_REMEDY: Final = gettext_noop("Fill one of the three columns.")


def import_payments(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Record the rows as lines of the agency's payment file."""
    agreements, agencies = agreements_named(actor, rows), agencies_named(rows)
    errors: list[RowError] = []
    lines: list[services.PaymentLine] = []
    for row in rows:
        agreement = agreements.get(row.text("agreement"))
        faults = [*agency_faults(row, agencies), *_sign_faults(row)]
        if agreement is None:
            faults.append(no_agreement(row))
        errors += faults
        if agreement is not None and not faults:
            agency = agencies.get(row.text("agency"))
            lines.append(_payment(row, agreement, agency.pk if agency else None, context))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.record_payments(actor, lines, now=context.now, why=context.why)
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error, named="reference"),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


def import_statements(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Record the rows as lines of the institute's bank statement."""
    keys = sorted({row.text("institute") for row in rows})
    institutes = {one.key: one for one in Institute.objects.filter(key__in=keys)}
    agreements = agreements_named(actor, rows)
    errors: list[RowError] = []
    lines: list[services.BankLine] = []
    for row in rows:
        institute, number = institutes.get(row.text("institute")), row.text("agreement")
        agreement = agreements.get(number)
        faults = _amount_faults(row)
        if institute is None:
            faults.append(_no_institute(row))
        if number and (agreement is None or agreement.institute_id != getattr(institute, "pk", 0)):
            faults.append(no_agreement(row))
        errors += faults
        if institute is not None and not faults:
            lines.append(_bank(row, institute, agreement, context))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.record_statements(actor, lines, now=context.now, why=context.why)
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error, named="reference"),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


def line_records(lines: QuerySet[StatementLine]) -> Iterable[tuple[ExportCell, ...]]:
    """The rows of an export, in the order of `line_columns`."""
    for one in lines.iterator(2_000):
        yield (
            str(one.pk),
            one.source,
            one.institute.key,
            one.agreement.number if one.agreement else "",
            one.agency.key if one.agency else "",
            one.account,
            one.booked_on,
            one.value_on,
            one.amount,
            one.counterparty,
            one.text,
            one.reference,
            getattr(one, "match_rule", None) or "",
            str(getattr(one, "match_pk", None) or ""),
        )


def line_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export; their keys are those of an import where one matches."""
    return (
        ExportColumn("id", _("Line")),
        ExportColumn("source", _("Source")),
        ExportColumn("institute", _("Institute")),
        ExportColumn("agreement", _("Agreement")),
        ExportColumn("agency", _("Agency")),
        ExportColumn("account", _("Account")),
        ExportColumn("date", _("Booked on")),
        ExportColumn("value_date", _("Value date")),
        ExportColumn("amount", _("Amount")),
        ExportColumn("counterparty", _("Counterparty")),
        ExportColumn("text", _("Text")),
        ExportColumn("reference", _("Reference")),
        ExportColumn("rule", _("Matched by")),
        ExportColumn("match", _("Match")),
    )


_TOLD: Final = (
    Column("counterparty", max_length=200, aliases=("payee", "name", "payer or payee")),
    Column("text", max_length=500, aliases=("description", "details", "remittance information")),
)

PAYMENTS_IMPORT: Final = ImportSpec(
    kind="payments",
    title=gettext_noop("Payments, for reconciliation"),
    help=gettext_noop(
        "An agency's payment file, to be compared with the ledger; it changes nothing there."
    ),
    columns=(
        Column(
            "agreement",
            is_required=True,
            max_length=64,
            aliases=("award", "award number", "agreement number"),
        ),
        Column(
            "agency",
            max_length=40,
            help=gettext_noop("Key of the sponsor that paid; blank is the one that leads."),
            aliases=("sponsor", "agency key"),
        ),
        Column("date", ColumnKind.DATE, is_required=True, aliases=("payment date", "paid on")),
        Column(
            "amount",
            ColumnKind.MONEY,
            is_required=True,
            is_signed=True,
            help=gettext_noop("Below zero for what came back, unless the direction says it."),
        ),
        Column(
            "direction",
            ColumnKind.CHOICE,
            choices=("payment", _RETURN),
            help=gettext_noop("For files that have no sign: paid to the institute, or returned."),
            aliases=("debit/credit",),
        ),
        Column(
            "reference",
            max_length=120,
            help=gettext_noop(
                "The payment's own number; without one, the row is known by what it says."
            ),
            aliases=("payment reference", "payment number", "document number"),
        ),
        *_TOLD,
    ),
    apply=import_payments,
    permission=PERMISSIONS["record_payments"],
    mappings=MAPPINGS / "payments",
)

STATEMENTS_IMPORT: Final = ImportSpec(
    kind="statements",
    title=gettext_noop("Bank statements, for reconciliation"),
    help=gettext_noop(
        "The bank's statement of an institute, to be compared with the ledger; it changes nothing "
        "there."
    ),
    columns=(
        Column(
            "institute",
            is_required=True,
            max_length=64,
            help=gettext_noop("Its key; in a mapping it can stand once for every row."),
        ),
        Column(
            "account",
            is_required=True,
            max_length=120,
            help=gettext_noop("What you call the account; the number itself is not needed."),
            aliases=("account name",),
        ),
        Column("date", ColumnKind.DATE, is_required=True, aliases=("booked on", "booking date")),
        Column("value_date", ColumnKind.DATE),
        Column(
            "amount",
            ColumnKind.MONEY,
            is_signed=True,
            help=gettext_noop("Signed: below zero for what the institute paid."),
        ),
        Column("paid_in", ColumnKind.MONEY, aliases=("credit", "deposit")),
        Column("paid_out", ColumnKind.MONEY, aliases=("debit", "withdrawal")),
        Column(
            "agreement",
            max_length=64,
            help=gettext_noop("Number of the award, where the row is known to belong to one."),
            aliases=("award", "award number"),
        ),
        Column(
            "reference",
            max_length=120,
            help=gettext_noop(
                "The bank's own number; without one, the row is known by what it says."
            ),
            aliases=("bank reference", "transaction id"),
        ),
        *_TOLD,
    ),
    apply=import_statements,
    permission=PERMISSIONS["record_statements"],
    mappings=MAPPINGS / "statements",
)


def _sign_faults(row: Row) -> list[RowError]:
    amount = row.money("amount")
    if amount is not None and amount.amount_minor < 0 and row.text("direction"):
        return [RowError(row.number, "amount", str(amount.amount), _TWO_SIGNS, _TWO_SIGNS_REMEDY)]
    return []


def _amount_faults(row: Row) -> list[RowError]:
    if len(_amounts(row)) == 1:
        return []
    return [RowError(row.number, "amount", "", _NO_AMOUNT, _NO_AMOUNT_REMEDY)]


def _amounts(row: Row) -> list[Money]:
    """What the row moves, signed; a column of zero beside a filled one says nothing."""
    given = ((1, row.money("amount")), (1, row.money("paid_in")), (-1, row.money("paid_out")))
    return [
        Money(sign * amount.amount_minor, amount.currency)
        for sign, amount in given
        if amount is not None and amount.amount_minor
    ]


def _no_institute(row: Row) -> RowError:
    key = row.text("institute")
    return RowError(row.number, "institute", key, _NO_INSTITUTE, _NO_INSTITUTE_REMEDY)


def _payment(
    row: Row, agreement: Agreement, agency_id: int | None, context: ImportContext
) -> services.PaymentLine:
    amount, on = row.money("amount"), row.date("date")
    assert amount is not None  # noqa: S101 -- the column is required
    assert on is not None  # noqa: S101 -- as above
    sign = -1 if row.text("direction") == _RETURN else 1
    return services.PaymentLine(
        agreement_id=agreement.pk,
        agency_id=agency_id,
        amount_minor=sign * amount.amount_minor,
        currency=amount.currency,
        booked_on=on,
        counterparty=row.text("counterparty"),
        text=row.text("text"),
        reference=row.text("reference"),
        origin=context.source_name[:200],
    )


def _bank(
    row: Row, institute: Institute, agreement: Agreement | None, context: ImportContext
) -> services.BankLine:
    (amount,), on = _amounts(row), row.date("date")
    assert on is not None  # noqa: S101 -- the column is required
    return services.BankLine(
        institute_id=institute.pk,
        account=row.text("account"),
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        booked_on=on,
        value_on=row.date("value_date"),
        agreement_id=agreement.pk if agreement else None,
        counterparty=row.text("counterparty"),
        text=row.text("text"),
        reference=row.text("reference"),
        origin=context.source_name[:200],
    )
