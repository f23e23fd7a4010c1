"""Pages of common policies: the list, one policy, one version."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.governance import queries, rules
from lineshaft.apps.governance.forms import (
    STANDING_LABELS,
    CommentForm,
    StandingFilter,
)
from lineshaft.apps.governance.models import CommonPolicy, PolicyVersion
from lineshaft.apps.governance.queries import InstituteStanding, PolicyStanding
from lineshaft.apps.governance.rules import Standing
from lineshaft.apps.governance.views.policy_words import (
    changed_in,
    policy_crumb,
    policy_crumbs,
    speakers_of,
    text_of,
    version_url,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import formats
from lineshaft.web.pages import Action, Item, Tag, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_STATE_TONES: Final[dict[str, Tone]] = {
    rules.DRAFT: "due",
    rules.ADOPTED: "ok",
    rules.WITHDRAWN: "quiet",
    rules.REPLACED: "quiet",
    rules.REVOKED: "bad",
}
_STANDING_TONES: Final[dict[Standing, Tone]] = {
    Standing.ADOPTS: "ok",
    Standing.DEVIATES: "due",
    Standing.BEHIND: "due",
    Standing.SILENT: "bad",
}


COMMENTS_A_PAGE: Final = 20


@require_GET
def list_policies(request: HttpRequest) -> HttpResponse:
    """Every common policy: what is in force since when, and how many institutes stand how."""
    actor, today = actor_of(request), clock.today()
    page = paginate(request, queries.policies_visible_to(actor).order_by("area", "key"))
    standings = queries.standings_of(actor, list(page.items), today=today)
    in_force = queries.policies_in_force(actor, on=today)
    actions = (
        (Action(_("Draft a policy"), reverse("governance:draft_policy"), is_primary=True),)
        if may(actor, rules.PERMISSIONS["draft_policy"])
        else ()
    )
    context = {
        "title": ngettext(
            "%(count)s common policy is in force",
            "%(count)s common policies are in force",
            in_force,
        )
        % {"count": formats.number(in_force)}
        if in_force
        else _("No common policy is in force yet"),
        "lede": _(
            "What the institutes hold in common, adopted by their council. Each institute says"
            " whether it adopts a policy or deviates from it, and why."
        ),
        "actions": actions,
        "table": _policies_table(standings, page, today=today),
    }
    return render_page(request, "governance/list_policies.html", context)


@require_GET
def show_policy(request: HttpRequest, key: str) -> HttpResponse:
    """One policy: the text in force, how each institute stands, the versions, what was attested."""
    actor, today = actor_of(request), clock.today()
    shown = queries.policy_standing(actor, key, today=today)
    if shown.in_force:
        shown.in_force.refresh_from_db(fields=("text", "text_zh"))
    filters = StandingFilter(request.GET)
    context = {
        "policy": shown.policy,
        "wording": shown.in_force,
        "title": _policy_title(shown),
        "tag": _draft_tag(shown),
        "lede": shown.policy.get_area_display(),
        "crumbs": policy_crumbs(),
        "actions": _policy_actions(actor, shown),
        "text": text_of(shown.in_force) if shown.in_force else "",
        "items": _version_items(actor, shown.in_force) if shown.in_force else (),
        "form": filters,
        "positions": _positions_table(actor, shown, chosen=filters.chosen()),
        "versions": _versions_table(shown.policy),
        "attestations": _attestations_table(request, actor, shown.policy),
    }
    return render_page(request, "governance/show_policy.html", context)


@require_GET
def show_policy_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version: its text, or what became of that of another, and the comments on it."""
    actor = actor_of(request)
    version = queries.version_by_number(actor, key, number)
    others = [
        one
        for one in queries.versions_visible_to(actor)
        .filter(policy=version.policy)
        .defer("text", "text_zh")
        if one.number != number
    ]
    against = _compared(request, others)
    context = {
        "wording": version,
        "title": _("%(policy)s, version %(number)s")
        % {"policy": formats.local_name(version.policy), "number": version.number},
        "tag": Tag(version.get_state_display(), _STATE_TONES[version.state]),
        "lede": changed_in(version),
        "crumbs": (*policy_crumbs(), policy_crumb(version.policy)),
        "actions": _version_actions(actor, version),
        "items": _version_items(actor, version),
        "text": text_of(version),
        "against": against,
        "pieces": queries.differences(text_of(against), text_of(version)) if against else (),
        "others": others,
        "comments": paginate(request, queries.comments_on(actor, version), COMMENTS_A_PAGE),
        "may_read_comments": queries.may_read_drafts(actor),
        "form": _comment_form(actor, version),
    }
    return render_page(request, "governance/show_policy_version.html", context)


