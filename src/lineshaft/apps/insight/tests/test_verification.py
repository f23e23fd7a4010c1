"""Each kind of corruption of what was published, and that it is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineshaft.apps.insight import services
from lineshaft.apps.insight.models import FigureValue, ReportDocument, ReportEdition, Snapshot
from lineshaft.apps.insight.services.reports import digest_of_documents
from lineshaft.apps.insight.services.snapshots import database_source, folder_of
from lineshaft.apps.insight.tests.factories import (
    MILLION,
    NOW,
    SYSTEM,
    YEAR,
    attest_all,
    make_books,
)
from lineshaft.apps.network.facts import FACTS as NETWORK_FACTS
from lineshaft.engines.analytics.snapshot import write_snapshot
from lineshaft.kernel.periods import FiscalYear
from lineshaft.plumbing import triggers
from lineshaft.plumbing.files.services import path_of, store_file
from lineshaft.plumbing.sharing import SharingLevel


@pytest.fixture
def edition(transactional_db: None, settings: Any, tmp_path: Path) -> ReportEdition:
    """A report published from real books."""
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    settings.FILES_DIR = tmp_path / "files"
    make_books()
    services.take_snapshot(SYSTEM, now=NOW)
    attest_all(services.open_report(SYSTEM, YEAR, now=NOW))
    return services.publish_report(SYSTEM, YEAR, now=NOW)


def _problems() -> list[str]:
    return [str(problem) for problem in services.verify_reports()]


def _overwrite(path: Path, change: Callable[[bytes], bytes]) -> Callable[[], None]:
    """Change a file as a fault would; the way back is returned."""
    whole = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(change(whole))

    def restore() -> None:
        path.write_bytes(whole)

    return restore


def test_verify_finds_each_corruption_and_nothing_in_sound_reports(
    edition: ReportEdition, tmp_path: Path
) -> None:
    name = edition.snapshot.name
    where = f"report {YEAR}, edition 1"
    assert _problems() == []

    document = ReportDocument.objects.get(edition=edition, format="pdf", language="en")
    restore = _overwrite(path_of(document.sha256), lambda whole: whole + b" ")
    assert _problems() == [f"{where}: The document in pdf, en, is not what was published."]
    restore()

    file = folder_of(edition.snapshot) / "transfers.parquet"
    restore = _overwrite(file, lambda whole: whole[:-1])
    said = f"{name}: transfers.parquet is not the file that was written"
    assert _problems() == [f"{name}: The snapshot is not what was taken: {said}."]
    restore()

    with triggers.lifted():
        FigureValue.objects.filter(
            snapshot=edition.snapshot, figure="funding.federal_drawn", institute=""
        ).update(numerator=1)
    assert _problems() == [
        f"{name}: 1 stored values are not what the snapshot gives: funding.federal_drawn {YEAR}."
    ]
    FigureValue.objects.filter(
        snapshot=edition.snapshot, figure="funding.federal_drawn", institute=""
    ).update(numerator=4 * MILLION)
    assert _problems() == []

    values = FigureValue.objects.filter(snapshot=edition.snapshot, figure="funding.federal_drawn")
    values.update(version=99, numerator=1)  # of a definition that the program no longer has
    assert _problems() == []
    values.filter(institute="").update(version=1, numerator=4 * MILLION)
    values.exclude(institute="").update(version=1, numerator=4 * MILLION)
    assert _problems() == []

    path_of(document.sha256).rename(tmp_path / "lost")
    assert _problems() == [f"{where}: The document in pdf, en, is not what was published."]
    (tmp_path / "lost").rename(path_of(document.sha256))

    manifest = folder_of(edition.snapshot) / "manifest.json"
    restore = _overwrite(manifest, lambda _whole: b"{}")
    said = f"{name}: no readable manifest: 'hash'"
    assert _problems() == [f"{name}: The snapshot is not what was taken: {said}."]
    restore()

    with triggers.lifted():
        Snapshot.objects.update(hash="0" * 64)
    assert _problems() == [f"{name}: The snapshot's files bear another hash than its record."]
    with triggers.lifted():
        Snapshot.objects.update(hash=edition.snapshot.hash)
        ReportDocument.objects.filter(pk=document.pk).delete()
    assert _problems() == [
        f"{where}: The document in pdf, en, is missing.",
        f"{where}: The documents do not give the digest of the edition.",
    ]


def test_verify_finds_a_printed_number_that_the_snapshot_does_not_give(
    edition: ReportEdition,
) -> None:
    document = ReportDocument.objects.select_related("file").get(
        edition=edition, format="json", language="en"
    )
    content = path_of(document.sha256).read_bytes()
    forged = content.replace(b'"value": 4000000', b'"value": 5000000')
    assert forged != content
    with triggers.lifted():
        file = store_file(
            SYSTEM,
            forged,
            name="forged.json",
            now=NOW,
            level=SharingLevel.PUBLIC,
            purpose="annual_report",
        )
        ReportDocument.objects.filter(pk=document.pk).update(file=file, sha256=file.sha256)
        documents = list(ReportDocument.objects.filter(edition=edition))
        ReportEdition.objects.filter(pk=edition.pk).update(sha256=digest_of_documents(documents))
    said = "2 printed values are not what the snapshot gives: funding.federal_drawn."
    assert _problems() == [f"report {YEAR}, edition 1: {said}"]


@pytest.mark.django_db(transaction=True)
def test_verify_misses_in_an_old_snapshot_only_what_its_own_figures_read(
    settings: Any, tmp_path: Path
) -> None:
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    manifest = write_snapshot(
        database_source(),
        NETWORK_FACTS,
        settings.SNAPSHOTS_DIR,
        taken_at=NOW,
        fiscal_year=FiscalYear(10),
        program="older",
    )
    snapshot = Snapshot.objects.create(
        name=manifest.name,
        hash=manifest.hash,
        taken_at=NOW,
        program="older",
        rows=manifest.rows,
        size_bytes=manifest.size_bytes,
        first_year=YEAR,
        last_year=YEAR,
    )
    assert _problems() == []  # figures that came later were never computed on it
    FigureValue.objects.create(
        snapshot=snapshot, figure="memberships.members", version=1, fiscal_year=YEAR, numerator=1
    )
    (said,) = _problems()
    assert said.endswith("needs member_agreements, which is neither a table nor a step.")
