"""The switches of the face, the pages of errors, and where one can go."""

import re

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from lineshaft.kernel import errors as kernel_errors
from lineshaft.kernel.errors import (
    FieldError,
    Invalid,
    LineshaftError,
    NotFound,
    NotPermitted,
    Refused,
)
from lineshaft.kernel.refusals import Citation, Refusal
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import errors
from lineshaft.web.navigation import (
    INSTITUTE_TABS,
    MAIN,
    STAFF_TABS,
    WORKSPACE,
    institute_tabs,
    navigation_for,
)
from lineshaft.web.theme import Theme, theme_of


def request_from(path: str = "/x/", referer: str = "") -> HttpRequest:
    request = RequestFactory().get(path, HTTP_REFERER=referer)
    request.actor = Actor.public()  # type: ignore[attr-defined] # as the middleware does
    return request


@pytest.mark.parametrize(
    ("referer", "back_url"),
    [
        ("http://testserver/a/?b=1", "/a/?b=1"),
        ("http://testserver//evil.example/", "/evil.example/"),
        ("http://testserver/\\evil.example/", "/evil.example/"),
        ("http://testserver.evil.example/", ""),
        ("http://testserver/x/", ""),
    ],
)
def test_way_back_of_an_error_stays_on_this_host(referer: str, back_url: str) -> None:
    answer = errors.page_not_found(request_from("/x/", referer), Exception())
    found = re.findall(r'href="([^"]*)">Go back', answer.content.decode())
    assert found == ([back_url] if back_url else [])


@pytest.mark.django_db
def test_page_asked_for_under_another_host_is_a_bad_request(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"host": "evil.example"})
    assert (answer.status_code, "could not be read" in answer.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        pytest.param(NotPermitted("Only finance may."), 403, "You may not do this", id="403"),
        pytest.param(NotFound(), 404, "Nothing here", id="404"),
        pytest.param(Refused(Refusal("no", "Too late.")), 409, "A rule refuses this", id="409"),
        pytest.param(kernel_errors.Stale(), 409, "Somebody was faster", id="stale"),
        pytest.param(Invalid(), 422, "Some entries cannot be taken", id="422"),
        pytest.param(kernel_errors.TooLarge(), 413, "Too large", id="413"),
        pytest.param(kernel_errors.Unavailable(), 503, "Not available at the moment", id="503"),
        pytest.param(LineshaftError(), 400, "This could not be done", id="root"),
    ],
)
def test_error_of_the_tree_has_its_page(error: LineshaftError, status: int, title: str) -> None:
    response = errors.error_page(request_from(), error)
    html = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in html
    assert f"{status} · {error.code}" in html


def test_refused_page_quotes_rule_citation_and_way_back() -> None:
    citation = Citation("15 U.S.C. 278s(e)(7)(A)", "https://uscode.house.gov/")
    refusal = Refusal(
        "match", "At least %(share)s must be <non-federal>.", citation, {"share": "half"}
    )
    referer = "http://testserver/contributions/?page=2"
    html = errors.error_page(request_from(referer=referer), Refused(refusal)).content.decode()
    assert "<p>At least half must be &lt;non-federal&gt;.</p>" in html
    assert ">15 U.S.C. 278s(e)(7)(A)</a></cite>" in html
    assert '<a class="button" href="/contributions/?page=2">Go back</a>' in html


def test_way_back_never_leads_to_another_site() -> None:
    request = request_from(referer="http://evil.example/x/")
    assert "Go back" not in errors.error_page(request, NotFound()).content.decode()


def test_invalid_page_lists_every_fault() -> None:
    faults = [FieldError("a", row=2, column="Name", message="Missing.")]
    html = errors.error_page(request_from(), Invalid(faults)).content.decode()
    assert "<li>Row 2, Name: Missing.</li>" in html


def test_citation_of_another_error_is_quoted_too() -> None:
    error = NotPermitted("Only finance may.", citation="2 CFR 200.303")
    assert "2 CFR 200.303" in errors.error_page(request_from(), error).content.decode()


def test_refusal_of_the_public_offers_to_sign_in() -> None:
    html = errors.error_page(request_from("/desk/?a=1"), NotPermitted()).content.decode()
    assert 'href="/accounts/login/?next=/desk/%3Fa%3D1"' in html


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        pytest.param(errors.bad_request, 400, id="400"),
        pytest.param(errors.permission_denied, 403, id="403"),
        pytest.param(errors.page_not_found, 404, id="404"),
    ],
)
def test_handlers_of_django_use_the_same_page(handler: object, status: int) -> None:
    response = handler(request_from(), Exception())  # type: ignore[operator] # a handler
    assert (response.status_code, b"error-page" in response.content) == (status, True)


def test_page_of_a_crash_needs_nothing_of_the_request() -> None:
    response = errors.server_error(RequestFactory().get("/broken/"))
    assert (response.status_code, b"/broken/" in response.content) == (500, True)


