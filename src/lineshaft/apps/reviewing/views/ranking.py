"""Pages of the ranked list of a stage, for whoever runs the competition: the list with its
intervals, what a row of it counts, how severely reviewers score, and the list as a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.competitions.models import Competition, Criterion, Stage
from lineshaft.apps.competitions.queries import (
    competition_by_key,
    competitions_run_by,
    criterion_by_number,
    may_read_submissions,
    stage_by_number,
)
from lineshaft.apps.reviewing import queries, rules
from lineshaft.apps.reviewing.forms import RankingFilters
from lineshaft.apps.reviewing.queries import Ranked, Ranking
from lineshaft.apps.reviewing.views.ranking_tables import (
    Shown,
    ranked_columns,
    ranked_export_columns,
    ranked_export_rows,
    ranked_row,
    reviews_table,
    severities_table,
    title_of,
    unreviewed_table,
)
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import Page, page_of_all
from lineshaft.web import formats
from lineshaft.web.charts import Interval, interval_chart
from lineshaft.web.downloads import table_download
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, Figure, Item, Tab, actor_of, render_page
from lineshaft.web.tables import Table

NUMBERS_SHOWN: Final = 20
"""Of a set of applications that no reviewer joins to others, so many are named."""

UNREVIEWED_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """What a page of the ranked list is about."""

    actor: Actor
    competition: Competition
    stage: Stage
    criterion: Criterion | None
    ranking: Ranking


@require_GET
@login_required
def show_ranking(request: HttpRequest, key: str, number: int | None = None) -> HttpResponse:
    """The ranked list with its intervals; of the last stage that is reviewed, or of that number."""
    actor = actor_of(request)
    competition = _competition(actor, key)
    stages = queries.stages_judged(competition)
    if not stages:
        return _nothing(request, competition)
    found = _listed(request, actor, competition, number)
    page = page_of_all(request, found.ranking.rows)
    shown = queries.submissions_shown(row.submission_id for row in page)
    context = {
        **_said(found),
        "crumbs": competition_crumbs(competition),
        "tabs": competition_tabs(key, "reviewing:show_ranking"),
        "stages": _stage_tabs(competition, stages, found.stage),
        "form": _filters(request, found.stage),
        "actions": _actions(found),
        "chart": _figure(page, shown),
        "table": _table(found, page, shown),
        "exports": _exports(found, ("xlsx", "json")),
        "unreviewed": _unreviewed(found),
        "items": _shares(found.ranking),
        "sources": rules.MODEL_SOURCES,
        "sets": _sets(found.ranking),
    }
    return render_page(request, "reviewing/show_ranking.html", context)


@require_GET
@login_required
def export_ranking(request: HttpRequest, key: str, number: int, form: str) -> HttpResponseBase:
    """The ranked list as a file."""
    actor = actor_of(request)
    found = _listed(request, actor, _competition(actor, key), number)
    shown = queries.submissions_shown(row.submission_id for row in found.ranking.rows)
    return table_download(
        actor,
        form,
        name=f"ranking-{found.competition.key}-{found.stage.number}",
        columns=ranked_export_columns(),
        rows=ranked_export_rows(found.ranking, shown),
        provenance=Provenance(
            title=_("Ranked list of “%(stage)s”, %(code)s")
            % {"stage": formats.local_name(found.stage), "code": found.competition.code},
            generated_at=clock.now(),
            is_demonstration=found.competition.is_demonstration,
            filters=_chosen(found),
            source="; ".join(one.text for one in rules.MODEL_SOURCES),
        ),
        institute=found.competition.institute.key if found.competition.institute else "",
    )


@require_GET
@login_required
def show_ranked(request: HttpRequest, key: str, number: int, application: int) -> HttpResponse:
    """What a row of the list counts: its reviews, and by how much each was corrected."""
    actor = actor_of(request)
    found = _listed(request, actor, _competition(actor, key), number)
    row = queries.ranked_by_number(found.ranking, application)
    shown = queries.submissions_shown([row.submission_id])
    runs = runs_competition(actor, found.competition)
    said = {"number": application, "title": title_of(shown[row.submission_id])}
    context = {
        "title": _("%(number)s. “%(title)s”: %(estimate)s, from %(low)s to %(high)s")
        % {
            **said,
            "estimate": formats.number(row.estimate, 2),
            "low": formats.number(row.low, 2),
            "high": formats.number(row.high, 2),
        },
        "lede": _(
            "The mean of what its reviewers gave is %(mean)s. The estimate takes out by how much"
            " each of them scores higher or lower than others would."
        )
        % {"mean": formats.number(row.mean, 2)},
        "crumbs": (*competition_crumbs(found.competition), _list_crumb(found)),
        "actions": (
            Action(
                _("The application as handed in"),
                reverse(
                    "competitions:show_submission",
                    args=[found.competition.key, row.submission_id],
                ),
            ),
        ),
        "table": reviews_table(
            queries.reviews_behind(actor, found.stage, row), found.ranking, shows_names=runs
        ),
    }
    return render_page(request, "reviewing/show_ranked.html", context)


@require_GET
@login_required
def list_severities(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """How severely reviewers score, for whoever runs the competition and nobody else."""
    actor = actor_of(request)
    competition = _competition(actor, key)
    if not runs_competition(actor, competition):
        raise NotFound(code="no_severities")
    found = _listed(request, actor, competition, number)
    page = page_of_all(
        request, sorted(found.ranking.severities, key=lambda one: (one.leniency, one.reviewer_id))
    )
    surely = [one for one in found.ranking.severities if one.low > 0 or one.high < 0]
    context = {
        "title": ngettext(
            "%(count)s reviewer surely scores otherwise than others would",
            "%(count)s reviewers surely score otherwise than others would",
            len(surely),
        )
        % {"count": formats.number(len(surely))},
        "lede": _(
            "Of %(reviewers)s reviewers at “%(stage)s”, the most severe first. A value above zero"
            " says that a reviewer gives more than others would; the ranked list takes it out."
        )
        % {
            "reviewers": formats.number(len(found.ranking.severities)),
            "stage": formats.local_name(found.stage),
        },
        "crumbs": (*competition_crumbs(competition), _list_crumb(found)),
        "table": severities_table(page, queries.reviewer_names(one.reviewer_id for one in page)),
    }
    return render_page(request, "reviewing/list_severities.html", context)


# ------------------------------------------------------------------------- shared with other pages


def competition_crumbs(competition: Competition) -> tuple[Crumb, ...]:
    """The way to what one runs, and to one competition of it."""
    return (
        Crumb(_("Competitions"), reverse("competitions:list_competitions")),
        Crumb(competition.code, competition.get_absolute_url()),
    )


def runs_competition(actor: Actor, competition: Competition) -> bool:
    """Whether the actor runs it, and does not only read it."""
    return competitions_run_by(actor).filter(pk=competition.pk).exists()


# ----------------------------------------------------------------------------------------- leaves


def _competition(actor: Actor, key: str) -> Competition:
    competition = competition_by_key(actor, key)
    if not may_read_submissions(actor, competition):
        raise NotFound(code="no_ranking")
    return competition


def _listed(
    request: HttpRequest, actor: Actor, competition: Competition, number: int | None
) -> Listed:
    """The list that the address asks for; raises NotFound for a stage that judges nothing."""
    stages = queries.stages_judged(competition)
    if number is None:
        first = queries.stage_shown_first(stages)
        number = first.number if first else 0
    stage = stage_by_number(competition, number)
    if stage.number not in {one.number for one in stages}:
        raise NotFound(code="no_ranking")
    asked = request.GET.get("criterion", "")
    criterion = criterion_by_number(stage, int(asked)) if asked.isdecimal() else None
    ranking = queries.ranking_of(actor, stage, criterion)
    return Listed(actor, competition, stage, criterion, ranking)


def _nothing(request: HttpRequest, competition: Competition) -> HttpResponse:
    context = {
        "title": _("Nothing is judged in this competition"),
        "lede": _("None of its stages judges applications, so there is no ranked list."),
        "crumbs": competition_crumbs(competition),
        "tabs": competition_tabs(competition.key, "reviewing:show_ranking"),
    }
    return render_page(request, "reviewing/show_ranking.html", context)


def _said(found: Listed) -> dict[str, Any]:
    """What the page says: the finding, what was counted, and who can't be told apart."""
    ranking, stage = found.ranking, formats.local_name(found.stage)
    if not ranking.rows:
        return {
            "title": _("No review is submitted yet"),
            "lede": _("%(count)s applications wait at “%(stage)s” as far as they are open to you.")
            % {"count": formats.number(ranking.applications), "stage": stage},
        }
    first = sum(1 for row in ranking.rows if row.group == 1)
    counted = {
        "reviews": formats.number(ranking.reviews),
        "reviewers": formats.number(len(ranking.severities)),
        "stage": stage,
        "criterion": formats.local_name(found.criterion) if found.criterion else "",
    }
    lede = (
        _(
            "%(reviews)s scores on “%(criterion)s” by %(reviewers)s reviewers at “%(stage)s”,"
            " corrected for how severely each reviewer scores. Counted is what is open to you, and"
            " nothing else."
        )
        if found.criterion
        else _(
            "%(reviews)s reviews by %(reviewers)s reviewers at “%(stage)s”, corrected for how"
            " severely each reviewer scores. Counted is what is open to you, and nothing else."
        )
    )
    return {
        "title": _finding(first, len(ranking.rows)),
        "lede": lede % counted,
        "neighbours": _neighbours(ranking),
    }


