"""Reads of participation: reviews with how they stand on a day, and what they leave open.

A review is read by network staff, the institute's staff, its sponsor, and the organisation itself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    DecisionLetter,
    MemberAgreement,
    ParticipationCommitment,
    ParticipationDecision,
    ParticipationReview,
    ScreeningSheet,
)
from lineshaft.apps.memberships.queries.agreements import in_force_q
from lineshaft.apps.memberships.rules import Standing
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.queries import (
    institutes_visible_to,
    profile_in_use,
    sponsor_keys_of,
    standing_id,
)
from lineshaft.kernel.decisions import Citation
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.limits import Limits
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role

SUBJECT: Final = "memberships.participationreview"
USES: Final = ("pass_gate", "refuse_gate")
_OWNED_IN: Final = Coalesce(
    NullIf("organisation__merged_into__ownership_country", Value("")),
    "organisation__ownership_country",
)
_ESTABLISHED_IN: Final = Coalesce(
    NullIf("organisation__merged_into__country", Value("")), "organisation__country"
)
"""By the record that stands for an organisation, as `countries_bound` has them."""

_NO_DECISION: Final = gettext_noop("There is no such decision, or none that you may see.")
_NO_LETTER: Final = gettext_noop(
    "There is no such letter, or none that you may see. It is made within a minute of the decision."
)
_NO_REVIEW: Final = gettext_noop("There is no such review, or none that you may see.")
_NO_COMMITMENT: Final = gettext_noop("There is no such commitment, or none that you may see.")


@dataclass(frozen=True, slots=True)
class ReviewStanding:
    """A review on a day: its last decision, None while there is none, and how it stands."""

    review: ParticipationReview
    decision: ParticipationDecision | None
    standing: Standing
    on: date

    @property
    def is_recheck_due(self) -> bool:
        """Whether an approval in force is to be looked at again by this day."""
        due = self.review.recheck_on
        return self.standing in rules.OPEN and due is not None and due <= self.on

    @property
    def waits(self) -> bool:
        """Whether the sponsor has something to do."""
        undecided = {Standing.REQUESTED, Standing.REOPENED}
        lapsed = {Standing.EXPIRED, Standing.OWNERSHIP_CHANGED}
        return self.standing in undecided | lapsed or self.is_recheck_due

    @property
    def limits(self) -> Limits | None:
        """What it leaves open; None where it limits nothing."""
        decision = self.decision
        conditions = decision.conditions if decision else rules.NO_CONDITIONS
        return rules.limits_of(
            self.standing,
            conditions,
            institute=self.review.institute.key,
            organisation_id=self.review.organisation_id,
            subject=(SUBJECT, str(self.review.pk)),
            reference=decision.reference if decision else self.review.reference,
            citation=_citation(decision),
            until=decision.ends_on if decision else None,
        )


@dataclass(frozen=True, slots=True)
class Participation:
    """What the organisations of somebody take part in: keys of institutes, and the limits there."""

    institute_keys: frozenset[str]
    limits: tuple[Limits, ...]


def participation_of(organisation_ids: Iterable[int], *, on: date) -> Participation:
    """The institutes that these organisations have joined and what decisions limit; two queries.

    A member owned abroad without a decision is shut out as it would not be admitted today, whatever
    document its agreement refers to. What was decided on one record of an organisation counts for
    each of them. An organisation that never belonged and waits for its first decision has nothing
    to lose.
    """
    asked = Organisation.objects.filter(pk__in=sorted(organisation_ids))
    standing = asked.values_list(Coalesce("merged_into_id", "pk"), flat=True)
    rows = ParticipationReview.objects.annotate(record=standing_id()).filter(record__in=standing)
    reviewed: dict[tuple[int, str], ReviewStanding] = {}
    for one in sorted(_standings(rows, on), key=lambda found: rules.prevails(found.standing)):
        reviewed.setdefault((one.review.organisation.standing.pk, one.review.institute.key), one)
    members: dict[tuple[int, str], Limits | None] = {}
    profile = profile_in_use()
    agreements = MemberAgreement.objects.annotate(record=standing_id())
    for organisation_id, key, *countries in agreements.filter(
        in_force_q(on), record__in=standing
    ).values_list("record", "institute__key", _OWNED_IN, _ESTABLISHED_IN):
        pair = (organisation_id, key)
        if pair in reviewed:
            members[pair] = reviewed[pair].limits
        elif rules.is_review_needed(profile, countries, on):
            members[pair] = _not_screened(organisation_id, key)
        else:
            members[pair] = None
    found = {
        pair: one.limits
        for pair, one in reviewed.items()
        if one.standing not in rules.OPEN | {Standing.REQUESTED}
    } | members
    joined = frozenset(pair[1] for pair, one in members.items() if one is None or not one.is_shut)
    return Participation(joined, tuple(one for _pair, one in sorted(found.items()) if one))


def reviews_at(
    institute_ids: Collection[int],
) -> dict[tuple[int, int], list[ParticipationReview]]:
    """Every review at these institutes by organisation, every record of it, and institute; one
    query.
    """
    rows = ParticipationReview.objects.filter(institute_id__in=sorted(institute_ids))
    found: dict[tuple[int, int], list[ParticipationReview]] = {}
    for one in rows.select_related("organisation__merged_into", "decision"):
        found.setdefault((one.organisation.standing.pk, one.institute_id), []).append(one)
    return found


def prevailing(reviews: Iterable[ParticipationReview], *, on: date) -> ReviewStanding | None:
    """Of the reviews of one organisation's records, the one that counts on that day."""
    found = [standing_of(one, on=on) for one in reviews]
    return min(found, key=lambda one: rules.prevails(one.standing), default=None)


