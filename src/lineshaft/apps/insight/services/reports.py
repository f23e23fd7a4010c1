"""The annual report: opened, attested institute by institute, published once, restated by another.

A published edition is rendered before the transaction that publishes it, so that no write waits for
a page to be set; the transaction then makes sure that nothing has moved meanwhile.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from lineshaft.apps.insight import queries, rules
from lineshaft.apps.insight.models import (
    InstitutePart,
    ReportDocument,
    ReportEdition,
    Snapshot,
)
from lineshaft.apps.insight.rules import DocumentFormat, EditionState, PartState
from lineshaft.apps.insight.services.documents import Document, Printing, render_document
from lineshaft.apps.insight.services.snapshots import sync_parts
from lineshaft.kernel.errors import NotFound, Refused, Stale
from lineshaft.kernel.refusals import Refusal, refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.services import open_file, store_file
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

_NO_SNAPSHOT = Refusal(
    "no_snapshot",
    gettext_noop("No figures have been computed yet. Take a snapshot first."),
)
_NO_DRAFT = gettext_noop("No draft of the report of fiscal year %(fiscal_year)s is open.")
_NO_PUBLISHED = gettext_noop("No report of fiscal year %(fiscal_year)s is published.")
_NO_PART = gettext_noop("This institute has no part in the report of fiscal year %(fiscal_year)s.")


def open_report(actor: Actor, fiscal_year: int, *, now: datetime) -> ReportEdition:
    """The first edition of a year's report, a draft on the newest figures.

    Every institute with members or money in that year gets a part to attest. Raises Refused where
    there is an edition already, or nothing to report.
    """
    permit(actor, rules.PERMISSIONS["open_report"])
    with transaction.atomic():
        snapshot = _newest_snapshot()
        refuse_if(rules.year_has_figures(fiscal_year, snapshot.fiscal_years))
        editions = list(ReportEdition.objects.select_for_update().filter(fiscal_year=fiscal_year))
        refuse_if(
            rules.year_is_open(
                next((one.number for one in editions if one.is_draft), None),
                next((one.number for one in editions if not one.is_draft), None),
            )
        )
        edition = _new_draft(actor, snapshot, fiscal_year, number=1, reason="", now=now)
        record_event(
            actor,
            "open_report",
            edition,
            now=now,
            changes={"fiscal_year": fiscal_year, "snapshot": snapshot.name},
        )
    return edition


def attest_part(
    actor: Actor,
    fiscal_year: int,
    *,
    institute: str,
    seen_digest: str,
    now: datetime,
    note: str = "",
) -> InstitutePart:
    """An institute's manager stands behind its figures, those with the digest that was shown.

    A part that is stale is attested anew. Raises Refused where the figures have changed since.
    """
    permit(actor, rules.PERMISSIONS["attest_part"], institute=institute)
    with transaction.atomic():
        part = _lock_part(fiscal_year, institute)
        digest = queries.figures_digest(part.edition.snapshot, fiscal_year, institute)
        is_stale = rules.part_is_stale(part.state, part.figures_digest, digest)
        state = PartState.DRAFT.value if is_stale else part.state
        refuse_if(rules.TRANSITIONS["institute_part"].check(state, "attest_part"))
        refuse_if(rules.attestation_is_current(seen_digest, digest))
        part.state = PartState.ATTESTED.value
        part.figures_digest = digest
        part.note = note.strip()
        part.attested_at = now
        part.attested_by_id = actor.user_id
        part.attested_snapshot = part.edition.snapshot
        part.save()
        record_event(
            actor,
            "attest_part",
            part,
            now=now,
            institute=institute,
            why=part.note,
            changes={
                "fiscal_year": fiscal_year,
                "figures_digest": digest,
                "snapshot": part.edition.snapshot.name,
            },
        )
    return part


def withdraw_attestation(
    actor: Actor, fiscal_year: int, *, institute: str, now: datetime, why: str = ""
) -> InstitutePart:
    """An institute's manager takes an attestation back, while the report is a draft."""
    permit(actor, rules.PERMISSIONS["withdraw_attestation"], institute=institute)
    with transaction.atomic():
        part = _lock_part(fiscal_year, institute)
        refuse_if(rules.TRANSITIONS["institute_part"].check(part.state, "withdraw_attestation"))
        part.state = PartState.DRAFT.value
        part.figures_digest = ""
        part.note = ""
        part.attested_at = None
        part.attested_by = None
        part.attested_snapshot = None
        part.save()
        record_event(
            actor,
            "withdraw_attestation",
            part,
            now=now,
            institute=institute,
            why=why,
            changes={"fiscal_year": fiscal_year},
        )
    return part


def publish_report(actor: Actor, fiscal_year: int, *, now: datetime) -> ReportEdition:
    """The open draft, published: its documents are made once and kept, its figures never change.

    Raises NotFound without a draft, Refused with the institutes whose part is not attested or
    stale, and Stale where the figures moved while the documents were made.
    """
    permit(actor, rules.PERMISSIONS["publish_report"])
    edition = queries.draft_of(fiscal_year)
    if edition is None:
        raise NotFound(_NO_DRAFT, code="no_draft", params={"fiscal_year": fiscal_year})
    _refuse_unattested(edition)
    printing = Printing(is_draft=False, printed_at=now, parts=queries.parts_of(edition))
    report = queries.report_of(fiscal_year, edition.snapshot, edition)
    documents = [
        render_document(report, kind, language, printing)
        for kind in DocumentFormat
        for language in rules.LANGUAGES
    ]
    with transaction.atomic():
        locked = _lock_draft(fiscal_year)
        if (locked.pk, locked.snapshot_id) != (edition.pk, edition.snapshot_id):
            raise Stale
        _refuse_unattested(locked)
        refuse_if(rules.TRANSITIONS["report_edition"].check(locked.state, "publish_report"))
        digests = [_store(actor, locked, document, now=now) for document in documents]
        locked.state = EditionState.PUBLISHED.value
        locked.published_at = now
        locked.published_by_id = actor.user_id
        locked.sha256 = digest_of_documents(digests)
        locked.save(update_fields=["state", "published_at", "published_by", "sha256"])
        record_event(
            actor,
            "publish_report",
            locked,
            now=now,
            changes={
                "fiscal_year": fiscal_year,
                "number": locked.number,
                "snapshot": locked.snapshot.name,
                "sha256": locked.sha256,
            },
        )
    return locked


