"""Extension centres: paid as institutes are, and no institutes in lists, figures and facts."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.network import queries, services
from lineshaft.apps.network.facts import FACTS
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import NOW, make_agency, make_institute
from lineshaft.kernel.errors import Invalid, NotPermitted
from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db]

SYSTEM = Actor.system("test")
LIST = "network:list_extension_centres"
REGISTER = "network:register_extension_centre"


def centre(key: str = "ohio-mep") -> Institute:
    make_agency("DOC")
    proposal = services.InstituteProposal(key, key.title(), "DOC", "award notice")
    return services.register_extension_centre(SYSTEM, proposal, now=NOW)


def officer(client: Client, settings: Settings, role: Role = Role.PROGRAMME_OFFICER) -> Client:
    settings.IS_DEMONSTRATION = True
    user = User.objects.create_user(f"{role}@example.org", name="Ada")
    Grant.objects.create(
        user=user, role=role, scope_kind=ScopeKind.NETWORK, scope_id="", starts_on=NOW.date()
    )
    client.force_login(user)
    return client


def test_centre_is_at_work_and_no_institute() -> None:
    make_institute("mxd")
    one = centre()
    assert (one.kind, one.status) == ("extension_centre", "active")
    public = Actor.public()
    assert [row.key for row in queries.institutes_visible_to(public)] == ["mxd"]
    assert [row.key for row in queries.extension_centres_visible_to(public)] == ["ohio-mep"]
    assert queries.institute_by_key(public, "ohio-mep").pk == one.pk
    assert queries.institutes_by_status(public) == {"active": 1}


def test_facts_of_institutes_leave_centres_out() -> None:
    make_institute("mxd")
    centre()
    institutes = next(table for table in FACTS if table.name == "institutes")
    with connection.cursor() as cursor:
        cursor.execute(institutes.sql)
        assert [row[0] for row in cursor.fetchall()] == ["mxd"]


def test_centre_is_registered_by_the_office_alone_and_under_a_key_of_its_own() -> None:
    make_institute("mxd")
    proposal = services.InstituteProposal("mxd", "Another", "DOD", "notice")
    with pytest.raises(NotPermitted):
        services.register_extension_centre(Actor.public(), proposal, now=NOW)
    with pytest.raises(Invalid):
        services.register_extension_centre(SYSTEM, proposal, now=NOW)
    assert queries.extension_centres_visible_to(SYSTEM).count() == 0


def test_centre_is_registered_from_its_page(client: Client, settings: Settings) -> None:
    make_agency("DOC")
    url = reverse(REGISTER)
    assert client.get(url).status_code == 403
    officer(client, settings)
    assert url in client.get(reverse(LIST)).content.decode()
    given = {"key": "ohio-mep", "name": "Ohio MEP", "sponsor_key": "DOC", "source": "award notice"}
    assert client.post(url, given | {"key": "Not a key"}).status_code == 422
    answer = client.post(url, given)
    assert answer["Location"] == reverse("network:show_institute", args=["ohio-mep"])
    assert client.get(answer["Location"]).status_code == 200
    page = client.get(reverse(LIST))
    assert page.context["title"] == "1 extension centre is supported beside the institutes"


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_centres_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    for place in range(count):
        centre(f"mep-{place}")
    with CaptureQueriesContext(connection) as found:
        page = client.get(reverse(LIST))
    assert (len(page.context["table"].rows), len(found)) == (count, 4)
    assert reverse(REGISTER) not in page.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_of_centres_answer_in_both_languages(
    client: Client, settings: Settings, language: str
) -> None:
    centre()
    officer(client, settings)
    for name in (LIST, REGISTER):
        answer = client.get(reverse(name), headers={"accept-language": language})
        assert (answer.status_code, answer["Content-Language"]) == (200, language)
