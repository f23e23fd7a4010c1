"""The doors of awards of other agencies: pages, API, imports."""

import gzip
import io
import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network import services
from lineshaft.apps.network.exchange import IMPORTS
from lineshaft.apps.network.models import OutsideAward
from lineshaft.apps.network.tests.factories import NOW, make_agency, make_organisation
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import ImportReport
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

SPEC = IMPORTS["awards"]
SHARED = Path(__file__).resolve().parents[6] / "shared" / "data" / "funding_overlap"
UEI = "HJ7LJZ2K9C35"

NSF_EXPORT = """\
AwardNumber,Title,NSFOrganization,Program(s),StartDate,LastAmendmentDate,PrincipalInvestigator,State,\
Organization,AwardInstrument,ProgramManager,EndDate,AwardedAmountToDate,Co-PIName(s),PIEmailAddress,\
OrganizationStreet,OrganizationCity,OrganizationState,OrganizationZip,OrganizationPhone,\
NSFDirectorate,ProgramElementCode(s),ProgramReferenceCode(s),ARRAAmount,Abstract
0002790,Forging,CMMI,Manufacturing Machines,09/01/2020,01/02/2021,A. Example,OH,Anvil University,\
Standard Grant,B. Example,08/31/2024,"$149,754.00","C. Example, D. Example",a@example.org,\
1 Main St,Akron,OH,443250001,3305550100,ENG,1468,,$0.00,We forge.<br/>We cast.
"""
SBIR_GOV = """\
Company,Award Title,Agency,Branch,Phase,Program,Agency Tracking Number,Contract,\
Proposal Award Date,Contract End Date,Solicitation Number,Solicitation Year,\
Solicitation Close Date,Proposal Receipt Date,Date of Notification,Topic Code,\
Award Year,Award Amount,UEI,Duns,HUBZone Owned,\
Socially and Economically Disadvantaged,Woman Owned,Number Employees,Company Website,Address1,\
Address2,City,State,Zip,Abstract,Contact Name,PI Name,RI Name
Anvil Works,Forging,Department of Defense,Navy,Phase I,SBIR,N201-1,N68335-20-C-1,2020-06-15,\
12/15/2020,20.1,2020,,,,N201-X,2020,"139,998.00",HJ7LJZ2K9C35,,N,N,N,12,,1 Main St,,Akron,OH,44325,\
We forge.,A. Example,A. Example,N/A
Anvil Works,Forging,Department of Defense,Navy,Phase II,SBIR,N201-1,,2021-06-15,,,,,,,N201-X,2021,\
999999,HJ7LJZ2K9C35,,N,N,N,12,,1 Main St,,Akron,OH,44325,We forge more.,A. Example,A. Example,N/A
"""
ASSISTANCE = """\
assistance_award_unique_key,award_id_fain,total_obligated_amount,period_of_performance_start_date,\
period_of_performance_current_end_date,awarding_agency_name,awarding_sub_agency_name,recipient_uei,\
recipient_name,recipient_city_name,recipient_state_code,recipient_zip_code,cfda_numbers_and_titles,\
assistance_type_description,prime_award_base_transaction_description
ASST_NON_DEEE1_8900,DEEE1,-250.50,2020-10-01,2023-09-30,Department of Energy,Department of Energy,\
HJ7LJZ2K9C35,ANVIL WORKS,AKRON,OH,44325,81.086: CONSERVATION RESEARCH,COOPERATIVE AGREEMENT (B),\
LOW HEAT FORGING
ASST_NON_DEEE2_8900,DEEE2,0.00,2021-10-01,2023-09-30,Department of Energy,Department of Energy,\
HJ7LJZ2K9C35,ANVIL WORKS,AKRON,OH,44325,81.086: CONSERVATION RESEARCH,COOPERATIVE AGREEMENT (B),\
HIGH HEAT FORGING
"""
CONTRACTS = """\
contract_award_unique_key,award_id_piid,total_dollars_obligated,period_of_performance_start_date,\
period_of_performance_current_end_date,awarding_agency_name,awarding_sub_agency_name,recipient_uei,\
recipient_name,recipient_city_name,recipient_state_code,award_type,\
product_or_service_code_description,prime_award_base_transaction_description
CONT_AWD_1_9700,1,1000.00,2020-10-01 00:00:00,2021-09-30,Department of Defense,\
Department of the Navy,HJ7LJZ2K9C35,ANVIL WORKS,AKRON,OH,DEFINITIVE CONTRACT,FORGING,
"""


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


def award(number: str = "1", **columns: object) -> OutsideAward:
    row = services.AwardRow(
        **{  # type: ignore[arg-type] # each column of its own type
            "source": "nsf",
            "number": number,
            "agency_name": "NSF",
            "currency": "USD",
            "title": f"Forging {number}",
            "year": 2020,
        }
        | columns
    )
    system = Actor.system("test")
    services.register_outside_awards(system, [row], now=NOW, is_demonstration=True)
    return OutsideAward.objects.get(number=number)


