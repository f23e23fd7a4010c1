"""Where one can go: the main entries, the workspace of whoever has signed in, an institute's tabs.

Entries are data (label, URL name), because an app below can't import those above and a page of any
app shows them all. Who is offered an entry is decided here; who may open the page, by the page.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import INSTITUTE_STAFF, Role, ScopeKind
from lineshaft.web.pages import Crumb, Tab

type Offered = Callable[[Actor], bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One place to go. `prefix` is the beginning of the addresses under which it is current."""

    label: str | Promise
    url_name: str
    prefix: str
    is_offered_to: Offered


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that belong together, under a heading; empty for those of the reader's own."""

    label: str | Promise
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """What of a group is offered to a reader: at least one link."""

    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The entries offered to this reader: `main` for all, `groups` for the signed-in.

    `trail` is the way to a page that names none itself: from the desk through its entry.
    """

    main: tuple[Link, ...]
    groups: tuple[LinkGroup, ...]
    trail: tuple[Crumb, ...] = ()

    @property
    def workspace(self) -> tuple[Link, ...]:
        """The links of all groups, in their order."""
        return tuple(link for group in self.groups for link in group.links)


def anyone(_actor: Actor) -> bool:
    return True


def signed_in(actor: Actor) -> bool:
    return not actor.is_anonymous


def keeps_records(actor: Actor) -> bool:
    """Whether the actor works in the programme office, for an agency or in an institute."""
    return actor.is_network_staff or any(
        grant.role in INSTITUTE_STAFF or grant.role is Role.AGENCY_SPONSOR for grant in actor.grants
    )


def may_be_conflicted(actor: Actor) -> bool:
    """Whether the actor runs competitions, or was made a reviewer by a role."""
    return keeps_records(actor) or any(grant.role is Role.REVIEWER for grant in actor.grants)


def runs_network(actor: Actor) -> bool:
    return actor.is_network_staff


def sponsors_or_runs_network(actor: Actor) -> bool:
    """Whether the actor works in the programme office or for an agency."""
    return actor.is_network_staff or bool(actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY))


def runs_competitions(actor: Actor) -> bool:
    """Whether the actor works in the programme office or holds a role that runs competitions."""
    return actor.is_network_staff or any(
        grant.role in {Role.AGENCY_SPONSOR, Role.INSTITUTE_MANAGER} for grant in actor.grants
    )


def reviews(actor: Actor) -> bool:
    """Whether the actor is in the pool of reviewers, or was ever asked to sit on a panel."""
    return actor.is_reviewer


def acts_under_limits(actor: Actor) -> bool:
    """Whether a decision on participation limits what the actor may do."""
    return bool(actor.limits)


MAIN: Final = (
    Entry(_("Institutes"), "network:list_institutes", "/institutes/", anyone),
    Entry(_("Organisations"), "network:list_organisations", "/organisations/", anyone),
    Entry(_("Annual report"), "insight:list_reports", "/reports/", anyone),
    Entry(_("Portfolio"), "insight:show_portfolio", "/portfolio/", anyone),
    Entry(_("Opportunities"), "competitions:list_opportunities", "/opportunities/", anyone),
    Entry(_("Find help"), "desk:find_help", "/find-help/", anyone),
)

WORKSPACE: Final = (
    Group(
        "",
        (
            Entry(_("My desk"), "desk:show_desk", "/desk/", signed_in),
            Entry(
                _("My memberships"),
                "memberships:show_own_memberships",
                "/memberships/mine/",
                signed_in,
            ),
            Entry(
                _("What your organisation may do"),
                "memberships:show_own_participation",
                "/participation/own/",
                acts_under_limits,
            ),
        ),
    ),
    Group(
        _("Members"),
        (
            Entry(
                _("Directory of members"), "memberships:list_directory", "/directory/", signed_in
            ),
            Entry(_("Needs and offers"), "memberships:list_needs", "/needs/", signed_in),
            Entry(_("Shared documents"), "memberships:list_documents", "/documents/", signed_in),
            Entry(
                _("Foreign participation"),
                "memberships:list_participation_reviews",
                "/participation/",
                keeps_records,
            ),
        ),
    ),
    Group(
        _("Competing"),
        (
            Entry(
                _("My applications"),
                "competitions:list_workspaces",
                "/opportunities/applications/",
                signed_in,
            ),
            Entry(_("My reviews"), "reviewing:list_own_reviews", "/reviews/", reviews),
            Entry(_("Topics"), "competitions:list_topics", "/topics/", signed_in),
            Entry(
                _("Competitions"), "competitions:list_competitions", "/competitions/", keeps_records
            ),
            Entry(_("Reviewers"), "reviewing:list_reviewers", "/reviewers/", runs_competitions),
            Entry(
                _("My conflicts"),
                "competitions:list_own_conflicts",
                "/conflicts/own/",
                may_be_conflicted,
            ),
            Entry(
                _("Kept searches"),
                "competitions:list_searches",
                "/opportunities/searches/",
                signed_in,
            ),
        ),
    ),
    Group(
        pgettext_lazy("heading of a menu", "Money"),
        (
            Entry(
                _("Proposed transfers"),
                "funding:list_proposals",
                "/transfers/proposals/",
                keeps_records,
            ),
            Entry(
                _("Match tests"), "funding:list_match_tests", "/funding/match-tests/", keeps_records
            ),
            Entry(_("Standing alone"), "insight:list_outlooks", "/outlooks/", keeps_records),
            Entry(_("Network's books"), "funding:show_network_books", "/books/", runs_network),
        ),
    ),
    Group(
        _("Governing"),
        (
            Entry(_("Common policies"), "governance:list_policies", "/policies/", signed_in),
            Entry(_("Boards and councils"), "governance:list_bodies", "/bodies/", signed_in),
            Entry(_("Meetings"), "governance:list_meetings", "/meetings/", signed_in),
            Entry(_("Delegations"), "governance:list_delegations", "/delegations/", keeps_records),
        ),
    ),
    Group(
        _("Network"),
        (
            Entry(
                _("Awards of other agencies"),
                "network:list_outside_awards",
                "/outside-awards/",
                signed_in,
            ),
            Entry(
                _("Overlapping awards"),
                "network:list_overlaps",
                "/award-overlaps/",
                sponsors_or_runs_network,
            ),
            Entry(_("People"), "network:list_people", "/people/", keeps_records),
            Entry(
                _("Look-alikes"), "network:list_pairs", "/organisations/look-alikes/", runs_network
            ),
            Entry(_("Imports"), "exchange:list_imports", "/imports/", keeps_records),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry(_("Users and roles"), "access:list_users", "/access/users/", runs_network),
            Entry(_("API tokens"), "access:list_tokens", "/access/tokens/", signed_in),
            Entry(_("Jobs"), "jobs:list_jobs", "/jobs/", keeps_records),
            Entry(_("Mail outbox"), "mail:list_messages", "/outbox/", runs_network),
            Entry(_("Audit trail"), "desk:list_audit_events", "/audit/", signed_in),
        ),
    ),
)
"""What is offered beside the main entries, by what it is about; the desk comes first."""

INSTITUTE_TABS: Final = (
    Entry(_("Overview"), "network:show_institute", "", anyone),
    Entry(_("Members"), "memberships:list_members", "members/", anyone),
    Entry(_("Funding"), "funding:show_funding", "funding/", anyone),
    Entry(_("Figures"), "insight:show_institute_figures", "figures/", anyone),
)

COMPETITION_TABS: Final = (
    Group(_("Notice"), (Entry(_("Notice"), "competitions:show_opportunity", "", anyone),)),
    Group(
        pgettext_lazy("competition", "Applications"),
        (
            Entry(
                pgettext_lazy("competition", "Applications"),
                "competitions:list_submissions",
                "applications/",
                anyone,
            ),
        ),
    ),
    Group(
        _("Reviewers"),
        (
            Entry(_("Panel"), "reviewing:list_panels", "panel/", anyone),
            Entry(
                pgettext_lazy("of interest", "Conflicts"),
                "competitions:list_conflicts",
                "conflicts/",
                anyone,
            ),
            Entry(_("Assignment"), "reviewing:show_assignment", "assignment/", anyone),
        ),
    ),
    Group(
        pgettext_lazy("competition", "Reviews"),
        (
            Entry(
                pgettext_lazy("competition", "Reviews"),
                "reviewing:list_stage_reviews",
                "reviews/",
                anyone,
            ),
            Entry(_("Ranking"), "reviewing:show_ranking", "ranking/", anyone),
            Entry(_("Replies"), "reviewing:list_replies", "replies/", anyone),
            Entry(_("Who goes on"), "competitions:list_stage_outcomes", "outcomes/", anyone),
        ),
    ),
    Group(
        _("Visits and plans"),
        (
            Entry(_("Site visits"), "awarding:list_visits", "visits/", anyone),
            Entry(_("Business plans"), "awarding:list_analyses", "analysis/", anyone),
        ),
    ),
    Group(
        _("Selection"),
        (
            Entry(_("Selection"), "awarding:show_selection", "selection/", anyone),
            Entry(_("Letters"), "awarding:list_letters", "letters/", anyone),
            Entry(_("Awards"), "awarding:list_awards", "awards/", anyone),
        ),
    ),
    Group(
        _("Statistics"),
        (Entry(_("Statistics"), "awarding:show_statistics", "statistics/", anyone),),
    ),
)
"""The tabs of a competition for whoever runs it, in the order of its work; each page takes the
competition's key.
"""

APPLICATION_TABS: Final = (
    Entry(_("Workspace"), "competitions:show_workspace", "", anyone),
    Entry(_("Site visit"), "awarding:show_own_visit", "visit/", anyone),
)
"""The tabs of an application for the people of its lead; each takes the application's number."""

