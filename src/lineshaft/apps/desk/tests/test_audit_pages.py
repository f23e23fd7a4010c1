"""Pages of the audit trail: what they say, to whom, and at what cost."""

import re
from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.desk.tests.test_views import client_of, make_institute, page
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 6, 1, 12, tzinfo=UTC)


def make_event(
    verb: str, *, institute: str = "", actor: Actor | None = None, day: int = 1
) -> AuditEvent:
    return record_event(
        actor or Actor.system("loader"),
        verb,
        ("network.organisation", "7"),
        changes={"name": ["Old", "New"], "size": 3},
        why="It moved",
        institute=institute,
        now=NOW.replace(day=day),
    )


@pytest.mark.parametrize("events", [1, 3])
def test_audit_list_costs_the_same_whatever_its_length(
    events: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _place in range(events):
        make_event("amend_organisation")
    client = client_of(Role.AUDITOR)
    with django_assert_num_queries(10):
        html = page(client, "/audit/")
    assert html.count("Amend an organisation</td>") == events
    assert '<a href="/organisations/7/">organisation 7</a>' in html


@pytest.mark.parametrize(
    ("subject", "said", "said_in_chinese"),
    [
        pytest.param(("demonstration", "year"), "demonstration year", "演示年度", id="no table"),
        pytest.param(("network.organisation", "many"), "organisation", "单位", id="many"),
    ],
)
def test_audit_list_says_what_an_event_is_about_in_the_readers_language(
    subject: tuple[str, str], said: str, said_in_chinese: str
) -> None:
    record_event(Actor.system("command line"), "load_demonstration", subject, now=NOW)
    client = client_of(Role.AUDITOR)
    assert re.search(rf">\s*{said}\s*</td>", page(client, "/audit/"))
    chinese = client.get("/audit/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert re.search(rf">\s*{said_in_chinese}\s*</td>", chinese)


def test_audit_list_hides_the_events_of_others() -> None:
    make_event("amend_one", institute="lift")
    make_event("amend_other", institute="america-makes")
    manager = page(client_of(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"), "/audit/")
    assert ("amend_one" in manager, "amend_other" in manager) == (True, False)
    assert "No event fits this filter." in page(client_of(Role.LEARNER), "/audit/")


def test_audit_link_of_a_figure_opens_for_whoever_may_see_no_such_event() -> None:
    make_institute("lift", "Metals", "lightweight_metals")
    make_event("admit_member", institute="lift")
    html = page(client_of(Role.LEARNER), "/audit/?verb=admit_member&institute=lift")
    assert "No event fits this filter." in html
    assert '<option value="admit_member" selected>Admit a member</option>' in html


def test_audit_event_shows_only_the_beginning_of_a_long_id() -> None:
    record_event(
        Actor.system("loader"),
        "store_file",
        ("files.storedfile", "01a21787-7f1a-7376-93c3-91b05f473183"),
        now=NOW,
    )
    assert "stored file 01a21787…</td>" in page(client_of(Role.AUDITOR), "/audit/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("verb=amend_a", ["amend_a"], id="verb"),
        pytest.param("institute=lift", ["amend_b"], id="institute"),
        pytest.param("since=2022-06-02&until=2022-06-02", ["amend_b"], id="one day"),
        pytest.param("until=2022-06-01", ["amend_a"], id="until"),
    ],
)
def test_audit_filter_narrows_the_list(query: str, expected: list[str]) -> None:
    make_institute("lift", "Metals", "lightweight_metals")
    make_event("amend_a")
    make_event("amend_b", institute="lift", day=2)
    html = page(client_of(Role.AUDITOR), f"/audit/?{query}")
    assert [verb for verb in ("amend_a", "amend_b") if f"{verb}</td>" in html] == expected


def test_audit_filter_with_nonsense_is_a_fault_and_filters_nothing() -> None:
    make_event("amend_a")
    html = page(client_of(Role.AUDITOR), "/audit/?since=yesterday", status=422)
    assert "Enter a valid date." in html
    assert "amend_a</td>" in html


def test_event_opens_to_what_changed_and_why() -> None:
    event = make_event("amend_organisation")
    html = page(client_of(Role.AUDITOR), f"/audit/{event.pk}/")
    assert "<h1>Amend an organisation</h1>" in html
    assert "Old → New" in html
    assert "It moved" in html
    assert event.digest in html


def test_event_that_one_may_not_see_is_not_there() -> None:
    event = make_event("amend_organisation")
    html = page(client_of(Role.LEARNER), f"/audit/{event.pk}/", status=404)
    assert "It moved" not in html


def test_event_about_nothing_that_has_a_page_has_no_link() -> None:
    event = record_event(Actor.system("x"), "seal", ("no.table", ""), now=NOW)
    assert "no.table" in page(client_of(Role.AUDITOR), f"/audit/{event.pk}/")
    batch = record_event(Actor.system("x"), "register", ("funding.contribution", "all"), now=NOW)
    html = page(client_of(Role.AUDITOR), f"/audit/{batch.pk}/")
    assert re.search(r"<dd>\s*contribution\s*</dd>", html)


# ------------------------------------------------------------------------------------ sign-in
