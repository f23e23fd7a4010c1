"""Running imports: a dry run and the import are the same run, of which one is rolled back.

The file is stored first, with its hash; it is then read, mapped and checked without touching the
database; only a file without any fault reaches `apply`, inside one transaction that keeps all of
it or nothing. A dry run goes just as far and rolls back, so what it says is what will be.
"""

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from lineshaft.kernel.errors import Invalid, LineshaftError, NotPermitted, Unavailable
from lineshaft.kernel.profile import load_profile
from lineshaft.kernel.text import gettext_noop, storable
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.exchange import limits, rules
from lineshaft.plumbing.exchange.faults import (
    FaultList,
    FileRefused,
    read_fault,
    shortened,
    stored_fault,
)
from lineshaft.plumbing.exchange.mapping import ColumnMapping, parse_mapping, shipped_mappings
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.exchange.queries import import_spec
from lineshaft.plumbing.exchange.reading.read import read_table
from lineshaft.plumbing.exchange.reading.source import (
    refuse_hidden_characters,
    refuse_source_size,
    size_of,
)
from lineshaft.plumbing.exchange.reading.table import ReadOptions
from lineshaft.plumbing.exchange.rows import Checked, check_rows, choose_mapping
from lineshaft.plumbing.exchange.spec import (
    ImportContext,
    ImportOutcome,
    ImportReport,
    ImportSpec,
    RowError,
)
from lineshaft.plumbing.files.rules import TABLES
from lineshaft.plumbing.files.services import open_file, store_file
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.sharing import SharingLevel

type Report = Callable[[int, int, str], None]

JOB_KIND = "exchange.run_import"
NOT_CHECKED = gettext_noop("Only a dry run that found nothing wrong can be imported.")


def no_report(_done: int, _total: int, _note: str) -> None:
    """Progress that nobody watches."""


def run_import(
    actor: Actor,
    spec: ImportSpec,
    file: BinaryIO,
    *,
    name: str,
    is_dry_run: bool,
    now: datetime,
    mapping: ColumnMapping | None = None,
    report: Report = no_report,
) -> ImportReport:
    """Store the file, run it and return what came of it: faults are in the report, not raised.

    Raises NotPermitted for an actor who may not import, TooLarge and Refused for a file that is no
    table or beyond the limit; nothing is stored then.
    """
    batch = store_import(
        actor, spec, file, name=name, is_dry_run=is_dry_run, now=now, mapping=mapping
    )
    return run_batch(actor, batch, now=now, report=report, spec=spec)


def store_import(
    actor: Actor,
    spec: ImportSpec,
    file: BinaryIO,
    *,
    name: str,
    is_dry_run: bool,
    now: datetime,
    mapping: ColumnMapping | None = None,
) -> ImportBatch:
    """Keep the file and a waiting batch for it; `run_batch` or a job does the rest."""
    rules.permit_import(actor, spec.permission)
    refuse_source_size(size_of(file))
    refuse_hidden_characters(file)
    with transaction.atomic():
        source = store_file(
            actor,
            file,
            name=name,
            now=now,
            level=SharingLevel.RESTRICTED,
            purpose=f"import:{spec.kind}",
            accepted=TABLES,
            limit_bytes=limits.SOURCE_BYTES_MAX,
        )
        return ImportBatch.objects.create(
            kind=spec.kind,
            mapping=mapping.key if mapping else "",
            mapping_text=mapping.text if mapping else "",
            source=source,
            is_dry_run=is_dry_run,
            requested_by_id=actor.user_id,
            actor_label=actor.label,
            requested_at=now,
        )


def confirm_import(actor: Actor, batch: ImportBatch, *, now: datetime) -> ImportBatch:
    """A waiting batch that imports what a dry run has checked. Raises Refused for any other."""
    rules.permit_import(actor, import_spec(batch.kind).permission)
    with transaction.atomic():
        checked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        follower = checked.followed_by.exclude(state=rules.REFUSED).first()
        if follower:
            return follower
        if not checked.is_ready_to_import:
            raise Invalid(message=NOT_CHECKED, code="import_not_checked")
        return ImportBatch.objects.create(
            kind=checked.kind,
            mapping=checked.mapping,
            mapping_text=checked.mapping_text,
            source_id=checked.source_id,
            follows=checked,
            is_dry_run=False,
            requested_by_id=actor.user_id,
            actor_label=actor.label,
            requested_at=now,
        )


def enqueue_batch(actor: Actor, batch: ImportBatch, *, now: datetime) -> Job:
    """Let a job run the batch; the page shows its progress."""
    with transaction.atomic():
        job = enqueue(actor, JOB_KIND, {"batch": str(batch.pk)}, now=now, unique=True)
        batch.job_id = job.pk
        batch.save(update_fields=["job_id"])
    return job


