import os
import subprocess
import sys

import pytest

from bench.__main__ import BENCHMARKS, parse
from bench.program import ROOT

LOAD_EACH = """
from bench.__main__ import BENCHMARKS, parse
options, _names = parse([])
print(sum(bool(one.section(options).rows) for one in BENCHMARKS.values()))
"""


@pytest.mark.parametrize("name", BENCHMARKS)
def test_section_of_each_benchmark_loads_and_its_rows_name_results(name: str) -> None:
    options, names = parse(["--only", name])
    section = BENCHMARKS[name].section(options)
    assert names == [name]
    assert section.rows
    assert [row.what for row in section.rows if not row.result] == []


def test_sections_load_where_nothing_has_loaded_the_program() -> None:
    environment = {
        name: text
        for name, text in os.environ.items()  # noqa: TID251 -- handed on to a program of its own
        if not name.startswith(("DJANGO_", "COVERAGE_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD_EACH],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{len(BENCHMARKS)}\n", "")
