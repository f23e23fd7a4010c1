from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import SharedDocument
from lineshaft.apps.memberships.services import DocumentRow
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import NOW, make_institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.files.queries import files_visible_to
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

ROW = DocumentRow(rules.DocumentKind.WORK_PLAN, "Work plan", SharingLevel.PUBLIC)
LIST = reverse("memberships:list_documents")


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    settings.IS_DEMONSTRATION = True


@pytest.fixture
def mxd() -> Institute:
    return make_institute("mxd", name="MxD")


def share(actor: Actor, institute: Institute, level: str) -> SharedDocument:
    row = DocumentRow(rules.DocumentKind.EXPERIENCE, f"For {level}", level)
    return services.share_document(actor, institute, row, b"a line\n", name="a.txt", now=NOW)


def test_document_and_file_open_to_the_same_readers(
    system: Actor, public: Actor, mxd: Institute
) -> None:
    for level in services.DOCUMENT_LEVELS:
        share(system, mxd, level)
    elsewhere = Actor(user_id=None, label="x", institute_keys=frozenset({"lift"}))
    inside = Actor(user_id=None, label="x", institute_keys=frozenset({"mxd"}))
    for reader, seen in (
        (public, {"For public"}),
        (elsewhere, {"For public", "For network"}),
        (inside, {"For public", "For network", "For institute"}),
    ):
        documents = queries.documents_visible_to(reader)
        assert set(documents.values_list("title", flat=True)) == seen
        assert files_visible_to(reader).count() == len(seen)


def test_withdrawn_document_and_its_file_are_closed(
    system: Actor, public: Actor, mxd: Institute
) -> None:
    document = share(system, mxd, SharingLevel.PUBLIC)
    other = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    with pytest.raises(NotPermitted):
        services.withdraw_document(other, document, why="x", now=NOW)
    with pytest.raises(Invalid):
        services.withdraw_document(system, document, why=" ", now=NOW)
    services.withdraw_document(system, document, why="a name in it", now=NOW)
    assert not queries.documents_visible_to(system).exists()
    assert not files_visible_to(public).exists()
    with pytest.raises(NotFound):
        services.withdraw_document(system, document, why="again", now=NOW)
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["store_file", "share_document", "close_file", "withdraw_document"]


def test_faults_store_nothing(system: Actor, mxd: Institute, tmp_path: Path) -> None:
    wrong = DocumentRow("poem", " ", SharingLevel.RESTRICTED)
    with pytest.raises(Invalid) as invalid:
        services.share_document(system, mxd, wrong, b"x\n", name="x.txt", now=NOW)
    assert [fault.field for fault in invalid.value.errors] == ["title", "kind", "level"]
    assert list(tmp_path.iterdir()) == []
    other = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    with pytest.raises(NotPermitted):
        services.share_document(other, mxd, ROW, b"x\n", name="x.txt", now=NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_list_documents(
    client: Client,
    system: Actor,
    mxd: Institute,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _place in range(number):
        share(system, mxd, SharingLevel.PUBLIC)
    hidden = share(system, mxd, SharingLevel.NETWORK)
    with django_assert_num_queries(3):
        text = client.get(LIST).content.decode()
    noun = "document of the institutes is" if number == 1 else "documents of the institutes are"
    assert f"{number} {noun} open to you" in text
    assert "For network" not in text
    url = reverse("memberships:withdraw_document", args=[hidden.pk])
    assert client.get(url).status_code == 404
    for narrowed, found in (
        ({"q": "public", "kind": "experience", "institute": "mxd"}, number),
        ({"kind": "result"}, 0),
    ):
        assert client.get(LIST, narrowed).content.decode().count("For public") == found
    items = client.get("/api/v1/documents", {"kind": "experience"}).json()["items"]
    assert [one["title"] for one in items] == ["For public"] * number


def test_manager_shares_and_takes_back(client: Client, mxd: Institute, tmp_path: Path) -> None:
    user = make_user()
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, mxd.key)
    client.force_login(user)
    url = reverse("memberships:share_document", args=["mxd"])
    assert url in client.get(LIST).content.decode()
    path = tmp_path / "plan.txt"
    path.write_text("the plan\n")
    with path.open("rb") as file:
        entered = {"title": "Plan", "kind": "work_plan", "level": "network", "file": file}
        assert client.post(url, entered).headers["Location"] == LIST
    document = SharedDocument.objects.get()
    assert document.file.get_absolute_url() in client.get(LIST).content.decode()
    url = reverse("memberships:withdraw_document", args=[document.pk])
    assert url in client.get(LIST).content.decode()
    assert client.post(url, {"why": "not ready"}).headers["Location"] == LIST
    assert "No institute has shared" in client.get(LIST).content.decode()
