"""Drafting, adopting and following common policies.

A revision is a new version: the text of an older one never changes, so that what an institute
adopted can be read as it was. Adoption names the decision that made it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    CommonPolicy,
    Motion,
    PolicyAttestation,
    PolicyComment,
    PolicyPosition,
    PolicyVersion,
)
from lineshaft.apps.governance.rules import PositionKind
from lineshaft.apps.governance.services.keys import free_key
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.queries import institutes_visible_to, profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_day
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

LEVELS: Final = (SharingLevel.PUBLIC, SharingLevel.NETWORK)

_NO_TITLE: Final = gettext_noop("Write the title.")
_NO_TEXT: Final = gettext_noop("Write the text of the policy.")
_NO_COMMENT: Final = gettext_noop("Write the comment.")
_NO_DECISION: Final = gettext_noop("Name the decision: the meeting and the vote.")
_KEY_TAKEN: Final = gettext_noop("There is a policy with the title “%(title)s” already.")
_NO_AREA: Final = gettext_noop("“%(area)s” is no area of common policies. There are: %(known)s.")
_NO_LEVEL: Final = gettext_noop("A policy is shared as one of: %(known)s.")
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_NO_YEAR: Final = gettext_noop("Write the year with four digits, such as 2022.")
_NO_INSTITUTE: Final = gettext_noop("There is no institute “%(key)s”.")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a version, English and Chinese; `changed` says what is new in it."""

    text: str
    text_zh: str = ""
    changed: str = ""
    changed_zh: str = ""

    @property
    def texts(self) -> tuple[str, str]:
        """Both texts as stored: lines end alike, without blanks around."""
        return _plain(self.text), _plain(self.text_zh)


@dataclass(frozen=True, slots=True)
class PolicyProposal:
    """A policy as it is first drafted."""

    area: str
    title: str
    wording: Wording
    title_zh: str = ""
    level: str = SharingLevel.PUBLIC
    is_demonstration: bool = False


def draft_policy(actor: Actor, proposal: PolicyProposal, *, now: datetime) -> PolicyVersion:
    """Enter a policy with its first draft; its key comes from the title and never changes."""
    permit(actor, rules.PERMISSIONS["draft_policy"])
    faults = [*_faults_of_proposal(proposal), *_faults_of_wording(proposal.wording)]
    if faults:
        raise Invalid(faults)
    title = proposal.title.strip()
    if CommonPolicy.objects.filter(title__iexact=title).exists():
        raise Invalid.in_field("title", _KEY_TAKEN, title=title)
    try:
        with transaction.atomic():
            policy = CommonPolicy.objects.create(
                key=free_key(CommonPolicy.objects.all(), title),
                area=proposal.area,
                title=title,
                title_zh=proposal.title_zh.strip(),
                level=proposal.level,
                drafted_at=now,
                is_demonstration=proposal.is_demonstration,
            )
            version = _write_version(actor, policy, 1, proposal.wording, now)
            record_event(
                actor,
                "draft_policy",
                policy,
                now=now,
                changes={"title": title, "area": proposal.area, "level": proposal.level},
            )
    except IntegrityError as error:
        raise Stale from error
    return version


def revise_policy(
    actor: Actor, policy: CommonPolicy, wording: Wording, *, now: datetime
) -> PolicyVersion:
    """Draft the next version; an open draft is replaced by it.

    Raises Refused where the text is that of the version before, unless that one was revoked.
    """
    permit(actor, rules.PERMISSIONS["revise_policy"])
    faults = _faults_of_wording(wording)
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        row = _locked(policy)
        versions = list(row.versions.order_by("number"))
        last = versions[-1]
        refuse_if(
            rules.refuse_same_text(
                wording.texts,
                (last.text, last.text_zh),
                number=last.number,
                is_revoked=last.state == rules.REVOKED,
            )
        )
        _refuse_while_voted_on(last)
        if last.state == rules.DRAFT:
            _move(last, "revise_policy")
        version = _write_version(actor, row, last.number + 1, wording, now)
        record_event(
            actor,
            "revise_policy",
            row,
            now=now,
            why=wording.changed.strip(),
            changes={"version": version.number},
        )
    return version


