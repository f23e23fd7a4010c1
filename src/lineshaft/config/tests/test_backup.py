import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from lineshaft import __version__
from lineshaft.config import backup
from lineshaft.config.backup import Manifest, make_backup, restore_backup
from lineshaft.config.contents import holds_anything
from lineshaft.config.dump import applied_migrations
from lineshaft.kernel.errors import Invalid, LineshaftError, Refused, Unavailable
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.triggers import missing_triggers
from tests.marks import slow_on_postgresql

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _var(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.FILES_DIR = tmp_path / "var" / "files"
    settings.SNAPSHOTS_DIR = tmp_path / "var" / "snapshots"


@pytest.fixture
def archive(tmp_path: Path, settings: Settings) -> Path:
    """The backup of a network of one user, one event, one file and one snapshot."""
    make_user("Ada Example")
    with transaction.atomic():
        record_event(Actor.system("test"), "test_verb", ("test.thing", "1"), now=NOW)
    write(settings.FILES_DIR / "ab" / "cdef", b"evidence")
    write(settings.SNAPSHOTS_DIR / "snapshot-1" / "members.parquet", b"PAR1")
    target = tmp_path / "network.tar.gz"
    make_backup(target, now=NOW, report=quiet)
    return target


def quiet(_done: int, _total: int, _note: str) -> None:
    pass


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def restore(source: Path, *, may_replace: bool = True) -> Manifest:
    return restore_backup(
        source, is_empty=not holds_anything(), may_replace=may_replace, report=quiet
    )


def rewritten(source: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with its members changed, as a person with other aims might."""
    with tarfile.open(source) as tar:
        members = {}
        for entry in tar:
            file = tar.extractfile(entry)
            assert file is not None
            members[entry.name] = file.read()
    change(members)
    target = source.with_name("changed.tar.gz")
    with tarfile.open(target, "w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return target


def in_manifest(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(
            {**json.loads(members["manifest.json"]), **changes}
        ).encode()

    return change


@slow_on_postgresql
def test_restore_brings_back_records_files_and_triggers(
    archive: Path, settings: Settings, tmp_path: Path
) -> None:
    make_user("Late Arrival")
    (settings.FILES_DIR / "ab" / "cdef").unlink()

    manifest = restore(archive)

    assert manifest.version == __version__
    assert manifest.made_at == NOW.isoformat()
    assert list(User.objects.values_list("name", flat=True)) == ["Ada Example"]
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == ["test_verb"]
    assert (settings.FILES_DIR / "ab" / "cdef").read_bytes() == b"evidence"
    assert (settings.SNAPSHOTS_DIR / "snapshot-1" / "members.parquet").read_bytes() == b"PAR1"
    assert missing_triggers() == []
    assert sorted(path.name for path in settings.VAR_DIR.iterdir()) == ["files", "snapshots"]
    assert_backup_again_is_the_same(manifest, tmp_path)
    assert make_user("Next").pk > User.objects.get(name="Ada Example").pk


def assert_backup_again_is_the_same(first: Manifest, folder: Path) -> None:
    again = make_backup(folder / "again.tar.gz", now=NOW, report=quiet)
    tables = {
        part.path: part.sha256
        for part in first.parts
        if connection.vendor == "postgresql" or not part.path.startswith("database/")
    }
    assert {part.path: part.sha256 for part in again.parts if part.path in tables} == tables


def test_manifest_names_every_part_and_migration(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        content = tar.extractfile("manifest.json")
        assert content is not None
        manifest = json.loads(content.read())
    assert names == ["manifest.json", *(part["path"] for part in manifest["parts"])]
    assert [tuple(key) for key in manifest["migrations"]] == applied_migrations()
    others = [name for name in names if not name.startswith("database/")]
    assert others == ["manifest.json", "files/ab/cdef", "snapshots/snapshot-1/members.parquet"]


def test_restore_into_a_database_with_records_is_refused(archive: Path) -> None:
    with pytest.raises(Refused) as refused:
        restore(archive, may_replace=False)
    assert refused.value.code == "not_empty"
    assert User.objects.count() == 1


def damage(members: dict[str, bytes]) -> None:
    members["files/ab/cdef"] = b"forged!!"


def shorten(members: dict[str, bytes]) -> None:
    members["files/ab/cdef"] = b""


def leave_out(members: dict[str, bytes]) -> None:
    del members["files/ab/cdef"]


def add(members: dict[str, bytes]) -> None:
    members["files/../../escape"] = b"out"


def move(members: dict[str, bytes], target: str) -> None:
    manifest = json.loads(members["manifest.json"])
    part = next(part for part in manifest["parts"] if part["path"] == "files/ab/cdef")
    part["path"] = target
    members["manifest.json"] = json.dumps(manifest).encode()
    members[target] = members.pop("files/ab/cdef")


def escape(members: dict[str, bytes]) -> None:
    move(members, "files/../../escape")


def stray(members: dict[str, bytes]) -> None:
    move(members, "static/web.css")


def forget(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


def garble(members: dict[str, bytes]) -> None:
    members["manifest.json"] = b"{"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (damage, Invalid, "The backup is damaged (files/ab/cdef)"),
        (shorten, Invalid, "The backup is damaged (files/ab/cdef)"),
        (leave_out, Invalid, "The backup is damaged (files/ab/cdef)"),
        (add, Invalid, "The backup is damaged (files/../../escape)"),
        (escape, Invalid, "The backup is damaged (files/../../escape)"),
        (stray, Invalid, "The backup is damaged (static/web.css)"),
        (forget, Invalid, "This file is no backup"),
        (garble, Invalid, "The backup is damaged (manifest.json)"),
        (in_manifest(format=2), Invalid, "This backup has format 2; this version reads 1."),
        (in_manifest(vendor="oracle"), Refused, "This is a backup of a oracle database"),
        (in_manifest(migrations=[["access", "9999_later"]]), Refused, "which is newer than"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_restore_of_what_does_not_hold_together_changes_nothing(
    archive: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    error: type[LineshaftError],
    message: str,
) -> None:
    with pytest.raises(error) as raised:
        restore(rewritten(archive, change))
    assert raised.value.as_text().startswith(message) or message in raised.value.as_text()
    assert User.objects.count() == 1
    assert not (tmp_path / "escape").exists()


def test_restore_of_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "members.csv"
    other.write_text("name\n")
    with pytest.raises(Invalid):
        restore(other)


def test_restore_of_a_file_cut_short_is_refused(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(Invalid):
        restore(archive)


def test_restore_of_no_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        restore(tmp_path / "none.tar.gz")


def test_restore_of_a_damaged_sqlite_database_is_refused(archive: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite checks its own pages")

    def change(members: dict[str, bytes]) -> None:
        content = bytearray(members["database/lineshaft.sqlite3"])
        content[8192:12288] = b"\xff" * 4096
        members["database/lineshaft.sqlite3"] = bytes(content)
        reseal(members)

    with pytest.raises(Invalid) as raised:
        restore(rewritten(archive, change))
    assert raised.value.as_text().startswith("The database in the backup is damaged")
    assert User.objects.count() == 1


def test_restore_of_other_tables_than_its_migrations_is_refused(archive: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a copy of SQLite is one file")

    def change(members: dict[str, bytes]) -> None:
        del members["database/access_user.copy"]
        reseal(members)

    with pytest.raises(Invalid):
        restore(rewritten(archive, change))
    assert User.objects.count() == 1
    assert missing_triggers() == []


def reseal(members: dict[str, bytes]) -> None:
    """A manifest that fits the changed members: the damage was there when the backup was made."""
    manifest = json.loads(members["manifest.json"])
    manifest["parts"] = [
        {
            "path": name,
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in members.items()
        if name != "manifest.json"
    ]
    members["manifest.json"] = json.dumps(manifest).encode()


def test_backup_does_not_write_over_a_file(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(Unavailable):
        make_backup(archive, now=NOW, report=quiet)
    assert archive.read_bytes() == before


def test_backup_into_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as raised:
        make_backup(tmp_path / "none" / "network.tar.gz", now=NOW, report=quiet)
    assert raised.value.as_text() == f"There is no folder {tmp_path / 'none'}."


def test_backup_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_write_archive", fail)
    with pytest.raises(OSError, match="No space left"):
        make_backup(tmp_path / "network.tar.gz", now=NOW, report=quiet)
    assert [path.name for path in tmp_path.iterdir() if path.name != "var"] == []


def test_holds_anything_is_true_from_the_first_user() -> None:
    assert holds_anything() is False
    make_user()
    assert holds_anything() is True
