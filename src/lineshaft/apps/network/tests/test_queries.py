from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from lineshaft.apps.network import queries, rules
from lineshaft.apps.network.queries import OrganisationReference
from lineshaft.apps.network.tests.factories import (
    make_agency,
    make_institute,
    make_institute_date,
    make_institute_name,
    make_organisation,
    make_person,
    make_person_role,
    make_technology_area,
)
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    [
        "mxd",
        "MxD",
        "MXD USA",
        "dmdii",
        "Digital Manufacturing & Design",
        "数字化制造和设计创新中心",
    ],
)
def test_institute_by_name_finds_key_name_alias_and_former_name(public: Actor, name: str) -> None:
    institute = make_institute("mxd", name="MxD", name_zh="数字化制造和设计创新中心")
    for other in ("MxD USA", "DMDII", "Digital Manufacturing and Design"):
        make_institute_name(institute, other)
    make_institute("lift")
    assert queries.institute_by_name(public, name) == institute


def test_institute_by_name_unknown_is_not_found(public: Actor) -> None:
    make_institute("mxd")
    with pytest.raises(NotFound):
        queries.institute_by_name(public, "no such name")
    with pytest.raises(NotFound):
        queries.institute_by_name(public, "")


def test_institute_by_name_of_two_is_refused(public: Actor) -> None:
    for key in ("mxd", "lift"):
        make_institute_name(make_institute(key), "The Hub")
    with pytest.raises(Invalid) as raised:
        queries.institute_by_name(public, "the hub")
    assert raised.value.params["keys"] == "lift, mxd"


def test_institutes_filtered_by_each_filter(public: Actor) -> None:
    processes = make_technology_area("processes")
    make_technology_area("additive", parent=processes)
    makes = make_institute(areas=["additive"], sponsors=["DOD", "DOE"])
    make_institute_name(makes, "NAMII")
    make_institute("niimbl", sponsors=["DOC"], status="planned", areas=["bio"])
    rows = queries.institutes_visible_to(public)

    def keys(**filters: str) -> list[str]:
        found = queries.institutes_filtered(rows, **filters)
        return sorted(found.values_list("key", flat=True))

    assert keys() == ["america-makes", "niimbl"]
    assert keys(q="namii") == ["america-makes"]
    assert keys(q="??") == []
    assert keys(status="planned") == ["niimbl"]
    assert keys(sponsor="DOE") == ["america-makes"]
    assert keys(area="processes") == ["america-makes"]
    assert keys(area="nothing") == []


def test_with_dates_annotates_day_and_precision(public: Actor) -> None:
    institute = make_institute()
    make_institute_date(institute, "established", date(2012, 8, 1), precision="month")
    make_institute_date(institute, "established", date(2012, 7, 1), edition=rules.Edition.SEED)
    row = queries.with_dates(queries.institutes_visible_to(public)).get()
    found = vars(row)
    assert (found["established_on"], found["established_precision"]) == (date(2012, 8, 1), "month")
    assert (found["announced_on"], found["announced_precision"]) == (None, None)


def test_institute_keys_sponsored_by_counts_offices_to_their_department() -> None:
    department = make_agency("DOC")
    make_agency("NIST", parent=department)
    make_institute("niimbl", sponsors=["NIST"])
    make_institute("mxd", sponsors=["DOD"])
    assert queries.institute_keys_sponsored_by(["DOC"]) == {"niimbl"}
    assert queries.institute_keys_sponsored_by(["NIST"]) == {"niimbl"}


def test_organisations_visible_to_hides_what_is_shared_less() -> None:
    open_one = make_organisation("Open")
    network_one = make_organisation("Inside", level=SharingLevel.NETWORK)
    hidden = make_organisation("Hidden", level=SharingLevel.RESTRICTED)
    own = make_organisation("Own", level=SharingLevel.RESTRICTED)

    def seen(actor: Actor) -> set[object]:
        return set(queries.organisations_visible_to(actor))

    member = make_actor(
        Role.MEMBER,
        ScopeKind.ORGANISATION,
        str(own.pk),
        organisation_ids=frozenset({own.pk}),
        institute_keys=frozenset({"mxd"}),
    )
    manager = make_actor(
        Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd", institute_keys=frozenset({"mxd"})
    )
    assert seen(Actor.public()) == {open_one}
    assert seen(manager) == {open_one, network_one}
    assert seen(member) == {open_one, network_one, own}
    assert seen(make_actor(Role.AUDITOR)) == {open_one, network_one, hidden, own}
    with pytest.raises(NotFound):
        queries.organisation_by_id(manager, hidden.pk)
    with pytest.raises(NotFound):
        queries.organisation_detail(Actor.public(), network_one.pk)


