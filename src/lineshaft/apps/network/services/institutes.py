"""Proposing institutes, naming them, and moving them through their states.

Each change of status is a verb of its own. It records the day beside the status, as a sourced date;
who entered it stands in the audit trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    Agency,
    Institute,
    InstituteDate,
    InstituteFact,
    InstituteName,
    InstituteSponsor,
    Organisation,
    TechnologyArea,
)
from lineshaft.apps.network.queries import profile_in_use, sponsor_keys_of
from lineshaft.apps.network.services.checking import faults_of_length
from lineshaft.apps.network.services.indexing import index_institutes
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.ids import slug
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

NOTE_LENGTH: Final = 300

_NO_INSTITUTE: Final = gettext_noop("There is no such institute.")
_KEY_TAKEN: Final = gettext_noop("There is an institute with the key “%(key)s” already.")
_NO_KEY: Final = gettext_noop("A key is small letters, digits and hyphens, such as america-makes.")
_NO_NAME: Final = gettext_noop("Write the name.")
_NAME_TAKEN: Final = gettext_noop("The institute has this name already.")
_LEADS_ALREADY: Final = gettext_noop("This organisation leads the institute already.")
_NO_SUCH_AGENCY: Final = gettext_noop("There is no agency “%(key)s” that sponsors institutes.")
_NO_SUCH_AREA: Final = gettext_noop("There is no technology area “%(key)s”.")
_NO_SOURCE: Final = gettext_noop("Say where this is said: a notice, a decision, an agreement.")


@dataclass(frozen=True, slots=True)
class InstituteProposal:
    """What is known of an institute when it is first entered; keys name stored things."""

    key: str
    name: str
    sponsor_key: str
    source: str
    name_zh: str = ""
    focus: str = ""
    focus_zh: str = ""
    technology_area_keys: tuple[str, ...] = ()


def propose_institute(
    actor: Actor, proposal: InstituteProposal, *, now: datetime, why: str = ""
) -> Institute:
    """Enter an institute in its first state, with its lead sponsor and its focus."""
    return _enter(actor, proposal, "propose_institute", now=now, why=why)


def register_extension_centre(
    actor: Actor, proposal: InstituteProposal, *, now: datetime, why: str = ""
) -> Institute:
    """Enter a centre of the extension partnership, at work at once; it is no institute.

    *Source*: 15 U.S.C. 278k.
    """
    return _enter(actor, proposal, "register_extension_centre", now=now, why=why)


def add_institute_name(
    actor: Actor,
    institute: Institute,
    name: str,
    *,
    kind: rules.NameKind,
    language: str,
    source: str,
    now: datetime,
    note: str = "",
) -> InstituteName:
    """Add a name that the institute has, had, or is also known by; `language` is a code, as en."""
    permit(actor, rules.PERMISSIONS["add_institute_name"], institute=institute.key)
    folded = rules.folded_name(name)
    texts = {"name": name.strip(), "language": language, "source": source, "note": note}
    faults = faults_of_length(InstituteName, texts)
    if not folded:
        faults.append(FieldError("name", message=_NO_NAME))
    if not source.strip():
        faults.append(FieldError("source", message=_NO_SOURCE))
    if faults:
        raise Invalid(faults)
    with transaction.atomic():
        row = _locked(institute)
        if InstituteName.objects.filter(institute=row, folded=folded).exists():
            raise Invalid.in_field("name", _NAME_TAKEN)
        added = InstituteName.objects.create(
            institute=row,
            folded=folded,
            kind=kind,
            **texts,
        )
        record_event(
            actor,
            "add_institute_name",
            row,
            now=now,
            institute=row.key,
            changes={"name": added.name, "kind": kind, "source": source},
        )
        index_institutes([row.pk])
    return added


def name_lead_organisation(
    actor: Actor, institute: Institute, organisation: Organisation, *, source: str, now: datetime
) -> Institute:
    """Say which registered organisation leads the institute, as a fact with its source.

    Its identifiers stand on the institute's federal financial reports. Until then the page shows
    the lead as the reference data words it.
    """
    permit(actor, rules.PERMISSIONS["name_lead_organisation"], institute=institute.key)
    if not source.strip():
        raise Invalid.in_field("source", _NO_SOURCE)
    with transaction.atomic():
        row = _locked(institute)
        if row.lead_id == organisation.pk:
            raise Invalid.in_field("organisation", _LEADS_ALREADY)
        before, row.lead = row.lead_id, organisation
        row.save(update_fields=["lead"])
        said = InstituteFact.objects.filter(
            institute=row, measure="lead", edition=rules.Edition.TODAY
        ).first()
        InstituteFact.objects.update_or_create(
            institute=row,
            measure="lead",
            edition=rules.Edition.TODAY,
            defaults={
                "kind": rules.FactKind.TEXT,
                "text": organisation.name,
                "text_zh": organisation.name_zh,
                "number": None,
                "qualifier": "",
                "source": source.strip(),
                "confidence": rules.Confidence.HIGH,
                "note": "",
            },
        )
        record_event(
            actor,
            "name_lead_organisation",
            row,
            now=now,
            institute=row.key,
            changes={
                "lead": [before, organisation.pk],
                "text": [said.text if said else None, organisation.name],
                "confidence": [said.confidence if said else None, rules.Confidence.HIGH],
                "source": [said.source if said else None, source.strip()],
            },
        )
    return row


def plan_institute(
    actor: Actor, institute: Institute, *, on: date, source: str, now: datetime
) -> Institute:
    """The institute was announced as planned, by a notice of intent for one."""
    return _change_status(actor, institute, "plan_institute", on=on, source=source, now=now)


def establish_institute(
    actor: Actor, institute: Institute, *, on: date, source: str, now: datetime
) -> Institute:
    """The institute's award began; records the day as established."""
    return _change_status(actor, institute, "establish_institute", on=on, source=source, now=now)


