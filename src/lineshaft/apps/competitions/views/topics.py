"""Pages of topics: the list, one topic, proposing, endorsing, merging, taking up."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    Choices,
    EndorseForm,
    MergeForm,
    TakeUpForm,
    TopicFilters,
    TopicForm,
    WhyForm,
)
from lineshaft.apps.competitions.models import Endorsement, Topic
from lineshaft.apps.competitions.views.words import TOPIC_TONES, area_choices, topic_crumbs
from lineshaft.apps.network import queries as network
from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

ENDORSEMENTS_A_PAGE: Final = 30


@require_GET
def list_topics(request: HttpRequest) -> HttpResponse:
    """What the network asks for, most endorsed first."""
    actor = actor_of(request)
    form = TopicFilters(request.GET, areas=area_choices())
    page = paginate(request, queries.topics_listed(actor, **form.chosen()))
    actions: tuple[Action, ...] = ()
    if _may_propose(actor):
        url = reverse("competitions:propose_topic")
        actions = (Action(_("Propose a topic"), url, is_primary=True),)
    title = ngettext(
        "%(count)s topic for a competition", "%(count)s topics for a competition", page.total
    ) % {"count": formats.number(page.total)}
    context = {
        "title": title if page.total else _("No topic stands here yet"),
        "lede": _(
            "What institutes and projects should be about is proposed from below. Others endorse"
            " a topic for their organisation; an agency makes a solicitation of it."
        ),
        "actions": actions,
        "form": form,
        "table": _topics_table(page),
    }
    return render_page(request, "competitions/list_topics.html", context)


@require_GET
def show_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """One topic: the need, who endorses it, and which competitions took it up."""
    actor = actor_of(request)
    topic = queries.topic_by_id(actor, pk)
    endorsements = paginate(request, queries.endorsements_of(actor, topic), ENDORSEMENTS_A_PAGE)
    context = {
        "topic": topic,
        "title": formats.local_name(topic),
        "tag": Tag(str(topic.get_state_display()), TOPIC_TONES[topic.state]),
        "lede": _endorsed_text(topic),
        "crumbs": topic_crumbs(),
        "actions": _topic_actions(actor, topic),
        "items": _topic_items(topic, reads=actor.reach().has_network),
        "text": formats.local_of(topic, "text"),
        "uses": _uses_table(topic),
        "endorsements": _endorsements_table(endorsements, reads=actor.reach().has_network),
        "own": [
            (one, reverse("competitions:withdraw_endorsement", args=[topic.pk, one.pk]))
            for one in endorsements
            if _speaks_for(actor, one)
        ],
    }
    return render_page(request, "competitions/show_topic.html", context)


@require_http_methods(["GET", "POST"])
def propose_topic(request: HttpRequest) -> HttpResponse:
    """The form that proposes a topic."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["propose_topic"])
    if not _may_propose(actor):
        raise NotPermitted(rules.PERMISSIONS["propose_topic"].sentence)
    form = TopicForm(request.POST or None, speakers=_speakers(actor), areas=area_choices())
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Propose a topic"),
            "lede": _("Others in the network read it, endorse it and say what they would bring."),
            "submit_label": _("Propose"),
            "crumbs": topic_crumbs(),
            "cancel_url": reverse("competitions:list_topics"),
        },
        perform=lambda: services.propose_topic(actor, _proposal(actor, form), now=clock.now()),
        told=lambda _topic: _("The topic stands open for endorsements."),
        seen_at=lambda topic: topic.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def endorse_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that endorses a topic for an organisation."""
    actor = actor_of(request)
    topic = queries.topic_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["endorse_topic"])
    own = {one.pk: one for one in queries.own_organisations(actor)}
    if not own:
        raise NotPermitted(rules.PERMISSIONS["endorse_topic"].sentence)
    choices: Choices = [(str(one.pk), formats.local_name(one)) for one in own.values()]
    form = EndorseForm(request.POST or None, organisations=choices)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Endorse “%(topic)s”") % {"topic": formats.local_name(topic)},
            "lede": _("The endorsement stands in the name of the organisation, with yours."),
            "submit_label": _("Endorse"),
            **_of_topic(topic),
        },
        perform=lambda: services.endorse_topic(
            actor,
            topic,
            own[form.cleaned_data["organisation"]],
            remark=form.cleaned_data["remark"],
            now=clock.now(),
        ),
        told=lambda _done: _("The endorsement stands."),
        seen_at=lambda done: f"{done.topic.get_absolute_url()}#endorsements",
    )


@require_POST
def withdraw_endorsement(request: HttpRequest, pk: int, endorsement: int) -> HttpResponse:
    """Take an endorsement back."""
    actor = actor_of(request)
    topic = queries.topic_by_id(actor, pk)
    found = queries.endorsement_by_id(actor, topic, endorsement)
    services.withdraw_endorsement(actor, found, now=clock.now())
    return redirect(topic)


@require_http_methods(["GET", "POST"])
def merge_topics(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that merges a topic into another."""
    actor = actor_of(request)
    topic = queries.topic_by_id(actor, pk)
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    permit(actor, rules.PERMISSIONS["merge_topics"], agencies=agencies)
    others = queries.topics_listed(actor).exclude(pk=topic.pk)
    choices: Choices = [(str(one.pk), formats.local_name(one)) for one in others]
    form = MergeForm(request.POST or None, topics=choices)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Merge “%(topic)s” into another") % {"topic": formats.local_name(topic)},
            "lede": _("It stays to be read; its endorsements count for the other topic."),
            "submit_label": _("Merge"),
            **_of_topic(topic),
        },
        perform=lambda: services.merge_topics(
            actor,
            topic,
            queries.topic_by_id(actor, form.cleaned_data["into"]),
            why=form.cleaned_data["why"],
            now=clock.now(),
        ),
        told=lambda _done: _("The topics are merged."),
        seen_at=lambda done: done.merged_into.get_absolute_url() if done.merged_into else "",
    )


