"""Admitting members; and the lock, and the stored end, of an agreement.

`admit_members` is the one way in: a form, the API, an import and the demonstration pass their rows
through it. A row that repeats a stored agreement changes nothing; one that adds an end to an open
agreement ends it. The database refuses what two writers at once would overlap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched
from typing import Final

from django.db import IntegrityError, transaction

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import MemberAgreement, ParticipationReview
from lineshaft.apps.memberships.queries import countries_bound, prevailing, reviews_at
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import (
    LOOKUP_BATCH,
    merged_into,
    organisations_visible_to,
    profile_in_use,
)
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Refused, Stale
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_day, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

SUBJECT: Final = "memberships.memberagreement"

_NO_INSTITUTE: Final = gettext_noop("There is no institute “%(key)s”.")
_NO_ORGANISATION: Final = gettext_noop("There is no such organisation, or none that you may see.")
_NO_AGREEMENT: Final = gettext_noop("There is no such membership agreement.")
_REASON_WITHOUT_END: Final = gettext_noop("A reason for the end wants the day of the end.")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One agreement as somebody enters it; `number` is its row in a file, for faults.

    The span is half-open: `ends_on` is the first day without the membership, None for no end. One
    that `is_new` never repeats what stands: it is refused as an overlap.
    """

    organisation_id: int
    institute_key: str
    tier: str
    starts_on: date
    ends_on: date | None = None
    signed_on: date | None = None
    ended_reason: str = rules.EndReason.NOT_ENDED
    waiver_reference: str = ""
    level: str = SharingLevel.PUBLIC
    is_demonstration: bool = False
    number: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class AdmitOutcome:
    """What an admission did; `agreement_ids` are in the order of the rows."""

    created: int
    updated: int
    unchanged: int
    agreement_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why a row can't be taken: the field, and the rule that says no."""

    row: MemberRow
    field: str
    refusal: Refusal


def admit_members(
    actor: Actor, rows: Sequence[MemberRow], *, now: datetime, why: str = ""
) -> AdmitOutcome:
    """Admit every row, all or none.

    Raises NotPermitted unless the actor may admit to every institute named, and Invalid with every
    fault of every row. Writes one audit event when anything changed.
    """
    faults, outcome = _admit(actor, rows, now=now, why=why)
    if faults:
        raise Invalid(
            FieldError(
                fault.field,
                row=fault.row.number,
                message=fault.refusal.message,
                params=fault.refusal.params,
            )
            for fault in faults
        )
    return outcome


def admit_member(actor: Actor, row: MemberRow, *, now: datetime, why: str = "") -> MemberAgreement:
    """Admit one member; returns the agreement, also where it stood already.

    Raises Refused with the rule and its citation, Invalid for what can't be read.
    """
    faults, outcome = _admit(actor, [row], now=now, why=why)
    if faults:
        fault = faults[0]
        if fault.field == "institute" or fault.refusal.citation or len(faults) > 1:
            raise Refused(fault.refusal)
        raise Invalid.in_field(fault.field, fault.refusal.message, **fault.refusal.params)
    return MemberAgreement.objects.select_related("organisation", "institute").get(
        pk=outcome.agreement_ids[0]
    )


def check_admission(actor: Actor, row: MemberRow, *, now: datetime) -> Refusal | None:
    """The first refusal that `admit_member` would raise for the row, or None; nothing is written.

    The row's records are locked for as long as it is asked.
    """
    with transaction.atomic():
        plan = _plan(actor, [row], now)
        plan.place(row, now)
    return plan.faults[0].refusal if plan.faults else None


def lock_institute(pk: int) -> None:
    """Lock the institute for the rest of the transaction, before anything of it.

    Every verb of joining begins with it, so that two never wait for each other.
    """
    Institute.objects.select_for_update(of=("self",)).get(pk=pk)


