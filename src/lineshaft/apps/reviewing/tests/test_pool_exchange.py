import io
from pathlib import Path

import pytest
from pytest_django import Settings

from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.network.tests.factories import NOW, make_organisation, make_technology_area
from lineshaft.apps.reviewing import exchange, queries, services
from lineshaft.apps.reviewing.exchange import IMPORTS
from lineshaft.apps.reviewing.models import Reviewer, ReviewerText
from lineshaft.apps.reviewing.rules import TextRow
from lineshaft.apps.reviewing.tests.factories import make_reviewer, make_seat
from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import ImportReport
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

HEAD = "name,email,organisation,sector,areas,load\n"


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    for key in ("robotics", "photonics"):
        make_technology_area(key)


def load(kind: str, text: str, role: Role = Role.PROGRAMME_OFFICER) -> ImportReport:
    actor = make_actor(role, user_id=make_user().pk)
    return run_import(
        actor,
        IMPORTS[kind],
        io.BytesIO(text.encode()),
        name=f"{kind}.csv",
        is_dry_run=False,
        now=NOW,
    )


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


def test_list_of_reviewers_is_taken_in_once() -> None:
    firm = make_organisation("Anvil Works")
    text = (
        "Name,E-mail,Employer,Sector,Technology areas,Load\n"
        "Alma,alma@x.example,Anvil Works,industry,robotics; photonics,4\n"
        "Bert,bert@x.example,,government,,\n"
    )
    assert counts(load("reviewers", text)) == (2, 0, 0)
    alma = Reviewer.objects.get(person__email="alma@x.example")
    assert (alma.person.organisation, alma.load_most) == (firm, 4)
    assert {area.key for area in alma.technology_areas.all()} == {"robotics", "photonics"}
    assert Reviewer.objects.get(person__email="bert@x.example").load_most == 6
    assert counts(load("reviewers", text)) == (0, 0, 2)


def test_blank_cells_leave_what_stands_there() -> None:
    reviewer = make_reviewer(
        email="alma@x.example", areas=("robotics",), load_most=3, statement="Grippers."
    )
    report = load("reviewers", f"{HEAD}Alma,alma@x.example,,academia,,\n")
    assert counts(report) == (0, 1, 0)
    reviewer.refresh_from_db()
    assert (reviewer.sector, reviewer.load_most, reviewer.statement) == ("academia", 3, "Grippers.")
    assert [area.key for area in reviewer.technology_areas.all()] == ["robotics"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Alma,alma@x.example,Nowhere Works,industry,,", "organisation"),
        ("Alma,alma@x.example,Twin Works,industry,,", "organisation"),
        ("Alma,alma@x.example,,circus,,", "sector"),
        ("Alma,alma@x.example,,industry,magic,", "areas"),
        ("Alma,alma@x.example,,industry,,201", "load"),
        ("Alma,,,industry,,", "email"),
    ],
)
def test_row_with_a_fault_is_told_and_nothing_stored(row: str, column: str) -> None:
    make_organisation("Twin Works", region="OH", city="Akron")
    make_organisation("Twin Works", region="OH", city="Dayton")
    report = load("reviewers", f"{HEAD}Good,good@x.example,,industry,,\n{row}\n")
    assert [(error.row, error.column) for error in report.errors] == [(3, column)]
    assert not Reviewer.objects.exists()


def test_texts_go_to_the_reviewer_of_the_address() -> None:
    alma, bert = make_reviewer(email="alma@x.example"), make_reviewer(email="bert@x.example")
    text = (
        "email,title,abstract,year\nAlma@x.example,Welds,We weld.,2019\n"
        "bert@x.example,Presses,,\nalma@x.example,Bonds,,2020\n"
    )
    assert counts(load("reviewer-texts", text)) == (3, 0, 0)
    assert [(one.title, one.text, one.year) for one in alma.texts.all()] == [
        ("Welds", "We weld.", 2019),
        ("Bonds", "", 2020),
    ]
    assert bert.texts.get().title == "Presses"
    assert counts(load("reviewer-texts", text.replace("We weld.", "They hold."))) == (0, 1, 2)


def test_text_of_nobody_is_told_and_nothing_stored() -> None:
    make_reviewer(email="alma@x.example")
    text = "email,title\nalma@x.example,Welds\nnobody@x.example,Presses\n"
    report = load("reviewer-texts", text)
    assert [(error.row, error.column, error.value) for error in report.errors] == [
        (3, "email", "nobody@x.example")
    ]
    assert not ReviewerText.objects.exists()


@pytest.mark.parametrize("kind", ["reviewers", "reviewer-texts"])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEARNER, Role.AUDITOR])
def test_others_import_nothing(kind: str, role: Role) -> None:
    with pytest.raises(NotPermitted):
        load(kind, "email\n", role)


def test_pool_is_exported_as_it_is_imported() -> None:
    reviewer = make_reviewer(
        "Alma",
        email="alma@x.example",
        organisation=make_organisation("Anvil Works"),
        areas=("robotics",),
    )
    make_reviewer("Bert", email="bert@x.example")
    services.add_reviewer_texts(SYSTEM, reviewer, [TextRow("Welds")], now=NOW)
    rows = queries.with_counts(queries.reviewers_visible_to(SYSTEM)).order_by("pk")
    assert list(exchange.reviewer_export_rows(rows)) == [
        ("Alma", "alma@x.example", "Anvil Works", "industry", "robotics", 6, True, 1, 0, False),
        ("Bert", "bert@x.example", "", "industry", "", 6, True, 0, 0, False),
    ]
    keys = [column.key for column in exchange.reviewer_export_columns()]
    assert keys[:6] == [column.name for column in exchange.REVIEWER_COLUMNS]


def test_seats_are_exported_with_their_answers() -> None:
    seat = make_seat(load_most=3)
    (row,) = exchange.seat_export_rows(queries.seats_on(seat.stage))
    assert dict(zip((one.key for one in exchange.seat_export_columns()), row, strict=True)) == {
        "name": "Rita Reviewer",
        "email": seat.reviewer.person.email,
        "organisation": "",
        "sector": "industry",
        "state": "accepted",
        "load": 3,
        "is_chair": False,
        "invited_at": seat.invited_at.date(),
        "answered_at": seat.invited_at.date(),
        "why": "",
    }