@require_http_methods(["GET", "POST"])
def take_up_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """The form by which a competition that is being written takes a topic up."""
    actor = actor_of(request)
    topic = queries.topic_by_id(actor, pk)
    written = {
        one.key: one
        for one in queries.competitions_run_by(actor).filter(state__in=rules.CHANGEABLE)
    }
    if not written:
        permit(actor, rules.PERMISSIONS["take_up_topic"])
    choices: Choices = [
        (one.key, f"{one.code}: {formats.local_name(one)}") for one in written.values()
    ]
    form = TakeUpForm(request.POST or None, competitions=choices)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Take up “%(topic)s”") % {"topic": formats.local_name(topic)},
            "lede": _("The link between the topic and the competition stays visible on both."),
            "submit_label": _("Take up"),
            **_of_topic(topic),
        },
        perform=lambda: services.take_up_topic(
            actor, topic, written[form.cleaned_data["competition"]], now=clock.now()
        ),
        told=lambda done: _("%(code)s takes the topic up.") % {"code": done.competition.code},
        seen_at=lambda _done: topic.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def withdraw_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that takes a topic back."""
    actor = actor_of(request)
    topic = queries.topic_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["withdraw_topic"])
    if not _may_withdraw(actor, topic):
        raise NotPermitted(rules.PERMISSIONS["withdraw_topic"].sentence)
    form = WhyForm(request.POST or None)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Withdraw “%(topic)s”") % {"topic": formats.local_name(topic)},
            "lede": _("It stays to be read, with the reason."),
            "submit_label": _("Withdraw"),
            **_of_topic(topic),
        },
        perform=lambda: services.withdraw_topic(
            actor, topic, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The topic is withdrawn."),
        seen_at=lambda done: done.get_absolute_url(),
    )


# --------------------------------------------------------------------------------------- leaves


def _of_topic(topic: Topic) -> dict[str, object]:
    crumb = Crumb(formats.local_name(topic), topic.get_absolute_url())
    return {"crumbs": (*topic_crumbs(), crumb), "cancel_url": topic.get_absolute_url()}


def _may_propose(actor: Actor) -> bool:
    return may(actor, rules.PERMISSIONS["propose_topic"]) and actor.reach().has_network


def _may_withdraw(actor: Actor, topic: Topic) -> bool:
    is_own = actor.user_id is not None and topic.proposed_by_id == actor.user_id
    return is_own or actor.has_role(Role.PROGRAMME_OFFICER)


def _speaks_for(actor: Actor, one: Endorsement) -> bool:
    ids = {one.organisation_id, one.organisation.standing.pk}
    return bool(ids & actor.organisation_ids)


def _speakers(actor: Actor) -> Choices:
    """For whom the actor may propose: organisations, institutes, agencies, or themselves."""
    choices = [
        (f"organisation:{one.pk}", formats.local_name(one))
        for one in queries.own_organisations(actor)
    ]
    if actor.own_institute_keys:
        rows = network.recipients_visible_to(actor).prefetch_related(None)
        institutes = rows.filter(key__in=sorted(actor.own_institute_keys)).order_by("name")
        choices += [(f"institute:{one.key}", formats.local_name(one)) for one in institutes]
    keys = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    if keys:
        agencies = network.agencies().filter(key__in=sorted(keys)).order_by("key")
        choices += [(f"agency:{one.key}", formats.local_name(one)) for one in agencies]
    return [*choices, ("", _("Myself"))]


def _proposal(actor: Actor, form: TopicForm) -> services.TopicProposal:
    data = form.cleaned_data
    kind, _colon, key = data["speaker"].partition(":")
    organisations = {str(one.pk): one for one in queries.own_organisations(actor)}
    return services.TopicProposal(
        title=data["title"],
        text=data["text"],
        title_zh=data["title_zh"],
        text_zh=data["text_zh"],
        areas=tuple(data["areas"]),
        level=data["level"],
        organisation=organisations.get(key) if kind == "organisation" else None,
        institute=network.institute_by_key(actor, key) if kind == "institute" else None,
        agency=network.agencies().get(key=key) if kind == "agency" else None,
    )


def _endorsed_text(topic: Topic) -> str:
    count: int = topic.endorsed  # type: ignore[attr-defined] # annotated
    return ngettext(
        "%(count)s organisation endorses it", "%(count)s organisations endorse it", count
    ) % {"count": formats.number(count)}


def _speaker(topic: Topic) -> str:
    named = topic.organisation or topic.institute or topic.agency
    return formats.local_name(named) if named else formats.MISSING


def _topics_table(page: Page[Topic]) -> Table:
    return Table(
        _("Topics, most endorsed first"),
        (
            Column("title", _("Topic")),
            Column("speaker", _("Proposed for")),
            Column("since", _("Proposed on"), is_short=True),
            Column("endorsed", _("Endorsed by"), is_number=True),
            Column("state", _("State")),
        ),
        tuple(
            Row(
                (
                    Cell(formats.local_name(one), one.get_absolute_url()),
                    Cell(_speaker(one)),
                    Cell(formats.date_local(one.proposed_at.date())),
                    Cell(formats.number(one.endorsed)),  # type: ignore[attr-defined] # annotated
                    Cell(str(one.get_state_display()), tag=TOPIC_TONES[one.state]),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("No topic fits."),
        is_stacked=True,
    )


def _topic_items(topic: Topic, *, reads: bool) -> tuple[Item, ...]:
    """What is known of a topic; `reads` shows the names of people, which are for the network."""
    areas = [formats.local_name(area) for area in topic.technology_areas.all()]
    items = [
        Item(_("Proposed for"), _speaker(topic)),
        *([Item(_("Proposed by"), formats.actor_name(topic.proposer))] if reads else []),
        Item(_("Proposed on"), formats.date_local(topic.proposed_at.date())),
        Item(_("Technology areas"), formats.joined(areas) or formats.MISSING),
        Item(_("Shared with"), str(topic.get_level_display())),
    ]
    if topic.merged_into is not None:
        into = topic.merged_into
        items.append(Item(_("Merged into"), formats.local_name(into), into.get_absolute_url()))
    items += [
        Item(_("Merged from"), formats.local_name(one), one.get_absolute_url())
        for one in topic.merged.all()
    ]
    if topic.why:
        items.append(Item(_("Reason"), topic.why))
    return tuple(items)


def _topic_actions(actor: Actor, topic: Topic) -> tuple[Action, ...]:
    workflow = rules.TRANSITIONS["Topic"]
    agencies = actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
    is_open = topic.state in {rules.PROPOSED, rules.TAKEN_UP}
    runs = any(grant.role in rules.PERMISSIONS["take_up_topic"].roles for grant in actor.grants)
    offered = (
        ("endorse_topic", _("Endorse"), is_open and _may_propose(actor) and actor.organisation_ids),
        (
            "merge_topics",
            _("Merge into another"),
            workflow.check(topic.state, "merge_topics") is None
            and may(actor, rules.PERMISSIONS["merge_topics"], agencies=agencies),
        ),
        (
            "take_up_topic",
            _("Take up in a competition"),
            workflow.check(topic.state, "take_up_topic") is None and runs,
        ),
        (
            "withdraw_topic",
            _("Withdraw"),
            workflow.check(topic.state, "withdraw_topic") is None and _may_withdraw(actor, topic),
        ),
    )
    return tuple(
        Action(
            label,
            reverse(f"competitions:{verb}", args=[topic.pk]),
            is_primary=verb == "endorse_topic",
        )
        for verb, label, is_offered in offered
        if is_offered
    )


def _uses_table(topic: Topic) -> Table:
    return Table(
        _("Competitions that took it up"),
        (
            Column("code", _("Number"), is_short=True),
            Column("title", _("Competition")),
            Column("state", _("State")),
            Column("since", _("Taken up on"), is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(use.competition.code, use.competition.get_absolute_url()),
                    Cell(formats.local_name(use.competition)),
                    Cell(str(use.competition.get_state_display())),
                    Cell(formats.date_local(use.taken_up_at.date())),
                )
            )
            for use in topic.uses.all()
        ),
        empty=_("No competition has taken it up yet."),
        is_stacked=True,
    )


def _endorsements_table(page: Page[Endorsement], *, reads: bool) -> Table:
    return Table(
        _("Endorsements, the latest first"),
        (
            Column("organisation", _("Organisation")),
            Column("person", _("By")),
            Column("remark", _("Remark")),
            Column("since", _("On"), is_short=True),
        ),
        tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.organisation.standing),
                        reverse("network:show_organisation", args=[one.organisation.standing.pk]),
                    ),
                    Cell(formats.actor_name(one.person) if reads else formats.MISSING),
                    Cell(one.remark or formats.MISSING),
                    Cell(formats.date_local(one.endorsed_at.date())),
                )
            )
            for one in page
        ),
        page=page,
        empty=_("Nobody endorses it yet."),
        is_stacked=True,
    )
