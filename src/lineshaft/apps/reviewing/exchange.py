"""Reviewers and their texts in and out: rows of a list to the services, and stored rows to tables.

An organisation is never made here: it is registered first, so that a misspelt name does not become
a second one. A reviewer of a text is found by e-mail address.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import OrganisationReference, organisations_by_reference
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.apps.reviewing.queries import reviewers_by_address
from lineshaft.apps.reviewing.services import (
    ReviewerRow,
    ReviewingTerms,
    add_reviewer_texts,
    add_reviewers,
)
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

EXPORT_CHUNK: Final = 2000

_SEVERAL_IN_CELL: Final = re.compile(r"[|;]")
_NO_ORGANISATION: Final = gettext_noop("No organisation that you may see has this name.")
_REGISTER_FIRST: Final = gettext_noop("Register it first, or leave the cell empty.")
_SEVERAL: Final = gettext_noop("Several organisations bear this name.")
_SAY_WHICH: Final = gettext_noop("Register the person with the right one first, by e-mail address.")
_NO_REVIEWER: Final = gettext_noop("Nobody in the pool has this e-mail address.")
_ADD_FIRST: Final = gettext_noop("Add the reviewer first.")

REVIEWER_COLUMNS: Final = (
    Column("name", aliases=("reviewer", "姓名"), max_length=200),
    Column(
        "email",
        is_required=True,
        is_identifier=True,
        aliases=("e-mail", "e-mail address", "mail", "邮箱"),
        max_length=254,
        help=gettext_noop("Whoever is registered under it is taken."),
    ),
    Column("organisation", aliases=("organization", "employer", "单位")),
    Column(
        "sector",
        ColumnKind.CHOICE,
        is_required=True,
        choices=tuple(sector.value for sector in rules.Sector),
        aliases=("部门",),
    ),
    Column(
        "areas",
        aliases=("technology areas", "area", "技术领域"),
        help=gettext_noop("Keys of technology areas, with a semicolon between them."),
    ),
    Column(
        "load",
        ColumnKind.INT,
        minimum=1,
        maximum=rules.LOAD_MOST,
        aliases=("load_most", "applications at most"),
    ),
)

TEXT_COLUMNS: Final = (
    Column(
        "email",
        is_required=True,
        aliases=("e-mail", "e-mail address", "mail", "reviewer", "邮箱"),
        max_length=254,
    ),
    Column("title", is_required=True, aliases=("标题",), max_length=rules.TEXT_TITLE_MAX),
    Column("abstract", aliases=("text", "摘要"), max_length=rules.TEXT_MAX),
    Column("year", ColumnKind.INT, minimum=rules.YEAR_LEAST, maximum=9999, aliases=("年份",)),
)


def apply_reviewers(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Take every row into the pool; an employer that names nobody, or several, comes back."""
    named = {row.text("organisation") for row in rows} - {""}
    names = sorted(named)
    references = [OrganisationReference(name=name) for name in names]
    found = dict(zip(names, organisations_by_reference(actor, references), strict=True))
    errors = [error for row in rows if (error := _error_of_employer(row, found))]
    if errors:
        return ImportOutcome(errors=tuple(errors))
    known = reviewers_by_address(actor, {row.text("email") for row in rows})
    reviewers = [_reviewer_row(row, found, known.get(row.text("email").lower())) for row in rows]
    outcome = add_reviewers(actor, reviewers, now=context.now, why=context.why)
    return ImportOutcome(outcome.created, outcome.updated, outcome.unchanged)


