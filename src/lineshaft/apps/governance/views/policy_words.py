"""What the pages of common policies share: the way to them, the words shown, who speaks."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.governance import queries, rules
from lineshaft.apps.governance.models import CommonPolicy, PolicyVersion
from lineshaft.apps.network.models import Institute
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import formats
from lineshaft.web.pages import Crumb


def policy_crumbs() -> tuple[Crumb, ...]:
    """The way to the list."""
    return (Crumb(_("Common policies"), reverse("governance:list_policies")),)


def policy_crumb(policy: CommonPolicy) -> Crumb:
    """The way to a policy."""
    return Crumb(formats.local_name(policy), policy.get_absolute_url())


def text_of(version: PolicyVersion) -> str:
    """The text in the reader's language, English where there is none."""
    return (version.text_zh if formats.is_chinese() else "") or version.text


def version_url(policy: CommonPolicy, version: PolicyVersion) -> str:
    """Where a version is read; its policy need not be loaded with it."""
    return reverse("governance:show_policy_version", args=[policy.key, version.number])


def changed_in(version: PolicyVersion) -> str:
    """What changed in a version, in the reader's language."""
    return (version.changed_zh if formats.is_chinese() else "") or version.changed


def speakers_of(actor: Actor) -> list[tuple[str, str]]:
    """For whom the actor may comment: institutes by key, and themselves as an empty key."""
    permission = rules.PERMISSIONS["comment_on_policy"]
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    own = actor.own_institute_keys
    speakers = [
        (one.key, formats.local_name(one))
        for one in _institutes(actor, own)
        if may(actor, permission, institute=one.key)
    ]
    if may(actor, permission, agencies=agencies):
        speakers.insert(0, ("", _("The network") if not agencies else ", ".join(sorted(agencies))))
    return speakers


def _institutes(actor: Actor, keys: frozenset[str]) -> Iterable[Institute]:
    return queries.institutes_at_work(actor).filter(key__in=sorted(keys)) if keys else ()
