"""The pages of imports: a file sent, its report, the confirmation, and who sees what."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.tests.factories import csv_bytes, stored_actor
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role
from lineshaft.plumbing.search.models import SearchEntry

pytestmark = pytest.mark.django_db

GOOD = csv_bytes("id,name,amount", "1,Basel,5")
NEW = "/imports/new/things/"


@pytest.fixture(autouse=True)
def _platform(tmp_path: Path, settings: Any) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.IMPORT_MODULES = ("lineshaft.plumbing.exchange.tests.factories",)
    settings.IS_DEMONSTRATION = True  # nobody needs a second factor here


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(stored_actor())
    return client


def send(client: Client, content: bytes = GOOD, name: str = "things.csv", **data: Any) -> Any:
    return client.post(NEW, {"file": SimpleUploadedFile(name, content)} | data, follow=True)


def test_start_import_shows_the_columns(officer: Client) -> None:
    page = officer.get(NEW)
    assert page.status_code == 200
    assert page.content.decode().count("<tr>") == 9


def test_template_has_the_columns_and_goes_in_when_filled(officer: Client) -> None:
    template = officer.get(f"{NEW}template.csv")
    head = template.content.decode().strip()
    assert template["Content-Disposition"] == 'attachment; filename="things.csv"'
    filled = dict.fromkeys(head.split(","), "") | {"id": "1", "name": "Basel", "amount": "5"}
    page = send(officer, csv_bytes(head, ",".join(filled.values())))
    assert "The file is in order: 1 new record, 0 changed" in page.content.decode()


def test_template_is_for_those_who_may_import(client: Client) -> None:
    assert client.get(f"{NEW}template.csv").status_code == 403
    client.force_login(stored_actor(Role.LEARNER))
    assert client.get(f"{NEW}template.csv").status_code == 403


def test_import_is_checked_confirmed_and_shown(officer: Client) -> None:
    page = send(officer)
    checked = ImportBatch.objects.get()
    assert page.redirect_chain == [(f"/imports/{checked.pk}/", 302)]
    assert "The file is in order: 1 new record, 0 changed" in page.content.decode()
    assert SearchEntry.objects.count() == 0
    page = officer.post(f"/imports/{checked.pk}/confirm/", follow=True)
    assert "Imported: 1 new record, 0 changed" in page.content.decode()
    assert SearchEntry.objects.count() == 1
    again = send(officer)
    assert "Nothing changes: every row is there already" in again.content.decode()
    assert "The same content before" in again.content.decode()


def test_import_refused_lists_row_column_value_and_remedy(officer: Client) -> None:
    page = send(officer, csv_bytes("id,name,amount", "1,Basel,-5")).content.decode()
    assert "The file is refused; nothing was written" in page
    for part in ("amount</td>", "Send the mended file", "-5", "The amount is negative."):
        assert part in page
    assert "Import it" not in page


def test_import_with_an_own_mapping(officer: Client) -> None:
    mapping = b'kind = "things"\n[columns]\nid = "A"\nname = "B"\n'
    send(
        officer,
        csv_bytes("A,B", "1,Basel"),
        mapping_file=SimpleUploadedFile("mine.toml", mapping),
    )
    assert ImportBatch.objects.values_list("mapping", "created").get() == ("mine", 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", "The mapping file is not UTF-8."),
        (b'kind = "other"', "the field kind is not one of things"),
        (b"#" * 65_537, "This is too large for a mapping file."),
    ],
    ids=["encoding", "kind", "size"],
)
def test_import_with_a_faulty_mapping_says_why(officer: Client, content: bytes, said: str) -> None:
    page = send(officer, mapping_file=SimpleUploadedFile("mine.toml", content))
    assert (page.status_code, said in page.content.decode()) == (422, True)


def test_import_of_a_picture_is_refused_beside_its_field(officer: Client) -> None:
    page = send(officer, b"\x89PNG\r\n\x1a\n....")
    assert page.status_code == 409
    assert "This kind of file is not accepted here." in page.content.decode()


def test_import_without_a_file_is_invalid(officer: Client) -> None:
    assert officer.post(NEW, {}).status_code == 422


def test_import_too_large_is_answered_413(officer: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    page = send(officer)
    assert (page.status_code, ImportBatch.objects.count()) == (413, 0)


def test_large_import_runs_as_a_job(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INLINE_BYTES_MAX", 10)
    page = send(officer).content.decode()
    batch = ImportBatch.objects.get()
    assert f'hx-get="/imports/{batch.pk}/"' in page
    assert run_until_idle() == 1
    page = officer.get(f"/imports/{batch.pk}/").content.decode()
    assert "The file is in order" in page
    assert "hx-get" not in page


def test_import_whose_job_failed_leads_to_the_job(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "INLINE_BYTES_MAX", 10)
    send(officer)
    Job.objects.update(state="failed")
    batch = ImportBatch.objects.get()
    assert f'href="/jobs/{batch.job_id}/"' in officer.get(f"/imports/{batch.pk}/").content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.PROGRAMME_OFFICER, 200), (Role.INSTITUTE_MANAGER, 200), (Role.LEARNER, 403)],
)
def test_start_import_is_for_those_who_may(client: Client, role: Role, status: int) -> None:
    client.force_login(stored_actor(role))
    assert client.get(NEW).status_code == status
    assert send(client).status_code == status


def test_imports_of_others_are_not_there(client: Client, officer: Client) -> None:
    send(officer)
    batch = ImportBatch.objects.get()
    other = Client()
    other.force_login(stored_actor(Role.INSTITUTE_MANAGER, "manager@example.org"))
    assert other.get(f"/imports/{batch.pk}/").status_code == 404
    assert other.post(f"/imports/{batch.pk}/confirm/").status_code == 404
    assert batch.source.name not in other.get("/imports/").content.decode()
    assert other.get(f"/files/{batch.source_id}/things.csv").status_code == 404
    download = officer.get(f"/files/{batch.source_id}/things.csv")
    assert download.getvalue() == GOOD


@pytest.mark.parametrize("path", ["/imports/", NEW, "/jobs/"])
def test_pages_want_a_signed_in_reader(client: Client, path: str) -> None:
    assert client.get(path).status_code == 403


def test_start_import_of_an_unknown_kind_is_not_there(officer: Client) -> None:
    assert officer.get("/imports/new/colours/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_imports_costs_the_same_for_any_length(
    officer: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(count):
        send(officer)
    officer.get("/imports/")
    with django_assert_num_queries(LIST_QUERIES):
        page = officer.get("/imports/").content.decode()
    assert page.count("things.csv</a>") == count


LIST_QUERIES = 6
"""Session, user, grants, organisations, then count and page."""


def test_list_imports_in_chinese_is_a_page(officer: Client) -> None:
    User.objects.update(language="zh-hans")
    officer.cookies["django_language"] = "zh-hans"
    send(officer)
    assert 'lang="zh-Hans"' in officer.get("/imports/").content.decode()
