import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lineshaft.engines.analytics.facts import FactColumn, FactError, FactTable, check_distinct
from lineshaft.engines.analytics.snapshot import (
    GivenTable,
    SnapshotDamaged,
    SnapshotProgress,
    SnapshotStopped,
    check_snapshot,
    current_snapshot,
    prune_snapshots,
    read_manifest,
    write_snapshot,
)
from lineshaft.engines.analytics.source import BATCH_ROWS, DatabaseSource
from lineshaft.engines.analytics.tests.books import PAYMENTS, ROWS, TAKEN_AT, make_books, take
from lineshaft.kernel.periods import FiscalYear


def test_snapshot_of_a_database_holds_its_rows_in_declared_types(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    rows = pq.read_table(manifest.folder / "payments.parquet").to_pylist()
    assert rows[1] == {
        "id": 2,
        "shop": "north",
        "amount": 250,
        "paid_on": date(2022, 9, 30),
        "is_cash": False,
        "rate": Decimal("1.2500"),
        "seen_at": datetime(2022, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001 -- in UTC by declaration
    }
    assert len(rows) == 4
    assert rows[0]["rate"] is None


def test_snapshot_of_a_database_in_use_loses_no_write_to_it(tmp_path: Path) -> None:
    """Two SQLite libraries on one file in one process would drop each other's locks."""
    source = make_books(tmp_path)
    own = sqlite3.connect(source.address, isolation_level=None)
    own.execute("PRAGMA journal_mode = WAL")
    own.execute("UPDATE payment SET amount = amount")
    take(source, tmp_path / "snapshots")
    other = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "for n in range(100, 600):"
        " c.execute(f\"INSERT INTO payment(id, shop) VALUES ({n}, 'x')\")\n"
        "c.close()"
    )
    subprocess.run([sys.executable, "-c", other, source.address], check=True)
    own.executemany(
        "INSERT INTO payment(id, shop) VALUES (?, 'own')", [(n,) for n in range(600, 900)]
    )
    subprocess.run(
        [sys.executable, "-c", other.replace("100, 600", "900, 901"), source.address], check=True
    )
    assert own.execute("SELECT count(*) FROM payment").fetchone() == (len(ROWS) + 801,)
    assert own.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    own.close()


def test_snapshot_leaves_no_copy_of_the_database_behind(tmp_path: Path) -> None:
    take(make_books(tmp_path), tmp_path / "snapshots")
    assert list((tmp_path / "snapshots").rglob("*.sqlite3")) == []


def test_snapshot_periods_reach_from_the_earliest_date_to_the_day_of_taking(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    assert pq.read_table(manifest.folder / "periods.parquet").to_pylist() == [
        {"fiscal_year": 2022, "starts_on": date(2021, 10, 1), "ends_on": date(2022, 10, 1)},
        {"fiscal_year": 2023, "starts_on": date(2022, 10, 1), "ends_on": date(2023, 10, 1)},
    ]


def test_snapshot_of_an_empty_database_has_the_present_period(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path, ()), tmp_path / "snapshots")
    assert {table.name: table.rows for table in manifest.tables} == {"payments": 0, "periods": 1}
    assert check_snapshot(manifest.folder) == []


def test_snapshot_of_a_mistyped_century_keeps_to_sixty_periods(tmp_path: Path) -> None:
    rows = ((1, "north", 1, "0202-01-01", 1, None, None),)
    manifest = take(make_books(tmp_path, rows), tmp_path / "snapshots")
    assert next(table.rows for table in manifest.tables if table.name == "periods") == 60


def test_snapshot_name_carries_moment_and_hash_and_the_pointer_follows(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    assert current_snapshot(folder) is None
    manifest = take(make_books(tmp_path), folder)
    assert manifest.name == f"snapshot-20221120T123000Z-{manifest.hash[:12]}"
    assert current_snapshot(folder) == manifest.folder
    later = take(make_books(tmp_path), folder, taken_at=TAKEN_AT + timedelta(days=1))
    assert current_snapshot(folder) == later.folder
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["current", manifest.name, later.name]
    )


def test_snapshot_of_equal_data_in_another_order_has_an_equal_hash(tmp_path: Path) -> None:
    shuffled = FactTable(
        PAYMENTS.name, PAYMENTS.grain, f"{PAYMENTS.sql} ORDER BY id DESC", PAYMENTS.columns
    )
    source = make_books(tmp_path)
    first = take(source, tmp_path / "first")
    second = write_snapshot(
        source,
        (shuffled,),
        tmp_path / "second",
        taken_at=TAKEN_AT,
        fiscal_year=FiscalYear(10),
        program="another",
    )
    assert second.hash == first.hash
    changed = (*ROWS[:3], (4, "south", 8, None, 0, None, None))
    assert take(make_books(tmp_path, changed), tmp_path / "third").hash != first.hash


def test_snapshot_taken_twice_in_one_moment_is_one_snapshot(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    source = make_books(tmp_path)
    assert take(source, folder).folder == take(source, folder).folder
    assert len(list(folder.iterdir())) == 2


def test_snapshot_column_empty_in_the_first_rows_keeps_its_type(tmp_path: Path) -> None:
    empty = tuple((n, "north", 1, None, 0, None, None) for n in range(1, BATCH_ROWS + 10))
    last = (BATCH_ROWS + 10, "north", 1, "2022-05-05", 0, "1.5", None)
    manifest = take(make_books(tmp_path, (*empty, last)), tmp_path / "snapshots")
    paid_on = pq.read_table(manifest.folder / "payments.parquet").column("paid_on")
    assert paid_on[-1].as_py() == date(2022, 5, 5)
    assert len(paid_on) == BATCH_ROWS + 10


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param((1, None, 1, None, 0, None, None), "'shop': 1 rows are empty", id="empty"),
        pytest.param(
            (1, "north", 1, "30.9.2022", 0, None, None), "'paid_on': not date", id="bad-date"
        ),
        pytest.param(
            (1, "north", 1, None, 0, "1.23456", None), "'rate': not decimal(10,4)", id="digits"
        ),
    ],
)
def test_snapshot_of_rows_that_break_the_declaration_is_refused_and_leaves_nothing(
    tmp_path: Path, row: tuple[object, ...], said: str
) -> None:
    with pytest.raises(FactError) as caught:
        take(make_books(tmp_path, (row,)), tmp_path / "snapshots")
    assert said in str(caught.value)
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_snapshot_with_a_wrong_query_names_the_table(tmp_path: Path) -> None:
    wrong = FactTable("payments", "one payment", "SELECT 1 AS id FROM nowhere", PAYMENTS.columns)
    with pytest.raises(FactError, match=r"^table 'payments': .*nowhere"):
        write_snapshot(
            make_books(tmp_path),
            (wrong,),
            tmp_path / "snapshots",
            taken_at=TAKEN_AT,
            fiscal_year=FiscalYear(10),
            program="",
        )