def locked_agreement(pk: int) -> MemberAgreement:
    """The agreement, locked for the rest of the transaction; raises NotFound."""
    row = (
        MemberAgreement.objects.select_for_update(of=("self",))
        .select_related("institute", "organisation")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise NotFound(_NO_AGREEMENT, code="no_agreement")
    return row


def end_agreement(
    actor: Actor,
    row: MemberAgreement,
    verb: str,
    *,
    ends_on: date,
    reason: rules.EndReason,
    now: datetime,
    why: str = "",
) -> None:
    """End the locked agreement on that day under the caller's verb; raises Refused."""
    refuse_if(rules.refuse_end(Span(row.starts_on, row.ends_on), ends_on))
    before = row.ends_on
    row.ends_on, row.ended_reason = ends_on, reason
    row.save(update_fields=["ends_on", "ended_reason"])
    record_event(
        actor,
        verb,
        row,
        now=now,
        why=why,
        institute=row.institute.key,
        changes={"ends_on": [before, ends_on], "ended_reason": reason},
    )


@dataclass(slots=True)
class _Plan:
    """The rows against what is stored; nothing is written here."""

    profile: JurisdictionProfile
    today: date
    institutes: Mapping[str, Institute]
    organisations: Mapping[int, Organisation]
    held: dict[tuple[int, int], list[MemberAgreement]]
    reviews: Mapping[tuple[int, int], Sequence[ParticipationReview]]
    new: list[MemberAgreement] = field(default_factory=list)
    ended: list[MemberAgreement] = field(default_factory=list)
    faults: list[_Fault] = field(default_factory=list)

    def place(self, row: MemberRow, now: datetime) -> tuple[str, MemberAgreement | None]:
        """What the row comes to: created, updated, unchanged, or refused."""
        institute = self.institutes.get(row.institute_key)
        organisation = self.organisations.get(row.organisation_id)
        found = list(self._faults_of(row, institute, organisation))
        if found or institute is None or organisation is None:
            self.faults.extend(found)
            return "refused", None
        pair = self.held.setdefault((organisation.pk, institute.pk), [])
        same = next((one for one in pair if _is_same(one, row)), None)
        if same is not None and not row.is_new:
            if row.ends_on is None or same.ends_on == row.ends_on:
                return "unchanged", same
            if same.ends_on is None:
                same.ends_on, same.ended_reason = row.ends_on, row.ended_reason
                if same.pk is not None:
                    self.ended.append(same)
                return "updated", same
        refusal = rules.refuse_overlap(
            Span(row.starts_on, row.ends_on),
            [Span(one.starts_on, one.ends_on) for one in pair],
            organisation=organisation.name,
            institute=institute.name,
        )
        if refusal is not None:
            self.faults.append(_Fault(row, "starts_on", refusal))
            return "refused", None
        agreement = _agreement(row, organisation, institute, now)
        pair.append(agreement)
        self.new.append(agreement)
        return "created", agreement

    def _faults_of(
        self, row: MemberRow, institute: Institute | None, organisation: Organisation | None
    ) -> list[_Fault]:
        days = (
            check_span(row.starts_on, row.ends_on),
            check_day(row.signed_on, name="signed_on"),
        )
        refusals: list[tuple[str, Refusal | None]] = [
            (fault.field, Refusal("bad_span", fault.message, params=fault.params))
            for fault in days
            if fault is not None
        ]
        if row.ended_reason and row.ends_on is None:
            refusals.append(("ended_reason", Refusal("no_end", _REASON_WITHOUT_END)))
        refusals.append(("waiver_reference", rules.refuse_reference(row.waiver_reference)))
        refusals.append(("signed_on", rules.refuse_signature(row.signed_on, row.ends_on)))
        if institute is None:
            params = {"key": row.institute_key}
            refusals.append(("institute", Refusal("no_institute", _NO_INSTITUTE, params=params)))
        else:
            refusal = rules.refuse_institute(
                institute.name, institute.status, ends_on=row.ends_on, today=self.today
            )
            refusals.append(("institute", refusal))
        if organisation is None:
            refusals.append(("organisation", Refusal("no_organisation", _NO_ORGANISATION)))
        else:
            refusals.append(("tier", rules.refuse_tier(self.profile, row.tier, organisation.kind)))
            refusals.append(("waiver_reference", self._participation(row, organisation, institute)))
        return [_Fault(row, name, refusal) for name, refusal in refusals if refusal is not None]

    def _participation(
        self, row: MemberRow, organisation: Organisation, institute: Institute | None
    ) -> Refusal | None:
        """Why ownership keeps it out: by the decision of the day, or by the rules without one.

        An agreement that is over asks what stood when it began. An organisation of several records
        may have a review of each: every one of them has to let it in.
        """
        is_over = row.ends_on is not None and row.ends_on <= self.today
        on = row.starts_on if is_over else max(row.starts_on, self.today)
        reviews = self.reviews.get((organisation.pk, institute.pk), ()) if institute else ()
        review = prevailing(reviews, on=on)
        is_past = is_over and bool(row.waiver_reference.strip())
        return rules.refuse_participation(
            self.profile,
            countries_bound(organisation),
            standing=review.standing if review and not is_past else None,
            waiver_reference=row.waiver_reference,
            on=row.starts_on,
            is_over=is_over,
            organisation=organisation.name,
        )


def _admit(
    actor: Actor, rows: Sequence[MemberRow], *, now: datetime, why: str
) -> tuple[list[_Fault], AdmitOutcome]:
    for key in sorted({row.institute_key for row in rows}):
        permit(actor, rules.PERMISSIONS["admit_member"], institute=key)
    try:
        with transaction.atomic():
            plan = _plan(actor, rows, now)
            results = [plan.place(row, now) for row in rows]
            if plan.faults:
                return plan.faults, AdmitOutcome(0, 0, 0, ())
            return [], _write(actor, plan, results, now=now, why=why)
    except IntegrityError as error:
        raise Stale from error


def _plan(actor: Actor, rows: Sequence[MemberRow], now: datetime) -> _Plan:
    keys = sorted({row.institute_key for row in rows})
    institutes = {
        institute.key: institute
        for institute in Institute.objects.select_for_update(of=("self",))
        .filter(key__in=keys)
        .order_by("pk")
    }
    organisations: dict[int, Organisation] = {}
    held: dict[tuple[int, int], list[MemberAgreement]] = {}
    institute_ids = [institute.pk for institute in institutes.values()]
    for part in batched(sorted({row.organisation_id for row in rows}), LOOKUP_BATCH):
        # A merge locks them too: what it finds of agreements stays true until it is done.
        visible = organisations_visible_to(actor).select_for_update(of=("self",), no_key=True)
        organisations |= {one.pk: one for one in visible.filter(pk__in=part).order_by("pk")}
        merged = merged_into(part)
        stored = MemberAgreement.objects.select_for_update(of=("self",), no_key=True)
        for agreement in stored.filter(
            organisation_id__in=[*part, *merged], institute_id__in=institute_ids
        ).order_by("pk"):
            standing = merged.get(agreement.organisation_id, agreement.organisation_id)
            pair = (standing, agreement.institute_id)
            held.setdefault(pair, []).append(agreement)
    reviews = reviews_at(institute_ids)
    return _Plan(profile_in_use(), now.date(), institutes, organisations, held, reviews)


def _write(
    actor: Actor,
    plan: _Plan,
    results: Sequence[tuple[str, MemberAgreement | None]],
    *,
    now: datetime,
    why: str,
) -> AdmitOutcome:
    verbs = [verb for verb, _agreement in results]
    created, updated = verbs.count("created"), verbs.count("updated")
    if created or updated:
        keys = sorted(plan.institutes)
        event = record_event(
            actor,
            "admit_member",
            (SUBJECT, ""),
            now=now,
            why=why,
            institute=keys[0] if len(keys) == 1 else "",
            count=created + updated,
            changes={"created": created, "updated": updated, "institutes": keys}
            | (_said(plan.new[0]) if len(plan.new) == 1 else {}),
        )
        for agreement in plan.new:
            agreement.admitted_in_id = event.pk
        MemberAgreement.objects.bulk_create(plan.new)
        MemberAgreement.objects.bulk_update(plan.ended, ["ends_on", "ended_reason"], batch_size=200)
    return AdmitOutcome(
        created=created,
        updated=updated,
        unchanged=verbs.count("unchanged"),
        agreement_ids=tuple(one.pk for _verb, one in results if one is not None),
    )


def _said(agreement: MemberAgreement) -> dict[str, object]:
    return {
        "organisation": agreement.organisation_id,
        "tier": agreement.tier,
        "starts_on": agreement.starts_on,
        "ends_on": agreement.ends_on,
    }


def _is_same(agreement: MemberAgreement, row: MemberRow) -> bool:
    return agreement.starts_on == row.starts_on and agreement.tier == row.tier


def _agreement(
    row: MemberRow, organisation: Organisation, institute: Institute, now: datetime
) -> MemberAgreement:
    return MemberAgreement(
        organisation_id=organisation.pk,
        institute_id=institute.pk,
        tier=row.tier,
        signed_on=row.signed_on,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        ended_reason=row.ended_reason,
        waiver_reference=row.waiver_reference.strip(),
        level=row.level,
        is_demonstration=row.is_demonstration,
        admitted_at=now,
    )
