from decimal import Decimal
from pathlib import Path

import pytest

from lineshaft.engines.analytics.figures import (
    FigureError,
    FigureKind,
    FigureLibrary,
    FigureRow,
    Step,
    compute,
    load_figure,
    load_library,
    load_step,
)
from lineshaft.engines.analytics.on_duckdb import engine_over
from lineshaft.engines.analytics.tests.books import (
    CASH_SHARE,
    TAKINGS,
    TAKINGS_YEARS,
    make_books,
    make_figures,
    take,
)


def test_figure_file_is_read_whole(tmp_path: Path) -> None:
    figure = load_figure(make_figures(tmp_path) / "takings.sql")
    assert figure.id == "shops.takings"
    assert figure.version == 2
    assert figure.kind is FigureKind.SUM
    assert figure.definition_in("en") == "What was paid in the fiscal year, in every shop."
    assert figure.definition_in("zh-hans") == "该财年内，各店的收入。"
    assert (figure.title_in("en"), figure.title_in("zh-hans")) == ("Takings", "收入")
    assert (figure.unit_in("en"), figure.unit_in("zh-hans")) == ("money", "金额")
    assert figure.records == ("payments", "receipts")
    assert figure.published == ("shop_takings",)
    assert figure.sql.startswith("SELECT shop AS institute")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(("-- id: shops.takings", "-- id: Takings"), "id must read", id="id"),
        pytest.param(("-- version: 2", "-- version: 0"), "version must be", id="version"),
        pytest.param(("-- kind: sum", "-- kind: mean"), "kind must be one of", id="kind"),
        pytest.param(("-- kind: sum", "-- kind: ratio"), "how it is rounded", id="rounding"),
        pytest.param(
            ("-- kind: sum", "-- kind: sum\n-- audience: all"),
            "audience must be one of report, planning, not 'all'",
            id="audience",
        ),
        pytest.param(
            ("-- kind: sum", "-- kind: sum\n-- decimals: two"), "whole number", id="decimals"
        ),
        pytest.param(("-- unit: money\n", ""), "lacks unit", id="missing"),
        pytest.param(("-- unit: money", "-- unit:"), "lacks unit", id="empty"),
        pytest.param(("-- unit: money", "-- units: money"), "lacks unit", id="renamed"),
        pytest.param(
            ("-- unit: money", "-- unit: money\n-- colour: red"), "does not know colour", id="extra"
        ),
        pytest.param(
            ("-- unit: money", "-- unit: money\n-- unit: cent"), "line 7: unit is given", id="twice"
        ),
        pytest.param(("-- unit: money", "--unit"), "line 6: not", id="line"),
    ],
)
def test_figure_file_written_wrongly_says_what_and_where(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    path = tmp_path / "takings.sql"
    path.write_text(TAKINGS.replace(*change), encoding="utf-8")
    with pytest.raises(FigureError, match=f"^takings.sql.*{said}"):
        load_figure(path)


def test_figure_file_without_query_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "takings.sql"
    path.write_text(TAKINGS[: TAKINGS.index("SELECT")], encoding="utf-8")
    with pytest.raises(FigureError, match="no query follows"):
        load_figure(path)


def test_step_with_a_bad_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "step.sql"
    path.write_text(TAKINGS_YEARS.replace("step: takings_years", "step: Takings"))
    with pytest.raises(FigureError, match="lower snake case"):
        load_step(path)


def test_library_with_one_id_twice_is_refused(tmp_path: Path) -> None:
    folder = make_figures(tmp_path)
    (folder / "again.sql").write_text(TAKINGS, encoding="utf-8")
    with pytest.raises(FigureError, match=r"defined twice: shops\.takings"):
        load_library(folder)


def test_library_finds_a_figure_by_its_id(tmp_path: Path) -> None:
    library = load_library(make_figures(tmp_path))
    assert [figure.id for figure in library.figures] == ["shops.cash_share", "shops.takings"]
    assert library.figure("shops.takings") is library.figures[1]
    assert library.figure("shops.nothing") is None


def test_compute_gives_each_institute_each_year_and_the_network(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    results = compute(load_library(make_figures(tmp_path)), manifest.folder)
    assert (results.snapshot, results.snapshot_hash) == (manifest.name, manifest.hash)
    assert results.fiscal_years == (2022, 2023)
    assert results.rows["shops.takings"] == (
        FigureRow(None, 2022, None, 1250, None, Decimal(1250)),
        FigureRow("north", 2022, None, 1250, None, Decimal(1250)),
        FigureRow(None, 2023, None, 500, None, Decimal(500)),
        FigureRow("south", 2023, None, 500, None, Decimal(500)),
    )
    assert results.rows["shops.cash_share"][0] == (
        FigureRow(None, 2022, None, 1000, 1250, Decimal("80.0"))
    )


def test_compute_of_some_figures_gives_those_alone(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    library = load_library(make_figures(tmp_path))
    results = compute(library, manifest.folder, figures=library.figures[:1])
    assert list(results.rows) == ["shops.cash_share"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        pytest.param(
            "takings.sql",
            TAKINGS.replace("needs: takings_years", "needs: stock"),
            "figure shops.takings needs stock, which is neither",
            id="no-such-table",
        ),
        pytest.param(
            "takings.sql",
            TAKINGS.replace("FROM takings_years", "FROM nowhere"),
            "figure shops.takings: .*nowhere",
            id="query-fails",
        ),
        pytest.param(
            "takings.sql",
            TAKINGS.replace("AS numerator", "AS value"),
            "gives institute, fiscal_year, dimension, value, denominator, not",
            id="columns",
        ),
        pytest.param(
            "takings.sql",
            TAKINGS.replace("CAST(amount AS BIGINT)", "amount / 2"),
            "is not a whole number; round nothing",
            id="rounded-in-sql",
        ),
        pytest.param(
            "steps/takings_years.sql",
            TAKINGS_YEARS.replace("FROM payments", "FROM nowhere"),
            "step takings_years: .*nowhere",
            id="step-fails",
        ),
        pytest.param(
            "steps/takings_years.sql",
            TAKINGS_YEARS.replace("needs: payments", "needs: takings_years"),
            "steps need each other: takings_years > takings_years",
            id="circle",
        ),
    ],
)
def test_compute_of_a_figure_that_cannot_be_says_why(
    tmp_path: Path, file: str, text: str, said: str
) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    folder = make_figures(tmp_path)
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(FigureError, match=said):
        compute(load_library(folder), manifest.folder)


def test_compute_may_read_the_snapshot_and_nothing_else(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    step = Step("secret", "a secret", (), f"SELECT * FROM read_csv('{tmp_path}/secret.csv')")  # noqa: S608 -- the attempt itself
    folder = make_figures(tmp_path)
    (folder / "takings.sql").write_text(
        TAKINGS.replace("needs: takings_years", "needs: secret"), encoding="utf-8"
    )
    library = load_library(folder)
    with pytest.raises(FigureError, match="step secret: Permission Error"):
        compute(
            FigureLibrary(library.figures, (step,)), manifest.folder, figures=library.figures[1:]
        )


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [
        pytest.param(1, 8, Decimal("12.5"), id="exact"),
        pytest.param(125, 100_000, Decimal("0.1"), id="down"),
        pytest.param(150, 100_000, Decimal("0.2"), id="half-goes-up"),
        pytest.param(0, 5, Decimal("0.0"), id="nothing"),
        pytest.param(5, 0, None, id="by-nothing"),
        pytest.param(5, None, None, id="no-denominator"),
        pytest.param(None, 5, None, id="no-numerator"),
    ],
)
def test_value_of_a_share_is_rounded_half_up_once(
    tmp_path: Path, numerator: int | None, denominator: int | None, value: Decimal | None
) -> None:
    path = tmp_path / "cash_share.sql"
    path.write_text(CASH_SHARE, encoding="utf-8")
    assert load_figure(path).value_of(numerator, denominator) == value


def test_value_of_an_empty_sum_is_nothing_and_exact_beyond_what_a_float_holds(
    tmp_path: Path,
) -> None:
    figure = load_figure(make_figures(tmp_path) / "takings.sql")
    assert figure.value_of(None, None) == Decimal(0)
    assert figure.value_of(2**60 + 1, None) == Decimal(2**60 + 1)


def test_connection_prints_no_progress_amid_what_a_command_prints(tmp_path: Path) -> None:
    with engine_over(tmp_path) as connection:
        found = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    assert found == [(False,)]