def open_cure_period(
    actor: Actor, institute: Institute, *, on: date, source: str, now: datetime
) -> Institute:
    """The institute was notified of deficiencies; it has until `cure_ends_on` to remedy them.

    Raises Refused where the law in force on that day gives no such period.
    *Source*: 15 U.S.C. 278s(e)(2)(B)(iii), through the profile's term limit.
    """
    return _change_status(actor, institute, "open_cure_period", on=on, source=source, now=now)


def close_cure_period(
    actor: Actor, institute: Institute, *, on: date, source: str, now: datetime
) -> Institute:
    """The deficiencies were remedied, or the improvement was significant; active again."""
    return _change_status(actor, institute, "close_cure_period", on=on, source=source, now=now)


def recognise_institute(
    actor: Actor, institute: Institute, *, on: date, source: str, now: datetime
) -> Institute:
    """The institute takes part in the network without the programme's money.

    *Source*: 15 U.S.C. 278s(d)(3)(B).
    """
    return _change_status(actor, institute, "recognise_institute", on=on, source=source, now=now)


def terminate_institute(
    actor: Actor,
    institute: Institute,
    *,
    ground: rules.TerminationGround,
    on: date,
    source: str,
    now: datetime,
) -> Institute:
    """The institute's part in the network ended on that ground; final.

    Raises Refused, among other reasons, while the year to remedy deficiencies still runs and the
    ground is that they were not remedied.
    """
    return _change_status(
        actor, institute, "terminate_institute", on=on, source=source, now=now, ground=ground
    )


STATUS_VERBS: Final = {
    "plan_institute": plan_institute,
    "establish_institute": establish_institute,
    "open_cure_period": open_cure_period,
    "close_cure_period": close_cure_period,
    "recognise_institute": recognise_institute,
}
"""The changes of status that need no ground; `terminate_institute` needs one."""


def _enter(
    actor: Actor, proposal: InstituteProposal, verb: str, *, now: datetime, why: str
) -> Institute:
    permit(actor, rules.PERMISSIONS[verb])
    try:
        with transaction.atomic():
            return _propose(actor, proposal, verb, now=now, why=why)
    except IntegrityError as error:
        raise Stale from error


def _propose(
    actor: Actor, proposal: InstituteProposal, verb: str, *, now: datetime, why: str
) -> Institute:
    agency, areas = _check_proposal(proposal)
    is_centre = verb == "register_extension_centre"
    kind = rules.RecipientKind.EXTENSION_CENTRE if is_centre else rules.RecipientKind.INSTITUTE
    first = rules.InstituteStatus.ACTIVE if is_centre else rules.INSTITUTE_WORKFLOW.initial
    institute = Institute.objects.create(
        kind=kind,
        key=proposal.key,
        name=proposal.name.strip(),
        name_zh=proposal.name_zh.strip(),
        status=first,
        status_as_of=now.date(),
        status_precision=rules.Precision.DAY,
        status_source=proposal.source,
        status_confidence=rules.Confidence.HIGH,
    )
    institute.technology_areas.set(areas)
    InstituteSponsor.objects.create(
        institute=institute,
        agency=agency,
        role=rules.SponsorRole.LEAD,
        source=proposal.source,
        confidence=rules.Confidence.HIGH,
    )
    if proposal.focus:
        InstituteFact.objects.create(
            institute=institute,
            measure="focus",
            edition=rules.Edition.TODAY,
            kind=rules.FactKind.TEXT,
            text=proposal.focus,
            text_zh=proposal.focus_zh,
            source=proposal.source,
            confidence=rules.Confidence.HIGH,
        )
    record_event(
        actor,
        verb,
        institute,
        now=now,
        why=why,
        institute=institute.key,
        agency=agency.key,
        changes={"key": proposal.key, "name": proposal.name, "source": proposal.source},
    )
    index_institutes([institute.pk])
    return institute


