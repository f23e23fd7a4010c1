"""Federal money in: what a payment system authorised, obligated, paid out and took back."""

from collections.abc import Sequence
from typing import Final

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.rows import (
    MAPPINGS,
    agencies_named,
    agency_faults,
    agreements_named,
    no_agreement,
    payment_id,
    refused,
)
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.rules import PERMISSIONS, TransferCode
from lineshaft.apps.network.models import Agency
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

_POSTED_CODES: Final = (
    TransferCode.AUTHORISE,
    TransferCode.OBLIGATE,
    TransferCode.DRAW,
    TransferCode.RELEASE,
    TransferCode.RETURN,
)
_SETTLING: Final = frozenset({TransferCode.DRAW, TransferCode.RELEASE})
_NO_OBLIGATION: Final = gettext_noop("A drawdown or release names the obligation that it settles.")
_NO_SETTLING: Final = gettext_noop("Only a drawdown or release settles an obligation.")
_NO_SETTLING_REMEDY: Final = gettext_noop(
    "Leave the cell of the obligation blank, or mend the code of the row."
)
_UNKNOWN_OBLIGATION: Final = gettext_noop("The agreement has no obligation of this number.")
_NO_OBLIGATION_REMEDY: Final = gettext_noop(
    "Write the number of the obligation's row, of this file or of an earlier one."
)


def import_transfers(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Post the rows in the order of the file.

    A row that takes two persons refuses a person's file: later rows may settle earlier ones, so
    that part of a file can not wait. What the program imports, at the terminal, has happened and is
    booked.
    """
    agreements, agencies = agreements_named(actor, rows), agencies_named(rows)
    errors: list[RowError] = []
    posted: list[services.TransferRow] = []
    for row in rows:
        agreement = agreements.get(row.text("agreement"))
        faults = [*agency_faults(row, agencies), *_obligation_faults(row)]
        errors += faults
        if agreement is None:
            errors.append(no_agreement(row))
        elif not faults:
            posted.append(_transfer(row, agreement, agencies.get(row.text("agency"))))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.post_transfers(actor, posted, now=context.now, why=context.why)
    except services.UnknownRow as error:
        row = rows[error.position]
        unknown = RowError(
            row.number,
            "obligation",
            row.text("obligation"),
            _UNKNOWN_OBLIGATION,
            _NO_OBLIGATION_REMEDY,
        )
        return ImportOutcome(errors=(unknown,))
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


TRANSFERS_IMPORT: Final = ImportSpec(
    kind="transfers",
    title=gettext_noop("Obligations and drawdowns"),
    help=gettext_noop("An agency's payment file: what was authorised, obligated and drawn."),
    columns=(
        Column(
            "number",
            is_required=True,
            is_identifier=True,
            max_length=120,
            help=gettext_noop("The payment system's number for the row."),
            aliases=("id", "document number"),
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
            choices=tuple(code.value for code in _POSTED_CODES),
            aliases=("transaction", "transaction type"),
        ),
        Column("amount", ColumnKind.MONEY, is_required=True),
        Column("date", ColumnKind.DATE, is_required=True),
        Column(
            "obligation",
            max_length=120,
            help=gettext_noop("For a drawdown or release: the number of its obligation."),
            aliases=("obligation number",),
        ),
        Column(
            "agency",
            max_length=40,
            help=gettext_noop("Key of the sponsor whose money it is; blank is the one that leads."),
            aliases=("sponsor", "agency key"),
        ),
        Column("reason", max_length=500),
    ),
    apply=import_transfers,
    permission=PERMISSIONS["post_transfers"],
    mappings=MAPPINGS / "transfers",
)


def _obligation_faults(row: Row) -> list[RowError]:
    """That a row that settles names no obligation, or another row one; its own number is none."""
    code, number = TransferCode(row.text("code")), row.text("obligation")
    if code in _SETTLING:
        if number:
            return []
        return [RowError(row.number, "obligation", "", _NO_OBLIGATION, _NO_OBLIGATION_REMEDY)]
    if not number or (code is TransferCode.OBLIGATE and number == row.text("number")):
        return []
    return [RowError(row.number, "obligation", number, _NO_SETTLING, _NO_SETTLING_REMEDY)]


def _transfer(row: Row, agreement: Agreement, agency: Agency | None) -> services.TransferRow:
    amount, on, obligation = row.money("amount"), row.date("date"), row.text("obligation")
    assert amount is not None  # noqa: S101 -- the column is required
    assert on is not None  # noqa: S101 -- as above
    code = TransferCode(row.text("code"))
    return services.TransferRow(
        id=payment_id(agreement.number, row.text("number")),
        agreement_id=agreement.pk,
        code=code,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        occurred_on=on,
        pending_id=payment_id(agreement.number, obligation) if code in _SETTLING else None,
        agency_id=agency.pk if agency else None,
        reference=row.text("number"),
        reason=row.text("reason"),
    )
