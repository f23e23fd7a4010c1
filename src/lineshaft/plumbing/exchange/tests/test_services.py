"""Running imports: all or nothing, dry runs, repetition, and what is kept of a run."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.errors import (
    FieldError,
    Invalid,
    NotFound,
    NotPermitted,
    Refused,
    TooLarge,
)
from lineshaft.kernel.text import Day, Term
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.exchange import services
from lineshaft.plumbing.exchange.command import run_import_command
from lineshaft.plumbing.exchange.mapping import parse_mapping
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import batches_visible_to, earlier_import, import_spec
from lineshaft.plumbing.exchange.rules import TRANSITIONS
from lineshaft.plumbing.exchange.spec import (
    ImportContext,
    ImportOutcome,
    ImportReport,
    ImportSpec,
    Row,
    RowError,
)
from lineshaft.plumbing.exchange.tests.factories import (
    NOW,
    SYSTEM,
    THINGS,
    apply_things,
    csv_bytes,
    gzipped,
    json_bytes,
    stored_actor,
    xlsx_bytes,
)
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import open_file
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.search.models import SearchEntry

GOOD = csv_bytes("id,name,amount", "1,Basel,5", "2,Zürich,6.50")
THIS = "lineshaft.plumbing.exchange.tests.factories"

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.IMPORT_MODULES = (THIS,)


def run(
    content: bytes,
    *,
    name: str = "things.csv",
    spec: ImportSpec = THINGS,
    is_dry_run: bool = False,
    actor: Actor = SYSTEM,
    **options: Any,
) -> ImportReport:
    return services.run_import(
        actor, spec, io.BytesIO(content), name=name, is_dry_run=is_dry_run, now=NOW, **options
    )


def things() -> list[tuple[str, str]]:
    return list(SearchEntry.objects.order_by("object_id").values_list("object_id", "title"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("things.csv", GOOD),
        ("things.csv.gz", gzipped(GOOD)),
        ("things.xlsx", xlsx_bytes(("id", "name"), (1, "Basel"), (2, "Zürich"))),
        ("things.json", json_bytes([{"id": 1, "name": "Basel"}, {"id": 2, "name": "Zürich"}])),
    ],
)
def test_run_import_writes_every_row_of_every_format(name: str, content: bytes) -> None:
    report = run(content, name=name)
    assert (report.rows_read, report.created, report.errors) == (2, 2, ())
    assert things() == [("1", "Basel"), ("2", "Zürich")]


def test_run_import_keeps_source_batch_and_one_event() -> None:
    report = run(GOOD)
    batch = ImportBatch.objects.get(pk=report.batch_id)
    assert (batch.state, batch.created, batch.source.sha256) == (
        "applied",
        2,
        report.source_sha256,
    )
    with open_file(batch.source) as kept:
        assert kept.read() == GOOD
    event = AuditEvent.objects.get(verb="run_import")
    assert (event.subject_id, event.count, event.changes["sha256"]) == (
        str(batch.pk),
        2,
        report.source_sha256,
    )


def test_run_import_dry_run_says_the_same_and_writes_nothing() -> None:
    report = run(GOOD, is_dry_run=True)
    assert (report.created, report.is_applied, things()) == (2, False, [])
    assert ImportBatch.objects.get().state == "checked"
    assert AuditEvent.objects.filter(verb="run_import").count() == 0


def test_run_import_same_file_again_changes_nothing_and_says_so() -> None:
    first = run(GOOD)
    second = run(GOOD)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 2)
    assert second.changes_nothing
    assert not first.changes_nothing
    assert StoredFile.objects.values("sha256").distinct().count() == 1
    batch = ImportBatch.objects.get(pk=second.batch_id)
    assert earlier_import(batch) is None  # both ran in the same moment of this test
    ImportBatch.objects.filter(pk=first.batch_id).update(requested_at=NOW.replace(year=2025))
    assert str(earlier_import(batch).pk) == first.batch_id  # type: ignore[union-attr]


def test_run_import_one_bad_cell_keeps_every_row_out() -> None:
    report = run(csv_bytes("id,name,amount", "1,Basel,5", "2,Zürich,-6"))
    assert things() == []
    assert [error.row for error in report.errors] == [3]
    assert (report.is_refused, report.is_applied, report.changes_nothing) == (True, False, False)
    assert ImportBatch.objects.get().state == "refused"


def failing(error: Exception) -> ImportSpec:
    def apply(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
        apply_things(actor, rows, context)
        raise error

    return replace(THINGS, apply=apply)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            Invalid(
                (FieldError("name", row=2, column="Name", message="No %(x)s", params={"x": 1}),)
            ),
            RowError(2, "Name", "", "No %(x)s", "", {"x": 1}),
        ),
        (Invalid(message="Bad"), RowError(0, "", "", "Bad", "", {})),
        (
            Refused(Refusal("over", "Too much", Citation("15 U.S.C. 278s"))),
            RowError(0, "", "", "Too much", "", {"citation": "15 U.S.C. 278s"}),
        ),
    ],
    ids=["faults", "fault", "refusal"],
)
def test_run_import_error_of_a_service_is_reported_and_rolled_back(
    error: Exception, expected: RowError
) -> None:
    report = run(GOOD, spec=failing(error))
    assert (report.errors, things()) == ((expected,), [])


def test_run_import_not_permitted_for_its_rows_is_raised_and_recorded() -> None:
    with pytest.raises(NotPermitted):
        run(GOOD, spec=failing(NotPermitted("Only staff may.")))
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.errors[0]["message"], things()) == (
        "refused",
        "Only staff may.",
        [],
    )


def test_run_import_outcome_with_errors_is_rolled_back() -> None:
    fault = RowError(3, "name", "Zürich", "It is closed.")

    def apply(actor: Actor, rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
        return replace(apply_things(actor, rows, context), errors=(fault,))

    report = run(GOOD, spec=replace(THINGS, apply=apply))
    assert (report.errors, report.created, things()) == ((fault,), 0, [])


def test_run_import_fault_is_still_translated_after_it_was_stored() -> None:
    params = {"state": Term("draft"), "missing": (Term("rate"), "x"), "day": Day("2022-01-01")}
    fault = RowError(3, "", "Zürich", "%(state)s %(missing)s %(day)s %(n)s.", "", params | {"n": 1})

    def apply(_actor: Actor, _rows: Sequence[Row], _context: ImportContext) -> ImportOutcome:
        return ImportOutcome(errors=(fault,))

    (stored,) = run(GOOD, spec=replace(THINGS, apply=apply)).errors
    assert stored == fault
    words = {"draft": "草案", "rate": "费率"}
    assert stored.as_text(lambda text: words.get(text, text)) == "草案 费率, x 2022-01-01 1."


@pytest.mark.database
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(
            b'[{"id": "1", "name": "a\\u0000b"}]', ("name", "a\N{REPLACEMENT CHARACTER}b"), id="NUL"
        ),
        pytest.param(
            b'[{"id": "1", "name": "\\ud800"}]', ("name", "\N{REPLACEMENT CHARACTER}"), id="half"
        ),
        pytest.param(b'[{"a\\u0000": 1, "id": "1"}]', ("", ""), id="heading"),
    ],
)
def test_run_import_tells_what_no_database_stores(content: bytes, told: tuple[str, str]) -> None:
    (fault,) = run(content, name="things.json").errors
    assert (fault.column, fault.value) == told


@pytest.mark.database
def test_run_import_names_columns_not_read_shortly_and_storably() -> None:
    name = f"a\\u0000\\ud800{'x' * 100}"
    report = run(f'[{{"id": "1", "name": "x", "{name}": 1}}]'.encode(), name="things.json")
    (told,) = report.ignored_columns
    assert told == f"a{'\N{REPLACEMENT CHARACTER}' * 2}{'x' * 56}…"


def test_run_import_crash_leaves_nothing_written() -> None:
    with pytest.raises(ZeroDivisionError):
        run(GOOD, spec=failing(ZeroDivisionError()))
    assert things() == []


def test_run_import_context_names_the_file_as_evidence() -> None:
    seen: list[ImportContext] = []

    def apply(_actor: Actor, _rows: Sequence[Row], context: ImportContext) -> ImportOutcome:
        seen.append(context)
        return ImportOutcome()

    report = run(GOOD, spec=replace(THINGS, apply=apply))
    assert seen[0].why == f"import of things.csv (sha256 {report.source_sha256[:16]})"
    assert (seen[0].today, seen[0].currency, seen[0].is_dry_run) == (NOW.date(), "USD", False)


def test_run_import_without_permission_stores_nothing() -> None:
    learner = Actor(user_id=None, label="learner")
    with pytest.raises(NotPermitted):
        run(GOOD, actor=learner)
    assert StoredFile.objects.count() == 0


def test_run_import_too_large_stores_nothing() -> None:
    class Sparse(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            return 200 * 1024 * 1024 if whence == io.SEEK_END else super().seek(offset, whence)

    with pytest.raises(TooLarge):
        services.run_import(SYSTEM, THINGS, Sparse(GOOD), name="x.csv", is_dry_run=False, now=NOW)
    assert StoredFile.objects.count() == 0


def test_run_import_of_a_picture_is_refused() -> None:
    with pytest.raises(Refused):
        run(b"\x89PNG\r\n\x1a\n....", name="things.csv")


def test_run_import_refused_file_is_kept_with_its_report() -> None:
    report = run("id,name\n1,Zürich\n".encode("cp1252"))
    assert report.errors[0].as_text().startswith("The file is not UTF-8: line 2, byte 12")
    assert services.report_of(ImportBatch.objects.get()) == report


def test_run_batch_that_has_run_answers_as_it_did() -> None:
    report = run(GOOD)
    batch = ImportBatch.objects.get()
    assert services.run_batch(SYSTEM, batch, now=NOW) == report
    assert AuditEvent.objects.filter(verb="run_import").count() == 1


def test_run_batch_stale_copy_does_not_run_again() -> None:
    batch = services.store_import(
        SYSTEM, THINGS, io.BytesIO(GOOD), name="a.csv", is_dry_run=False, now=NOW
    )
    stale = ImportBatch.objects.get(pk=batch.pk)
    services.run_batch(SYSTEM, batch, now=NOW)
    assert services.run_batch(SYSTEM, stale, now=NOW).created == 2
    assert AuditEvent.objects.filter(verb="run_import").count() == 1


def test_confirm_import_writes_what_was_checked() -> None:
    run(GOOD, is_dry_run=True)
    checked = ImportBatch.objects.get()
    batch = services.confirm_import(SYSTEM, checked, now=NOW)
    assert services.confirm_import(SYSTEM, checked, now=NOW) == batch
    assert services.run_batch(SYSTEM, batch, now=NOW).is_applied
    assert (batch.follows, batch.source, len(things())) == (checked, checked.source, 2)


def test_confirm_import_of_a_refused_file_is_invalid() -> None:
    run(b"id\n1\n", is_dry_run=True)
    with pytest.raises(Invalid, match="Only a dry run that found nothing wrong"):
        services.confirm_import(SYSTEM, ImportBatch.objects.get(), now=NOW)


def test_enqueue_batch_is_run_by_a_job_with_progress() -> None:
    lines = [f"{number},name {number}" for number in range(1200)]
    batch = services.store_import(
        SYSTEM,
        THINGS,
        io.BytesIO(csv_bytes("id,name", *lines)),
        name="a.csv",
        is_dry_run=False,
        now=NOW,
    )
    job = services.enqueue_batch(SYSTEM, batch, now=NOW)
    assert services.enqueue_batch(SYSTEM, batch, now=NOW) == job
    assert run_until_idle() == 1
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, batch.state, batch.created, batch.job_id) == (
        "done",
        "applied",
        1200,
        job.pk,
    )
    assert (job.progress_done, job.progress_total, Job.objects.count()) == (1200, 1200, 1)


def test_run_import_shipped_mapping_is_found_by_the_headings(tmp_path: Path) -> None:
    text = 'kind = "things"\n[columns]\nid = "x:{UNITID}"\nname = "INSTNM"\n'
    (tmp_path / "colleges.toml").write_text(text)
    report = run(
        csv_bytes("UNITID,INSTNM,CITY", "1,Basel,x"), spec=replace(THINGS, mappings=tmp_path)
    )
    assert (report.mapping, report.ignored_columns, things()) == (
        "colleges",
        ("CITY",),
        [("x:1", "Basel")],
    )
    assert ImportBatch.objects.get().mapping_text == text


def test_run_import_mapping_names_the_encoding() -> None:
    text = 'kind = "things"\nencoding = "cp1252"\n[columns]\nid = "id"\nname = "name"\n'
    report = run(
        "id,name\n1,Zürich\n".encode("cp1252"), mapping=parse_mapping(text, THINGS, key="old")
    )
    assert (report.mapping, things()) == ("old", [("1", "Zürich")])


def test_batches_visible_to_shows_staff_all_and_others_their_own() -> None:
    user = stored_actor(email="manager@example.org")
    run(GOOD, actor=Actor(user_id=user.pk, label="m", is_system=True))
    run(GOOD)
    assert batches_visible_to(SYSTEM).count() == 2
    assert [batch.requested_by_id for batch in batches_visible_to(Actor(user.pk, "m"))] == [user.pk]
    assert batches_visible_to(Actor.public()).count() == 0


def test_import_spec_unknown_names_those_that_there_are() -> None:
    with pytest.raises(NotFound) as caught:
        import_spec("colours")
    assert str(caught.value) == "There is no import “colours”; there are: things."


def test_import_modules_with_a_kind_twice_are_a_mistake() -> None:
    with override_settings(IMPORT_MODULES=(THIS, THIS)), pytest.raises(ValueError, match="things"):
        import_spec("things")


def command(path: Path, **options: Any) -> tuple[bool, list[str], list[str]]:
    answers: list[str] = []
    complaints: list[str] = []
    chosen = {"mapping": None, "is_dry_run": False, "now": NOW} | options
    is_done = run_import_command(
        SYSTEM, "things", path, answer=answers.append, complain=complaints.append, **chosen
    )
    return is_done, answers, complaints


def test_import_command_says_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    path.write_bytes(csv_bytes("id,name,colour", "1,Basel,red"))
    counts = "1 rows read: {}; columns not read: colour."
    assert command(path, is_dry_run=True) == (
        True,
        ["Dry run, nothing was written. " + counts.format("1 new, 0 changed, 0 unchanged")],
        [],
    )
    assert command(path)[1] == ["Imported. " + counts.format("1 new, 0 changed, 0 unchanged")]
    assert command(path)[1] == [
        "Nothing changed: all of it was there already. "
        + counts.format("0 new, 0 changed, 1 unchanged")
    ]


def test_import_command_refused_lists_faults(tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    path.write_bytes(csv_bytes("id,name,amount", *(f"{n},x,-1" for n in range(201))))
    is_done, answers, complaints = command(path)
    assert (is_done, answers) == (False, ["things.csv is refused; nothing was written."])
    assert complaints[0] == (
        "row 2, amount (-1): The amount is negative. Amounts here are not negative; a correction "
        "is entered as one, by itself."
    )
    assert complaints[200:] == ["and 1 more"]


def test_import_command_mapping_by_path_and_filter(tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    path.write_bytes(csv_bytes("A,B,C", "1,Basel,1", "2,Bern,0"))
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'kind = "things"\n[columns]\nid = "A"\nname = "B"\n[[filters]]\ncolumn="C"\nkeep=["1"]\n'
    )
    assert command(path, mapping=str(mapping))[1] == [
        "Imported. 2 rows read: 1 new, 0 changed, 0 unchanged, 1 left out by the mapping."
    ]


@pytest.mark.parametrize(
    ("named", "error", "said"),
    [
        ("colleges", NotFound, "There is no mapping “colleges” for things; there are: -."),
        ("gone.toml", Invalid, "There is no mapping file gone.toml."),
    ],
)
def test_import_command_unknown_mapping_is_told(
    tmp_path: Path, named: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as caught:
        command(tmp_path / "x.csv", mapping=named)
    assert said in str(caught.value)


def test_import_command_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        command(tmp_path / "gone.csv")


def test_import_report_survives_json() -> None:
    report = run(csv_bytes("id,name,amount", "1,x,-1"))
    kept = ImportBatch.objects.get().errors
    assert (json.loads(json.dumps(kept)), len(report.errors)) == (kept, 1)


def test_transitions_of_a_batch_end_in_three_states() -> None:
    assert TRANSITIONS["ImportBatch"].final == {"checked", "refused", "applied"}