def load(text: str, *, mapping: str = "") -> ImportReport:
    actor = make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)
    chosen = shipped_mappings(SPEC)[mapping] if mapping else None
    file = io.BytesIO(text.encode())
    return run_import(actor, SPEC, file, name="a.csv", is_dry_run=False, now=NOW, mapping=chosen)


@pytest.mark.parametrize("number", [1, 3])
def test_list_outside_awards_takes_five_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        award(str(place), agency_name=f"Agency {place}")
    with django_assert_num_queries(5):
        text = client.get(reverse("network:list_outside_awards")).content.decode()
    assert text.count('<td class="at-start" data-label="Agency">') == number


def test_list_outside_awards_is_narrowed_counted_and_opened(client: Client) -> None:
    recipient = make_organisation("Anvil Works", identifiers=[("uei", UEI)])
    award("1", recipient="Anvil Works", recipient_uei=UEI)
    award("2", agency_name="DOE & Co", abstract="Weaving of wires")
    award("3", level=SharingLevel.NETWORK)
    url = reverse("network:list_outside_awards")
    text = client.get(url).content.decode()
    assert "2 awards of other agencies are recorded" in text
    assert f'<a href="{url}?agency=DOE+%26+Co">1</a>' in text
    assert "Forging 3" not in text
    assert "Import awards" not in text
    text = client.get(url, {"q": "weaving", "year": "2020", "agency": "none"}).content.decode()
    assert "1 award of another agency fits the search" in text
    assert "By agency" not in text
    text = client.get(f"{url}?organisation={recipient.pk}&year=x").content.decode()
    assert "1 award of another agency fits the search" in text
    assert reverse("network:show_organisation", args=[recipient.pk]) in text