def _policies_table(
    standings: Iterable[PolicyStanding], page: Page[CommonPolicy], *, today: date
) -> Table:
    return Table(
        _("Common policies on %(day)s") % {"day": formats.date_local(today)},
        (
            Column("policy", _("Policy")),
            Column("area", _("Area")),
            Column("version", _("Version")),
            Column("since", _("In force since"), is_short=True),
            Column("adopts", _("Adopt it"), is_number=True),
            Column("deviates", _("Deviate"), is_number=True),
            Column("open", _("Yet to say"), is_number=True),
            Column("draft", _("Draft")),
        ),
        tuple(_policy_row(one) for one in standings),
        page=page,
        empty=_("No common policy has been drafted yet."),
        is_stacked=True,
    )


def _policy_row(one: PolicyStanding) -> Row:
    url = one.policy.get_absolute_url()
    in_force, draft = one.in_force, one.draft
    counts = [
        Cell(
            formats.number(one.number(*standings)),
            f"{url}?standing={standings[0]}#positions"
            if len(standings) == 1
            else f"{url}#positions",
        )
        if in_force
        else Cell(formats.MISSING)
        for standings in (
            (Standing.ADOPTS,),
            (Standing.DEVIATES,),
            (Standing.BEHIND, Standing.SILENT),
        )
    ]
    return Row(
        (
            Cell(formats.local_name(one.policy), url),
            Cell(one.policy.get_area_display()),
            Cell(str(in_force.number) if in_force else formats.MISSING),
            Cell(formats.date_local(in_force.in_force_on if in_force else None)),
            *counts,
            Cell(_("Version %(number)s") % {"number": draft.number}, version_url(one.policy, draft))
            if draft
            else Cell(formats.MISSING),
        )
    )


def _policy_title(shown: PolicyStanding) -> str:
    name = formats.local_name(shown.policy)
    if shown.in_force is None:
        return _("%(policy)s is not in force yet") % {"policy": name}
    adopts, asked = shown.number(Standing.ADOPTS), len(shown.institutes)
    return _("%(policy)s: adopted by %(adopts)s of %(asked)s institutes") % {
        "policy": name,
        "adopts": formats.number(adopts),
        "asked": formats.number(asked),
    }


def _draft_tag(shown: PolicyStanding) -> Tag | None:
    return Tag(_("Draft"), "due") if shown.in_force is None and shown.draft else None


def _policy_actions(actor: Actor, shown: PolicyStanding) -> tuple[Action, ...]:
    key = shown.policy.key
    actions = []
    if may(actor, rules.PERMISSIONS["revise_policy"]):
        url = reverse("governance:revise_policy", args=[key])
        actions.append(Action(_("Draft a new version"), url))
    own = actor.scope_ids(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE)
    for one in shown.institutes:
        if one.institute.key not in own or shown.in_force is None:
            continue
        is_due = one.standing in {Standing.SILENT, Standing.BEHIND}
        named = {"institute": formats.local_name(one.institute)}
        position = reverse("governance:state_position", args=[key, one.institute.key])
        actions.append(
            Action(_("State the position of %(institute)s") % named, position, is_primary=is_due)
        )
        attest = reverse("governance:attest_policy", args=[key, one.institute.key])
        actions.append(Action(_("Attest for %(institute)s") % named, attest))
    return tuple(actions)


def _positions_table(actor: Actor, shown: PolicyStanding, *, chosen: str) -> Table | None:
    if shown.in_force is None:
        return None
    may_read = queries.may_read_drafts(actor)
    rows = [one for one in shown.institutes if not chosen or one.standing == chosen]
    return Table(
        _("How the institutes stand towards version %(number)s")
        % {"number": shown.in_force.number},
        (
            Column("institute", _("Institute")),
            Column("standing", _("How it stands")),
            Column("version", _("Version")),
            Column("since", _("Stated on"), is_short=True),
            Column("reason", _("Reason")),
        ),
        tuple(_position_row(one, shown, may_read=may_read) for one in rows),
        empty=_("No institute stands so."),
        is_stacked=True,
    )


def _position_row(one: InstituteStanding, shown: PolicyStanding, *, may_read: bool) -> Row:
    institute, position = one.institute, one.position
    said = str(STANDING_LABELS[one.standing])
    return Row(
        (
            Cell(
                formats.local_name(institute),
                reverse("network:show_institute", args=[institute.key]),
            ),
            Cell(said, tag=_STANDING_TONES[one.standing]),
            Cell(
                str(position.version.number),
                version_url(shown.policy, position.version),
            )
            if position
            else Cell(formats.MISSING),
            Cell(formats.date_local(position.stated_on if position else None)),
            Cell((position.reason if position and may_read else "") or formats.MISSING),
        )
    )


