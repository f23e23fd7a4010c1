"""An import of things to be found, into the real search index; files of every format."""

import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.mapping import ColumnMapping
from lineshaft.plumbing.exchange.reading.read import read_table
from lineshaft.plumbing.exchange.reading.table import BadRow, ReadOptions
from lineshaft.plumbing.exchange.rows import Checked, check_rows
from lineshaft.plumbing.exchange.spec import (
    Column,
    ColumnKind,
    ImportContext,
    ImportOutcome,
    ImportSpec,
    Row,
)
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.documents import SearchDocument
from lineshaft.plumbing.search.services import index_entries
from lineshaft.plumbing.sharing import SharingLevel

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SYSTEM = Actor.system("test")

COLUMNS = (
    Column("id", is_required=True, is_identifier=True),
    Column("name", is_required=True, aliases=("organisation", "机构"), max_length=60),
    Column("kind", ColumnKind.CHOICE, choices=("university", "community_college", "industry")),
    Column("amount", ColumnKind.MONEY),
    Column("signed_on", ColumnKind.DATE),
    Column("employees", ColumnKind.INT, minimum=0, maximum=3_000_000),
    Column("latitude", ColumnKind.DECIMAL, minimum=-90, maximum=90),
    Column("is_member", ColumnKind.BOOLEAN),
)


def apply_things(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
    """Put each row into the index, as an app would call its bulk service."""
    context.report(0, len(rows), "Writing")
    outcome = index_entries(
        SearchDocument(
            kind="test.thing",
            object_id=row.text("id"),
            title=row.text("name"),
            summary=f"{row['kind']} {row['amount']} {row['signed_on']}",
            url=f"/things/{row.text('id')}/",
            level=SharingLevel.PUBLIC,
        )
        for row in rows
    )
    return ImportOutcome(outcome.created, outcome.updated, outcome.unchanged)


THINGS = ImportSpec("things", COLUMNS, apply_things, title="Things", help="Things to be found")
IMPORTS = {"things": THINGS}


def csv_bytes(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def xlsx_bytes(*rows: Sequence[Any], sheet: str = "Sheet1") -> bytes:
    """A workbook; a text that begins with = is written as a formula."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(number, place, cell)
    return target.getvalue()


def json_bytes(rows: Any) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def read(content: bytes, name: str = "table.csv", **options: Any) -> tuple[Any, ...]:
    """Headings and rows of a file; a bad row shows as its faults."""
    with read_table(io.BytesIO(content), name, ReadOptions(**options)) as table:
        rows = [
            (number, cells.faults if isinstance(cells, BadRow) else tuple(cells))
            for number, cells in table.rows
        ]
        return table.headings, rows


def check(
    content: bytes,
    name: str = "table.csv",
    *,
    mapping: ColumnMapping | None = None,
    spec: ImportSpec = THINGS,
) -> Checked:
    """The rows of a file, checked and typed."""
    options = mapping.options if mapping else ReadOptions()
    with read_table(io.BytesIO(content), name, options) as table:
        return check_rows(table, spec, mapping, currency="USD", report=lambda *_progress: None)


def stored_actor(role: Role = Role.PROGRAMME_OFFICER, email: str = "officer@example.org") -> User:
    """A user who holds the role over the network."""
    user = User.objects.create_user(email, "pass", name=email.partition("@")[0])
    Grant.objects.create(
        user=user, role=role, scope_kind=ScopeKind.NETWORK, starts_on=NOW.date().replace(year=2020)
    )
    return user