def _finding(first: int, count: int) -> str:
    said = {"first": formats.number(first), "count": formats.number(count)}
    if count == 1:
        return _("One application is reviewed, with none to compare it with")
    if first == count:
        return _("None of %(count)s applications can be told from the first") % said
    if first == 1:
        return _("The first of %(count)s applications stands apart from all others") % said
    return _("The first %(first)s of %(count)s applications cannot be told apart") % said


def _neighbours(ranking: Ranking) -> str:
    """In a sentence, how many neighbours can't be told apart, and which are closest."""
    pairs = [(row, below) for row, below in zip(ranking.rows, ranking.rows[1:], strict=False)]
    close = [pair for pair in pairs if not is_sure(pair[0])]
    if not close:
        return _("Each application can be told from the next.") if pairs else ""
    above, below = min(close, key=lambda pair: pair[0].beats_next or Decimal(0))
    return _(
        "%(close)s of %(pairs)s neighbours cannot be told apart: which of the two is better is not"
        " sure by %(sure)s. Closest are applications %(above)s and %(below)s."
    ) % {
        "close": formats.number(len(close)),
        "pairs": formats.number(len(pairs)),
        "sure": formats.percent_bp(rules.SURE_BP),
        "above": above.number,
        "below": below.number,
    }


def is_sure(row: Ranked) -> bool:
    """Whether it can be told from the next of the list."""
    return row.beats_next is not None and row.beats_next * 10_000 >= rules.SURE_BP


