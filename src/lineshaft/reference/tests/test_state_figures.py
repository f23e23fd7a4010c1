"""People and jobs by state: whole, sourced, and adding up to what the office printed."""

import pytest

from lineshaft.kernel.datafile import parse_table
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.profile import load_profile
from lineshaft.reference import Confidence, load_state_tables
from lineshaft.reference.state_figures import MEASURES, parse_state_tables

TABLE = """
[[tables]]
jurisdiction = "us"
measure = "population"
year = 2020
total = 30
beside_total = ["PR"]
title = "People"
source = "An office"
address = "https://office.example/table"
confidence = "high"

[tables.numbers]
OH = 10
MI = 20
PR = 5
"""


def test_state_tables_know_every_state_of_the_profile_and_nothing_else() -> None:
    codes = {code for code, *_names in load_profile("us").place_codes.codes}
    territories = {"AS", "GU", "MP", "PR", "VI"}
    population, jobs = load_state_tables()
    assert {code for code, _number in population.numbers} == codes - territories | {"PR"}
    assert {code for code, _number in jobs.numbers} == codes - territories
    assert {population.measure, jobs.measure} == MEASURES


def test_state_tables_add_up_to_the_national_totals_and_name_their_source() -> None:
    population, jobs = load_state_tables()
    people, workers = dict(population.numbers), dict(jobs.numbers)
    assert (population.year, sum(people.values()) - people["PR"]) == (2020, 331_449_281)
    assert (jobs.year, sum(workers.values())) == (2021, 11_710_424)
    assert (people["OH"], people["CA"], people["WY"]) == (11_799_448, 39_538_223, 576_851)
    assert (workers["OH"], workers["MI"], workers["DC"]) == (664_311, 578_425, 950)
    for table in (population, jobs):
        assert table.address.startswith("https://www.census.gov/")
        assert table.sourced.confidence is Confidence.HIGH
        assert "commit" in table.sourced.note
        assert len(table.source) <= 300


def test_state_table_says_what_where_and_by_whom_in_one_line() -> None:
    (table,) = parse_state_tables(parse_table(TABLE, "states.toml"))
    assert table.source == "People. An office, https://office.example/table"
    assert table.numbers == (("OH", 10), ("MI", 20), ("PR", 5))


@pytest.mark.parametrize(
    ("was", "becomes", "path"),
    [
        ("MI = 20", "MI = 21", "tables[0].total"),
        ("MI = 20", "MI = 0", "tables[0].numbers.MI"),
        ('measure = "population"', 'measure = "cattle"', "tables[0].measure"),
        ('address = "https://office.example/table"\n', "", "tables[0].address"),
        ("year = 2020", "year = 1900", "tables[0].year"),
        ('title = "People"', 'title = "People"\nodd = 1', "tables[0].odd"),
    ],
)
def test_state_table_with_a_fault_is_refused_by_field(was: str, becomes: str, path: str) -> None:
    assert was in TABLE
    with pytest.raises(Invalid) as caught:
        parse_state_tables(parse_table(TABLE.replace(was, becomes), "states.toml"))
    assert caught.value.params["field"] == path