def test_snapshot_whose_query_breaks_off_in_the_middle_names_the_table(tmp_path: Path) -> None:
    overflowing = FactTable(
        "payments",
        "one payment",
        "SELECT abs(amount) AS amount FROM payment",
        (FactColumn("amount", "int64", "minor units", "what was paid"),),
    )
    sound = tuple((n, "north", 1, None, 0, None, None) for n in range(1, BATCH_ROWS + 10))
    last = (BATCH_ROWS + 10, "north", -(2**63), None, 0, None, None)
    with pytest.raises(FactError, match=r"^table 'payments': .*integer overflow"):
        write_snapshot(
            make_books(tmp_path, (*sound, last)),
            (overflowing,),
            tmp_path / "snapshots",
            taken_at=TAKEN_AT,
            fiscal_year=FiscalYear(10),
            program="",
        )
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_snapshot_of_a_missing_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="there is no SQLite database"):
        take(DatabaseSource("sqlite", str(tmp_path / "none")), tmp_path / "snapshots")


def test_snapshot_source_does_not_show_its_password() -> None:
    assert repr(DatabaseSource("postgresql", "postgresql://u:secret@h/d")) == (
        "DatabaseSource(kind='postgresql')"
    )


def test_snapshot_stopped_leaves_nothing_and_says_where(tmp_path: Path) -> None:
    with pytest.raises(SnapshotStopped, match="payments"):
        write_snapshot(
            make_books(tmp_path),
            (PAYMENTS,),
            tmp_path / "snapshots",
            taken_at=TAKEN_AT,
            fiscal_year=FiscalYear(10),
            program="",
            should_stop=lambda: True,
        )
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_snapshot_reports_its_progress(tmp_path: Path) -> None:
    seen: list[SnapshotProgress] = []
    write_snapshot(
        make_books(tmp_path),
        (PAYMENTS,),
        tmp_path / "snapshots",
        taken_at=TAKEN_AT,
        fiscal_year=FiscalYear(10),
        program="",
        progress=seen.append,
    )
    assert seen == [
        SnapshotProgress("payments", 0, 1, 0),
        SnapshotProgress("payments", 0, 1, 4),
        SnapshotProgress("", 1, 1, 4),
    ]