def test_form_that_is_too_old_says_how_to_go_on() -> None:
    response = errors.csrf_failure(request_from(), "no cookie")
    assert (response.status_code, b"This form is too old" in response.content) == (403, True)


def test_theme_is_kept_in_a_cookie_and_returns_to_the_page() -> None:
    client = Client()
    response = client.post("/theme/", {"theme": "dark", "next": "/about/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/about/")
    assert client.cookies["lineshaft_theme"].value == "dark"
    assert client.cookies["lineshaft_theme"]["httponly"] is True


@pytest.mark.parametrize(
    ("theme", "following"),
    [
        pytest.param("pink", "/about/", id="unknown theme"),
        pytest.param("dark", "https://evil.example/", id="other site"),
        pytest.param("dark", "//evil.example/", id="other site without a scheme"),
    ],
)
def test_theme_takes_no_nonsense(theme: str, following: str) -> None:
    client = Client()
    response = client.post("/theme/", {"theme": theme, "next": following})
    assert response.headers["Location"] == (following if theme == "pink" else "/")
    assert ("lineshaft_theme" in client.cookies) is (theme == "dark")


def test_theme_is_not_set_by_a_link() -> None:
    assert Client().get("/theme/?theme=dark").status_code == 405


def test_unknown_theme_in_the_cookie_is_no_choice() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["lineshaft_theme"] = "pink"
    assert theme_of(request) is Theme.AUTO


def test_every_entry_of_the_navigation_has_a_page() -> None:
    for entry in (*MAIN, *(entry for group in WORKSPACE for entry in group.entries)):
        assert reverse(entry.url_name).startswith(entry.prefix)
    for entry in (*INSTITUTE_TABS, *STAFF_TABS):
        assert reverse(entry.url_name, args=["lift"]) == f"/institutes/lift/{entry.prefix}"


def test_public_is_offered_no_workspace() -> None:
    found = navigation_for(Actor.public(), "/institutes/lift/")
    assert found.workspace == ()
    assert [link.label for link in found.main if link.is_current] == ["Institutes"]


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        pytest.param(
            make_actor(Role.LEARNER),
            [
                "My desk",
                "My memberships",
                "Directory of members",
                "Needs and offers",
                "Shared documents",
                "My applications",
                "Topics",
                "Kept searches",
                "Common policies",
                "Boards and councils",
                "Meetings",
                "Awards of other agencies",
                "API tokens",
                "Audit trail",
            ],
            id="learner",
        ),
        pytest.param(
            make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "lift"),
            [
                "My desk",
                "My memberships",
                "Directory of members",
                "Needs and offers",
                "Shared documents",
                "Foreign participation",
                "My applications",
                "Topics",
                "Competitions",
                "My conflicts",
                "Kept searches",
                "Proposed transfers",
                "Match tests",
                "Standing alone",
                "Common policies",
                "Boards and councils",
                "Meetings",
                "Delegations",
                "Awards of other agencies",
                "People",
                "Imports",
                "API tokens",
                "Jobs",
                "Audit trail",
            ],
            id="finance",
        ),
        pytest.param(
            make_actor(Role.PROGRAMME_OFFICER),
            [
                "My desk",
                "My memberships",
                "Directory of members",
                "Needs and offers",
                "Shared documents",
                "Foreign participation",
                "My applications",
                "Topics",
                "Competitions",
                "Reviewers",
                "My conflicts",
                "Kept searches",
                "Proposed transfers",
                "Match tests",
                "Standing alone",
                "Network's books",
                "Common policies",
                "Boards and councils",
                "Meetings",
                "Delegations",
                "Awards of other agencies",
                "Overlapping awards",
                "People",
                "Look-alikes",
                "Imports",
                "Users and roles",
                "API tokens",
                "Jobs",
                "Mail outbox",
                "Audit trail",
            ],
            id="officer",
        ),
    ],
)
def test_workspace_follows_the_role(actor: Actor, expected: list[str]) -> None:
    assert [link.label for link in navigation_for(actor, "/").workspace] == expected


def test_tabs_of_an_institute_mark_the_current_page() -> None:
    tabs = institute_tabs("lift", "funding:show_funding")
    assert [(tab.url, tab.is_current) for tab in tabs] == [
        ("/institutes/lift/", False),
        ("/institutes/lift/members/", False),
        ("/institutes/lift/funding/", True),
        ("/institutes/lift/figures/", False),
    ]


@pytest.mark.parametrize(
    ("actor", "offered"),
    [
        pytest.param(Actor.public(), False, id="public"),
        pytest.param(
            make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "other"), False, id="other"
        ),
        pytest.param(
            make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift"), True, id="own"
        ),
        pytest.param(Actor.system("test"), True, id="network"),
    ],
)
def test_tab_of_planning_is_offered_to_who_reads_the_institute_whole(
    actor: Actor, offered: bool
) -> None:
    urls = [tab.url for tab in institute_tabs("lift", "network:show_institute", actor)]
    assert ("/institutes/lift/outlook/" in urls) is offered