def countries_bound(organisation: Organisation) -> tuple[str, str]:
    """The countries by which the rules on participation bind it: where it is owned, and where it
    is established; empty where that is unknown.
    """
    standing = organisation.standing
    return (
        standing.ownership_country or organisation.ownership_country,
        standing.country or organisation.country,
    )


def is_decision_needed(review: ParticipationReview, *, on: date) -> bool:
    """Whether the sponsor decides on the review: by what was answered, or by what the registry
    says now.
    """
    countries = {*review.sheet.countries, *countries_bound(review.organisation)}
    return review.sheet.is_review_needed or rules.is_review_needed(profile_in_use(), countries, on)


def standing_of(review: ParticipationReview, *, on: date) -> ReviewStanding:
    """How a review stands on that day; no query where organisation and decision are at hand."""
    decision = review.decision
    standing = rules.standing_on(
        review.state,
        decision.decided if decision else None,
        ownership_country=review.ownership_country,
        on=on,
    )
    return ReviewStanding(review, decision, standing, on)


def reviews_visible_to(actor: Actor) -> QuerySet[ParticipationReview]:
    """The reviews that the actor may read, with all that says how they stand."""
    rows = ParticipationReview.objects.select_related(
        "organisation__merged_into", "institute", "sheet", "decision"
    )
    if actor.is_network_staff:
        return rows
    return rows.filter(
        Q(institute__key__in=sorted(actor.staff_institute_keys))
        | Q(organisation_id__in=sorted(actor.organisation_ids))
    )


