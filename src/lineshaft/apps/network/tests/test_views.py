from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network import rules, services
from lineshaft.apps.network.models import Institute, Organisation, Person
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_agency,
    make_institute,
    make_institute_date,
    make_institute_fact,
    make_institute_name,
    make_organisation,
    make_person,
    make_technology_area,
)
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel
from lineshaft.web.pages import Tag

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).parents[1] / "templates"
LONGEST_TEMPLATE = 120


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(
    client: Client,
    role: Role = Role.PROGRAMME_OFFICER,
    scope_kind: ScopeKind = ScopeKind.NETWORK,
    scope_id: str = "",
) -> Client:
    user = make_user()
    make_grant(user, role, scope_kind, scope_id)
    client.force_login(user)
    return client


def entries(**changes: str) -> dict[str, str]:
    return {
        "name": "Gears",
        "kind": "industry_sme",
        "city": "Akron",
        "region": "OH",
        "country": "US",
        "level": "public",
    } | changes


@pytest.mark.parametrize("number", [1, 3])
def test_list_institutes_takes_seven_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        make_institute_date(make_institute(f"institute-{place}"))
    with django_assert_num_queries(7):
        answer = client.get(reverse("network:list_institutes"))
    assert answer.content.decode().count('<td data-label="Status">') == number


def test_list_institutes_states_how_many_are_active(client: Client) -> None:
    make_institute()
    make_institute("planned", status="planned")
    text = client.get(reverse("network:list_institutes")).content.decode()
    assert "1 of 2 institutes are active" in text