def _versions_table(policy: CommonPolicy) -> Table:
    versions = sorted(policy.versions.all(), key=lambda one: -one.number)
    return Table(
        _("Versions, newest first"),
        (
            Column("version", _("Version")),
            Column("state", _("State")),
            Column("adopted", _("Adopted on"), is_short=True),
            Column("since", _("In force from"), is_short=True),
            Column("decision", _("Decision")),
            Column("changed", _("What changed")),
        ),
        tuple(
            Row(
                (
                    Cell(str(one.number), version_url(policy, one)),
                    Cell(one.get_state_display(), tag=_STATE_TONES[one.state]),
                    Cell(formats.date_local(one.adopted_on)),
                    Cell(formats.date_local(one.in_force_on)),
                    Cell(one.decision or formats.MISSING),
                    Cell(changed_in(one) or formats.MISSING),
                )
            )
            for one in versions
        ),
        is_stacked=True,
    )


def _attestations_table(request: HttpRequest, actor: Actor, policy: CommonPolicy) -> Table | None:
    if not queries.may_read_drafts(actor):
        return None
    page = paginate(request, queries.attestations_of(actor, policy))
    return Table(
        _("Attestations, newest year first"),
        (
            Column("institute", _("Institute")),
            Column("year", _("Fiscal year"), is_short=True),
            Column("kept", _("Kept to it")),
            Column("version", _("Version")),
            Column("remark", _("Remark")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one.institute)),
                    Cell(formats.fiscal_year(one.fiscal_year)),
                    Cell(_("Yes"), tag="ok") if one.is_kept else Cell(_("No"), tag="bad"),
                    Cell(str(one.version.number)),
                    Cell(one.remark or formats.MISSING),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("No institute has attested this policy yet."),
        is_stacked=True,
    )


def _version_items(actor: Actor, version: PolicyVersion) -> tuple[Item, ...]:
    items = [Item(_("Version"), str(version.number))]
    if version.in_force_on:
        motion = queries.motions_on(actor, version, on=clock.today()).last()
        items += [
            Item(_("In force from"), formats.date_local(version.in_force_on)),
            Item(_("Adopted on"), formats.date_local(version.adopted_on)),
            Item(_("Decision"), version.decision, motion.get_absolute_url() if motion else ""),
        ]
    if version.revoked_on:
        items += [
            Item(_("Adopted on"), formats.date_local(version.adopted_on)),
            Item(_("Decision"), version.decision),
            Item(_("Revoked on"), formats.date_local(version.revoked_on)),
            Item(_("Reason"), version.why_revoked),
        ]
    if queries.may_read_drafts(actor):
        items += [
            Item(_("Drafted at"), formats.date_local(version.drafted_at)),
            Item(_("Drafted by"), formats.actor_name(version.drafted_by)),
        ]
    return tuple(items)


def _version_actions(actor: Actor, version: PolicyVersion) -> tuple[Action, ...]:
    args = [version.policy.key, version.number]
    offered = [
        ("adopt_policy", _("Enter its adoption"), False),
        ("withdraw_draft", _("Withdraw the draft"), True),
    ]
    actions = [
        Action(label, reverse(f"governance:{verb}", args=args), is_post, is_primary=not is_post)
        for verb, label, is_post in offered
        if may(actor, rules.PERMISSIONS[verb])
        and rules.TRANSITIONS["PolicyVersion"].check(version.state, verb) is None
    ]
    is_to_come = version.in_force_on is not None and version.in_force_on > clock.today()
    if is_to_come and may(actor, rules.PERMISSIONS["revoke_adoption"]):
        url = reverse("governance:revoke_adoption", args=args)
        actions.append(Action(_("Revoke the adoption"), url))
    return tuple(actions)


def _compared(request: HttpRequest, others: list[PolicyVersion]) -> PolicyVersion | None:
    """The version that the address names to compare with; raises Http404 where there is none."""
    named = request.GET.get("against", "")
    if not named:
        return None
    found = next((one for one in others if str(one.number) == named), None)
    if found is None:
        raise Http404
    return found


def _comment_form(actor: Actor, version: PolicyVersion) -> CommentForm | None:
    speakers = speakers_of(actor)
    if version.state != rules.DRAFT or not speakers:
        return None
    return CommentForm(speakers=speakers)
