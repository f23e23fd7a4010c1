"""The pages that take a file: too large, of the wrong kind, none chosen, sent twice."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.funding.models import Agreement, ContributionEvidence
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import STARTS_ON
from lineshaft.plumbing.access.models import Grant
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.tests.factories import stored_actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.crash.state import state_of_database
from tests.imports.files import ROWS, csv_of, make_world

pytestmark = pytest.mark.django_db

KINDS = sorted(ROWS)
PICTURE = b"\x89PNG\r\n\x1a\n...."
TOO_LARGE = "The file is larger than 0 MB. Send it in parts, or compress its images."
NO_TABLE = "This kind of file is not accepted here. Send one of: CSV, GZIP, JSON, TEXT, XLSX."
NO_DOCUMENT = "This kind of file is not accepted here. Send one of: CSV, DOCX, JPEG, JSON, PDF, PNG"


@pytest.fixture(autouse=True)
def _platform(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.IS_DEMONSTRATION = True
    make_world()


@pytest.fixture
def officer(client: Client) -> Client:
    user = stored_actor()
    for role, scope_kind, scope_id in (
        (Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "america-makes"),
        (Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes"),
        (Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD"),
    ):
        Grant.objects.create(
            user=user, role=role, scope_kind=scope_kind, scope_id=scope_id, starts_on=STARTS_ON
        )
    client.force_login(user)
    return client


def sent(client: Client, address: str, **data: Any) -> tuple[int, str]:
    """The answer's status and its text."""
    answer = client.post(address, data, follow=True)
    return answer.status_code, answer.content.decode()


def upload(content: bytes, name: str = "rows.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize("kind", KINDS)
def test_import_page_refuses_what_it_cannot_take(
    officer: Client, settings: Settings, kind: str
) -> None:
    before = state_of_database()
    address = f"/imports/new/{kind}/"
    for data, status, sentence in (
        ({}, 422, "Choose the file that holds the table."),
        ({"file": upload(b"")}, 422, "The file is empty. Choose the file that holds the table."),
        ({"file": upload(PICTURE)}, 409, NO_TABLE),
        ({"file": upload(b"a,b\n1,\x00\n")}, 409, "Line 2 holds a control character"),
    ):
        found, page = sent(officer, address, **data)
        assert (found, sentence in page) == (status, True), (status, sentence)
    settings.UPLOAD_MAX_BYTES = 10
    found, page = sent(officer, address, file=upload(csv_of(ROWS[kind])))
    assert (found, TOO_LARGE in page) == (413, True)
    assert (ImportBatch.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert state_of_database() == before


@pytest.mark.parametrize("kind", KINDS)
def test_import_page_sent_and_confirmed_twice_imports_once(officer: Client, kind: str) -> None:
    before = state_of_database()
    for _time in range(2):
        _status, page = sent(officer, f"/imports/new/{kind}/", file=upload(csv_of(ROWS[kind])))
        assert "The file is in order: 2 new records, 0 changed" in page
    assert state_of_database() == before
    checked = ImportBatch.objects.latest("requested_at")
    for _time in range(2):
        _status, page = sent(officer, f"/imports/{checked.pk}/confirm/")
        assert "Imported: 2 new records, 0 changed" in page
    assert ImportBatch.objects.filter(state="applied").count() == 1


class Hostile(NamedTuple):
    """A document that is refused; the limit is `limit_bytes`."""

    content: bytes
    limit_bytes: int
    status: int
    sentence: str


HOSTILE = [
    pytest.param(Hostile(b"%PDF-1.7 of many pages", 10, 413, TOO_LARGE), id="large"),
    pytest.param(Hostile(b"MZ\x90\x00\x03", 100, 409, NO_DOCUMENT), id="program"),
    pytest.param(Hostile(b"", 100, 422, "The submitted file is empty."), id="empty"),
]


@pytest.mark.parametrize("page", ["contribution", "evidence", "cost"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_page_with_proof_refuses_a_hostile_document_and_records_nothing(
    officer: Client, settings: Settings, page: str, hostile: Hostile
) -> None:
    under = Agreement.objects.get()
    claimed = factories.contribution(under)
    moved = {"id": factories.transfer_id("sent"), "amount_minor": "5.00"} | {
        "occurred_on": "2022-03-01"
    }
    addresses: dict[str, tuple[str, dict[str, Any]]] = {
        "contribution": (
            "/institutes/america-makes/contributions/record/",
            moved
            | {"agreement": under.pk, "contributor": "Brass and Bolt Works", "kind": "cash"}
            | {"evidence": "receipt 8"},
        ),
        "evidence": (f"/contributions/{claimed.pk}/evidence/", {"reference": "receipt 8"}),
        "cost": (
            f"/agreements/{under.pk}/costs/record/",
            moved | {"category": "personnel", "payee": "A firm", "evidence": "bill 7"},
        ),
    }
    address, data = addresses[page]
    before = state_of_database()
    settings.UPLOAD_MAX_BYTES = hostile.limit_bytes
    proof = upload(hostile.content, "bill.pdf")
    status, text = sent(officer, address, evidence_files=proof, **data)
    assert (status, hostile.sentence in text) == (hostile.status, True)
    assert state_of_database() == before
    settings.UPLOAD_MAX_BYTES = 100
    proof = upload(b"%PDF-1.7 a bill", "bill.pdf")
    assert sent(officer, address, evidence_files=proof, **data)[0] == 200
    assert state_of_database() != before


def test_page_of_evidence_sent_twice_or_empty_attaches_once(officer: Client) -> None:
    claimed = factories.contribution(Agreement.objects.get())
    address = f"/contributions/{claimed.pk}/evidence/"
    for _time in range(2):
        sent(officer, address, evidence_files=upload(b"%PDF-1.7 a bill", "bill.pdf"))
    assert ContributionEvidence.objects.exclude(file=None).count() == 1
    before = state_of_database()
    status, _page = sent(officer, address)
    assert (status, state_of_database()) == (409, before)