def test_list_institutes_filters_sorts_and_speaks_chinese(client: Client) -> None:
    make_institute("mxd", name="MxD", name_zh="数字化制造", sponsors=["DOD"])
    make_institute("niimbl", name="NIIMBL", sponsors=["DOC"])
    url = reverse("network:list_institutes")
    text = client.get(url, {"sponsor": "DOC"}).content.decode()
    assert "NIIMBL" in text
    assert "MxD" not in text
    text = client.get(url, {"sort": "-name", "status": "no such"}).content.decode()
    assert text.index("NIIMBL") < text.index("MxD")
    text = client.get(url, {"q": "nobody"}).content.decode()
    assert "No institute fits these filters" in text
    text = client.get(url, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "数字化制造" in text


@pytest.mark.parametrize("name", ["network:list_institutes", "network:list_organisations"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_list_is_downloaded_in_each_form(client: Client, name: str, form: str) -> None:
    make_institute("mxd", name="MxD")
    make_organisation("Gears")
    make_organisation("Hidden", level=SharingLevel.RESTRICTED)
    url = reverse(name.replace("list_", "export_"), args=[form])
    answer = client.get(url, {"q": ""})
    content = answer.getvalue()
    assert answer["Content-Disposition"].endswith(f'.{form}"')
    assert (b"Hidden" in content) is False
    assert form == "xlsx" or b"MxD" in content or b"Gears" in content


def test_download_in_another_form_is_not_found(client: Client) -> None:
    assert client.get(reverse("network:export_institutes", args=["pdf"])).status_code == 404


@pytest.mark.parametrize(
    ("status", "title"),
    [
        pytest.param("active", "MxD has been at work since 2012", id="active"),
        pytest.param("planned", "MxD is planned and has no award yet", id="planned"),
        pytest.param("proposed", "MxD is only proposed", id="proposed"),
        pytest.param("terminated", "MxD was terminated", id="terminated"),
        pytest.param(
            "recognised_unfunded",
            "MxD takes part without the programme&#x27;s money",
            id="unfunded",
        ),
    ],
)
def test_show_institute_states_its_finding(client: Client, status: str, title: str) -> None:
    make_institute_date(make_institute("mxd", name="MxD", status=status))
    assert title in client.get(reverse("network:show_institute", args=["mxd"])).content.decode()


def test_show_institute_in_cure_period_quotes_the_rule(client: Client) -> None:
    make_institute("mxd", name="MxD", status="cure_period", cure_ends_on=date(2023, 3, 1))
    text = client.get(reverse("network:show_institute", args=["mxd"])).content.decode()
    assert "MxD has until March 1, 2023 to remedy its deficiencies" in text
    assert "15 U.S.C. 278s(e)(2)(B)(iii)" in text


def test_show_institute_terminated_on_a_day_and_at_work_without_one(client: Client) -> None:
    ended = make_institute("mxd", name="MxD", status="terminated")
    make_institute_date(ended, "terminated", date(2025, 12, 10))
    make_institute("lift", name="LIFT")
    text = client.get(reverse("network:show_institute", args=["mxd"])).content.decode()
    assert "MxD was terminated in the network on Dec 10, 2025" in text
    text = client.get(reverse("network:show_institute", args=["lift"])).content.decode()
    assert "LIFT is at work" in text


def test_show_institute_sets_the_founding_paper_beside_today(client: Client) -> None:
    institute = make_institute("mxd", name="MxD")
    make_institute_name(institute, "DMDII")
    for edition, number in ((rules.Edition.TODAY, 7), (rules.Edition.SEED, 5)):
        make_institute_fact(
            institute,
            "initial_federal",
            number=Decimal(number * 10**9),
            kind=rules.FactKind.MONEY,
            edition=edition,
        )
    for measure, kind in (
        ("initial_term", "years"),
        ("partners", "count"),
        ("match_ratio", "ratio"),
    ):
        make_institute_fact(institute, measure, number=Decimal(5), kind=kind)
    make_institute_fact(institute, "stage", text="Established", edition=rules.Edition.SEED)
    make_institute_date(institute, edition=rules.Edition.SEED, precision="month")
    answer = client.get(reverse("network:show_institute", args=["mxd"]))
    table = answer.context["seed"]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [
        ["Initial federal funds", "50.0\N{NO-BREAK SPACE}M$", "70.0\N{NO-BREAK SPACE}M$"],
        ["Stage", "Established", "–"],
        ["Established", "Aug 2012", "–"],
    ]
    text = answer.content.decode()
    assert "DMDII" in text
    assert "5 years" in text
    assert "5.00 : 1" in text


@pytest.mark.parametrize(
    ("language", "number", "expected"),
    [("en", 1, ">1 year<"), ("en", 5, ">5 years<"), ("zh-hans", 1, ">1年<")],
)
def test_show_institute_counts_years_in_the_readers_language(
    client: Client, language: str, number: int, expected: str
) -> None:
    institute = make_institute()
    make_institute_fact(institute, "initial_term", number=Decimal(number), kind="years")
    client.cookies["django_language"] = language
    text = client.get(reverse("network:show_institute", args=[institute.key])).content.decode()
    assert expected in "".join(text.split("\n"))


def test_show_institute_without_seed_or_lead_organisation(client: Client) -> None:
    institute = make_institute("mxd", name="MxD")
    institute.lead = make_organisation("UI Labs")
    institute.save()
    text = client.get(reverse("network:show_institute", args=["mxd"])).content.decode()
    assert "UI Labs" in text
    assert "Then and now" not in text
    assert client.get(reverse("network:show_institute", args=["none"])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_show_institute_takes_eight_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    institute = make_institute("mxd", sponsors=[f"A{place}" for place in range(number)])
    for place in range(number):
        make_institute_name(institute, f"Name {place}")
        make_institute_fact(institute, f"measure_{place}", text="x")
        make_institute_date(institute, on=date(2012, 1, 1 + place))
    with django_assert_num_queries(8):
        client.get(reverse("network:show_institute", args=["mxd"]))


def test_change_institute_status_offers_what_state_and_role_allow(client: Client) -> None:
    institute = make_institute("mxd", name="MxD")
    url = reverse("network:change_institute_status", args=["mxd"])
    assert client.get(url).status_code == 403
    sponsor = signed_in(client, Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD")
    answer = sponsor.get(url)
    assert [verb for verb, _label in answer.context["form"].fields["verb"].choices] == [
        "open_cure_period",
        "terminate_institute",
    ]
    given = {"verb": "open_cure_period", "on": "2022-03-01", "source": "letter"}
    answer = sponsor.post(url, given)
    assert (answer.status_code, answer["Location"]) == (302, "/institutes/mxd/")
    institute.refresh_from_db()
    assert institute.cure_ends_on == date(2023, 3, 1)


def test_change_institute_status_refused_shows_rule_and_citation(client: Client) -> None:
    make_institute("mxd")
    url = reverse("network:change_institute_status", args=["mxd"])
    officer = signed_in(client)
    given = {
        "verb": "terminate_institute",
        "ground": "not_remedied",
        "on": "2022-03-01",
        "source": "letter",
    }
    answer = officer.post(url, given)
    assert answer.status_code == 409
    assert "The institute has had no cure period." in answer.content.decode()
    assert "2 CFR 200.340" in answer.content.decode()
    answer = officer.post(url, given | {"ground": ""})
    assert answer.status_code == 422
    assert "Choose the ground of the termination." in answer.content.decode()
    answer = officer.post(url, given | {"ground": "convenience"})
    assert answer.status_code == 302
    assert "Nothing can follow this status" in officer.get(url).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_list_organisations_takes_two_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _place in range(number):
        make_organisation()
    make_organisation("Hidden", level=SharingLevel.NETWORK)
    with django_assert_num_queries(2):
        answer = client.get(reverse("network:list_organisations"))
    text = answer.content.decode()
    noun = "organisation is" if number == 1 else "organisations are"
    assert f"{number} {noun} registered" in text
    assert "Hidden" not in text


def test_list_organisations_narrowed_says_how_many_fit(client: Client) -> None:
    make_organisation("Gears", kind="university")
    make_organisation("Cogs")
    url = reverse("network:list_organisations")
    text = signed_in(client).get(url, {"kind": "university"}).content.decode()
    assert "1 organisation fits the search" in text
    assert "Cogs" not in text
    assert "Register an organisation" in text


def test_show_organisation_says_who_entered_it_to_those_who_may_know(
    client: Client, programme_officer: Actor
) -> None:
    row = services.OrganisationRow(
        "Gears",
        "industry_sme",
        city="Akron",
        region="OH",
        website="gears.example",
        latitude=Decimal("41.08"),
        longitude=Decimal("-81.51"),
        identifiers=(("uei", "HJ7LJZ2K9C35"),),
        aliases=("Old Gears",),
        designations=("minority_business",),
        level=SharingLevel.NETWORK,
    )
    gears = services.register_organisation(programme_officer, row, now=NOW, why="letter 7")
    url = reverse("network:show_organisation", args=[gears.pk])
    assert client.get(url).status_code == 404
    text = signed_in(client).get(url).content.decode()
    for part in (
        "Small or medium enterprise in Akron, OH",
        "HJ7LJZ2K9C35",
        "Old Gears",
        "Minority business enterprise",
        "41.0800, -81.5100",
        "letter 7",
        "Amend",
    ):
        assert part in text


def test_show_organisation_hides_who_entered_it_from_the_public(
    client: Client, programme_officer: Actor
) -> None:
    row = services.OrganisationRow("Gears", "industry_sme")
    gears = services.register_organisation(programme_officer, row, now=NOW, why="letter 7")
    text = client.get(reverse("network:show_organisation", args=[gears.pk])).content.decode()
    assert "letter 7" not in text
    assert "No identifier is known." in text


def test_register_organisation_from_its_page(client: Client) -> None:
    url = reverse("network:register_organisation")
    assert client.get(url).status_code == 403
    make_institute("mxd")
    manager = signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    assert manager.get(url).status_code == 200
    answer = manager.post(url, entries(uei="HJ7LJZ2K9C35", naics="31, 3327"))
    gears = Organisation.objects.get()
    assert answer["Location"] == reverse("network:show_organisation", args=[gears.pk])
    assert gears.identifiers.count() == 3
    answer = manager.post(url, entries(name="Cogs", uei="12"))
    assert answer.status_code == 422
    assert "is no UEI" in answer.context["form"].errors["uei"][0]
    assert manager.post(url, entries(name="")).status_code == 422


def test_amend_organisation_from_its_page(client: Client) -> None:
    gears = make_organisation("Gears", identifiers=[("naics", "31"), ("naics", "3327")])
    url = reverse("network:amend_organisation", args=[gears.pk])
    assert client.get(url).status_code == 403
    member = signed_in(client, Role.MEMBER, ScopeKind.ORGANISATION, str(gears.pk))
    assert 'value="31, 3327"' in member.get(url).content.decode()
    assert member.post(url, entries(name="Fine Gears", naics="31")).status_code == 302
    gears.refresh_from_db()
    assert (gears.name, gears.identifiers.count()) == ("Fine Gears", 1)
    assert member.post(url, entries(country="USA")).status_code == 422
    assert member.post(url, entries(latitude="1")).status_code == 422


@pytest.mark.parametrize("number", [1, 3])
def test_list_people_takes_the_same_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        make_person(f"Ada {place}", organisation=make_organisation())
    officer = signed_in(client)
    with django_assert_num_queries(6):
        text = officer.get(reverse("network:list_people"), {"q": "ada"}).content.decode()
    assert text.count("Gearworks") == number


def test_list_people_is_for_those_who_work_with_them(client: Client) -> None:
    url = reverse("network:list_people")
    make_person("Stranger")
    assert client.get(url).status_code == 403
    make_institute("mxd")
    manager = signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    text = manager.get(url).content.decode()
    assert "Stranger" not in text


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.glob("**/*.html")), ids=lambda path: path.stem
)
def test_template_opens_with_its_variables_and_is_short(template: Path) -> None:
    lines = template.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("{# ")
    assert len(lines) < LONGEST_TEMPLATE


def test_lead_organisation_that_is_not_shared_is_named_nowhere(client: Client) -> None:
    institute = make_institute()
    institute.lead = make_organisation("Hidden Lead", level=SharingLevel.RESTRICTED)
    institute.save(update_fields=["lead"])
    addresses = (
        reverse("network:show_institute", args=[institute.key]),
        reverse("network:export_institutes", args=["json"]),
        reverse("desk:find_help") + "?need=robotics",
    )

    def named() -> list[bool]:
        answers = [client.get(address) for address in addresses]
        return ["Hidden Lead" in answer.getvalue().decode() for answer in answers]

    assert named() == [False, False, False]
    signed_in(client)
    assert named() == [True, True, True]


# ----------------------------------------------------------- proposing, naming, registering people


def proposal(**changes: object) -> dict[str, object]:
    return {
        "key": "photonics-hub",
        "name": "Photonics Hub",
        "name_zh": "光子中心",
        "sponsor_key": "DOD",
        "technology_area_keys": ["robotics"],
        "focus": "Integrated photonics",
        "focus_zh": "",
        "source": "notice 7",
    } | changes


def test_propose_institute_from_its_page(client: Client) -> None:
    make_agency()
    make_technology_area()
    signed_in(client)
    url = reverse("network:propose_institute")
    assert url in client.get(reverse("network:list_institutes")).content.decode()
    wrong = client.post(url, proposal(key="Not a key", sponsor_key="NASA"))
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"key", "sponsor_key"}
    answer = client.post(url, proposal(), follow=True)
    assert "Photonics Hub is only proposed" in answer.content.decode()
    assert "Integrated photonics" in answer.content.decode()
    taken = client.post(url, proposal())
    assert (taken.status_code, set(taken.context["form"].errors)) == (422, {"key"})


def test_propose_institute_is_for_the_office(client: Client) -> None:
    make_institute("mxd")
    url = reverse("network:propose_institute")
    signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    assert client.get(url).status_code == 403
    assert url not in client.get(reverse("network:list_institutes")).content.decode()


def test_add_institute_name_from_its_page(client: Client) -> None:
    make_institute("mxd", name="MxD")
    signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    url = reverse("network:add_institute_name", args=["mxd"])
    shown = reverse("network:show_institute", args=["mxd"])
    assert url in client.get(shown).content.decode()
    given = {"name": "DMDII", "kind": "former", "language": "en", "source": "notice", "note": ""}
    answer = client.post(url, given, follow=True)
    assert "DMDII" in answer.content.decode()
    again = client.post(url, given)
    assert (again.status_code, set(again.context["form"].errors)) == (422, {"name"})
    make_institute("lift")
    assert client.get(reverse("network:add_institute_name", args=["lift"])).status_code == 403


def test_lead_organisation_is_named_from_its_page(client: Client) -> None:
    institute = make_institute("mxd", name="MxD")
    make_institute_fact(institute, "lead", text="UI LABS", kind="text")
    lead = make_organisation("MxD USA")
    signed_in(client)
    url = reverse("network:name_lead_organisation", args=["mxd"])
    shown = reverse("network:show_institute", args=["mxd"])
    assert url in client.get(shown).content.decode()
    assert client.get(url).status_code == 200
    unknown = client.post(url, {"organisation": "Nobody", "source": "notice"})
    assert (unknown.status_code, set(unknown.context["form"].errors)) == (422, {"organisation"})
    answer = client.post(url, {"organisation": "MxD USA", "source": "notice"}, follow=True)
    items = {item.term: (item.text, item.tag) for item in answer.context["overview"]}
    assert items["Lead organisation"] == ("MxD USA", Tag("High confidence", "ok"))
    assert items["Source of the lead"] == ("notice", None)
    rows = {row.cells[0].text: row.cells for row in answer.context["facts"].rows}
    assert [cell.text for cell in rows["Lead organisation"]] == [
        "Lead organisation",
        "MxD USA",
        "notice",
        "High confidence",
    ]
    read = client.get("/api/v1/institutes/mxd").json()
    assert read["lead_organisation_id"] == lead.pk
    signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    assert client.get(url).status_code == 403
    assert url not in client.get(shown).content.decode()


def test_lead_says_its_source_only_where_that_is_said_of_it(client: Client) -> None:
    institute = make_institute("mxd", name="MxD")
    make_institute_fact(institute, "lead", text="UI LABS", kind="text")
    shown = reverse("network:show_institute", args=["mxd"])

    def items() -> dict[str, str]:
        return {item.term: item.text for item in client.get(shown).context["overview"]}

    assert (items()["Lead organisation"], items()["Source of the lead"]) == (
        "UI LABS",
        "a source",
    )
    Institute.objects.update(lead=make_organisation("MxD USA"))
    assert items()["Lead organisation"] == "MxD USA"
    assert "Source of the lead" not in items()


def test_register_person_for_an_institute_leads_to_the_appointment(client: Client) -> None:
    make_institute("mxd", name="MxD")
    company = make_organisation("Gears")
    signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    appoint = reverse("network:appoint_person", args=["mxd"])
    url = f"{reverse('network:register_person')}?institute=mxd"
    assert f'href="{url}"' in client.get(appoint).content.decode()
    assert "user" not in client.get(url).context["form"].fields
    person = {"name": "Ada Example", "email": "ada@example.org", "organisation": "gears"}
    assert client.post(url, person | {"email": ""}).status_code == 422
    assert client.post(url, person | {"organisation": "none"}).status_code == 422
    answer = client.post(url, person)
    assert answer["Location"] == f"{appoint}?person=ada%40example.org"
    form = client.get(answer["Location"]).context["form"]
    role = {"person": form["person"].value(), "kind": "director", "starts_on": "2022-01-01"}
    unknown = client.post(appoint, role | {"person": "nobody@example.org"})
    assert (unknown.status_code, set(unknown.context["form"].errors)) == (422, {"person"})
    done = client.post(appoint, role, follow=True)
    assert "Ada Example, Director" in done.content.decode()
    assert Person.objects.get().organisation == company
    twice = client.post(appoint, role)
    assert twice.status_code == 409
    assert "from Jan 1, 2022 until further notice already" in twice.content.decode()


def test_register_person_by_the_office_with_the_user_who_signs_in(client: Client) -> None:
    make_organisation("Gears", city="Akron")
    make_organisation("Gears", city="Dayton")
    user = make_user()
    signed_in(client)
    url = reverse("network:register_person")
    assert url in client.get(reverse("network:list_people")).content.decode()
    wrong = client.post(url, {"name": "Ada", "organisation": "Gears", "user": "nobody@example.org"})
    assert set(wrong.context["form"].errors) == {"organisation", "user"}
    answer = client.post(url, {"name": "Ada", "user": user.email})
    assert answer["Location"] == reverse("network:list_people")
    assert Person.objects.get(user=user).name == "Ada"


@pytest.mark.parametrize("text", ["Ada Example", "艾达"])
def test_appoint_person_by_name_takes_those_whom_one_sees_alone(client: Client, text: str) -> None:
    make_institute("mxd")
    person = make_person("Ada Example")
    person.name_zh = "艾达"
    person.save(update_fields=["name_zh"])
    role = {"person": text, "kind": "staff", "starts_on": "2022-01-01"}
    url = reverse("network:appoint_person", args=["mxd"])
    signed_in(client, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd")
    assert client.post(url, role).status_code == 422
    signed_in(client)
    assert client.post(url, role).status_code == 302
    make_person("Ada Example")
    Person.objects.update(name_zh="艾达")
    several = client.post(url, role)
    assert "Several people bear this name" in several.content.decode()


def test_add_organisation_alias_from_its_page(client: Client) -> None:
    stored = make_organisation("Gears")
    other = make_organisation("Bolts")
    signed_in(client, Role.MEMBER, ScopeKind.ORGANISATION, str(stored.pk))
    url = reverse("network:add_organisation_alias", args=[stored.pk])
    shown = reverse("network:show_organisation", args=[stored.pk])
    assert url in client.get(shown).content.decode()
    assert "Old Gears" in client.post(url, {"name": "Old Gears"}, follow=True).content.decode()
    assert client.get(reverse("network:add_organisation_alias", args=[other.pk])).status_code == 403
