"""An institute's own income in and out: one row an entry, by stream."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lineshaft.apps.funding import services
from lineshaft.apps.funding.exchange.rows import MAPPINGS, refused
from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.funding.rules import PERMISSIONS
from lineshaft.apps.network.models import Institute
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

_NO_INSTITUTE: Final = gettext_noop("There is no institute with this key.")
_NO_INSTITUTE_REMEDY: Final = gettext_noop("Write the key as the institute's address has it.")


def own_income_id(institute: str, external_id: str) -> UUID:
    """The id that an entry of that number of that institute always has."""
    return derived_id("funding.own_income", institute, external_id)


def import_own_income(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Record the rows as entries."""
    keys = sorted({row.text("institute") for row in rows})
    institutes = {one.key: one for one in Institute.objects.filter(key__in=keys)}
    errors: list[RowError] = []
    entries: list[services.OwnIncomeRow] = []
    for row in rows:
        institute = institutes.get(row.text("institute"))
        if institute is None:
            errors.append(
                RowError(
                    row.number,
                    "institute",
                    row.text("institute"),
                    _NO_INSTITUTE,
                    _NO_INSTITUTE_REMEDY,
                )
            )
        else:
            entries.append(_entry(row, institute))
    if errors:
        return ImportOutcome(errors=tuple(errors))
    try:
        outcome = services.record_own_incomes(actor, entries, now=context.now, why=context.why)
    except services.RefusedRow as error:
        return ImportOutcome(errors=(refused(rows[error.position], error),))
    return ImportOutcome(created=outcome.recorded, unchanged=outcome.unchanged)


def own_income_records(entries: QuerySet[OwnIncome]) -> Iterable[tuple[ExportCell, ...]]:
    """The rows of an export, in the order of `own_income_columns`; a reversal is below zero."""
    for one in entries.iterator(2_000):
        sign = 1 if one.reverses_id is None else -1
        yield (
            str(one.pk),
            one.institute.key,
            one.stream,
            one.received_on,
            Money(sign * one.amount_minor, one.currency),
            one.payer,
            one.description or one.why,
            one.external_id,
        )


def own_income_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export; their keys are those of an import where one matches."""
    return (
        ExportColumn("id", _("Entry")),
        ExportColumn("institute", _("Institute")),
        ExportColumn("stream", _("Stream")),
        ExportColumn("date", _("Date")),
        ExportColumn("amount", _("Amount")),
        ExportColumn("payer", _("Payer")),
        ExportColumn("description", _("Description")),
        ExportColumn("number", _("Own number")),
    )


OWN_INCOME_IMPORT: Final = ImportSpec(
    kind="own_income",
    title=gettext_noop("Own income"),
    help=gettext_noop(
        "What an institute earned itself: dues, services, contract research and more, one row each."
    ),
    columns=(
        Column(
            "number",
            is_required=True,
            is_identifier=True,
            max_length=120,
            help=gettext_noop("Your own number for the entry; it never changes."),
            aliases=("id", "document number", "invoice"),
        ),
        Column("institute", is_required=True, max_length=64),
        Column(
            "stream",
            is_required=True,
            max_length=40,
            help=gettext_noop("Stream of income, such as dues or services."),
            aliases=("type", "category"),
        ),
        Column("amount", ColumnKind.MONEY, is_required=True),
        Column("date", ColumnKind.DATE, is_required=True, aliases=("received on",)),
        Column("payer", max_length=200, aliases=("customer", "organisation")),
        Column("description", max_length=300),
    ),
    apply=import_own_income,
    permission=PERMISSIONS["record_own_income"],
    mappings=MAPPINGS / "own_income",
)


def _entry(row: Row, institute: Institute) -> services.OwnIncomeRow:
    amount, on = row.money("amount"), row.date("date")
    assert amount is not None  # noqa: S101 -- the column is required
    assert on is not None  # noqa: S101 -- as above
    return services.OwnIncomeRow(
        id=own_income_id(institute.key, row.text("number")),
        institute_id=institute.pk,
        stream=row.text("stream"),
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        received_on=on,
        payer=row.text("payer"),
        description=row.text("description"),
        external_id=row.text("number"),
    )
