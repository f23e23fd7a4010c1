"""The download: its headers, and that what one may not see is not there."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import lineshaft
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files import services, views
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.FILES_DIR = tmp_path / "files"


def store(level: SharingLevel, name: str = "年报 2022.pdf") -> StoredFile:
    return services.store_file(
        Actor.system("test"),
        b"%PDF-1.7 evidence",
        name=name,
        now=datetime(2026, 11, 23, tzinfo=UTC),
        level=level,
        purpose="test",
    )


def test_download_file_is_an_attachment_that_no_browser_runs(client: Client) -> None:
    stored = store(SharingLevel.PUBLIC)
    response = client.get(stored.get_absolute_url())
    assert b"".join(response.streaming_content) == b"%PDF-1.7 evidence"  # type: ignore[attr-defined]
    headers = {
        name: response[name]
        for name in (
            "Content-Type",
            "Content-Length",
            "Content-Disposition",
            "X-Content-Type-Options",
            "Content-Security-Policy",
            "Cross-Origin-Resource-Policy",
            "Cache-Control",
        )
    }
    assert headers == {
        "Content-Type": "application/pdf",
        "Content-Length": "17",
        "Content-Disposition": ("attachment; filename*=utf-8''%E5%B9%B4%E6%8A%A5%202022.pdf"),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_download_file_not_visible_answers_as_one_that_is_not_there(client: Client) -> None:
    stored = store(SharingLevel.RESTRICTED)
    visible = store(SharingLevel.PUBLIC)
    other_name = visible.get_absolute_url().replace("2022", "2021")
    for path in (stored.get_absolute_url(), other_name):
        assert client.get(path).status_code == 404
    assert client.post(visible.get_absolute_url()).status_code == 405


def test_there_is_one_way_out_for_files_and_it_passes_the_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = Path(lineshaft.__file__).parent
    answering = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "FileResponse(" in path.read_text() and "tests" not in path.parts
    ]
    assert answering == ["plumbing/files/views.py"]
    asked: list[object] = []
    monkeypatch.setattr(views, "pass_gate", lambda *_given, **said: asked.append(said["level"]))
    stored = store(SharingLevel.RESTRICTED)
    for user_id in (None, 1):  # the first is the system, which stored it
        views.attachment(Actor(user_id=user_id, label="x"), stored).close()
    assert asked == ["restricted"]


def test_download_file_missing_content_is_unavailable(client: Client) -> None:
    stored = store(SharingLevel.PUBLIC)
    services.path_of(stored.sha256).unlink()
    assert client.get(stored.get_absolute_url()).status_code == 503
