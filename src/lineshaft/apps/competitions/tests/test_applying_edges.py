"""What an application refuses to whom it does not know, and what it asks of what is odd."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.services import PartnerRow, TeamRow
from lineshaft.apps.competitions.tests.applicants import (
    TERMS,
    Applicant,
    fill,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, make_open
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.plumbing.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def ada() -> Applicant:
    return make_applicant()


@pytest.fixture
def application(ada: Applicant) -> Application:
    return make_application(make_open(template="four_stage", agencies=("DOC",)), ada)


def test_application_that_the_program_begins_has_no_team(application: Application) -> None:
    other = services.start_application(
        SYSTEM, application.competition, make_organisation("Zinc Works"), title="Zinc", now=NOW
    )
    assert (application.team.count(), other.team.count()) == (1, 0)


def test_stranger_writes_nothing_and_learns_nothing(application: Application) -> None:
    eve = make_applicant("Eve", "Echo Works")
    with pytest.raises(NotFound):
        services.write_section(eve.actor, application, "need", "x", now=NOW)
    assert not application.sections.exists()


def test_call_without_a_deadline_takes_what_arrives(
    ada: Applicant, application: Application
) -> None:
    Stage.objects.filter(competition=application.competition).update(starts_at=None, ends_at=None)
    found = queries.application_by_id(ada.actor, application.pk)
    services.write_section(ada.actor, found, "need", "Castings fail.", now=NOW)
    assert application.sections.get().text == "Castings fail."


def test_work_of_no_known_kind_is_a_fault(ada: Applicant, application: Application) -> None:
    with pytest.raises(Invalid, match="work"):
        services.edit_application(ada.actor, application, replace(TERMS, work="poetry"), now=NOW)


def test_people_and_partners_of_another_application_are_not_there(
    ada: Applicant, application: Application
) -> None:
    zoe = make_applicant("Zoe", "Zinc Works")
    other = make_application(application.competition, zoe)
    brass = PartnerRow(organisation_id=make_organisation("Brass Works").pk)
    partner = services.add_partner(zoe.actor, other, brass, now=NOW)
    with pytest.raises(NotFound):
        services.share_with_partner(
            ada.actor, application, partner, shares=["budget"], part="", now=NOW
        )
    with pytest.raises(NotFound):
        services.remove_partner(ada.actor, application, partner, now=NOW)
    with pytest.raises(NotFound):
        services.remove_from_team(ada.actor, application, other.team.get(), now=NOW)
    with pytest.raises(Invalid):
        services.share_with_partner(zoe.actor, other, partner, shares=["terms"], part="", now=NOW)
    partner.refresh_from_db()
    assert (partner.shares, other.team.count()) == ([], 1)


def test_whoever_was_named_without_an_address_joins_nothing(
    ada: Applicant, application: Application
) -> None:
    named = services.invite_to_team(ada.actor, application, TeamRow("Dora", "reader"), now=NOW)
    with pytest.raises(NotFound):
        services.join_team(make_applicant("Dora", "Delta").actor, named, now=NOW)
    assert not OutboxMessage.objects.exists()


def test_only_the_lead_names_who_leads(ada: Applicant, application: Application) -> None:
    brass = make_organisation("Brass Works")
    services.add_partner(ada.actor, application, PartnerRow(organisation_id=brass.pk), now=NOW)
    with pytest.raises(Invalid, match="role"):
        services.invite_to_team(
            ada.actor,
            application,
            TeamRow("Bea", rules.TeamRole.LEAD, "", brass.pk),
            now=NOW,
        )


def test_partner_that_looks_like_one_of_the_registry_is_confirmed(
    ada: Applicant, application: Application
) -> None:
    known = make_organisation("Brass Works Inc", region="OH", city="Akron")
    new = OrganisationRow(name="Brass Works", kind="industry_sme", region="OH", city="Toledo")
    with pytest.raises(Invalid, match="is_none_of_these"):
        services.add_partner(ada.actor, application, PartnerRow(new=new), now=NOW)
    row = PartnerRow(new=new, is_none_of_these=True)
    made = services.add_partner(ada.actor, application, row, now=NOW)
    assert made.organisation_id != known.pk


def test_invented_applicants_get_no_mail(ada: Applicant) -> None:
    competition = make_open(template="four_stage", agencies=("DOC",))
    made = services.start_application(
        ada.actor,
        competition,
        ada.organisation,
        title="Light castings",
        now=NOW,
        is_demonstration=True,
    )
    services.invite_to_team(ada.actor, made, TeamRow("Bea", "reader", "bea@brass.example"), now=NOW)
    fill(ada.actor, made)
    services.submit_application(ada.actor, made, now=NOW)
    assert not OutboxMessage.objects.exists()