STAFF_TABS: Final = (Entry(_("Standing alone"), "insight:show_outlook", "outlook/", anyone),)
"""Offered beside these to whoever reads every record of the institute."""


def navigation_for(actor: Actor, path: str) -> Navigation:
    """What the actor is offered, with the entry marked under which `path` lies."""
    main = _links(MAIN, actor, path)
    offered = (LinkGroup(str(one.label), _links(one.entries, actor, path)) for one in WORKSPACE)
    found = Navigation(main, tuple(group for group in offered if group.links))
    return replace(found, trail=_trail(main, found.workspace, path))


def institute_tabs(key: str, current: str, actor: Actor | None = None) -> tuple[Tab, ...]:
    """The tabs of an institute's pages; `current` is the URL name of the one shown."""
    reads_all = actor is not None and (actor.is_network_staff or key in actor.staff_institute_keys)
    return tuple(
        Tab(str(entry.label), reverse(entry.url_name, args=[key]), entry.url_name == current)
        for entry in (*INSTITUTE_TABS, *(STAFF_TABS if reads_all else ()))
    )


def competition_tabs(key: str, current: str) -> tuple[Tab, ...]:
    """The tabs of a competition's pages in their groups; `current` is the URL name of the one
    shown.
    """
    tabs = []
    for group in COMPETITION_TABS:
        parts = tuple(
            Tab(str(entry.label), reverse(entry.url_name, args=[key]), entry.url_name == current)
            for entry in group.entries
        )
        is_current = any(one.is_current for one in parts)
        tabs.append(Tab(str(group.label), parts[0].url, is_current, parts))
    return tuple(tabs)


def application_tabs(pk: int, current: str) -> tuple[Tab, ...]:
    """The tabs of an application's pages; `current` is the URL name of the one shown."""
    return tuple(
        Tab(str(entry.label), reverse(entry.url_name, args=[pk]), entry.url_name == current)
        for entry in APPLICATION_TABS
    )


def _trail(main: tuple[Link, ...], workspace: tuple[Link, ...], path: str) -> tuple[Crumb, ...]:
    """The desk and the entry above a page of the workspace; the entry above another page."""
    above = [link for link in workspace if link.is_current]
    if above:
        above = [workspace[0], *(link for link in above if link != workspace[0])]
    else:
        above = [link for link in main if link.is_current]
    return tuple(Crumb(link.label, link.url) for link in above if link.url != path)


def _links(entries: tuple[Entry, ...], actor: Actor, path: str) -> tuple[Link, ...]:
    return tuple(
        Link(str(entry.label), reverse(entry.url_name), path.startswith(entry.prefix))
        for entry in entries
        if entry.is_offered_to(actor)
    )
