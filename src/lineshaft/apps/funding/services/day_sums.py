"""The sums of days kept beside the transfers, in the transaction that writes them.

Added to under the lock of the accounts between which the money moved. Every transfer of a row's way
moves between accounts of the same two kinds in the same agreement, of which each writer has locked
all but contributors' own; so no writer waits for another's row.
"""

from collections.abc import Iterable
from datetime import date
from itertools import batched, chain
from typing import Final

from django.db import connection

from lineshaft.apps.funding.services.book import UPDATE_ROWS, Book, Line

type _Key = tuple[int, date, str, str, str, str]
"""Agreement, day, code, code of what is corrected, kinds of the two accounts."""

_ADD: Final = """
INSERT INTO funding_daysum (agreement_id, occurred_on, code, corrects_code, debit_kind,
                            credit_kind, transfers, amount_minor)
VALUES {rows}
ON CONFLICT (agreement_id, occurred_on, code, corrects_code, debit_kind, credit_kind)
DO UPDATE SET transfers = funding_daysum.transfers + excluded.transfers,
              amount_minor = funding_daysum.amount_minor + excluded.amount_minor
"""
_ROW: Final = "(%s, %s, %s, %s, %s, %s, %s, %s)"


def add_to_days(lines: Iterable[Line], book: Book) -> None:
    """Count the lines, just written, in the sums of their days."""
    kinds = {pk: account.kind for pk, account in book.accounts.items()}
    sums: dict[_Key, list[int]] = {}
    for line in lines:
        key = (
            line.agreement_id,
            line.occurred_on,
            line.code,
            book.lines[line.corrects_id].code if line.corrects_id is not None else "",
            kinds[line.debit_account_id],
            kinds[line.credit_account_id],
        )
        counted = sums.setdefault(key, [0, 0])
        counted[0] += 1
        counted[1] += line.amount_minor
    with connection.cursor() as cursor:
        for part in batched(sorted(sums), UPDATE_ROWS):
            cursor.execute(
                _ADD.format(rows=", ".join([_ROW] * len(part))),
                list(chain.from_iterable((*key, *sums[key]) for key in part)),
            )
