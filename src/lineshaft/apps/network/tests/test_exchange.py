import gzip
import io
import json
from pathlib import Path

import pytest
from pytest_django import Settings

from lineshaft.apps.network import exchange, queries, services
from lineshaft.apps.network.exchange import IMPORTS
from lineshaft.apps.network.models import Organisation, OrganisationIdentifier
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_institute,
    make_institute_date,
    make_institute_fact,
    make_organisation,
)
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.command import notice_lines
from lineshaft.plumbing.exchange.mapping import shipped_mappings
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import ImportReport
from lineshaft.plumbing.exchange.writing import Provenance, write_csv, write_json
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

SPEC = IMPORTS["organisations"]
DATA = Path(__file__).resolve().parents[6] / "shared" / "data"
SOURCES = {
    "ipeds_hd2020": (DATA / "reference_tables" / "ipeds_hd2020.csv.gz", 6440, 6440),
    "sbir_firms": (DATA / "entity_resolution" / "sbir_firms.csv.gz", 7861, 7854),
}
HEAD = "name,kind,city,region,uei,ein,duns,aliases,is_hbcu,latitude,longitude\n"


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def officer() -> Actor:
    """A programme officer with a stored user, to whom the file can belong."""
    return make_actor(Role.PROGRAMME_OFFICER, user_id=make_user().pk)


def load(actor: Actor, text: str, *, is_dry_run: bool = False) -> ImportReport:
    file = io.BytesIO(text.encode())
    return run_import(actor, SPEC, file, name="list.csv", is_dry_run=is_dry_run, now=NOW)


def test_import_registers_every_column(officer: Actor) -> None:
    report = load(
        officer,
        HEAD + "Gears,industry_sme,Akron,OH,HJ7LJZ2K9C35,36001109,39570619|797414232,"
        "Old Gears; G&C,yes,41.08,-81.51\n",
    )
    assert (report.created, report.updated, report.unchanged, report.errors) == (1, 0, 0, ())
    gears = queries.organisation_detail(officer, Organisation.objects.get().pk)
    pairs = [(one.scheme, one.value) for one in gears.identifiers.all()]
    assert pairs == [
        ("duns", "039570619"),
        ("duns", "797414232"),
        ("ein", "036001109"),
        ("uei", "HJ7LJZ2K9C35"),
    ]
    assert [alias.name for alias in gears.aliases.all()] == ["G&C", "Old Gears"]
    assert [one.designation for one in gears.designations.all()] == ["hbcu"]
    assert gears.registered_in is not None
    assert gears.registered_in.why.startswith("import of list.csv (sha256 ")


def test_import_of_the_same_file_twice_changes_nothing(officer: Actor) -> None:
    text = HEAD + "Gears,industry_sme,Akron,OH,HJ7LJZ2K9C35,,,,,,\nGears,start_up,Akron,OH,,,,,,,\n"
    load(officer, text)
    assert load(officer, text).changes_nothing


def test_import_dry_run_writes_nothing(officer: Actor) -> None:
    text = HEAD + "Gears,industry_sme,Akron,OH,,,,,,,\n"
    assert load(officer, text, is_dry_run=True).created == 1
    assert Organisation.objects.count() == 0


def test_import_with_faults_names_row_and_column_and_writes_nothing(
    officer: Actor,
) -> None:
    report = load(
        officer,
        HEAD + "Gears,industry_sme,Akron,OH,,,,,,,\n"
        "Cogs,factory,Akron,OH,,,,,,,\n"
        "Nuts,industry_sme,Akron,OH,12,,,,,,\n",
    )
    assert [(error.row, error.column) for error in report.errors] == [(3, "kind"), (4, "uei")]
    assert Organisation.objects.count() == 0


def test_import_with_a_number_twice_is_refused(officer: Actor) -> None:
    report = load(
        officer,
        HEAD + "Gears,industry_sme,Akron,OH,HJ7LJZ2K9C35,,,,,,\n"
        "Cogs,industry_sme,Akron,OH,HJ7LJZ2K9C35,,,,,,\n",
    )
    assert [(error.row, error.column) for error in report.errors] == [(3, "uei")]


def test_mappings_that_ship_are_sound() -> None:
    assert sorted(shipped_mappings(SPEC)) == ["ipeds_hd2020", "sbir_firms"]


