import pytest

from bench.__main__ import BENCHMARKS, parse


@pytest.mark.parametrize("name", BENCHMARKS)
def test_section_of_each_benchmark_loads_and_its_rows_name_results(name: str) -> None:
    options, names = parse(["--only", name])
    section = BENCHMARKS[name].section(options)
    assert names == [name]
    assert section.rows
    assert [row.what for row in section.rows if not row.result] == []