def reviews_listed(
    actor: Actor, *, institute: str = "", state: str = "", on: date
) -> QuerySet[ParticipationReview]:
    """The reviews that the actor may read, those first on which the sponsor has to act."""
    rows = reviews_visible_to(actor)
    if institute:
        rows = rows.filter(institute__key=institute)
    if state:
        rows = rows.filter(state=state)
    first = Case(When(_waiting_q(on), then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.annotate(place=first).order_by("place", "waits_since", "recheck_on", "pk")


def review_by_id(actor: Actor, pk: int) -> ParticipationReview:
    """The review of that id; raises NotFound, also where it may not be seen."""
    found = reviews_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_REVIEW, code="no_review")
    return found


def review_of(organisation_id: int, institute_id: int) -> ParticipationReview | None:
    """The review of an organisation at an institute, None where there is none.

    Of several, which a merge left, the one whose state counts.
    """
    asked = Organisation.objects.filter(pk=organisation_id)
    standing = asked.values_list(Coalesce("merged_into_id", "pk"), flat=True)
    rows = ParticipationReview.objects.annotate(record=standing_id()).filter(
        record__in=standing, institute_id=institute_id
    )
    ordered = sorted(rows.order_by("pk"), key=lambda one: rules.prevails(Standing(one.state)))
    return next(iter(ordered), None)


def owners_of(sheet: ScreeningSheet) -> tuple[rules.OwnerRow, ...]:
    """The owners of a screening, in order of entry."""
    return tuple(
        rules.OwnerRow(
            one.number, one.name, one.country, one.share_bp, one.has_control, one.holds_in
        )
        for one in sheet.owners.order_by("number")
    )


def decisions_of(review: ParticipationReview) -> tuple[ParticipationDecision, ...]:
    """Every decision of a review with its commitments and letters, newest first; three queries."""
    rows = review.decisions.prefetch_related("commitments", "letters")
    return tuple(rows.order_by("-number"))


def decision_by_id(actor: Actor, pk: int) -> ParticipationDecision:
    """The decision of that id; raises NotFound, also where its review may not be seen."""
    found = (
        ParticipationDecision.objects.select_related("review__organisation", "review__institute")
        .filter(pk=pk, review__in=reviews_visible_to(actor).order_by())
        .first()
    )
    if found is None:
        raise NotFound(_NO_DECISION, code="no_decision")
    return found


def letter_by_language(actor: Actor, decision_pk: int, language: str) -> DecisionLetter:
    """The letter of that decision in that language, for whoever may see its review.

    Raises NotFound, also where it is not made yet.
    """
    found = DecisionLetter.objects.select_related("document").filter(
        decision_id=decision_pk,
        language=language,
        decision__review__in=reviews_visible_to(actor).order_by(),
    )
    letter = found.first()
    if letter is None:
        raise NotFound(_NO_LETTER, code="no_letter")
    return letter


def commitment_by_id(actor: Actor, pk: int) -> ParticipationCommitment:
    """The commitment of that id; raises NotFound, also where its review may not be seen."""
    found = (
        ParticipationCommitment.objects.select_related(
            "decision__review__organisation", "decision__review__institute"
        )
        .filter(pk=pk, decision__review__in=reviews_visible_to(actor).order_by())
        .first()
    )
    if found is None:
        raise NotFound(_NO_COMMITMENT, code="no_commitment")
    return found


def institutes_in(all_conditions: Iterable[rules.Conditions], actor: Actor) -> dict[str, Institute]:
    """By key the institutes that conditions name and the actor may see; one query, or none where
    no institute is named.
    """
    keys = {key for one in all_conditions for key in one.institutes or ()}
    if not keys:
        return {}
    found = institutes_visible_to(actor).filter(key__in=sorted(keys)).prefetch_related(None)
    return {one.key: one for one in found}


def own_participation(actor: Actor, *, on: date) -> tuple[ReviewStanding, ...]:
    """How the actor's own organisations stand, by institute; one query."""
    rows = ParticipationReview.objects.filter(organisation_id__in=sorted(actor.organisation_ids))
    return _standings(rows.order_by("institute__name", "organisation__name", "pk"), on)


def own_commitments(actor: Actor) -> QuerySet[ParticipationCommitment]:
    """What the actor's organisations have still to meet under a decision that stands, the first due
    first, each with its institute.
    """
    rows = ParticipationCommitment.objects.filter(
        decision=F("decision__review__decision"),
        decision__review__organisation_id__in=sorted(actor.organisation_ids),
        met_on__isnull=True,
    )
    return rows.select_related("decision__review__institute").order_by("due_on", "pk")


def reviews_waiting_for(actor: Actor, *, on: date) -> QuerySet[ParticipationReview]:
    """The reviews on which the actor has to decide, those that wait longest first; no query for
    whoever decides on none.
    """
    if actor.has_role(Role.AGENCY_SPONSOR):
        deciding = Q(institute__key__in=sorted(actor.overseen_institute_keys))
    elif actor.has_role(Role.PROGRAMME_OFFICER):
        deciding = Q(institute__sponsors__isnull=True)
    else:
        return ParticipationReview.objects.none()
    rows = reviews_visible_to(actor).filter(deciding).filter(_waiting_q(on))
    return rows.order_by("waits_since", "recheck_on", "pk")


def members_to_screen(actor: Actor, *, on: date, institute: str = "") -> QuerySet[MemberAgreement]:
    """The members owned or established abroad who take part without a decision.

    Those of the institutes whose every record the actor reads.
    """
    rows = MemberAgreement.objects.annotate(
        record=standing_id(), owned_in=_OWNED_IN, established_in=_ESTABLISHED_IN
    ).filter(in_force_q(on))
    rows = rows.filter(_to_review(on, "owned_in") | _to_review(on, "established_in"))
    if not actor.is_network_staff:
        rows = rows.filter(institute__key__in=sorted(actor.staff_institute_keys))
    if institute:
        rows = rows.filter(institute__key=institute)
    reviewed = ParticipationReview.objects.annotate(of=standing_id()).filter(
        of=OuterRef("record"), institute=OuterRef("institute")
    )
    return (
        rows.filter(~Exists(reviewed))
        .select_related("organisation__merged_into", "institute")
        .order_by("organisation__name", "pk")
    )


def uses_of(review: ParticipationReview) -> QuerySet[AuditEvent]:
    """What was done at the gates under a review's decisions, newest first.

    For whoever reads the review; the events name who acted.
    """
    return AuditEvent.objects.filter(
        subject_type=SUBJECT, subject_id=str(review.pk), verb__in=USES
    ).order_by("-pk")


def may_decide(actor: Actor, institute: Institute) -> bool:
    """Whether the actor decides on participation at the institute; one query."""
    agencies = deciding_agencies(institute)
    permission = rules.permission_to_decide("approve_participation", has_sponsor=bool(agencies))
    return may(actor, permission, agencies=agencies)


def deciding_agencies(institute: Institute) -> tuple[str, ...]:
    """Keys of the agencies that sponsor the institute and of their departments; none without one.

    Who sponsors for a department decides for its offices.
    """
    profile = profile_in_use()
    return tuple(
        dict.fromkeys(
            key for sponsor in sponsor_keys_of(institute) for key in profile.lineage(sponsor)
        )
    )


def _standings(rows: QuerySet[ParticipationReview], on: date) -> tuple[ReviewStanding, ...]:
    found = rows.select_related("organisation__merged_into", "institute", "decision")
    return tuple(standing_of(one, on=on) for one in found)


def _waiting_q(on: date) -> Q:
    """On which reviews the sponsor has to act: undecided, expired, due again, or of a new owner."""
    return Q(waits_since__isnull=False) | (
        Q(state__in=[rules.APPROVED, rules.CONDITIONAL])
        & (
            Q(recheck_on__lte=on)
            | Q(decision__ends_on__lte=on)
            | ~Q(decision__ownership_country=_OWNED_IN)
        )
    )


def _to_review(on: date, name: str) -> Q:
    """The rows whose country under that name asks for a decision."""
    profile = profile_in_use()
    known = Q(**{name: ""}) | Q(**{name: profile.country_code})
    named: set[str] = set()
    for rule in profile.participation_rules:
        if not (rule.needs_review or rule.needs_waiver) or not rule.authority.is_in_force(on):
            continue
        if not rule.country_codes:
            return ~known
        named |= rule.country_codes
    return ~known & Q(**{f"{name}__in": sorted(named)})


def _not_screened(organisation_id: int, institute: str) -> Limits | None:
    profile = profile_in_use()
    return rules.limits_of(
        Standing.NOT_SCREENED,
        rules.NO_CONDITIONS,
        institute=institute,
        organisation_id=organisation_id,
        subject=("network.organisation", str(organisation_id)),
        reference=profile.screening.authority.citation.text,
        citation=profile.screening.authority.citation,
    )


def _citation(decision: ParticipationDecision | None) -> Citation | None:
    """The authority that a decision rests on: the strictest of the rules that bound it."""
    if decision is None or not decision.citations:
        return None
    cited = decision.citations[-1]
    rules_cited = {
        rule.authority.citation.text: rule.authority.citation
        for rule in profile_in_use().participation_rules
    }
    return rules_cited.get(cited, Citation(cited))