@pytest.mark.parametrize("key", sorted(SOURCES))
def test_beginning_of_a_real_list_goes_in_with_its_mapping_and_again_changes_nothing(
    system: Actor, key: str
) -> None:
    path = SOURCES[key][0]
    if not path.exists():
        pytest.skip(f"{path.name} is not on this machine")
    with gzip.open(path) as file:
        content = b"".join(line for _number, line in zip(range(401), file, strict=False))
    list_goes_in_once(system, key, content, rows=400, organisations=400)


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(SOURCES))
def test_real_list_goes_in_with_its_mapping_and_again_changes_nothing(
    system: Actor, key: str
) -> None:
    path, rows, organisations = SOURCES[key]
    if not path.exists():
        pytest.skip(f"{path.name} is not on this machine")
    list_goes_in_once(system, key, path.read_bytes(), rows=rows, organisations=organisations)


def list_goes_in_once(
    system: Actor, key: str, content: bytes, *, rows: int, organisations: int
) -> None:
    for is_first in (True, False):
        with io.BytesIO(content) as file:
            report = run_import(
                system,
                SPEC,
                file,
                name="list.csv.gz" if content[:2] == b"\x1f\x8b" else "list.csv",
                is_dry_run=False,
                now=NOW,
                mapping=shipped_mappings(SPEC)[key],
            )
        assert report.errors == ()
        assert report.rows_read == rows
        assert report.created == (organisations if is_first else 0)
        assert is_first or report.changes_nothing
    assert Organisation.objects.count() == organisations


def test_ipeds_rows_become_kinds_designations_and_numbers(system: Actor) -> None:
    path = SOURCES["ipeds_hd2020"][0]
    if not path.exists():
        pytest.skip(f"{path.name} is not on this machine")
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        head = [next(file) for _line in range(3)]
    mapping = shipped_mappings(SPEC)["ipeds_hd2020"]
    content = io.BytesIO("".join(head).encode())
    run_import(system, SPEC, content, name="two.csv", is_dry_run=False, now=NOW, mapping=mapping)
    alabama = OrganisationIdentifier.objects.get(scheme="unitid", value="100654").organisation
    assert (alabama.name, alabama.kind, alabama.region) == (
        "Alabama A & M University",
        "university",
        "AL",
    )
    assert [one.designation for one in alabama.designations.all()] == ["hbcu"]
    assert str(alabama.latitude) == "34.783368"


def test_organisations_export_goes_in_again_unchanged(officer: Actor) -> None:
    row = services.OrganisationRow(
        "=Gears", "industry_sme", city="Akron", region="OH", identifiers=(("uei", "HJ7LJZ2K9C35"),)
    )
    services.register_organisation(officer, row, now=NOW)
    make_organisation("Cogs", identifiers=[("ein", "636001109"), ("ein", "636001110")])
    rows = exchange.organisation_export_rows(Organisation.objects.order_by("name"))
    about = Provenance("Organisations", NOW, is_demonstration=True)
    found = json.loads(b"".join(write_json(exchange.organisation_export_columns(), rows, about)))
    assert [(one["name"], one["uei"], one["ein"]) for one in found["rows"]] == [
        ("=Gears", "HJ7LJZ2K9C35", ""),
        ("Cogs", "", "636001109 | 636001110"),
    ]


def test_institutes_export_gives_dates_as_exactly_as_known(public: Actor) -> None:
    institute = make_institute()
    make_institute_date(institute, "announced", precision="month")
    make_institute_fact(institute, "focus", text="Printing")
    make_institute_fact(institute, "lead", text="NCDMM")
    rows = exchange.institute_export_rows(queries.institutes_visible_to(public))
    about = Provenance("Institutes", NOW, is_demonstration=False)
    text = b"".join(write_csv(exchange.institute_export_columns(), rows, about)).decode()
    assert text.splitlines()[-1] == (
        "america-makes,America Makes,,Active,2022-01-01,DOD,Robotics,Printing,NCDMM,Youngstown,OH,"
        "41.099800,-80.649500,2012-08,"
    )


def test_dry_run_names_the_rows_that_look_like_what_is_there(officer: Actor) -> None:
    head = "name,kind,city,region\n"
    load(officer, head + "Brevilan Composites,industry_sme,Akron,OH\n")
    rows = (
        "Brevilam Composites,industry_sme,Akron,OH\n"
        "Halaker Robotics,industry_sme,Akron,OH\n"
        "Halaker Robotics of Dayton,industry_sme,,OH\n"
    )
    report = load(officer, head + rows, is_dry_run=True)
    assert [notice.as_text().partition(". If")[0] for notice in report.notices] == [
        "“Brevilam Composites” looks like “Brevilan Composites (Akron, OH)”",
        "“Halaker Robotics” looks like “Halaker Robotics of Dayton (OH)”",
        "“Halaker Robotics of Dayton” looks like “Halaker Robotics (Akron, OH)”",
    ]
    assert [notice.row for notice in report.notices] == [2, 3, 4]
    assert notice_lines(report)[0].startswith("row 2: “Brevilam")
    applied = load(officer, head + rows)
    assert (applied.created, applied.notices) == (3, ())
