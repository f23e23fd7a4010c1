import io
from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from lineshaft.apps.memberships import exchange, queries
from lineshaft.apps.memberships.exchange import IMPORTS
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_institute,
    make_institute_name,
    make_organisation,
)
from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import ImportReport
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

SPEC = IMPORTS["members"]
HEAD = "organisation,uei,city,region,institute,tier,starts_on,ends_on\n"


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def mxd() -> Institute:
    institute = make_institute("mxd", name="MxD")
    make_institute_name(institute, "DMDII")
    return institute


@pytest.fixture
def manager(mxd: Institute) -> Actor:
    return make_actor(
        Role.INSTITUTE_MANAGER,
        ScopeKind.INSTITUTE,
        mxd.key,
        user_id=make_user().pk,
        institute_keys=frozenset({mxd.key}),
    )


def load(actor: Actor, text: str, mapping: str = "") -> ImportReport:
    return run_import(
        actor,
        SPEC,
        io.BytesIO(text.encode()),
        name="members.csv",
        is_dry_run=False,
        now=NOW,
        mapping=shipped_mappings(SPEC)[mapping] if mapping else None,
    )


def test_import_admits_by_identifier_name_and_former_name(manager: Actor) -> None:
    gears = make_organisation("Gears", identifiers=[("uei", "HJ7LJZ2K9C35")])
    cogs = make_organisation("Cogs, Inc.", city="Akron")
    report = load(
        manager,
        HEAD + ",HJ7LJZ2K9C35,,,mxd,sme,2022-01-01,\n"
        "cogs,,Akron,OH,DMDII,industry,2022-01-01,2022-07-01\n",
    )
    assert (report.created, report.errors) == (2, ())
    rows = MemberAgreement.objects.order_by("pk").values_list("organisation", "tier", "ends_on")
    assert list(rows) == [(gears.pk, "sme", None), (cogs.pk, "industry", date(2022, 7, 1))]


def test_import_again_changes_nothing(manager: Actor) -> None:
    make_organisation("Gears")
    text = HEAD + "Gears,,,,mxd,sme,2022-01-01,\n"
    load(manager, text)
    assert load(manager, text).changes_nothing


def test_import_names_what_it_cannot_find_and_writes_nothing(manager: Actor) -> None:
    make_organisation("Gears", city="Akron")
    make_organisation("Gears", city="Dayton")
    make_organisation("Good")
    make_institute_name(make_institute("lift"), "DMDII")
    report = load(
        manager,
        HEAD + "Nobody,,,,mxd,sme,2022-01-01,\n"
        "Gears,,,,mxd,sme,2022-01-01,\n"
        ",,,,mxd,sme,2022-01-01,\n"
        ",HJ7LJZ2K9C35,,,mxd,sme,2022-01-01,\n"
        "Good,,,,nowhere,sme,2022-01-01,\n"
        "Good,,,,DMDII,sme,2022-01-01,\n"
        "Good,,,,mxd,sme,2022-01-01,\n",
    )
    assert [(error.row, error.column) for error in report.errors] == [
        (2, "organisation"),
        (3, "organisation"),
        (4, "organisation"),
        (5, "uei"),
        (6, "institute"),
        (7, "institute"),
    ]
    assert MemberAgreement.objects.count() == 0


def test_import_that_rules_refuse_names_row_and_column(manager: Actor) -> None:
    make_organisation("Gears")
    report = load(
        manager,
        HEAD + "Gears,,,,mxd,academic,2022-01-01,\nGears,,,,mxd,sme,2022-01-01,2021-01-01\n",
    )
    assert [(error.row, error.column) for error in report.errors] == [(2, "tier"), (3, "ends_on")]


def test_import_for_another_institute_is_not_permitted(manager: Actor) -> None:
    make_institute("lift")
    make_organisation("Gears")
    with pytest.raises(NotPermitted):
        load(manager, HEAD + "Gears,,,,lift,sme,2022-01-01,\n")


def test_import_of_an_institutes_own_spreadsheet(manager: Actor) -> None:
    make_organisation("Gears", city="Akron")
    report = load(
        manager,
        "Company,City,State,Institute,Membership,Member since,Member until,Contact\n"
        "Gears,Akron,OH,MxD,Silver,01/31/2022,,x\n",
        mapping="crm_members",
    )
    assert (report.created, report.errors) == (1, ())
    assert MemberAgreement.objects.get().starts_on == date(2022, 1, 31)


def test_export_leaves_the_tier_blank_where_it_may_not_be_read(
    public: Actor, manager: Actor, mxd: Institute
) -> None:
    make_agreement(make_organisation("Gears"), mxd)

    def tiers(actor: Actor) -> list[object]:
        rows = queries.members_visible_to(actor)
        keys = [column.key for column in exchange.member_export_columns()]
        return [row[keys.index("tier")] for row in exchange.member_export_rows(actor, rows)]

    assert (tiers(public), tiers(manager)) == ([""], ["sme"])