def withdraw_draft(actor: Actor, version: PolicyVersion, *, now: datetime) -> PolicyVersion:
    """Give the draft up; its text stays to be read."""
    permit(actor, rules.PERMISSIONS["withdraw_draft"])
    with transaction.atomic():
        row = _locked_version(version)
        _refuse_while_voted_on(row)
        _move(row, "withdraw_draft")
        record_event(actor, "withdraw_draft", row.policy, now=now, changes={"version": row.number})
    return row


def adopt_policy(
    actor: Actor,
    version: PolicyVersion,
    *,
    decision: str,
    adopted_on: date,
    in_force_on: date,
    now: datetime,
) -> PolicyVersion:
    """Enter that the draft was adopted by that decision, and from which day it is in force.

    Raises Refused while a vote on the draft is open: its close adopts the draft, or does not.
    """
    permit(actor, rules.PERMISSIONS["adopt_policy"])
    named = decision.strip()
    if not named:
        raise Invalid.in_field("decision", _NO_DECISION)
    if len(named) > rules.REFERENCE_MAX:
        raise Invalid.in_field("decision", _TOO_LONG, most=rules.REFERENCE_MAX)
    faults = [
        fault
        for name, day in (("adopted_on", adopted_on), ("in_force_on", in_force_on))
        if (fault := check_day(day, name=name))
    ]
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        _refuse_while_voted_on(_locked_version(version))
        return adopt_by_vote(
            actor,
            version,
            decision=named,
            adopted_on=adopted_on,
            in_force_on=in_force_on,
            now=now,
        )


def revoke_adoption(
    actor: Actor, version: PolicyVersion, *, why: str, now: datetime
) -> PolicyVersion:
    """Take an adoption back before its day: the version before stays in force.

    Positions on what was revoked count no more; the one before does. Raises Refused for a version
    that is in force, whoever has adopted it.
    """
    permit(actor, rules.PERMISSIONS["revoke_adoption"])
    said = why.strip()
    if len(said) > rules.REFERENCE_MAX:
        raise Invalid.in_field("why", _TOO_LONG, most=rules.REFERENCE_MAX)
    with transaction.atomic():
        row = _locked_version(version)
        refuse_if(rules.TRANSITIONS["PolicyVersion"].check(row.state, "revoke_adoption"))
        refuse_if(rules.refuse_revoking(row.number, row.in_force_on, today=now.date(), why=said))
        before, row.in_force_on = row.in_force_on, None
        row.revoked_on, row.why_revoked = now.date(), said
        _move(row, "revoke_adoption")
        record_event(
            actor,
            "revoke_adoption",
            row.policy,
            now=now,
            why=said,
            changes={"version": row.number, "in_force_on": [before, None]},
        )
    return row


def adopt_by_vote(
    actor: Actor,
    version: PolicyVersion,
    *,
    decision: str,
    adopted_on: date,
    in_force_on: date,
    now: datetime,
) -> PolicyVersion:
    """The adoption itself: `decision` names the vote, which is what permits it where the council
    voted in this program; who closed the vote is named in the trail.
    """
    with transaction.atomic():
        row = _locked_version(version)
        refuse_if(rules.TRANSITIONS["PolicyVersion"].check(row.state, "adopt_policy"))
        last = row.policy.versions.filter(state=rules.ADOPTED).order_by("-in_force_on").first()
        refuse_if(
            rules.refuse_adoption(
                adopted_on=adopted_on, in_force_on=in_force_on, today=now.date(), last=last
            )
        )
        row.adopted_on, row.in_force_on, row.decision = adopted_on, in_force_on, decision
        _move(row, "adopt_policy")
        record_event(
            actor,
            "adopt_policy",
            row.policy,
            now=now,
            why=decision,
            changes={
                "version": row.number,
                "adopted_on": adopted_on,
                "in_force_on": in_force_on,
            },
        )
    return row


