"""The files that the documents import go in, as the documents say, and once only."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.funding.services import AgreementTerms, activate_agreement, sign_agreement
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.services import (
    OrganisationRow,
    load_reference_network,
    register_organisations,
)
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.command import run_import_command
from tests.architecture.tree import ROOT

ACTOR = Actor.system("documents")
NOW = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
TUTORIAL = ROOT / "docs" / "tutorial" / "first-year"
EXAMPLE = ROOT / "docs" / "how-to" / "example"


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


def import_file(kind: str, path: Path, *, mapping: Path | None = None) -> list[str]:
    """Everything that the command says of one import."""
    said: list[str] = []
    run_import_command(
        ACTOR,
        kind,
        path,
        mapping=str(mapping) if mapping else None,
        is_dry_run=False,
        now=NOW,
        answer=said.append,
        complain=said.append,
    )
    return said


def sign(number: str, *, starts_on: date, ends_on: date) -> None:
    agreement = sign_agreement(
        ACTOR,
        Institute.objects.get(key="nextflex"),
        Agency.objects.get(key="DOD"),
        terms=AgreementTerms(
            number=number,
            currency="USD",
            signed_on=starts_on,
            starts_on=starts_on,
            ends_on=ends_on,
            federal_total_minor=3_500_000_000,
        ),
        now=NOW,
    )
    activate_agreement(ACTOR, agreement.pk, today=NOW.date(), now=NOW)


@pytest.mark.django_db
def test_the_files_of_the_tutorial_go_in_once() -> None:
    load_reference_network(ACTOR, now=NOW)
    sign("DOD-EX-25-1", starts_on=date(2025, 10, 1), ends_on=date(2030, 10, 1))
    for kind, rows in {
        "organisations": 5,
        "members": 5,
        "transfers": 4,
        "contributions": 4,
    }.items():
        first = import_file(kind, TUTORIAL / f"{kind}.csv")
        again = import_file(kind, TUTORIAL / f"{kind}.csv")
        counts = f"{rows} rows read: 0 new, 0 changed, {rows} unchanged."
        assert first == [f"Imported. {rows} rows read: {rows} new, 0 changed, 0 unchanged."]
        assert again == [f"Nothing changed: all of it was there already. {counts}"]


@pytest.mark.django_db
def test_the_workbook_of_the_readme_goes_in_by_its_mapping() -> None:
    prepare_for_the_workbook()
    assert import_file(
        "contributions", EXAMPLE / "match-2022.xlsx", mapping=EXAMPLE / "match-2022.toml"
    ) == ["Imported. 6 rows read: 5 new, 0 changed, 0 unchanged, 1 left out by the mapping."]


@pytest.mark.django_db
def test_the_draft_of_the_readme_is_refused_in_its_words() -> None:
    prepare_for_the_workbook()
    said = import_file(
        "contributions", EXAMPLE / "match-draft.xlsx", mapping=EXAMPLE / "match-2022.toml"
    )
    shown = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(said) == 4
    assert [line for line in said if f"    {line}\n" not in shown] == []
    assert not Contribution.objects.exists()


def prepare_for_the_workbook() -> None:
    load_reference_network(ACTOR, now=NOW)
    sign("DEMO-nextflex-2", starts_on=date(2020, 8, 1), ends_on=date(2027, 8, 1))
    names = (
        "Maryard Photonics Co.",
        "Jareston Fibers Inc.",
        "Pelaweth State University",
        "Talenford Photonics Inc.",
        "Galandar Instruments LLC",
    )
    rows = [OrganisationRow(name=name, kind="other", country="US") for name in names]
    register_organisations(ACTOR, rows, now=NOW)