def apply_texts(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Add every text to the record of the address in its row; an address of nobody comes back."""
    known = reviewers_by_address(actor, {row.text("email") for row in rows})
    errors = tuple(
        RowError(row.number, "email", row.text("email"), _NO_REVIEWER, _ADD_FIRST)
        for row in rows
        if row.text("email").lower() not in known
    )
    if errors:
        return ImportOutcome(errors=errors)
    texts: dict[str, list[rules.TextRow]] = {}
    for row in rows:
        one = rules.TextRow(row.text("title"), row.text("abstract"), row.integer("year"))
        texts.setdefault(row.text("email").lower(), []).append(one)
    created = updated = unchanged = 0
    for address, several in texts.items():
        done = add_reviewer_texts(actor, known[address], several, now=context.now, why=context.why)
        created += done.created
        updated += done.updated
        unchanged += done.unchanged
    return ImportOutcome(created, updated, unchanged)


IMPORTS: Final = {
    "reviewers": ImportSpec(
        kind="reviewers",
        title=gettext_noop("Reviewers"),
        help=gettext_noop(
            "People for the pool of reviewers. Somebody who is in it already is found by e-mail"
            " address, and the record edited to what the row says."
        ),
        columns=REVIEWER_COLUMNS,
        apply=apply_reviewers,
        permission=rules.PERMISSIONS["add_reviewer"],
    ),
    "reviewer-texts": ImportSpec(
        kind="reviewer-texts",
        title=gettext_noop("Texts of reviewers"),
        help=gettext_noop(
            "Papers and other writings of reviewers, from which it is counted what they know. One"
            " whose title is there already is replaced."
        ),
        columns=TEXT_COLUMNS,
        apply=apply_texts,
        permission=rules.PERMISSIONS["edit_reviewer"],
    ),
}


def reviewer_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export of the pool; the first six are those of the import."""
    return (
        ExportColumn("name", _("Name")),
        ExportColumn("email", _("E-mail address")),
        ExportColumn("organisation", _("Employer")),
        ExportColumn("sector", _("Sector")),
        ExportColumn("areas", _("Technology areas")),
        ExportColumn("load", _("Applications at most")),
        ExportColumn("is_active", pgettext("reviewer", "Reviews")),
        ExportColumn("texts", _("Texts")),
        ExportColumn("panels", _("Panels")),
        ExportColumn("is_demonstration", _("Demonstration")),
    )


def reviewer_export_rows(rows: QuerySet[Reviewer]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each reviewer, with the counts of `with_counts`, read in chunks."""
    for one in rows.iterator(chunk_size=EXPORT_CHUNK):
        organisation = one.person.organisation
        yield (
            one.person.name,
            one.person.email,
            organisation.name if organisation else "",
            one.sector,
            "; ".join(area.key for area in one.technology_areas.all()),
            one.load_most,
            one.is_active,
            one.texts_held,  # type: ignore[attr-defined] # annotated
            one.panels_held,  # type: ignore[attr-defined] # annotated
            one.is_demonstration,
        )


def seat_export_columns() -> tuple[ExportColumn, ...]:
    """The columns of an export of a panel."""
    return (
        ExportColumn("name", _("Name")),
        ExportColumn("email", _("E-mail address")),
        ExportColumn("organisation", _("Employer")),
        ExportColumn("sector", _("Sector")),
        ExportColumn("state", _("State")),
        ExportColumn("load", _("Applications at most")),
        ExportColumn("is_chair", _("Chairs the panel")),
        ExportColumn("invited_at", _("Invited on")),
        ExportColumn("answered_at", _("Answered on")),
        ExportColumn("why", _("Reason")),
    )


def seat_export_rows(seats: Iterable[PanelSeat]) -> Iterator[tuple[ExportCell, ...]]:
    """One row for each seat; moments as their days."""
    for seat in seats:
        person = seat.reviewer.person
        yield (
            person.name,
            person.email,
            person.organisation.name if person.organisation else "",
            seat.reviewer.sector,
            seat.state,
            seat.load_most,
            seat.is_chair,
            seat.invited_at.date(),
            seat.answered_at.date() if seat.answered_at else None,
            seat.why,
        )


# ---------------------------------------------------------------------------------------- leaves


def _error_of_employer(row: Row, found: dict[str, list[Organisation]]) -> RowError | None:
    name = row.text("organisation")
    if not name or len(found[name]) == 1:
        return None
    message, remedy = (_SEVERAL, _SAY_WHICH) if found[name] else (_NO_ORGANISATION, _REGISTER_FIRST)
    return RowError(row.number, "organisation", name, message, remedy)


def _reviewer_row(
    row: Row, found: dict[str, list[Organisation]], known: Reviewer | None
) -> ReviewerRow:
    """The row for the service; of somebody who is in the pool a blank leaves what stands there."""
    name = row.text("organisation")
    keys = [key.strip() for key in _SEVERAL_IN_CELL.split(row.text("areas")) if key.strip()]
    if known is not None and not keys:
        keys = [area.key for area in known.technology_areas.all()]
    terms = ReviewingTerms(
        sector=row.text("sector"),
        areas=tuple(keys),
        load_most=row.integer("load") or (known.load_most if known else rules.LOAD_USUAL),
        statement=known.statement if known else "",
    )
    return ReviewerRow(
        email=row.text("email"),
        terms=terms,
        name=row.text("name"),
        organisation=found[name][0] if name else None,
        number=row.number,
    )
