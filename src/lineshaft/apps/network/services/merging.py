"""Saying that two records are one organisation, or two; and taking it back.

A merge rewrites nothing: the record stays with all that names it and points to the one that stands
for both, so that undoing it restores exactly what was. One person proposes, another decides. An app
above says through the setting MERGE_CHECKS what of its own would contradict a merge.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Organisation, OrganisationIdentifier, OrganisationPair
from lineshaft.apps.network.queries import apart_across, group_q, may_see_organisation
from lineshaft.apps.network.services.indexing import index_organisations, unindex_organisations
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import NotFound, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

type MergeCheck = Callable[[Organisation, Organisation], Refusal | None]

_NO_PAIR: Final = gettext_noop("There is no such pair of organisations, or none that you may see.")
_NO_ORGANISATION: Final = gettext_noop("There is no such organisation, or none that you may see.")


def propose_merge(
    actor: Actor, organisation: Organisation, survivor: Organisation, *, why: str, now: datetime
) -> OrganisationPair:
    """Propose that the organisation is `survivor`, which stays; a second person decides.

    Raises Refused for records that can't be one, with the rule that says so.
    """
    permit(actor, rules.PERMISSIONS["propose_merge"])
    refuse_if(rules.refuse_merge_reason(why))
    try:
        with transaction.atomic():
            merged, survivor = _locked_two(actor, organisation, survivor)
            refuse_if(_refuse_merge(merged, survivor))
            pair = _locked_pair(merged, survivor, now=now)
            refuse_if(rules.PAIR_WORKFLOW.check(pair.state, "propose_merge"))
            pair.survivor, pair.proposed_by_id = survivor, actor.user_id
            pair.decided_by_id, pair.decided_at = None, None
            _move(actor, pair, "propose_merge", why=why, now=now)
    except IntegrityError as error:
        raise Stale from error
    return pair


def merge_organisations(actor: Actor, pair: OrganisationPair, *, now: datetime) -> OrganisationPair:
    """Merge as proposed: the record points to the one that stays, and is read as that one.

    Raises Refused where the actor proposed it, and for what has come to contradict it since.
    """
    with transaction.atomic():
        row = _pair_to_decide(actor, "merge_organisations", pair)
        refuse_if(rules.PAIR_WORKFLOW.check(row.state, "merge_organisations"))
        is_proposer = actor.user_id is not None and row.proposed_by_id == actor.user_id
        refuse_if(rules.refuse_same_person(is_proposer=is_proposer))
        merged, survivor = _locked_two(actor, row.merged, row.survivor or row.second)
        refuse_if(_refuse_merge(merged, survivor))
        merged.merged_into = survivor
        merged.save(update_fields=["merged_into"])
        _decide(actor, row, "merge_organisations", why=row.why, now=now)
        unindex_organisations([merged.pk])
        index_organisations([survivor.pk])
    return row


def keep_apart(
    actor: Actor, organisation: Organisation, other: Organisation, *, why: str, now: datetime
) -> OrganisationPair:
    """Say that the two are two, and remember it: they are not brought up again."""
    permit(actor, rules.PERMISSIONS["keep_apart"])
    refuse_if(rules.refuse_merge_reason(why))
    with transaction.atomic():
        one, another = _locked_two(actor, organisation, other)
        refuse_if(_refuse_two(one, another))
        row = _locked_pair(one, another, now=now)
        refuse_if(rules.PAIR_WORKFLOW.check(row.state, "keep_apart"))
        _decide(actor, row, "keep_apart", why=why, now=now)
    return row


def undo_merge(
    actor: Actor, pair: OrganisationPair, *, why: str, now: datetime
) -> OrganisationPair:
    """Take a merge back: the record stands for itself again, with all that named it all along."""
    refuse_if(rules.refuse_merge_reason(why))
    with transaction.atomic():
        row = _pair_to_decide(actor, "undo_merge", pair)
        refuse_if(rules.PAIR_WORKFLOW.check(row.state, "undo_merge"))
        merged, survivor = _locked_two(actor, row.merged, row.survivor or row.second)
        merged.merged_into = None
        merged.save(update_fields=["merged_into"])
        _decide(actor, row, "undo_merge", why=why, now=now)
        index_organisations([merged.pk, survivor.pk])
    return row


def reopen_pair(
    actor: Actor, pair: OrganisationPair, *, why: str, now: datetime
) -> OrganisationPair:
    """Take a proposal or a decision back that merged nothing: the pair is looked at again."""
    refuse_if(rules.refuse_merge_reason(why))
    with transaction.atomic():
        row = _pair_to_decide(actor, "reopen_pair", pair)
        refuse_if(rules.PAIR_WORKFLOW.check(row.state, "reopen_pair"))
        row.survivor, row.proposed_by_id = None, None
        _decide(actor, row, "reopen_pair", why=why, now=now)
    return row


def refusal_to_merge(merged: Organisation, survivor: Organisation) -> Refusal | None:
    """Why these records can't be merged as they stand, or None; for the page that reviews them."""
    return _refuse_merge(merged, survivor)