@pytest.mark.parametrize(
    ("role", "scope_kind", "scope_id", "is_offered"),
    [
        (Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOD", True),
        (Role.PROGRAMME_OFFICER, ScopeKind.NETWORK, "", True),
        (Role.INSTITUTE_MANAGER, ScopeKind.NETWORK, "", False),
    ],
)
def test_import_of_awards_is_offered_to_whoever_may(
    client: Client, role: Role, scope_kind: ScopeKind, scope_id: str, *, is_offered: bool
) -> None:
    make_agency("DOD")
    user = make_user()
    make_grant(user, role, scope_kind, scope_id)
    client.force_login(user)
    offer = reverse("exchange:start_import", args=["awards"])
    assert (offer in client.get(reverse("network:list_outside_awards")).content.decode()) is (
        is_offered
    )
    assert client.get(offer).status_code == (200 if is_offered else 403)


def test_show_outside_award_says_all_and_where_it_stands(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_organisation("Anvil Works", identifiers=[("uei", UEI)])
    load(NSF_EXPORT.replace("Anvil University", "<b>Anvil</b> University"))
    one = OutsideAward.objects.get()
    with django_assert_num_queries(1):
        text = client.get(reverse("network:show_outside_award", args=[one.pk])).content.decode()
    for said in ("National Science Foundation, CMMI", "149,754", "Anvil University", "a.csv"):
        assert said in text
    assert "<p>We forge. We cast.</p>" in text
    assert one.source_sha256 in text


def test_show_outside_award_without_text_that_the_network_shares(client: Client) -> None:
    recipient = make_organisation("Anvil Works", identifiers=[("uei", UEI)])
    one = award(level=SharingLevel.NETWORK, office_name="NSF", recipient_uei=UEI, recipient="A")
    url = reverse("network:show_outside_award", args=[one.pk])
    assert client.get(url).status_code == 404
    user = make_user()
    make_grant(user, Role.PROGRAMME_OFFICER)
    client.force_login(user)
    text = client.get(url, headers={"accept-language": "zh-hans"}).content.decode()
    assert reverse("network:show_organisation", args=[recipient.pk]) in text
    text = client.get(url).content.decode()
    assert "The register gives no text." in text
    assert "Demonstration" in text


@pytest.mark.parametrize("number", [1, 3])
def test_api_lists_awards_in_one_query_without_texts(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_agency("NSF")
    for place in range(number):
        award(str(place), abstract="Text")
    award("hidden", level=SharingLevel.RESTRICTED)
    with django_assert_num_queries(1):
        items = client.get("/api/v1/outside-awards").json()["items"]
    assert [item["number"] for item in items] == [str(place) for place in range(number)]
    assert (items[0]["agency"], "abstract" in items[0]) == ("NSF", False)


def test_api_narrows_pages_and_shows_awards(client: Client) -> None:
    first, second = award("1", abstract="Weaving"), award("2", year=2021, agency_name="DOE")
    url = "/api/v1/outside-awards"

    def ids(**chosen: str | int) -> list[int]:
        return [item["id"] for item in client.get(url, chosen).json()["items"]]

    assert ids(q="weaving") == ids(agency="NSF") == ids(year=2020) == [first.pk]
    page = client.get(url, {"limit": 1}).json()
    assert ids(cursor=page["next_cursor"]) == [second.pk]
    body = client.get(f"{url}/{first.pk}").json()
    assert (body["abstract"], body["agency"], body["organisation_id"]) == ("Weaving", None, None)
    assert client.get(f"{url}/{second.pk + 1}").status_code == 404
    assert client.get(url, {"year": 20}).status_code == 422


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param(
            NSF_EXPORT,
            [
                {
                    "source": "nsf",
                    "number": "0002790",
                    "title": "Forging",
                    "abstract": "We forge.\nWe cast.",
                    "agency_name": "National Science Foundation",
                    "office_name": "CMMI",
                    "other_investigators": "C. Example, D. Example",
                    "amount_minor": 14_975_400,
                    "year": 2020,
                    "postal_code": "443250001",
                }
            ],
            id="nsf_export",
        ),
        pytest.param(
            SBIR_GOV,
            [
                {
                    "number": "N201-1 / N68335-20-C-1 / Phase I / 2020",
                    "office_name": "Navy",
                    "phase": "Phase I",
                    "amount_minor": 13_999_800,
                    "recipient_uei": UEI,
                },
                {"number": "N201-1 / Phase II / 2021", "year": 2021, "starts_on": "2021-06-15"},
            ],
            id="sbir_gov",
        ),
        pytest.param(
            ASSISTANCE,
            [
                {
                    "number": "ASST_NON_DEEE1_8900",
                    "title": "LOW HEAT FORGING",
                    "programme": "81.086: CONSERVATION RESEARCH",
                    "amount_minor": -25_050,
                    "ends_on": "2023-09-30",
                },
                {"number": "ASST_NON_DEEE2_8900", "amount_minor": 0, "currency": "USD"},
            ],
            id="usaspending_assistance",
        ),
        pytest.param(
            CONTRACTS,
            [
                {
                    "number": "CONT_AWD_1_9700",
                    "title": "FORGING",
                    "abstract": "",
                    "instrument": "DEFINITIVE CONTRACT",
                    "starts_on": "2020-10-01",
                }
            ],
            id="usaspending_contracts",
        ),
    ],
)
def test_file_of_a_public_register_finds_its_mapping(
    text: str, stored: list[dict[str, object]], request: pytest.FixtureRequest
) -> None:
    report = load(text)
    assert (report.errors, report.created) == ((), len(stored))
    assert report.mapping == request.node.callspec.id
    for one, wanted in zip(OutsideAward.objects.order_by("year", "pk"), stored, strict=True):
        found = {name: getattr(one, name) for name in wanted}
        assert json.loads(json.dumps(found, default=str)) == wanted
    assert load(text).changes_nothing


@pytest.mark.parametrize(
    ("mapping", "file"),
    [
        ("nsf_prepared", "nsf_dms_awards_to2008.csv.gz"),
        ("sbir_prepared", "sbir_awards_part1.csv.gz"),
    ],
)
def test_beginning_of_a_real_file_goes_in_and_again_changes_nothing(
    mapping: str, file: str
) -> None:
    if not (SHARED / file).exists():
        pytest.skip(f"{file} is not on this machine")
    with gzip.open(SHARED / file, "rt", encoding="utf-8", newline="") as lines:
        text = "".join(line for _number, line in zip(range(301), lines, strict=False))
    report = load(text)
    assert (report.errors, report.mapping, report.created) == ((), mapping, report.rows_read)
    assert report.rows_read > 100
    assert load(text).changes_nothing
    assert not OutsideAward.objects.filter(abstract__contains="<br").exists()


def test_file_without_a_level_opens_no_restricted_award() -> None:
    text = "source,number,agency,title,level\nnsf,1,NSF,Forging,restricted\n"
    load(text)
    load("source,number,agency,title\nnsf,1,NSF,Casting\n")
    one = OutsideAward.objects.get()
    assert (one.title, one.level) == ("Casting", SharingLevel.RESTRICTED)


def test_awards_are_not_narrowed_by_an_organisation_that_is_hidden(client: Client) -> None:
    hidden = make_organisation("Anvil", identifiers=[("uei", UEI)], level=SharingLevel.RESTRICTED)
    award(recipient="Anvil Works", recipient_uei=UEI)
    url, chosen = reverse("network:list_outside_awards"), {"organisation": hidden.pk}
    assert "Forging 1" not in client.get(url, chosen).content.decode()
    assert client.get("/api/v1/outside-awards", chosen).json()["items"] == []
    user = make_user()
    make_grant(user, Role.PROGRAMME_OFFICER)
    client.force_login(user)
    assert "Forging 1" in client.get(url, chosen).content.decode()
    assert len(client.get("/api/v1/outside-awards", chosen).json()["items"]) == 1


def test_faults_of_awards_are_told_where_they_stand() -> None:
    text = "source,number,agency,country,amount\nNSF,1,NSF,US,5\nnsf,2,NSF,USA,5\n"
    report = load(text)
    assert [(fault.row, fault.column) for fault in report.errors] == [(3, "country")]
    text = text.replace("USA", "US")
    assert [(fault.row, fault.column) for fault in load(text).errors] == [(2, "source")]
    assert not OutsideAward.objects.exists()
