from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.awarding import services
from lineshaft.apps.awarding.models import Award, PlannedObligation
from lineshaft.apps.awarding.tests.selecting import Selecting, decided, make_selecting, published
from lineshaft.apps.awarding.tests.test_selection_pages import (
    OUT,
    SELECTED,
    client_of,
    counted,
    text_of,
)
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, SYSTEM
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import TransferProposal
from lineshaft.apps.funding.rules import ProposalState
from lineshaft.apps.network.rules import InstituteStatus
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True  # roles sign in without a second factor
    settings.FILES_DIR = tmp_path


@pytest.fixture
def officer() -> Client:
    return client_of(Role.PROGRAMME_OFFICER)


@pytest.fixture
def doc() -> Client:
    return client_of(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC")


def test_award_is_opened_on_its_page(doc: Client) -> None:
    world = published((5, 4))
    base = f"/competitions/{world.competition.key}/awards/"
    assert "0 of 1 award is opened" in text_of(doc.get(base))
    first = world.applications[0].pk
    page = text_of(doc.get(f"{base}{first}/"))
    assert "Open the award of $70,000,000 to Works 1" in page
    assert 'value="anvils-of-works-1"' in page
    today = world.now.date().isoformat()
    said = {
        "number": "A-1",
        "signed_on": today,
        "starts_on": today,
        "key": "anvils",
        "name": "Anvils",
    }
    assert doc.post(f"{base}{first}/", said).status_code == 302
    award = Award.objects.get()
    assert award.agreement is not None
    page = text_of(doc.get(base))
    assert "1 of 1 award is opened" in page
    assert award.agreement.get_absolute_url() in page
    assert "Foreseen" in page
    assert "Obligate year" not in page  # the agreement is a draft
    assert doc.post(f"{base}{first}/obligate/1/").status_code == 409
    assert doc.get(f"{base}{world.applications[1].pk}/").status_code == 404
    told = doc.get(f"/api/v1/competitions/{world.competition.key}/awards").json()
    assert told[0]["agreement"] == "A-1"
    assert len(told[0]["obligations"]) == 5


def test_who_may_not_sign_for_the_agency_is_told_who_opens_the_award(
    officer: Client, doc: Client
) -> None:
    world = published((5,))
    base = f"/competitions/{world.competition.key}/awards/"
    path = f"{base}{world.applications[0].pk}/"
    for client, is_offered in ((officer, False), (doc, True)):
        page = text_of(client.get(base))
        assert (f'href="{path}"' in page) is is_offered
        assert (" opens it<" in page) is not is_offered
    refused = officer.get(path)
    assert refused.status_code == 403
    assert "Only the sponsoring agency&#x27;s officer may do this." in refused.text


@pytest.mark.parametrize("sponsor", ["DOC", "DOE"])
def test_award_goes_to_a_standing_institute_only_of_the_agency_that_signs(
    doc: Client, sponsor: str
) -> None:
    world = published((5,))
    led = make_institute("forge-lab", status=InstituteStatus.PLANNED, sponsors=(sponsor,))
    led.lead = world.applications[0].lead
    led.save()
    path = f"/competitions/{world.competition.key}/awards/{world.applications[0].pk}/"
    offered = 'value="forge-lab"' in text_of(doc.get(path))
    assert offered is (sponsor == "DOC")


def test_award_of_a_call_is_recorded_on_its_page(officer: Client) -> None:
    world = published((5,))
    Competition.objects.update(kind=CompetitionKind.REGIONAL_CHALLENGE)
    path = f"/competitions/{world.competition.key}/awards/{world.applications[0].pk}/"
    assert "The award is recorded with its amount" in text_of(officer.get(path))
    assert officer.post(path, {"conditions": "None."}).status_code == 302
    page = text_of(officer.get(f"/competitions/{world.competition.key}/awards/"))
    assert "No agreement of its own" in page
    assert "Each agency of a challenge signs for its own part" in page


def test_awards_before_publication_are_listed_and_not_opened(officer: Client) -> None:
    world = make_selecting((5,))
    decided(world, SELECTED)
    page = text_of(officer.get(f"/competitions/{world.competition.key}/awards/"))
    assert "Awards are opened once the results are published" in page
    assert "Not opened" in page


def test_awards_take_as_many_queries_for_two_as_for_one(officer: Client) -> None:
    counts = []
    for outcomes in ((SELECTED, OUT), (SELECTED, SELECTED)):
        world = published((5, 4), *outcomes)
        for place, outcome in enumerate(outcomes):
            if outcome is SELECTED:
                key = f"anvils-{world.competition.pk}-{place}"
                terms = services.AwardTerms(key=key, name=key)
                one = world.applications[place]
                services.open_agreement(SYSTEM, world.competition, one, terms, now=world.now)
        address = f"/competitions/{world.competition.key}/awards/"
        officer.get(address)
        with counted() as found:
            officer.get(address)
        counts += found
    assert counts[0] == counts[1]


def test_form_shows_the_title_that_was_handed_in(doc: Client) -> None:
    world = published((5,))
    pk = world.applications[0].pk
    Application.objects.filter(pk=pk).update(title="Kept from all", title_zh="草稿")
    page = text_of(doc.get(f"/competitions/{world.competition.key}/awards/{pk}/"))
    assert 'value="Anvils of Works 1"' in page
    assert "Kept from all" not in page
    assert "kept-from-all" not in page
    assert "草稿" not in page


def activated(world: Selecting) -> Award:
    """Its award opened, the agreement active, with money to obligate."""
    terms = services.AwardTerms(key="anvils", name="Anvils")
    one = world.applications[0]
    award = services.open_agreement(SYSTEM, world.competition, one, terms, now=world.now)
    agreement = award.agreement
    assert agreement is not None
    funding.activate_agreement(SYSTEM, agreement.pk, today=world.now.date(), now=world.now)
    agreement.refresh_from_db()
    funding.authorise_funds(
        SYSTEM,
        agreement,
        now=world.now,
        id=PlannedObligation(award=award, year=9).transfer_id,
        amount_minor=50 * MILLION_MINOR,
        currency="USD",
        occurred_on=world.now.date(),
    )
    return award


def test_page_says_how_far_the_money_of_a_year_is(
    doc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = published((5,))
    monkeypatch.setattr(clock, "now", lambda: world.now)
    planned = activated(world).obligations.get(year=1)
    base = f"/competitions/{world.competition.key}/awards/"
    address = f"{base}{world.applications[0].pk}/obligate/1/"
    assert "A second person signs the obligation." in text_of(doc.post(address, follow=True))
    page = text_of(doc.get(base))
    assert "A second person signs it" in page
    assert "Obligate year 1" not in page  # it waits
    assert "Obligate year 2" in page
    second = make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, "DOC", user_id=make_user().pk)
    funding.reject_transfer(second, planned.transfer_id, reason="Too early.", now=world.now)
    assert "Obligate year 1" in text_of(doc.get(base))
    assert "A second person signs the obligation." in text_of(doc.post(address, follow=True))
    waiting = TransferProposal.objects.get(state=ProposalState.PROPOSED)
    told = doc.get(f"/api/v1/competitions/{world.competition.key}/awards").json()
    assert told[0]["obligations"][0]["transfer"] == str(waiting.pk)
    funding.approve_transfer(second, waiting.pk, now=world.now)
    assert "The money is obligated." in text_of(doc.post(address, follow=True))


def test_page_tells_what_was_not_approved_meanwhile(
    doc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = published((5,))
    activated(world)
    dead = TransferProposal(state=ProposalState.REJECTED)
    monkeypatch.setattr(services, "obligate_award", lambda *_args, **_named: dead)
    address = f"/competitions/{world.competition.key}/awards/{world.applications[0].pk}/obligate/1/"
    page = text_of(doc.post(address, follow=True))
    assert "Nothing is obligated: what was proposed was not approved." in page