def comment_on_policy(
    actor: Actor, version: PolicyVersion, text: str, *, institute: str = "", now: datetime
) -> PolicyComment:
    """Say something of a draft: for the institute of that key, or for the actor's agency."""
    own_agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    permit(
        actor,
        rules.PERMISSIONS["comment_on_policy"],
        institute=institute or None,
        agencies=() if institute else own_agencies,
    )
    said = _plain(text)
    if not said:
        raise Invalid.in_field("text", _NO_COMMENT)
    if len(said) > rules.REMARK_MAX:
        raise Invalid.in_field("text", _TOO_LONG, most=rules.REMARK_MAX)
    with transaction.atomic():
        row = _locked_version(version)
        refuse_if(rules.refuse_comment(row.number, row.state))
        agency = "" if institute else next(iter(sorted(own_agencies)), "")
        comment = PolicyComment.objects.create(
            version=row,
            institute=_institute(actor, institute) if institute else None,
            agency=Agency.objects.filter(key=agency).first() if agency else None,
            author=actor.label,
            text=said,
            written_at=now,
        )
        record_event(
            actor,
            "comment_on_policy",
            row.policy,
            now=now,
            institute=institute,
            agency=agency,
            changes={"version": row.number},
        )
    return comment


def state_position(
    actor: Actor,
    version: PolicyVersion,
    *,
    institute: str,
    kind: PositionKind,
    reason: str = "",
    now: datetime,
) -> PolicyPosition:
    """Say for an institute that it adopts the version, or deviates from it and why.

    What it has said already is not written again. Raises Refused for a draft, for a version that
    another in force has overtaken, and for an institute that is not at work.
    """
    permit(actor, rules.PERMISSIONS["state_position"], institute=institute)
    said = _remark(reason, "reason")
    with transaction.atomic():
        row = _locked_version(version)
        of = _institute(actor, institute)
        refuse_if(rules.refuse_institute(of.name, of.status))
        in_force = rules.version_in_force(row.policy.versions.all(), now.date())
        refuse_if(
            rules.refuse_position(
                kind,
                said,
                number=row.number,
                state=row.state,
                later=in_force.number if in_force else None,
            )
        )
        last = (
            PolicyPosition.objects.filter(version__policy=row.policy, institute=of)
            .exclude(version__state=rules.REVOKED)
            .order_by("pk")
            .last()
        )
        if last and (last.version_id, last.kind, last.reason) == (row.pk, kind, said):
            return last
        position = PolicyPosition.objects.create(
            version=row,
            institute=of,
            kind=kind,
            reason=said,
            stated_on=now.date(),
            stated_at=now,
            stated_by=actor.label,
        )
        record_event(
            actor,
            "state_position",
            row.policy,
            now=now,
            why=said,
            institute=of.key,
            changes={"version": row.number, "position": kind},
        )
    return position


def attest_policy(
    actor: Actor,
    policy: CommonPolicy,
    *,
    institute: str,
    fiscal_year: int,
    is_kept: bool,
    remark: str = "",
    now: datetime,
) -> PolicyAttestation:
    """Attest for an institute that it kept in a fiscal year to what it had said, or did not.

    Raises Refused for a year that is not over, in which no version was in force, or that was
    attested before.
    """
    permit(actor, rules.PERMISSIONS["attest_policy"], institute=institute)
    said = _remark(remark, "remark")
    refuse_if(rules.refuse_silence(is_kept=is_kept, remark=said))
    try:
        period = profile_in_use().fiscal_year(fiscal_year)
    except (ValueError, OverflowError) as error:
        raise Invalid.in_field("fiscal_year", _NO_YEAR) from error
    with transaction.atomic():
        row = _locked(policy)
        of = _institute(actor, institute)
        refuse_if(rules.refuse_institute(of.name, of.status))
        version = _version_to_attest(row, of, period, today=now.date())
        made = PolicyAttestation.objects.create(
            policy=row,
            version=version,
            institute=of,
            fiscal_year=fiscal_year,
            is_kept=is_kept,
            remark=said,
            attested_at=now,
            attested_by=actor.label,
        )
        record_event(
            actor,
            "attest_policy",
            row,
            now=now,
            why=said,
            institute=of.key,
            changes={"fiscal_year": fiscal_year, "version": version.number, "is_kept": is_kept},
        )
    return made


