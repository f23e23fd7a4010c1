"""A good file of each kind of import, and what makes a file of it."""

import gzip
import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import xlsxwriter

from lineshaft.apps.funding.tests import factories
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.apps.reviewing.tests.factories import make_reviewer

type Cells = dict[str, str]

_VALUED: Final = {
    "contributor": "Brass and Bolt Works",
    "kind": "personnel",
    "amount": "5.00",
    "date": "2022-03-01",
    "evidence": "payroll 7",
    "federal_origin": "no",
    "units": "1",
    "rate": "5.00",
    "fringe_percent": "0",
    "basis_of_value": "pay",
}
_MEMBER: Final = {
    "institute": "america-makes",
    "tier": "sme",
    "signed_on": "2022-01-01",
    "starts_on": "2022-01-01",
    "ends_on": "2023-01-01",
    "ended_reason": "",
}

ROWS: Final[Mapping[str, tuple[Cells, ...]]] = {
    "organisations": (
        {"name": "Gears", "kind": "industry_sme", "uei": "HJ7LJZ2K9C35", "latitude": "41.1"}
        | {"longitude": "-81.5", "level": "public", "is_hbcu": "no"},
        {"name": "Cogs", "kind": "industry_sme", "uei": "", "latitude": "39.7"}
        | {"longitude": "-84.1", "level": "public", "is_hbcu": "no"},
    ),
    "awards": tuple(
        {"source": "nsf", "number": number, "title": "Gears", "abstract": "We cut gears."}
        | {"agency": "NSF", "recipient": "Brass and Bolt Works", "starts_on": "2022-03-01"}
        | {"ends_on": "2023-03-01", "year": "2022", "amount": "5.00", "level": "public"}
        for number in ("0001", "0002")
    ),
    "members": (
        {"organisation": "Brass and Bolt Works"} | _MEMBER,
        {"organisation": "Nut Works"} | _MEMBER,
    ),
    "denominators": tuple(
        {"measure": "population", "state": state, "year": "2022", "number": "5", "source": "Census"}
        for state in ("OH", "PA")
    ),
    "costs": tuple(
        {"number": number, "agreement": "W911-1", "code": "incur", "amount": "5.00"}
        | {"date": "2022-03-01", "category": "personnel", "payee": "A firm", "evidence": "bill"}
        for number in ("K-1", "K-2")
    ),
    "own_income": tuple(
        {"number": number, "institute": "america-makes", "stream": "dues", "amount": "5.00"}
        | {"date": "2022-03-01", "payer": "A firm"}
        for number in ("I-1", "I-2")
    ),
    "commitments": tuple(
        {"number": number, "agreement": "W911-1", "contributor": "Brass and Bolt Works"}
        | {"form": "cash", "amount": "5.00", "promised_on": "2022-03-01", "due_on": "2022-12-31"}
        | {"letter": "Letter 7"}
        for number in ("P-1", "P-2")
    ),
    "contributions": tuple(
        {"number": number, "agreement": "W911-1"} | _VALUED for number in ("M-1", "M-2")
    ),
    "claims": tuple(
        {"claim": "C-1", "starts_on": "2022-03-01", "ends_on": "2022-04-01", "number": number}
        | {"agreement": "W911-1"}
        | _VALUED
        for number in ("M-1", "M-2")
    ),
    "transfers": tuple(
        {"number": number, "agreement": "W911-1", "code": "authorise", "amount": "5.00"}
        | {"date": "2022-03-01", "agency": "DOD", "obligation": "", "reason": ""}
        for number in ("T-1", "T-2")
    ),
    "payments": tuple(
        {"agreement": "W911-1", "agency": "DOD", "date": "2022-03-01", "amount": "5.00"}
        | {"direction": "payment", "reference": number, "text": "draw"}
        for number in ("R-1", "R-2")
    ),
    "statements": tuple(
        {"institute": "america-makes", "account": "main", "date": "2022-03-01"}
        | {"value_date": "2022-03-01", "amount": "5.00", "paid_in": "", "agreement": "W911-1"}
        | {"reference": number, "text": "draw"}
        for number in ("B-1", "B-2")
    ),
    "person-ties": tuple(
        {"person": "ada@brass.example", "other": "bo@brass.example", "kind": kind}
        | {"year_from": "2020", "year_to": "2021", "evidence": "On gears", "source": "Papers"}
        for kind in ("co_author", "shared_project")
    ),
    "reviewers": tuple(
        {"name": "A reviewer", "email": address, "organisation": "Brass and Bolt Works"}
        | {"sector": "industry", "areas": "", "load": "4"}
        for address in ("one@bolt.example", "two@bolt.example")
    ),
    "reviewer-texts": tuple(
        {"email": "ada@brass.example", "title": title, "abstract": "We cut gears."}
        | {"year": "2020"}
        for title in ("On gears", "On cogs")
    ),
}
"""Two good rows of each kind, in the world of `make_world`; some columns are left out."""


def make_world() -> None:
    """What the rows name: an institute, its agreement with money in it, organisations, people."""
    under = factories.agreement()
    factories.authorised(under)
    for name in ("Brass and Bolt Works", "Nut Works"):
        one = factories.organisation(name)
        one.kind = "industry_sme"
        one.save(update_fields=["kind"])
    make_person("Bo", email="bo@brass.example")
    make_reviewer("Ada", email="ada@brass.example")


def csv_of(rows: Sequence[Cells]) -> bytes:
    """The rows as CSV; no cell of theirs holds a comma."""
    headings = list(rows[0])
    lines = [",".join(headings), *(",".join(row[name] for name in headings) for row in rows)]
    return "\n".join(lines).encode() + b"\n"


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of those sheets; a text that begins with = is written as a formula."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return target.getvalue()


def table_of(rows: Sequence[Cells]) -> list[list[str]]:
    """Headings and cells, for a sheet."""
    return [list(rows[0]), *([*row.values()] for row in rows)]


@cache
def gzip_bomb() -> bytes:
    """A small file that would unpack to 200 MB."""
    return gzip.compress(bytes(200 * 1024 * 1024), 9)