# --------------------------------------------------------------------------------------- leaves


def _locked_two(
    actor: Actor, one: Organisation, other: Organisation
) -> tuple[Organisation, Organisation]:
    """Both records, locked in the order of their ids; a pair of either may still be stored."""
    locked = {
        row.pk: row
        for row in Organisation.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=(one.pk, other.pk))
        .order_by("pk")
    }
    for pk in (one.pk, other.pk):
        if pk not in locked or not may_see_organisation(actor, locked[pk]):
            raise NotFound(_NO_ORGANISATION, code="no_organisation")
    return locked[one.pk], locked[other.pk]


def _locked_pair(one: Organisation, other: Organisation, *, now: datetime) -> OrganisationPair:
    first, second = sorted((one.pk, other.pk))
    OrganisationPair.objects.get_or_create(
        first_id=first, second_id=second, defaults={"found_at": now}
    )
    return (
        OrganisationPair.objects.select_for_update(of=("self",))
        .select_related("first", "second", "survivor")
        .get(first_id=first, second_id=second)
    )


def _pair_to_decide(actor: Actor, verb: str, pair: OrganisationPair) -> OrganisationPair:
    row = (
        OrganisationPair.objects.select_for_update(of=("self",))
        .select_related("first", "second", "survivor")
        .filter(pk=pair.pk)
        .first()
    )
    if row is None:
        raise NotFound(_NO_PAIR, code="no_pair")
    permit(actor, rules.PERMISSIONS[verb])
    return row


def _refuse_two(
    one: Organisation, other: Organisation, *, has_merged: bool = False
) -> Refusal | None:
    return rules.refuse_pair(
        one.name,
        other.name,
        is_one=one.pk == other.pk,
        merged_into=one.merged_into.name if one.merged_into else "",
        survivor_merged_into=other.merged_into.name if other.merged_into else "",
        has_merged=has_merged,
    )


def _refuse_merge(merged: Organisation, survivor: Organisation) -> Refusal | None:
    refusal = _refuse_two(merged, survivor, has_merged=merged.merged.exists())
    refusal = refusal or rules.refuse_levels(
        merged.name, survivor.name, is_same=merged.level == survivor.level
    )
    if refusal is not None:
        return refusal
    own: list[tuple[str, str]] = []
    held: list[tuple[str, str]] = []
    for pk, scheme, value in OrganisationIdentifier.objects.filter(
        group_q(merged.pk) | group_q(survivor.pk)
    ).values_list("organisation_id", "scheme", "value"):
        (own if pk == merged.pk else held).append((scheme, value))
    refusal = rules.refuse_identifiers(own, held, identifying=rules.IDENTIFYING_SCHEMES)
    apart = None if refusal else apart_across(merged.pk, survivor.pk)
    if apart is not None:
        refusal = rules.refuse_kept_apart(apart.first.name, apart.second.name, apart.why)
    if refusal is not None:
        return refusal
    checks: list[MergeCheck] = [import_string(name) for name in settings.MERGE_CHECKS]
    found = (check(merged, survivor) for check in checks)
    return next((one for one in found if one is not None), None)


def _decide(actor: Actor, pair: OrganisationPair, verb: str, *, why: str, now: datetime) -> None:
    pair.decided_by_id, pair.decided_at = actor.user_id, now
    _move(actor, pair, verb, why=why, now=now)


def _move(actor: Actor, pair: OrganisationPair, verb: str, *, why: str, now: datetime) -> None:
    before = pair.state
    pair.state = rules.PAIR_WORKFLOW.target(before, verb)
    pair.why = why.strip()
    pair.save(update_fields=["state", "survivor", "why", "proposed_by", "decided_by", "decided_at"])
    record_event(
        actor,
        verb,
        pair,
        now=now,
        why=pair.why,
        changes={
            "state": [before, pair.state],
            "organisations": [pair.first_id, pair.second_id],
            "survivor": pair.survivor_id,
        },
    )
