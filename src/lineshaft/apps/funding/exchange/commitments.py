"""Promises of cost share in: what organisations committed to bring, one row for each letter."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.rows import (
    agreements_named,
    party_faults,
    reference,
    refused,
)
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.rules import PERMISSIONS
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import organisations_by_reference
from lineshaft.kernel.ids import derived_id
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

_FORMS: Final = ("cash", "in_kind")


def commitment_id(agreement_number: str, external_id: str) -> UUID:
    """The id that a commitment of that number under that agreement always has."""
    return derived_id("funding.commitment", agreement_number, external_id)


def import_commitments(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Record the rows as promises of cost share."""
    agreements = agreements_named(actor, rows)
    organisations = organisations_by_reference(actor, [reference(row) for row in rows])
    errors: list[RowError] = []
    promises: list[services.Promise] = []
    for row, candidates in zip(rows, organisations, strict=True):
        agreement = agreements.get(row.text("agreement"))
        faults = party_faults(row, agreement, candidates)
        errors += faults
        if agreement is not None and not faults:
            promises.append(_promise(row, agreement, candidates[0]))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.record_commitments(actor, promises, now=context.now, why=context.why)
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


COMMITMENTS_IMPORT: Final = ImportSpec(
    kind="commitments",
    title=gettext_noop("Commitments"),
    help=gettext_noop("What organisations promised to bring, one row for each letter."),
    columns=(
        Column(
            "number",
            is_required=True,
            is_identifier=True,
            max_length=120,
            help=gettext_noop("Your own number for the promise; it never changes."),
            aliases=("id", "reference number"),
        ),
        Column(
            "agreement",
            is_required=True,
            max_length=64,
            aliases=("award", "award number", "agreement number"),
        ),
        Column(
            "contributor",
            max_length=300,
            help=gettext_noop("Name of the organisation that promised."),
            aliases=("organisation", "organization", "member"),
        ),
        Column("uei", max_length=32),
        Column("ror", max_length=32),
        Column("ein", max_length=32),
        Column("form", ColumnKind.CHOICE, is_required=True, choices=_FORMS),
        Column("amount", ColumnKind.MONEY, is_required=True, aliases=("promised",)),
        Column("promised_on", ColumnKind.DATE, is_required=True, aliases=("date",)),
        Column("due_on", ColumnKind.DATE, is_required=True, aliases=("due",)),
        Column(
            "letter",
            is_required=True,
            max_length=200,
            help=gettext_noop("The letter or contract in which it was promised."),
        ),
    ),
    apply=import_commitments,
    permission=PERMISSIONS["record_commitment"],
)


def _promise(row: Row, agreement: Agreement, organisation: Organisation) -> services.Promise:
    amount, promised_on, due_on = row.money("amount"), row.date("promised_on"), row.date("due_on")
    assert amount is not None  # noqa: S101 -- the column is required
    assert promised_on is not None  # noqa: S101 -- as above
    assert due_on is not None  # noqa: S101 -- as above
    return services.Promise(
        id=commitment_id(agreement.number, row.text("number")),
        agreement_id=agreement.pk,
        organisation_id=organisation.pk,
        is_cash=row.text("form") == "cash",
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        promised_on=promised_on,
        due_on=due_on,
        reference=row.text("letter"),
    )
