"""The proof of contributions: stored files, and references of records kept elsewhere.

Also what every verb on a contribution shares: locking it, asking permission, writing its event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from itertools import batched
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Contribution, ContributionEvidence
from lineshaft.apps.funding.services.book import CHUNK_ROWS
from lineshaft.apps.funding.services.duplicates import note_duplicates
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor, DelegatedPower
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that proves a contribution, as it was sent."""

    name: str
    content: BinaryIO


def attach_evidence(
    actor: Actor,
    contribution_id: UUID,
    *,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
    references: Sequence[str] = (),
) -> Contribution:
    """Add files, or references of records kept elsewhere, to a contribution that still stands.

    What proves it already, the same content or the same reference, is not added again.
    """
    with transaction.atomic():
        contribution = contributions_to_change([contribution_id])[contribution_id]
        permit_on(actor, "attach_evidence", contribution.agreement)
        refuse_if(rules.takes_evidence(contribution.state))
        given = [reference.strip() for reference in references if reference.strip()]
        refuse_if(rules.evidence_given(len(files) + len(given)))
        given, files = _not_attached(contribution, given, files)
        if not given and not files:
            return contribution
        attach_references(actor, [(contribution.pk, given)], now=now)
        attach_files(actor, contribution, files, now=now)
        note_duplicates([contribution.pk], now=now)
        audit_contribution(
            actor,
            "attach_evidence",
            contribution,
            now=now,
            changes={"files": [file.name for file in files], "references": given},
        )
    return contribution


def contributions_to_change(ids: Sequence[UUID]) -> dict[UUID, Contribution]:
    """The contributions, locked in the order of their keys; NotFound if one is missing.

    Each comes with its agreement: read along with a single one, and read once for many, which
    belong to a few agreements.
    """
    found: dict[UUID, Contribution] = {}
    ordered = sorted(set(ids))
    locked = Contribution.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    if len(ordered) == 1:
        locked = locked.select_related("agreement__institute", "agreement__agency")
    for part in batched(ordered, CHUNK_ROWS, strict=False):
        found |= {one.pk: one for one in locked.filter(pk__in=part)}
    if len(found) != len(ordered):
        raise NotFound(code="contribution", message=gettext_noop("There is no such contribution."))
    if len(ordered) > 1:
        agreements = Agreement.objects.select_related("institute", "agency").in_bulk(
            sorted({one.agreement_id for one in found.values()})
        )
        for one in found.values():
            one.agreement = agreements[one.agreement_id]
    return found


def evidence_counts(contributions: Mapping[UUID, Contribution]) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    for part in batched(sorted(contributions), CHUNK_ROWS, strict=False):
        counts |= dict(
            ContributionEvidence.objects.filter(contribution_id__in=part)
            .order_by()
            .values_list("contribution_id")
            .annotate(Count("pk"))
        )
    return counts


def attach_references(
    actor: Actor, references: Iterable[tuple[UUID, Iterable[str]]], *, now: datetime
) -> None:
    entered = (actor.user_id, now)
    insert_rows(
        ContributionEvidence,
        ("contribution_id", "file_id", "reference", "mark", "attached_by_id", "attached_at"),
        [
            (contribution_id, None, reference, rules.evidence_mark(reference=reference), *entered)
            for contribution_id, given in references
            for reference in given
        ],
    )


def attach_files(
    actor: Actor, contribution: Contribution, files: Sequence[EvidenceFile], *, now: datetime
) -> None:
    institute = contribution.agreement.institute.key
    for file in files:
        stored = store_file(
            actor,
            file.content,
            name=file.name,
            now=now,
            level=SharingLevel.RESTRICTED,
            purpose="contribution_evidence",
            institute=institute,
        )
        ContributionEvidence.objects.create(
            contribution=contribution,
            file=stored,
            mark=rules.evidence_mark(reference="", sha256=stored.sha256),
            attached_by_id=actor.user_id,
            attached_at=now,
        )


def _not_attached(
    contribution: Contribution, references: Sequence[str], files: Sequence[EvidenceFile]
) -> tuple[list[str], list[EvidenceFile]]:
    """What of the proof is new, each once."""
    held = list(contribution.evidence.values_list("file__sha256", "reference"))
    contents, told = {sha256 for sha256, _told in held}, {reference for _sha256, reference in held}
    by_content = {_content_hash(file.content): file for file in files}
    return (
        [one for one in dict.fromkeys(references) if one not in told],
        [file for sha256, file in by_content.items() if sha256 not in contents],
    )


def _content_hash(content: BinaryIO) -> str:
    content.seek(0)
    digest = file_digest(content, "sha256")  # type: ignore[arg-type] # an open file has readinto
    return digest.hexdigest()


def permit_on(
    actor: Actor, verb: str, agreement: Agreement, amount_minor: int | None = None
) -> DelegatedPower | None:
    """The delegation, if one is needed, under which the actor does that of that amount."""
    return permit(
        actor,
        rules.PERMISSIONS[verb],
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        amount_minor=amount_minor,
    )


def audit_contribution(
    actor: Actor,
    verb: str,
    contribution: Contribution,
    *,
    now: datetime,
    changes: Mapping[str, object],
    why: str = "",
) -> None:
    record_event(
        actor,
        verb,
        contribution,
        now=now,
        why=why,
        institute=contribution.agreement.institute.key,
        agency=contribution.agreement.agency.key,
        changes=changes,
    )
