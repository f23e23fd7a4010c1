import hashlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from python_calamine import CalamineWorkbook

from lineshaft.apps.funding.tests.factories import manager, officer
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.models import (
    PublishedValue,
    ReportDocument,
    ReportEdition,
)
from lineshaft.apps.insight.rules import LANGUAGES, DocumentFormat
from lineshaft.apps.insight.services import reports
from lineshaft.apps.insight.tests.factories import (
    MILLION,
    NOW,
    SYSTEM,
    VALUES,
    YEAR,
    attest_all,
    make_draft,
    make_published,
    make_snapshot,
)
from lineshaft.kernel.errors import NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.reference.published import load_published_values as shipped_values

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def _standing(key: str) -> queries.PartStanding:
    return queries.part_to_read(SYSTEM, YEAR, key)


def _attest(actor: Actor, key: str, *, seen: str = "") -> None:
    services.attest_part(
        actor, YEAR, institute=key, seen_digest=seen or _standing(key).digest, now=LATER
    )


def _refusal_code(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def _execute(statement: str, *parameters: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_open_report_gives_each_reporting_institute_a_part_and_writes_one_event() -> None:
    edition = make_draft()
    assert [part.institute for part in edition.parts.all()] == ["america-makes", "lift"]
    assert edition.number == 1
    (event,) = AuditEvent.objects.filter(verb="open_report")
    assert event.changes["fiscal_year"] == YEAR


def test_open_report_is_the_offices_alone() -> None:
    make_snapshot()
    with pytest.raises(NotPermitted):
        services.open_report(manager(), YEAR, now=NOW)


def test_open_report_before_a_snapshot_is_refused() -> None:
    with pytest.raises(Refused) as error:
        services.open_report(SYSTEM, YEAR, now=NOW)
    assert _refusal_code(error) == "no_snapshot"


@pytest.mark.parametrize(
    ("year", "code"),
    [
        pytest.param(1999, "year_unknown", id="before-the-records"),
        pytest.param(YEAR - 1, "report_empty", id="nothing-to-report"),
    ],
)
def test_open_report_of_another_year_is_refused(year: int, code: str) -> None:
    make_snapshot()
    with pytest.raises(Refused) as error:
        services.open_report(SYSTEM, year, now=NOW)
    assert _refusal_code(error) == code
    assert ReportEdition.objects.count() == 0


def test_open_report_twice_is_refused() -> None:
    make_draft()
    with pytest.raises(Refused) as error:
        services.open_report(SYSTEM, YEAR, now=NOW)
    assert _refusal_code(error) == "report_open"


def test_open_report_after_publication_is_refused() -> None:
    make_published()
    with pytest.raises(Refused) as error:
        services.open_report(SYSTEM, YEAR, now=NOW)
    assert _refusal_code(error) == "report_published"


def test_attest_part_is_the_own_managers_alone() -> None:
    make_draft()
    with pytest.raises(NotPermitted):
        _attest(manager("lift"), "america-makes")
    with pytest.raises(NotPermitted):
        _attest(officer(), "america-makes")
    _attest(manager("america-makes"), "america-makes")
    assert _standing("america-makes").is_attested
    assert not _standing("lift").is_attested


def test_attest_part_over_figures_that_changed_meanwhile_is_refused() -> None:
    make_draft()
    with pytest.raises(Refused) as error:
        _attest(manager(), "america-makes", seen="0" * 64)
    assert _refusal_code(error) == "figures_changed"


def test_attest_part_twice_is_refused() -> None:
    make_draft()
    _attest(manager(), "america-makes")
    with pytest.raises(Refused):
        _attest(manager(), "america-makes")


def test_attest_part_without_a_part_is_not_found() -> None:
    make_draft()
    with pytest.raises(NotFound):
        services.attest_part(SYSTEM, YEAR, institute="mxd", seen_digest="0" * 64, now=NOW)
    with pytest.raises(NotFound):
        services.attest_part(SYSTEM, 1999, institute="lift", seen_digest="0" * 64, now=NOW)


def test_attestation_is_stale_once_the_figures_change_and_can_be_given_again() -> None:
    edition = make_draft()
    _attest(manager(), "america-makes")
    _attest(manager("lift"), "lift")
    changed = {**VALUES, ("funding.cost_share_cash", "lift", YEAR, ""): (5, None)}
    edition.snapshot = make_snapshot(changed, taken_at=LATER)
    edition.save(update_fields=["snapshot"])
    assert _standing("america-makes").is_attested
    assert _standing("lift").is_stale
    with pytest.raises(Refused) as error:
        services.publish_report(SYSTEM, YEAR, now=LATER)
    assert error.value.refusal.params == {"not_attested": (), "stale": ("LIFT",)}
    _attest(manager("lift"), "lift")
    assert _standing("lift").is_attested


def test_withdraw_attestation_takes_it_back_once() -> None:
    make_draft()
    _attest(manager(), "america-makes")
    with pytest.raises(NotPermitted):
        services.withdraw_attestation(officer(), YEAR, institute="america-makes", now=LATER)
    services.withdraw_attestation(
        manager(), YEAR, institute="america-makes", now=LATER, why="A slip"
    )
    assert not _standing("america-makes").is_attested
    with pytest.raises(Refused):
        services.withdraw_attestation(manager(), YEAR, institute="america-makes", now=LATER)


def test_publish_report_names_the_institutes_that_have_not_attested() -> None:
    make_draft()
    _attest(manager(), "america-makes")
    with pytest.raises(Refused) as error:
        services.publish_report(officer(), YEAR, now=LATER)
    assert _refusal_code(error) == "parts_not_attested"
    assert str(error.value) == "The report cannot be published yet. Not attested: LIFT."
    assert ReportDocument.objects.count() == 0


def test_publish_report_is_the_offices_alone() -> None:
    attest_all(make_draft())
    with pytest.raises(NotPermitted):
        services.publish_report(manager(), YEAR, now=LATER)


def test_publish_report_without_a_draft_is_not_found() -> None:
    with pytest.raises(NotFound):
        services.publish_report(SYSTEM, YEAR, now=NOW)


def test_publish_report_whose_figures_move_meanwhile_is_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edition = make_draft()
    attest_all(edition)

    def render_while_a_snapshot_is_taken(*arguments: Any) -> services.Document:
        ReportEdition.objects.filter(pk=edition.pk).update(snapshot=make_snapshot(taken_at=LATER))
        return services.render_document(*arguments)

    monkeypatch.setattr(reports, "render_document", render_while_a_snapshot_is_taken)
    with pytest.raises(Stale):
        services.publish_report(SYSTEM, YEAR, now=LATER)
    assert ReportDocument.objects.count() == 0
    edition.refresh_from_db()
    assert edition.is_draft


def test_publish_report_keeps_every_document_with_its_digest() -> None:
    edition = make_published()
    assert edition.state == "published"
    documents = queries.documents_of(edition)
    assert {(one.format, one.language) for one in documents} == {
        (kind.value, language) for kind in DocumentFormat for language in LANGUAGES
    }
    for one in documents:
        found = services.report_document(
            Actor.public(),
            YEAR,
            kind=DocumentFormat(one.format),
            language=one.language,
            now=LATER,
        )
        assert hashlib.sha256(found.content).hexdigest() == one.sha256
        assert found.name == one.file.name


@pytest.mark.database
def test_published_edition_and_its_documents_refuse_every_change() -> None:
    edition = make_published()
    document = queries.documents_of(edition)[0]
    attempts: tuple[Callable[[], object], ...] = (
        lambda: ReportEdition.objects.filter(pk=edition.pk).update(sha256="0" * 64),
        lambda: ReportEdition.objects.filter(pk=edition.pk).update(state="draft"),
        lambda: ReportEdition.objects.filter(pk=edition.pk).update(
            state="restated", sha256="0" * 64
        ),
        lambda: _execute("DELETE FROM insight_reportedition WHERE id = %s", edition.pk),
        lambda: ReportDocument.objects.filter(pk=document.pk).update(sha256="0" * 64),
        lambda: _execute("DELETE FROM insight_reportdocument WHERE id = %s", document.pk),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert ReportEdition.objects.filter(pk=edition.pk).update(state="restated") == 1


def test_restate_report_keeps_the_old_edition_and_opens_a_new_one_with_the_reason() -> None:
    published = make_published()
    with pytest.raises(NotPermitted):
        services.restate_report(manager(), YEAR, reason="A slip", now=LATER)
    with pytest.raises(Refused) as error:
        services.restate_report(SYSTEM, YEAR, reason="  ", now=LATER)
    assert _refusal_code(error) == "reason_missing"
    draft = services.restate_report(officer(), YEAR, reason="A slip", now=LATER)
    published.refresh_from_db()
    assert published.state == "restated"
    assert (draft.number, draft.state, draft.reason) == (2, "draft", "A slip")
    assert not any(one.is_attested for one in queries.parts_of(draft))
    assert queries.edition_to_read(Actor.public(), YEAR) == published
    attest_all(draft)
    again = services.publish_report(SYSTEM, YEAR, now=LATER)
    assert queries.edition_to_read(Actor.public(), YEAR) == again
    assert queries.edition_to_read(Actor.public(), YEAR, number=1) == published


def test_restate_report_without_a_published_one_is_not_found() -> None:
    make_draft()
    with pytest.raises(NotFound):
        services.restate_report(SYSTEM, YEAR, reason="A slip", now=NOW)


def _json(edition: ReportEdition, language: str = "en") -> Any:
    found = services.report_document(
        SYSTEM,
        edition.fiscal_year,
        kind=DocumentFormat.JSON,
        language=language,
        now=LATER,
    )
    return json.loads(found.content)


def test_json_says_period_moment_snapshot_and_each_figure() -> None:
    services.load_published_values(SYSTEM, now=NOW)
    edition = make_published()
    report = _json(edition)
    assert list(report) == ["period", "as_of", "snapshot", "figures"]
    assert report["period"] == "FY2022"
    assert report["snapshot"] == edition.snapshot.hash
    figures = {one["id"]: one for one in report["figures"]}
    ratio = figures["funding.match_ratio"]
    assert list(ratio) == [
        "id", "title", "unit", "value", "by_institute", "published", "definition",
    ]  # fmt: skip
    assert ratio["value"] == 1.6
    assert ratio["by_institute"] == {"america-makes": 2, "lift": 0.8}
    assert [one["value"] for one in ratio["published"]] == [3]
    assert figures["funding.federal_obligated"]["value"] == 15_000_000
    assert figures["funding.federal_obligated"]["unit"] == "USD"
    assert figures["funding.federal_drawn"]["value"] == 0
    assert figures["memberships.members_by_kind/university"]["by_institute"] == {"lift": 1}
    assert figures["memberships.members_by_kind/university"]["title"] == (
        "Members by kind: University"
    )
    assert {one["title"] for one in _json(edition, "zh-hans")["figures"]} > {"配套比例", "成员"}


def test_document_of_a_draft_of_a_demonstration_says_so_in_every_format() -> None:
    snapshot = make_snapshot(is_demonstration=True)
    services.open_report(SYSTEM, YEAR, now=NOW)
    report = queries.report_to_read(SYSTEM, YEAR)
    assert report.snapshot == snapshot
    found = services.report_document(SYSTEM, YEAR, kind=DocumentFormat.JSON, language="en", now=NOW)
    assert found.name == "lineshaft-2022-edition1-draft-demonstration-en.json"
    document = json.loads(found.content)
    assert (document["demonstration"], document["draft"]) == (True, True)
    book = services.report_document(SYSTEM, YEAR, kind=DocumentFormat.XLSX, language="en", now=NOW)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_name("Report")
    assert [str(row[0]).split(":")[0] for row in rows.to_python()[:2]] == ["Demonstration", "Draft"]


def test_xlsx_holds_figures_by_institute_and_takes_no_text_for_a_formula() -> None:
    edition = make_published()
    found = services.report_document(
        SYSTEM, YEAR, kind=DocumentFormat.XLSX, language="en", now=LATER
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(found.content))
    assert book.sheet_names == [
        "Report",
        "Figures",
        "By institute",
        "Institutes by status",
        "Members by kind",
        "Published by others",
    ]
    about = {row[0]: row[1] for row in book.get_sheet_by_name("Report").to_python()}
    assert about["Snapshot"] == edition.snapshot.hash
    rows = book.get_sheet_by_name("By institute").to_python()
    assert [row[1] for row in rows] == ["Institute", "America Makes", "LIFT", "Network"]
    place = rows[0].index("Match ratio (to 1)")
    assert [row[place] for row in rows[1:]] == [2.0, 0.8, 1.6]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(DocumentFormat), ids=str)
def test_document_made_twice_has_the_same_bytes(kind: DocumentFormat, language: str) -> None:
    make_draft()

    def made(days: int) -> bytes:
        return services.report_document(
            SYSTEM, YEAR, kind=kind, language=language, now=NOW + timedelta(days=days)
        ).content

    assert made(1) == made(2)


def test_document_of_a_draft_is_for_the_network_staff_alone() -> None:
    make_draft()
    for actor in (Actor.public(), manager()):
        with pytest.raises(NotFound):
            services.report_document(actor, YEAR, kind=DocumentFormat.JSON, language="en", now=NOW)


def test_document_of_a_year_without_a_report_is_made_from_the_newest_figures() -> None:
    with pytest.raises(Refused) as error:
        services.report_document(SYSTEM, YEAR, kind=DocumentFormat.JSON, language="en", now=NOW)
    assert _refusal_code(error) == "no_snapshot"
    make_snapshot()
    found = services.report_document(SYSTEM, YEAR, kind=DocumentFormat.JSON, language="en", now=NOW)
    assert json.loads(found.content)["draft"] is True
    assert found.name == "lineshaft-2022-draft-en.json"


def test_published_values_are_kept_side_by_side_and_written_once() -> None:
    count = services.load_published_values(SYSTEM, now=NOW)
    assert PublishedValue.objects.count() == count
    both = PublishedValue.objects.filter(metric="members_total", first_year=2021)
    assert [one.value for one in both] == ["2300", "2000"]
    services.load_published_values(SYSTEM, now=LATER)
    assert AuditEvent.objects.filter(verb="load_published_values").count() == 1
    with pytest.raises(NotPermitted):
        services.load_published_values(Actor.public(), now=NOW)


def test_published_metric_stands_beside_the_figure_that_the_reference_names() -> None:
    named = {(metric.id, metric.figure) for metric in shipped_values().metrics if metric.figure}
    beside = {
        (metric, figure.id)
        for figure in queries.figure_library().figures
        for metric in figure.published
    }
    assert beside == named


def test_document_total_is_exact_for_money() -> None:
    make_draft({**VALUES, ("funding.federal_drawn", "", YEAR, ""): (MILLION + 1, None)})
    report = _json(ReportEdition.objects.get())
    figures = {one["id"]: one for one in report["figures"]}
    assert figures["funding.federal_drawn"]["value"] == 1_000_000.01