def test_organisations_matching_finds_name_alias_city_and_identifier(public: Actor) -> None:
    makers = make_organisation(
        "Fine Gears, Inc.", aliases=["FGI"], city="Akron", identifiers=[("uei", "HJ7LJZ2K9C35")]
    )
    make_organisation("Other", city="Dayton")
    for text in ("fine gears", "fgi", "akron", "hj7ljz2k9c35"):
        found = queries.organisations_filtered(queries.organisations_visible_to(public), q=text)
        assert list(found) == [makers], text


def test_organisations_filtered_by_kind_and_region(public: Actor) -> None:
    college = make_organisation(kind="university", region="CA")
    make_organisation(kind="university", region="OH")
    make_organisation(kind="industry_sme", region="CA")
    rows = queries.organisations_visible_to(public)
    found = queries.organisations_filtered(rows, kind="university", region="CA")
    assert list(found) == [college]


def test_organisations_by_reference_prefers_the_identifier(public: Actor) -> None:
    first = make_organisation("Gears", city="Akron", identifiers=[("uei", "HJ7LJZ2K9C35")])
    second = make_organisation("Gears", city="Dayton", aliases=["Old Gears"])
    references = [
        OrganisationReference("Gears", (("uei", "HJ7LJZ2K9C35"),)),
        OrganisationReference("gears inc", region="OH", city="Dayton"),
        OrganisationReference("Gears"),
        OrganisationReference("old gears"),
        OrganisationReference("Gears, LLC", city="akron"),
        OrganisationReference("nobody"),
    ]
    assert queries.organisations_by_reference(public, references) == [
        [first],
        [second],
        [first, second],
        [second],
        [first],
        [],
    ]


def test_organisations_by_reference_never_shows_what_is_hidden(public: Actor) -> None:
    make_organisation("Gears", level=SharingLevel.RESTRICTED, identifiers=[("unitid", "100654")])
    references = [
        OrganisationReference("Gears"),
        OrganisationReference("", (("unitid", "100654"),)),
    ]
    assert queries.organisations_by_reference(public, references) == [[], []]


def test_organisations_named_takes_number_identifier_or_name(public: Actor) -> None:
    one = make_organisation("Gears", identifiers=[("ror", "03vek6s52")])
    for text in (str(one.pk), "https://ror.org/03vek6s52", "gears"):
        assert queries.organisations_named(public, text) == [one], text
    assert queries.organisations_named(public, "999999999") == []


def test_people_visible_to_shows_colleagues_only() -> None:
    company = make_organisation()
    user = make_user()
    me = make_person("Me", user=user, organisation=company)
    colleague = make_person("Colleague", organisation=company)
    stranger = make_person("Stranger", organisation=make_organisation())
    director = make_person("Director")
    institute = make_institute("mxd")
    make_person_role(director, institute)
    member = make_actor(user_id=user.pk, organisation_ids=frozenset({company.pk}))
    manager = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "mxd", user_id=99)
    other = make_actor(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift", user_id=99)

    def seen(actor: Actor) -> set[object]:
        return set(queries.people_visible_to(actor))

    assert seen(Actor.public()) == set()
    assert seen(member) == {me, colleague}
    assert seen(manager) == {director}
    assert seen(other) == set()
    assert seen(make_actor(Role.AUDITOR)) == {me, colleague, stranger, director}
    assert [
        role.person for role in queries.people_serving(manager, institute, on=date(2022, 1, 1))
    ] == [director]
    assert list(queries.people_serving(other, institute, on=date(2022, 1, 1))) == []
    assert list(queries.people_serving(manager, institute, on=date(2019, 1, 1))) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_institutes_visible_to_reads_with_three_queries(
    public: Actor, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_institute(f"institute-{number}", sponsors=["DOD", "DOE"])
    with django_assert_num_queries(3):
        for one in queries.institutes_visible_to(public):
            assert [sponsor.agency.key for sponsor in one.sponsors.all()] == ["DOD", "DOE"]
            assert [area.key for area in one.technology_areas.all()] == ["robotics"]


@pytest.mark.parametrize(
    "text", ["acme works", "The ACME Works", "Acme Works, Inc.", "The Acme Works LLC"]
)
@pytest.mark.parametrize("others", [0, queries.NAMES_NARROWED])
def test_organisations_are_found_by_bare_name_however_many_are_asked_for(
    programme_officer: Actor, text: str, others: int
) -> None:
    stored = {
        make_organisation("The Acme Works, Inc.", city="", region="").pk,
        make_organisation("Acme Works LLC", city="Dayton").pk,
        make_organisation("ACME WORKS", city="").pk,
    }
    make_organisation("Acme Works Holding", city="")
    make_organisation("Theacme Works", city="")
    references = [
        queries.OrganisationReference(name=name)
        for name in (text, *(f"Other {place}" for place in range(others)))
    ]
    found = queries.organisations_by_reference(programme_officer, references)[0]
    assert {one.pk for one in found} == stored
