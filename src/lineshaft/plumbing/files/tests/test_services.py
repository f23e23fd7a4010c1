"""Storing, opening and verifying files."""

import io
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from lineshaft.kernel.errors import Refused, TooLarge, Unavailable
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files import services
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.sharing import SharingLevel

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SYSTEM = Actor.system("test")
PDF = b"%PDF-1.7 evidence"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def store(content: bytes = PDF, actor: Actor = SYSTEM, **options: Any) -> StoredFile:
    chosen = {"name": "a.pdf", "level": SharingLevel.RESTRICTED, "purpose": "test"} | options
    return services.store_file(actor, content, now=NOW, **chosen)


def kept_paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_store_file_keeps_content_under_its_hash(folder: Path) -> None:
    stored = store()
    path = folder / stored.sha256[:2] / stored.sha256[2:]
    assert kept_paths(folder) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    with services.open_file(stored) as content:
        assert content.read() == PDF
    assert (stored.size_bytes, stored.media_type) == (len(PDF), "application/pdf")
    assert AuditEvent.objects.get().changes["sha256"] == stored.sha256


def test_store_file_same_content_is_kept_once_with_a_record_each(folder: Path) -> None:
    first, second = store(name="a.pdf"), store(name="b.pdf")
    assert (first.sha256, StoredFile.objects.count()) == (second.sha256, 2)
    assert len(kept_paths(folder)) == 1


def test_store_file_mends_damaged_content(folder: Path) -> None:
    stored = store()
    (path,) = kept_paths(folder)
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    store()
    with services.open_file(stored) as content:
        assert content.read() == PDF


def test_store_file_takes_an_open_file() -> None:
    source = io.BytesIO(PDF)
    source.read()
    assert services.store_file(
        SYSTEM, source, name="x", now=NOW, level=SharingLevel.PUBLIC, purpose="t"
    ).size_bytes == len(PDF)


@pytest.mark.parametrize(
    ("content", "error", "options"),
    [
        (b"", Refused, {}),
        (b"<html>", Refused, {}),
        (b"\x1f\x8b\x08", Refused, {}),
        (PDF, TooLarge, {"limit_bytes": 5}),
    ],
    ids=["empty", "html", "gzip", "large"],
)
def test_store_file_refused_leaves_nothing(
    folder: Path, content: bytes, error: type[Exception], options: dict[str, Any]
) -> None:
    with pytest.raises(error):
        store(content, **options)
    assert (StoredFile.objects.count(), kept_paths(folder)) == (0, [])


def test_store_file_limit_is_the_setting(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 5
    with pytest.raises(TooLarge):
        store()


def test_store_file_rolled_back_leaves_content_without_a_record(folder: Path) -> None:
    with transaction.atomic():
        store()
        transaction.set_rollback(True)
    assert (StoredFile.objects.count(), len(kept_paths(folder))) == (0, 1)
    assert services.verify_files() == []


def test_remove_orphans_takes_old_contents_without_a_record(folder: Path) -> None:
    store()
    with transaction.atomic():
        store(b"%PDF-1.7 other")
        transaction.set_rollback(True)
    assert services.remove_orphans(before=datetime.now(UTC) - timedelta(days=1)) == 0  # noqa: TID251 -- file times are the machine's
    old = NOW.timestamp() - 100
    for path in kept_paths(folder):
        os.utime(path, (old, old))
    assert services.remove_orphans(before=NOW) == 1
    assert len(kept_paths(folder)) == 1
    assert services.verify_files() == []


def test_verify_files_finds_missing_and_altered_content(folder: Path) -> None:
    store()
    altered = store(b"%PDF-1.7 altered")
    path = services.path_of(altered.sha256)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7 altere!")
    missing = store(b"%PDF-1.7 missing")
    services.path_of(missing.sha256).unlink()
    found = {problem.where: str(problem) for problem in services.verify_files()}
    assert set(found) == {f"file {altered.sha256[:16]}", f"file {missing.sha256[:16]}"}
    assert "its hash is now" in found[f"file {altered.sha256[:16]}"]
    assert "No such file" in found[f"file {missing.sha256[:16]}"]


def test_open_file_missing_is_unavailable() -> None:
    stored = store()
    services.path_of(stored.sha256).unlink()
    with pytest.raises(Unavailable):
        services.open_file(stored)


def test_files_visible_to_follows_level_and_uploader(
    programme_officer: Actor, institute_manager: Actor, learner: Actor, public: Actor
) -> None:
    user = User.objects.create_user("own@example.org", name="own")
    own = Actor(user.pk, "own")
    open_to_all = store(level=SharingLevel.PUBLIC)
    secret = store(b"%PDF-1.7 secret")
    of_institute = store(
        b"%PDF-1.7 institute", level=SharingLevel.INSTITUTE, institute="america-makes"
    )
    of_other = store(b"%PDF-1.7 other", level=SharingLevel.INSTITUTE, institute="lift")
    mine = store(b"%PDF-1.7 mine", actor=own)
    assert set(files_visible_to(programme_officer)) == {
        open_to_all,
        secret,
        of_institute,
        of_other,
        mine,
    }
    assert set(files_visible_to(institute_manager)) == {open_to_all, of_institute}
    assert set(files_visible_to(own)) == {open_to_all, mine}
    assert set(files_visible_to(learner)) == {open_to_all}
    assert set(files_visible_to(public)) == {open_to_all}