def restate_report(actor: Actor, fiscal_year: int, *, reason: str, now: datetime) -> ReportEdition:
    """A new draft edition after a published one, which is marked as restated from now on.

    The published edition and its documents stay as they are and can still be read. The new one
    carries the reason, starts on the newest figures, and is attested anew.
    """
    permit(actor, rules.PERMISSIONS["restate_report"])
    with transaction.atomic():
        published = (
            ReportEdition.objects.select_for_update()
            .filter(fiscal_year=fiscal_year, state=EditionState.PUBLISHED.value)
            .first()
        )
        if published is None:
            raise NotFound(_NO_PUBLISHED, code="no_report", params={"fiscal_year": fiscal_year})
        refuse_if(rules.TRANSITIONS["report_edition"].check(published.state, "restate_report"))
        refuse_if(rules.reason_given(reason))
        published.state = EditionState.RESTATED.value
        published.save(update_fields=["state"])
        edition = _new_draft(
            actor,
            _newest_snapshot(),
            fiscal_year,
            number=published.number + 1,
            reason=reason.strip(),
            now=now,
        )
        record_event(
            actor,
            "restate_report",
            published,
            now=now,
            why=reason.strip(),
            changes={"fiscal_year": fiscal_year, "number": edition.number},
        )
    return edition


def report_document(
    actor: Actor,
    fiscal_year: int,
    *,
    kind: DocumentFormat,
    language: str,
    now: datetime,
    number: int | None = None,
) -> Document:
    """The report of a year as a document: as stored where it is published, never made again.

    The network's staff gets a draft, or the newest figures of a year without an edition, rendered
    and marked as such. Raises NotFound for everybody else, and Refused before the first snapshot.
    """
    try:
        edition = queries.edition_to_read(actor, fiscal_year, number=number)
    except NotFound:
        if number is not None or not actor.is_network_staff:
            raise
        snapshot = _newest_snapshot()
        refuse_if(rules.year_has_figures(fiscal_year, snapshot.fiscal_years))
        report = queries.report_of(fiscal_year, snapshot)
        return render_document(report, kind, language, Printing(is_draft=True, printed_at=now))
    if edition.is_draft:
        report = queries.report_of(fiscal_year, edition.snapshot, edition)
        printing = Printing(is_draft=True, printed_at=now, parts=queries.parts_of(edition))
        return render_document(report, kind, language, printing)
    stored = queries.documents_of(edition).get(format=kind.value, language=language)
    with open_file(stored.file) as content:
        return Document(kind, language, stored.file.name, content.read())


def digest_of_documents(documents: Iterable[ReportDocument]) -> str:
    """The digest of an edition: over the digests of its documents, by format and language."""
    lines = sorted(f"{one.format} {one.language} {one.sha256}\n" for one in documents)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _store(
    actor: Actor, edition: ReportEdition, document: Document, *, now: datetime
) -> ReportDocument:
    stored = store_file(
        actor,
        document.content,
        name=document.name,
        now=now,
        level=SharingLevel.PUBLIC,
        purpose="annual_report",
    )
    return ReportDocument.objects.create(
        edition=edition,
        format=document.kind.value,
        language=document.language,
        file=stored,
        sha256=stored.sha256,
    )


def _new_draft(
    actor: Actor,
    snapshot: Snapshot,
    fiscal_year: int,
    *,
    number: int,
    reason: str,
    now: datetime,
) -> ReportEdition:
    edition = ReportEdition.objects.create(
        fiscal_year=fiscal_year,
        number=number,
        reason=reason,
        snapshot=snapshot,
        opened_at=now,
        opened_by_id=actor.user_id,
    )
    refuse_if(rules.report_has_parts(sync_parts(edition)))
    return edition


def _newest_snapshot() -> Snapshot:
    snapshot = queries.current_snapshot()
    if snapshot is None:
        raise Refused(_NO_SNAPSHOT)
    return snapshot


def _lock_draft(fiscal_year: int) -> ReportEdition:
    edition = (
        ReportEdition.objects.select_for_update(of=("self",))
        .select_related("snapshot")
        .filter(fiscal_year=fiscal_year, state=EditionState.DRAFT.value)
        .first()
    )
    if edition is None:
        raise NotFound(_NO_DRAFT, code="no_draft", params={"fiscal_year": fiscal_year})
    return edition


def _lock_part(fiscal_year: int, institute: str) -> InstitutePart:
    """An institute's part of the open draft, which is locked: nobody publishes it meanwhile."""
    edition = _lock_draft(fiscal_year)
    part = edition.parts.filter(institute=institute).first()
    if part is None:
        raise NotFound(_NO_PART, code="no_part", params={"fiscal_year": fiscal_year})
    part.edition = edition
    return part


def _refuse_unattested(edition: ReportEdition) -> None:
    parts = queries.parts_of(edition)
    refuse_if(rules.report_has_parts(len(parts)))
    refuse_if(
        rules.report_is_attested(
            not_attested=[
                one.institute.name for one in parts if not one.is_attested and not one.is_stale
            ],
            stale=[one.institute.name for one in parts if one.is_stale],
        )
    )