def test_snapshot_keeps_a_given_table_and_refuses_one_of_other_types(tmp_path: Path) -> None:
    table = FactTable("shops", "one shop", "", (FactColumn("shop", "string", "", "its key"),))

    def taken_with(value: object) -> list[dict[str, object]]:
        manifest = write_snapshot(
            make_books(tmp_path),
            (PAYMENTS,),
            tmp_path / "snapshots",
            taken_at=TAKEN_AT,
            fiscal_year=FiscalYear(10),
            program="",
            given=(GivenTable(table, ({"shop": value},)),),
        )
        rows: list[dict[str, object]] = pq.read_table(manifest.folder / "shops.parquet").to_pylist()
        return rows

    assert taken_with("north") == [{"shop": "north"}]
    with pytest.raises(FactError, match="table 'shops'"):
        taken_with(7)


def test_manifest_read_back_is_the_manifest_written(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    assert read_manifest(manifest.folder) == manifest
    assert manifest.rows == 6
    assert manifest.size_bytes == sum(
        path.stat().st_size for path in manifest.folder.glob("*.parquet")
    )


def test_manifest_unreadable_is_damage(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(SnapshotDamaged, match="no readable manifest"):
        read_manifest(tmp_path)
    assert len(check_snapshot(tmp_path)) == 1


def test_check_snapshot_finds_every_kind_of_damage(tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    assert check_snapshot(manifest.folder) == []
    file = manifest.folder / "payments.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole + b" ")
    assert check_snapshot(manifest.folder) == [
        f"{manifest.name}: payments.parquet is not the file that was written"
    ]
    file.unlink()
    assert check_snapshot(manifest.folder) == [f"{manifest.name}: payments.parquet is missing"]
    file.write_bytes(whole)
    stated = manifest.folder / "manifest.json"
    data = json.loads(stated.read_text())
    data["tables"][0]["content"] = "0" * 64
    stated.write_text(json.dumps(data))
    assert check_snapshot(manifest.folder) == [
        f"{manifest.name}: payments.parquet does not give its digest again",
        f"{manifest.name}: the tables do not give the snapshot's hash",
    ]
    moved = manifest.folder.rename(manifest.folder.with_name("snapshot-x-000000000000"))
    assert check_snapshot(moved)[-1] == "snapshot-x-000000000000: the folder does not bear its hash"


def test_prune_keeps_pinned_current_and_latest_and_clears_what_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    source = make_books(tmp_path)
    names = [
        take(source, folder, taken_at=TAKEN_AT + timedelta(hours=hour)).name for hour in range(5)
    ]
    (folder / ".unfinished-old").mkdir()
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    far_ahead = datetime(2999, 1, 1, tzinfo=UTC)
    assert prune_snapshots(folder, pinned=names, keep_latest=0, unfinished_before=long_ago) == ()
    assert (folder / ".unfinished-old").exists()
    removed = prune_snapshots(folder, pinned={names[0]}, keep_latest=2, unfinished_before=far_ahead)
    assert removed == (names[1], names[2])
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["current", names[0], names[3], names[4]]
    )


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param(lambda: FactColumn("Name", "string", "", "x"), "lower snake", id="name"),
        pytest.param(lambda: FactColumn("name", "text", "", "x"), "unknown type", id="type"),
        pytest.param(lambda: FactColumn("n", "decimal(99,2)", "", "x"), "out of range", id="wide"),
        pytest.param(lambda: FactColumn("name", "string", "", ""), "what it means", id="meaning"),
        pytest.param(lambda: replace(PAYMENTS, name="x y"), "lower snake", id="table"),
        pytest.param(lambda: replace(PAYMENTS, grain=""), "what one row is", id="grain"),
        pytest.param(lambda: replace(PAYMENTS, columns=()), "declare its columns", id="none"),
        pytest.param(
            lambda: replace(PAYMENTS, columns=PAYMENTS.columns[:1] * 2), "twice: id", id="twice"
        ),
        pytest.param(lambda: check_distinct((PAYMENTS, PAYMENTS)), "bear one name", id="same"),
    ],
)
def test_facts_declared_wrongly_are_refused(made: object, said: str) -> None:
    assert callable(made)
    with pytest.raises(FactError, match=said):
        made()