def run_batch(
    actor: Actor,
    batch: ImportBatch,
    *,
    now: datetime,
    report: Report = no_report,
    spec: ImportSpec | None = None,
) -> ImportReport:
    """Run a waiting batch and return its report; one that has run answers as it did then.

    Raises NotPermitted where the actor may not write a row, with the batch refused.
    """
    chosen = spec or import_spec(batch.kind)
    rules.permit_import(actor, chosen.permission)
    if batch.is_waiting:
        checked, mapping = _read(batch, chosen, report)
        try:
            _decide(actor, batch, chosen, checked, mapping=mapping, now=now, report=report)
        except NotPermitted as error:
            fault = RowError(0, "", "", error.message, "", error.params)
            ImportBatch.objects.filter(pk=batch.pk, state=rules.WAITING).update(
                state=rules.REFUSED, errors=[stored_fault(fault)], finished_at=now
            )
            raise
    return report_of(batch)


def report_of(batch: ImportBatch) -> ImportReport:
    """What the batch found and did."""
    return ImportReport(
        kind=batch.kind,
        source_name=batch.source.name,
        source_sha256=batch.source.sha256,
        mapping=batch.mapping,
        is_dry_run=batch.is_dry_run,
        rows_read=batch.rows_read,
        rows_filtered=batch.rows_filtered,
        created=batch.created,
        updated=batch.updated,
        unchanged=batch.unchanged,
        errors=tuple(read_fault(error) for error in batch.errors),
        errors_more=batch.errors_more,
        notices=tuple(read_fault(notice) for notice in batch.notices),
        ignored_columns=tuple(batch.ignored_columns),
        batch_id=str(batch.pk),
    )


def _read(
    batch: ImportBatch, spec: ImportSpec, report: Report
) -> tuple[Checked, ColumnMapping | None]:
    mapping = (
        parse_mapping(batch.mapping_text, spec, key=batch.mapping) if batch.mapping_text else None
    )
    currency = load_profile(settings.PROFILE).currency
    try:
        with open_file(batch.source) as content:
            options = mapping.options if mapping else ReadOptions()
            with read_table(content, batch.source.name, options) as table:
                if mapping is None:
                    mapping = choose_mapping(table.headings, spec, shipped_mappings(spec))
                return check_rows(table, spec, mapping, currency=currency, report=report), mapping
    except FileRefused as refused:
        faults = FaultList()
        faults.add(refused.fault)
        return Checked(faults=faults), mapping


def _decide(
    actor: Actor,
    batch: ImportBatch,
    spec: ImportSpec,
    checked: Checked,
    *,
    mapping: ColumnMapping | None,
    now: datetime,
    report: Report,
) -> None:
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if not held.is_waiting:  # another worker was here first
            batch.refresh_from_db()
            return
        outcome = ImportOutcome()
        faults = checked.faults
        if not faults:
            outcome = _apply(actor, batch, spec, checked, now=now, report=report)
            for fault in outcome.errors:
                faults.add(fault)
        batch.mapping = mapping.key if mapping else ""
        batch.mapping_text = mapping.text if mapping else ""
        batch.rows_read = checked.rows_read
        batch.rows_filtered = checked.rows_filtered
        batch.created = 0 if faults else outcome.created
        batch.updated = 0 if faults else outcome.updated
        batch.unchanged = 0 if faults else outcome.unchanged
        batch.errors = [stored_fault(fault) for fault in faults.kept]
        batch.errors_more = faults.more
        batch.notices = [
            stored_fault(notice) for notice in outcome.notices[: limits.NOTICES_MAX] if not faults
        ]
        batch.ignored_columns = [storable(shortened(name)) for name in checked.ignored]
        batch.finished_at = now
        verb = "refuse_import" if faults else "check_import" if batch.is_dry_run else "apply_import"
        batch.state = rules.TRANSITIONS["ImportBatch"].target(rules.WAITING, verb)
        batch.save()
        if batch.state == rules.APPLIED:
            changes = {
                "kind": batch.kind,
                "sha256": batch.source.sha256,
                "mapping": batch.mapping,
                "created": batch.created,
                "updated": batch.updated,
                "unchanged": batch.unchanged,
            }
            count = batch.created + batch.updated
            record_event(actor, "run_import", batch, now=now, changes=changes, count=count)


def _apply(
    actor: Actor,
    batch: ImportBatch,
    spec: ImportSpec,
    checked: Checked,
    *,
    now: datetime,
    report: Report,
) -> ImportOutcome:
    """Call `apply` and keep what it wrote only where the run is meant to and nothing is wrong."""
    context = ImportContext(
        now=now,
        is_dry_run=batch.is_dry_run,
        currency=load_profile(settings.PROFILE).currency,
        source_name=batch.source.name,
        source_sha256=batch.source.sha256,
        mapping=batch.mapping,
        report=report,
    )
    try:
        with transaction.atomic():
            outcome = spec.apply(actor, checked.rows, context)
            if outcome.errors or batch.is_dry_run:
                transaction.set_rollback(True)
    except (NotPermitted, Unavailable):
        raise
    except Invalid as error:
        return ImportOutcome(errors=_errors_of(error))
    except LineshaftError as error:
        params = error.params | ({"citation": error.citation} if error.citation else {})
        return ImportOutcome(errors=(RowError(0, "", "", error.message, "", params),))
    return outcome


def _errors_of(error: Invalid) -> tuple[RowError, ...]:
    found = tuple(
        RowError(fault.row or 0, fault.column or fault.field, "", fault.message, "", fault.params)
        for fault in error.errors
    )
    return found or (RowError(0, "", "", error.message, "", error.params),)