def _shares(ranking: Ranking) -> tuple[Item, ...]:
    """What the model finds of where scores differ."""
    if not ranking.rows:
        return ()
    return tuple(
        Item(label, formats.percent_bp(int(share * 10_000), 0))
        for label, share in (
            (_("Of the differences, between applications"), ranking.application_share),
            (_("By the severity of reviewers"), ranking.reviewer_share),
            (_("By chance"), ranking.chance_share),
        )
    )


def _sets(ranking: Ranking) -> list[str]:
    """The sets that no shared reviewer joins, by the numbers of their applications; none where all
    are joined.
    """
    if len(ranking.joined) <= 1:
        return []
    found = []
    for rows in ranking.joined:
        numbers = sorted(row.number for row in rows)
        shown = [formats.number(number) for number in numbers[:NUMBERS_SHOWN]]
        if len(numbers) > NUMBERS_SHOWN:
            more = len(numbers) - NUMBERS_SHOWN
            shown.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
        found.append(formats.joined(shown))
    return found


def _stage_tabs(competition: Competition, stages: Sequence[Stage], shown: Stage) -> tuple[Tab, ...]:
    """The judged stages, where there are several."""
    if len(stages) == 1:
        return ()
    return tuple(
        Tab(
            formats.local_name(one),
            reverse("reviewing:show_ranking", args=[competition.key, one.number]),
            one.number == shown.number,
        )
        for one in stages
    )


