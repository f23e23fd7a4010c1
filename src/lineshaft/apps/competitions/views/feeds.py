"""Calendar feeds (iCalendar, RFC 5545) of competitions: openings, information days, deadlines.

As much as whoever asks may read; a calendar program that signs in as nobody gets what is public.
What was cancelled stays in the feed as cancelled, so that it leaves the calendars that have it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from lineshaft.apps.competitions import queries, rules
from lineshaft.apps.competitions.models import Competition
from lineshaft.kernel.errors import NotFound
from lineshaft.web import formats
from lineshaft.web.pages import actor_of

PRODUCT: Final = "-//Lineshaft//competitions//EN"
LENGTH: Final = timedelta(hours=1)
"""How long a calendar shows what has no end of its own."""


@require_safe
def feed_opportunities(request: HttpRequest) -> HttpResponse:
    """What opens and closes of every competition that can still be applied for."""
    rows = queries.opportunities_to_feed(actor_of(request))
    return _feed(request, _("Opportunities"), "opportunities", rows)


@require_safe
def feed_opportunity(request: HttpRequest, key: str) -> HttpResponse:
    """The days of one competition."""
    shown = queries.competition_by_key(actor_of(request), key)
    if shown.first_shown_at is None:
        raise NotFound(code="no_competition")
    return _feed(request, formats.local_name(shown), shown.key, [shown])


def _feed(
    request: HttpRequest, name: str, file: str, competitions: Iterable[Competition]
) -> HttpResponse:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for competition in competitions:
        for event in _events(request, competition):
            calendar.add_component(event)
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{file}.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Cookie, Accept-Language"
    return response


def _events(request: HttpRequest, competition: Competition) -> Iterator[Event]:
    said = {"code": competition.code, "title": formats.local_name(competition)}
    opens_at = competition.opened_at or competition.opens_at
    if opens_at is not None:
        text = _("%(code)s opens: %(title)s") % said
        yield _event(request, competition, "opens", opens_at, text)
    if competition.information_at is not None:
        text = _("%(code)s, information day: %(title)s") % said
        event = _event(request, competition, "information", competition.information_at, text)
        if competition.information_place:
            event.add("location", competition.information_place)
        yield event
    if competition.questions_until is not None:
        text = _("%(code)s, last questions: %(title)s") % said
        yield _event(request, competition, "questions", competition.questions_until, text)
    for stage in competition.stages.all():
        if stage.is_handed_in and stage.ends_at is not None:
            named = said | {"stage": formats.local_name(stage)}
            text = _("%(code)s, %(stage)s due: %(title)s") % named
            yield _event(request, competition, f"stage-{stage.number}", stage.ends_at, text)


def _event(
    request: HttpRequest, competition: Competition, part: str, at: datetime, summary: str
) -> Event:
    is_cancelled = competition.state == rules.CANCELLED
    event = Event()
    event.add("uid", f"{competition.uid}-{part}@lineshaft")
    event.add("dtstamp", competition.changed_at)
    event.add("last-modified", competition.changed_at)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("summary", summary)
    event.add("url", request.build_absolute_uri(competition.get_absolute_url()))
    event.add("dtstart", at)
    event.add("dtend", at + LENGTH)
    return event