def _version_to_attest(
    policy: CommonPolicy, institute: Institute, period: FiscalPeriod, *, today: date
) -> PolicyVersion:
    """The version in force at the period's end; raises Refused where there is none to attest."""
    version = rules.version_in_force(policy.versions.all(), period.last_day)
    stated = PolicyPosition.objects.filter(
        version__policy=policy, institute=institute, stated_on__lte=period.last_day
    ).exclude(version__state=rules.REVOKED)
    attested = PolicyAttestation.objects.filter(
        policy=policy, institute=institute, fiscal_year=period.year
    )
    refuse_if(
        rules.refuse_attestation(
            year=period.year,
            ends_on=period.ends_on,
            today=today,
            is_in_force=version is not None,
            has_spoken=stated.exists(),
            is_attested=attested.exists(),
        )
    )
    assert version is not None  # noqa: S101 -- the rule has refused that
    return version


def _refuse_while_voted_on(version: PolicyVersion) -> None:
    voting = Motion.objects.filter(version=version, state=rules.VOTING).order_by("pk")
    named = voting.values_list("number", "meeting__body__name", "meeting__number")
    refuse_if(rules.refuse_changing_draft(named))


def _move(version: PolicyVersion, verb: str) -> None:
    workflow = rules.TRANSITIONS["PolicyVersion"]
    refuse_if(workflow.check(version.state, verb))
    version.state = workflow.target(version.state, verb)
    version.save(
        update_fields=[
            *("state", "adopted_on", "in_force_on", "decision"),
            *("revoked_on", "why_revoked"),
        ]
    )


def _write_version(
    actor: Actor, policy: CommonPolicy, number: int, wording: Wording, now: datetime
) -> PolicyVersion:
    text, text_zh = wording.texts
    return PolicyVersion.objects.create(
        policy=policy,
        number=number,
        text=text,
        text_zh=text_zh,
        changed=wording.changed.strip(),
        changed_zh=wording.changed_zh.strip(),
        drafted_at=now,
        drafted_by=actor.label,
    )


def _locked(policy: CommonPolicy) -> CommonPolicy:
    return CommonPolicy.objects.select_for_update().get(pk=policy.pk)


def _locked_version(version: PolicyVersion) -> PolicyVersion:
    """The version as it stands now, behind the lock of its policy."""
    policy = _locked(version.policy)
    row = policy.versions.get(pk=version.pk)
    row.policy = policy
    return row


def _institute(actor: Actor, key: str) -> Institute:
    found = institutes_visible_to(actor).filter(key=key).first()
    if found is None:
        raise NotFound(_NO_INSTITUTE, code="no_institute", params={"key": key})
    return found


def _remark(text: str, field: str) -> str:
    said = _plain(text)
    if len(said) > rules.REMARK_MAX:
        raise Invalid.in_field(field, _TOO_LONG, most=rules.REMARK_MAX)
    return said


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _faults_of_proposal(proposal: PolicyProposal) -> list[FieldError]:
    faults = []
    areas = [area.value for area in rules.PolicyArea]
    if proposal.area not in areas:
        known = ", ".join(areas)
        faults.append(
            FieldError("area", message=_NO_AREA, params={"area": proposal.area, "known": known})
        )
    if proposal.level not in LEVELS:
        faults.append(FieldError("level", message=_NO_LEVEL, params={"known": ", ".join(LEVELS)}))
    if not proposal.title.strip():
        faults.append(FieldError("title", message=_NO_TITLE))
    lengths = {"title": proposal.title, "title_zh": proposal.title_zh}
    return [*faults, *_faults_of_length(lengths, rules.TITLE_MAX)]


def _faults_of_wording(wording: Wording) -> list[FieldError]:
    text, text_zh = wording.texts
    faults = [] if text else [FieldError("text", message=_NO_TEXT)]
    return [
        *faults,
        *_faults_of_length({"text": text, "text_zh": text_zh}, rules.TEXT_MAX),
        *_faults_of_length(
            {"changed": wording.changed.strip(), "changed_zh": wording.changed_zh.strip()},
            rules.CHANGED_MAX,
        ),
    ]


def _faults_of_length(texts: dict[str, str], most: int) -> list[FieldError]:
    return [
        FieldError(name, message=_TOO_LONG, params={"most": most})
        for name, text in texts.items()
        if len(text) > most
    ]