def _filters(request: HttpRequest, stage: Stage) -> RankingFilters:
    criteria = [(str(one.number), formats.local_name(one)) for one in stage.criteria.all()]
    return RankingFilters(request.GET or None, criteria=criteria)


def _chosen(found: Listed) -> Mapping[str, str]:
    return {_("Criterion"): formats.local_name(found.criterion)} if found.criterion else {}


def _actions(found: Listed) -> tuple[Action, ...]:
    if not found.ranking.rows or not runs_competition(found.actor, found.competition):
        return ()
    url = reverse("reviewing:list_severities", args=[found.competition.key, found.stage.number])
    return (Action(_("How severely reviewers score"), url + _query(found)),)


def _query(found: Listed) -> str:
    return f"?criterion={found.criterion.number}" if found.criterion else ""


def _list_crumb(found: Listed) -> Crumb:
    url = reverse("reviewing:show_ranking", args=[found.competition.key, found.stage.number])
    return Crumb(_("Ranked list"), url + _query(found))


def _figure(page: Page[Ranked], shown: Shown) -> Figure | None:
    """The intervals of the rows of this page."""
    if not page.items:
        return None
    least, most = (formats.number(end) for end in (SCORE_LEAST, SCORE_MOST))
    drawn = interval_chart(
        [
            Interval(
                f"{row.number}. {title_of(shown[row.submission_id])}",
                row.estimate,
                row.low,
                row.high,
                formats.number(row.estimate, 2),
                other=row.mean,
                band=_("Group %(number)s") % {"number": formats.number(row.group)},
            )
            for row in page
        ],
        ends=(SCORE_LEAST, SCORE_MOST),
        title_alt=_("Estimates of %(count)s applications from %(least)s to %(most)s")
        % {"count": formats.number(len(page)), "least": least, "most": most},
        x_label=_("Score from %(least)s to %(most)s") % {"least": least, "most": most},
        y_label=_("Application"),
        other_label=_("raw mean"),
    )
    return Figure(
        drawn,
        _(
            "Estimates with the interval that holds nine tenths of what is possible. Within a group"
            " the first cannot be told from any other."
        ),
    )


def _table(found: Listed, page: Page[Ranked], shown: Shown) -> Table:
    rows = tuple(
        ranked_row(
            row,
            shown[row.submission_id],
            reverse(
                "reviewing:show_ranked",
                args=[found.competition.key, found.stage.number, row.number],
            )
            + _query(found),
            is_sure=is_sure(row),
        )
        for row in page
    )
    return Table(
        _("Ranked list of “%(stage)s”") % {"stage": formats.local_name(found.stage)},
        ranked_columns(),
        rows,
        page=page,
        export_url=_export_url(found, "csv"),
        empty=_("A review counts once it is submitted."),
        is_stacked=True,
    )


def _unreviewed(found: Listed) -> Table | None:
    """The first of the applications without a submitted review; None where each has one."""
    some = found.ranking.unreviewed[:UNREVIEWED_SHOWN]
    if not some:
        return None
    shown = queries.submissions_shown(some)
    rows = [shown[pk] for pk in some]
    return unreviewed_table(found.competition, rows, count=len(found.ranking.unreviewed))


def _export_url(found: Listed, form: str) -> str:
    args = [found.competition.key, found.stage.number, form]
    return reverse("reviewing:export_ranking", args=args) + _query(found)


def _exports(found: Listed, forms: Sequence[str]) -> list[tuple[str, str]]:
    return [(form.upper(), _export_url(found, form)) for form in forms]
