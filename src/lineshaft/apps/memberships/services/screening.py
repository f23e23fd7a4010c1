"""Screening an organisation before it takes part, and anew when its owners change.

A sheet is appended for every screening. Where a rule of the profile calls for a review, the sponsor
finds it waiting from the same transaction on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import OwnerLink, ParticipationReview, ScreeningSheet
from lineshaft.apps.memberships.queries import (
    applies_for,
    countries_bound,
    deciding_agencies,
    review_of,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import may, permit

_NO_REVIEW: Final = gettext_noop("There is no such review.")
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """The answers of a screening by the key of the question, and the chain of owners."""

    answers: Mapping[str, str]
    owners: tuple[rules.OwnerRow, ...] = ()
    why: str = ""
    is_demonstration: bool = field(default=False, kw_only=True)


def screen_organisation(
    actor: Actor,
    organisation: Organisation,
    institute: Institute,
    row: ScreeningRow,
    *,
    now: datetime,
) -> ScreeningSheet:
    """Keep what was answered; a review waits for the sponsor where a rule calls for one.

    While a review is undecided the newest sheet is what it decides on; but the organisation itself
    and who applies for it never lower what is to be decided, that takes the sponsor or staff. A
    screening counts for every record of the organisation. Raises Invalid with every
    fault of the answers, and Refused where a decision stands, which `report_ownership_change`
    re-opens. *Source*: the profile's screening (42 U.S.C. 18972 in the United States' profile).
    """
    permit_screening(actor, "screen_organisation", organisation.pk, institute)
    with transaction.atomic():
        locked = Organisation.objects.select_for_update(of=("self",)).get(
            pk=organisation.standing.pk
        )
        found = review_of(locked.pk, institute.pk)
        review = locked_review(found.pk) if found else None
        refuse_if(rules.refuse_second_screening(review.state if review else None))
        sheet = _store_sheet(locked, institute, row, now=now)
        if review is None and sheet.is_review_needed:
            review = ParticipationReview.objects.create(
                organisation=locked,
                institute=institute,
                state=rules.TRANSITIONS["ParticipationReview"].initial,
                sheet=sheet,
                opened_at=now,
                waits_since=now.date(),
                is_demonstration=row.is_demonstration,
            )
        elif review is not None and (
            not _lowers(sheet, review.sheet) or _decides(actor, "screen_organisation", institute)
        ):
            review.sheet = sheet
            review.save(update_fields=["sheet"])
        _audit(actor, "screen_organisation", sheet, review, now=now)
    return sheet


def report_ownership_change(
    actor: Actor, review: ParticipationReview, row: ScreeningRow, *, now: datetime
) -> ParticipationReview:
    """Screen anew after the owners changed; the review is open again and no decision stands.

    Raises Invalid with every fault of the answers, and Refused for a review that is undecided.
    """
    with transaction.atomic():
        locked = locked_review(review.pk)
        permit_screening(actor, "report_ownership_change", locked.organisation_id, locked.institute)
        workflow = rules.TRANSITIONS["ParticipationReview"]
        refuse_if(workflow.check(locked.state, "report_ownership_change"))
        refuse_if(rules.refuse_statement(row.why))
        sheet = _store_sheet(locked.organisation, locked.institute, row, now=now)
        locked.state = workflow.target(locked.state, "report_ownership_change")
        locked.sheet, locked.waits_since, locked.recheck_on = sheet, now.date(), None
        locked.save(update_fields=["state", "sheet", "waits_since", "recheck_on"])
        _audit(actor, "report_ownership_change", sheet, locked, now=now)
    return locked


def locked_review(pk: int) -> ParticipationReview:
    """The review behind its lock, with organisation, institute and newest sheet."""
    found = (
        ParticipationReview.objects.select_for_update(of=("self",))
        .select_related("organisation__merged_into", "institute", "sheet")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(_NO_REVIEW, code="no_review")
    return found


def permit_screening(actor: Actor, verb: str, organisation_id: int, institute: Institute) -> None:
    """Return if the actor may answer for that organisation at that institute.

    Whoever has applied for it there screens it too.
    """
    if verb == "screen_organisation" and applies_for(actor, organisation_id, institute):
        return
    permit(
        actor,
        rules.PERMISSIONS[verb],
        institute=institute.key,
        organisation=str(organisation_id),
        agencies=deciding_agencies(institute),
    )


def may_screen(actor: Actor, organisation_id: int, institute: Institute) -> bool:
    """Whether `permit_screening` would let the actor screen the organisation."""
    try:
        permit_screening(actor, "screen_organisation", organisation_id, institute)
    except NotPermitted:
        return False
    return True


def _store_sheet(
    organisation: Organisation, institute: Institute, row: ScreeningRow, *, now: datetime
) -> ScreeningSheet:
    if faults := _faults_of(row):
        raise Invalid(faults)
    profile = profile_in_use()
    asked = {one.key for one in profile.screening.questions}
    answers = {key: text for key, text in row.answers.items() if key in asked and text}
    registered_in = _registered_in(organisation, now.date())
    found = rules.screen(profile, answers, row.owners, registered_in=registered_in, on=now.date())
    countries = rules.countries_of(profile, answers, row.owners, registered_in=registered_in)
    sheet = ScreeningSheet.objects.create(
        organisation=organisation,
        institute=institute,
        answers=answers,
        findings=[asdict(one) for one in found],
        countries=list(countries),
        registered_in=registered_in,
        is_review_needed=bool(found),
        why=row.why.strip(),
        is_demonstration=row.is_demonstration,
        screened_at=now,
    )
    OwnerLink.objects.bulk_create(
        OwnerLink(sheet=sheet, **(asdict(one) | {"name": one.name.strip()})) for one in row.owners
    )
    return sheet


def _registered_in(organisation: Organisation, today: date) -> str:
    """The country of the registry that asks for a decision; that of ownership where none does."""
    countries = countries_bound(organisation)
    profile = profile_in_use()
    asking = (one for one in countries if rules.is_review_needed(profile, [one], today))
    return next(asking, countries[0])


def _lowers(sheet: ScreeningSheet, before: ScreeningSheet) -> bool:
    """Whether less would be left to decide than by the screening before."""
    is_dropped = before.is_review_needed and not sheet.is_review_needed
    return is_dropped or bool(set(before.countries) - set(sheet.countries))


def _decides(actor: Actor, verb: str, institute: Institute) -> bool:
    """Whether the actor screens as the sponsor or as staff, not for the organisation."""
    agencies = deciding_agencies(institute)
    return may(actor, rules.PERMISSIONS[verb], institute=institute.key, agencies=agencies)


def _faults_of(row: ScreeningRow) -> list[FieldError]:
    faults = []
    for question in profile_in_use().screening.questions:
        refusal = rules.refuse_screening_answer(question, row.answers.get(question.key, ""))
        if refusal is not None:
            faults.append(FieldError(question.key, message=refusal.message))
    if refusal := rules.refuse_owners(row.owners):
        faults.append(FieldError("owners", message=refusal.message, params=refusal.params))
    if len(row.why.strip()) > rules.STATEMENT_MAX:
        faults.append(FieldError("why", message=_TOO_LONG, params={"most": rules.STATEMENT_MAX}))
    return faults


def _audit(
    actor: Actor,
    verb: str,
    sheet: ScreeningSheet,
    review: ParticipationReview | None,
    *,
    now: datetime,
) -> None:
    record_event(
        actor,
        verb,
        review or sheet,
        now=now,
        why=sheet.why,
        institute=sheet.institute.key,
        changes={
            "organisation": sheet.organisation_id,
            "screening": sheet.pk,
            "is_review_needed": sheet.is_review_needed,
            "findings": [one["code"] for one in sheet.findings],
            "countries": sheet.countries,
        },
    )
