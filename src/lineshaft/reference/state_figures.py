"""What a nation's statistical office counted in each state: people, and jobs in manufacturing.

Invariant: the numbers of a table add up to the total that the office printed, but for the places
that it counts beside that total; so a slip of the hand in one state is refused.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from lineshaft.kernel.datafile import DataTable
from lineshaft.reference.sourced import Sourced, read_data_file, read_sourced

MEASURES: Final = frozenset({"population", "manufacturing_jobs"})
_FIRST_YEAR_LEAST: Final = 2000


@dataclass(frozen=True, slots=True)
class StateTable:
    """One published table: a number for each state in one year, by the state's code.

    `jurisdiction` is the key of the profile whose codes these are, `address` where the office
    publishes the table.
    """

    jurisdiction: str
    measure: str
    year: int
    title: str
    address: str
    numbers: tuple[tuple[str, int], ...]
    sourced: Sourced

    @property
    def source(self) -> str:
        """What is counted, who published it, and where, in one line."""
        return f"{self.title}. {self.sourced.source}, {self.address}"


@cache
def load_state_tables() -> tuple[StateTable, ...]:
    """Return the tables that ship; raises Invalid where the file is wrong."""
    return parse_state_tables(read_data_file("state_figures.toml"))


def parse_state_tables(root: DataTable) -> tuple[StateTable, ...]:
    """Return the tables of a data file; raises Invalid, code "data_file"."""
    tables = tuple(_table(row) for row in root.tables("tables"))
    root.finish()
    return tables


def _table(row: DataTable) -> StateTable:
    numbers = row.table("numbers")
    read = tuple((code, numbers.whole(code, least=1)) for code in numbers.values)
    beside = row.texts("beside_total")
    total = row.whole("total", least=1)
    if sum(number for code, number in read if code not in beside) != total:
        raise row.wrong("total", "the sum of the numbers")
    return StateTable(
        jurisdiction=row.text("jurisdiction"),
        measure=row.one_of("measure", MEASURES),
        year=row.whole("year", least=_FIRST_YEAR_LEAST),
        title=row.text("title"),
        address=row.text("address"),
        numbers=read,
        sourced=read_sourced(row),
    )
