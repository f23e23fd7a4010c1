"""A deadline that passes while a file is on its way: the server's clock decides, and is read when
the file has arrived whole.
"""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.competitions.models import (
    Application,
    ApplicationDocument,
    ApplicationVersion,
    Competition,
)
from lineshaft.apps.competitions.tests.applicants import (
    make_applicant,
    make_application,
    pdf_of,
)
from lineshaft.apps.competitions.tests.factories import make_open, stage_of
from lineshaft.apps.competitions.tests.test_applying_pages import Clock, body_of, client_of
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def server_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    settings.FILES_DIR = tmp_path / "files"
    clock = Clock()
    monkeypatch.setattr("lineshaft.plumbing.clock.now", lambda: clock.now)
    return clock


class Slow(io.BytesIO):
    """A body whose last bytes arrive at `until` by the server's clock."""

    def __init__(self, content: bytes, clock: Clock, until: datetime) -> None:
        super().__init__(content)
        self._clock, self._until, self._length = clock, until, len(content)

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        if self.tell() == self._length:
            self._clock.now = self._until
        return found


def send_slowly(client: Client, made: Application, clock: Clock, until: datetime) -> int:
    """The answer to a file whose last bytes arrive then."""
    file = io.BytesIO(pdf_of(2).getvalue())
    file.name = "plan.pdf"
    body = encode_multipart(BOUNDARY, {"kind": "narrative", "file": file})
    address = reverse("competitions:attach_document", args=[made.pk])
    environ: dict[str, Any] = {"wsgi.input": Slow(body, clock, until)}
    response = client.generic("POST", address, body, content_type=MULTIPART_CONTENT, **environ)
    if response.status_code == 409:
        assert "What arrives later is not taken." in body_of(response)
    return response.status_code


def kept_now(folder: Path) -> tuple[object, ...]:
    """What is stored by now, in the database and beside it."""
    return (
        *(one.objects.count() for one in (ApplicationVersion, AuditEvent, StoredFile)),
        sorted(str(one) for one in (folder / "files").rglob("*") if one.is_file()),
    )


def closing(call: Competition) -> datetime:
    ends_at = stage_of(call, 1).ends_at
    assert ends_at is not None
    return ends_at


def test_file_that_arrives_whole_after_the_deadline_is_refused_and_nothing_of_it_is_kept(
    server_clock: Clock, tmp_path: Path
) -> None:
    ada, call = make_applicant(), make_open(template="four_stage", agencies=("DOC",))
    made, client, ends_at = make_application(call, ada), client_of(ada), closing(call)
    server_clock.now = ends_at - timedelta(seconds=30)
    kept = kept_now(tmp_path)
    assert send_slowly(client, made, server_clock, ends_at) == 409
    assert ApplicationDocument.objects.count() == 0
    assert kept_now(tmp_path) == kept
    made.refresh_from_db()
    assert made.changed_at < ends_at - timedelta(seconds=30)


def test_file_that_arrives_whole_a_second_before_the_deadline_is_taken(
    server_clock: Clock,
) -> None:
    ada, call = make_applicant(), make_open(template="four_stage", agencies=("DOC",))
    made, client, ends_at = make_application(call, ada), client_of(ada), closing(call)
    server_clock.now = ends_at - timedelta(seconds=30)
    arrived = ends_at - timedelta(seconds=1)
    assert send_slowly(client, made, server_clock, arrived) == 302
    assert ApplicationDocument.objects.get().attached_at == arrived
