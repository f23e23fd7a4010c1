"""The proof of contributions: stored files, and references of records kept elsewhere.

Also what every verb on a contribution shares: locking it, asking permission, writing its event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Contribution, ContributionEvidence
from lineshaft.apps.funding.services.ledger import CHUNK_ROWS
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
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
    """Add files, or references of records kept elsewhere, to a contribution that still stands."""
    with transaction.atomic():
        contribution = contributions_to_change([contribution_id])[contribution_id]
        permit_on(actor, "attach_evidence", contribution.agreement)
        refuse_if(rules.takes_evidence(contribution.state))
        given = [reference.strip() for reference in references if reference.strip()]
        refuse_if(rules.evidence_given(len(files) + len(given)))
        attach_references(actor, [(contribution.pk, given)], now=now)
        attach_files(actor, contribution, files, now=now)
        audit_contribution(
            actor,
            "attach_evidence",
            contribution,
            now=now,
            changes={"files": [file.name for file in files], "references": given},
        )
    return contribution


def contributions_to_change(ids: Sequence[UUID]) -> dict[UUID, Contribution]:
    """The contributions, locked in the order of their keys; NotFound if one is missing."""
    found: dict[UUID, Contribution] = {}
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK_ROWS):
        found |= {
            contribution.pk: contribution
            for contribution in Contribution.objects.select_for_update(of=("self",), no_key=True)
            .select_related("agreement__institute", "agreement__agency")
            .filter(pk__in=ordered[start : start + CHUNK_ROWS])
            .order_by("pk")
        }
    if len(found) != len(ordered):
        raise NotFound(code="contribution", message=gettext_noop("There is no such contribution."))
    return found


def evidence_counts(contributions: Mapping[UUID, Contribution]) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    ids = sorted(contributions)
    for start in range(0, len(ids), CHUNK_ROWS):
        counts |= dict(
            ContributionEvidence.objects.filter(contribution_id__in=ids[start : start + CHUNK_ROWS])
            .order_by()
            .values_list("contribution_id")
            .annotate(Count("pk"))
        )
    return counts


def attach_references(
    actor: Actor, references: Iterable[tuple[UUID, Iterable[str]]], *, now: datetime
) -> None:
    ContributionEvidence.objects.bulk_create(
        [
            ContributionEvidence(
                contribution_id=contribution_id,
                reference=reference,
                attached_by_id=actor.user_id,
                attached_at=now,
            )
            for contribution_id, given in references
            for reference in given
        ],
        batch_size=1_000,
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
            attached_by_id=actor.user_id,
            attached_at=now,
        )


def permit_on(actor: Actor, verb: str, agreement: Agreement) -> None:
    permit(
        actor,
        rules.PERMISSIONS[verb],
        institute=agreement.institute.key,
        agency=agreement.agency.key,
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