def _change_status(
    actor: Actor,
    institute: Institute,
    verb: str,
    *,
    on: date,
    source: str,
    now: datetime,
    ground: rules.TerminationGround | None = None,
) -> Institute:
    with transaction.atomic():
        row = _locked(institute)
        sponsors = sponsor_keys_of(row)
        permit(actor, rules.PERMISSIONS[verb], institute=row.key, agencies=sponsors)
        refuse_if(rules.INSTITUTE_WORKFLOW.check(row.status, verb))
        refuse_if(rules.refuse_future_change(on, now.date()))
        if ground is not None:
            refuse_if(
                rules.refuse_termination(
                    ground, status=row.status, cure_ends_on=row.cure_ends_on, on=on
                )
            )
        if not source.strip():
            raise Invalid.in_field("source", _NO_SOURCE)
        before = row.status
        row.status = rules.INSTITUTE_WORKFLOW.target(before, verb)
        row.cure_ends_on = _cure_ends_on(on) if verb == "open_cure_period" else None
        row.status_note = ground or ""
        row.status_as_of, row.status_precision = on, rules.Precision.DAY
        row.status_source = source[:NOTE_LENGTH]
        row.status_confidence = rules.Confidence.HIGH
        row.save(
            update_fields=[
                "status",
                "cure_ends_on",
                "status_note",
                "status_as_of",
                "status_precision",
                "status_source",
                "status_confidence",
            ]
        )
        _record_date(row, verb, on, source)
        record_event(
            actor,
            verb,
            row,
            now=now,
            why=source,
            institute=row.key,
            agency=sponsors[0] if sponsors else "",
            changes={"status": [before, row.status], "on": on}
            | ({"ground": ground} if ground else {})
            | ({"cure_ends_on": row.cure_ends_on} if row.cure_ends_on else {}),
        )
        index_institutes([row.pk])
    return row


def _cure_ends_on(on: date) -> date:
    term = profile_in_use().term_in_force(on)
    days = term.cure_period_days if term else 0
    refuse_if(rules.refuse_cure_period(days, on))
    return rules.cure_period_end(on, days)


def _record_date(institute: Institute, verb: str, on: date, source: str) -> None:
    kind = rules.DATE_OF_VERB.get(verb)
    if kind is not None:
        InstituteDate.objects.get_or_create(
            institute=institute,
            kind=kind,
            edition=rules.Edition.TODAY,
            on=on,
            defaults={
                "precision": rules.Precision.DAY,
                "source": source[:NOTE_LENGTH],
                "confidence": rules.Confidence.HIGH,
            },
        )


def _locked(institute: Institute) -> Institute:
    row = Institute.objects.select_for_update(of=("self",)).filter(pk=institute.pk).first()
    if row is None:
        raise NotFound(_NO_INSTITUTE, code="no_institute")
    return row


def _check_proposal(proposal: InstituteProposal) -> tuple[Agency, Sequence[TechnologyArea]]:
    faults = faults_of_length(
        Institute,
        {"key": proposal.key, "name": proposal.name.strip(), "name_zh": proposal.name_zh.strip()},
    )
    focus = faults_of_length(
        InstituteFact,
        {"text": proposal.focus, "text_zh": proposal.focus_zh, "source": proposal.source},
    )
    fields = {"text": "focus", "text_zh": "focus_zh"}
    faults += [replace(fault, field=fields.get(fault.field, fault.field)) for fault in focus]
    if not proposal.key or slug(proposal.key) != proposal.key:
        faults.append(FieldError("key", message=_NO_KEY))
    elif proposal.key in rules.RESERVED_KEYS or (
        Institute.objects.filter(key=proposal.key).exists()
    ):
        faults.append(FieldError("key", message=_KEY_TAKEN, params={"key": proposal.key}))
    if not proposal.name.strip():
        faults.append(FieldError("name", message=_NO_NAME))
    if not proposal.source.strip():
        faults.append(FieldError("source", message=_NO_SOURCE))
    agency = Agency.objects.filter(key=proposal.sponsor_key, is_sponsor=True).first()
    if agency is None:
        params = {"key": proposal.sponsor_key}
        faults.append(FieldError("sponsor_key", message=_NO_SUCH_AGENCY, params=params))
    areas = list(TechnologyArea.objects.filter(key__in=proposal.technology_area_keys))
    known = {area.key for area in areas}
    faults += [
        FieldError("technology_area_keys", message=_NO_SUCH_AREA, params={"key": key})
        for key in proposal.technology_area_keys
        if key not in known
    ]
    if faults or agency is None:
        raise Invalid(faults)
    return agency, areas
