"""What the page of an analysis says in words: the finding, the numbers, rules, assumptions."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import PlanAnalysis
from lineshaft.engines.economics.plan import COST, MARKET
from lineshaft.kernel.refusals import Citation
from lineshaft.web import formats
from lineshaft.web.pages import Item


@dataclass(frozen=True, slots=True)
class RuleShown:
    """How a plan stands under a rule of match, in a sentence."""

    text: str
    citation: Citation
    is_met: bool


def year_text(year: int) -> str:
    """A year of a plan, counted from 1."""
    return _("Year %(year)s") % {"year": year}


def finding_of(analysis: PlanAnalysis, currency: str) -> str:
    """What came out, in a sentence."""
    said = {
        "chance": formats.percent_bp(analysis.chance_bp, 0),
        "cash": formats.money_in_millions(analysis.lowest_minor, currency),
        "year": analysis.lowest_year,
    }
    if analysis.lowest_minor < 0:
        return (
            _(
                "The plan stands alone in %(chance)s of draws; by its own numbers it lacks money in"
                " year %(year)s (%(cash)s)"
            )
            % said
        )
    return (
        _(
            "The plan stands alone in %(chance)s of draws; by its own numbers its cash is lowest in"
            " year %(year)s (%(cash)s)"
        )
        % said
    )


def number_items(analysis: PlanAnalysis, currency: str) -> tuple[Item, ...]:
    """The numbers that the plan hangs on."""
    result, plan = analysis.result, analysis.plan
    error = formats.percent_bp(result["error_bp"])
    chance = formats.percent_bp(result["chance_bp"])
    last = result["fan"][-1]
    amounts = [formats.money_in_millions(one, currency) for one in last[1:]]
    items = [
        Item(
            _("Chance of standing alone"),
            _("%(chance)s, give or take %(error)s by the number of draws (%(draws)s)")
            % {"chance": chance, "error": error, "draws": formats.number(result["draws"])},
        ),
        Item(
            _("Pays for itself from"),
            year_text(result["break_even"])
            if result["break_even"]
            else _("no year that is looked at"),
        ),
        Item(
            _("Least cash in hand"),
            _("%(cash)s in year %(year)s")
            % {
                "cash": formats.money(result["lowest"]["cash"], currency),
                "year": result["lowest"]["year"],
            },
        ),
        Item(
            _("Cash at the end"),
            _("%(middle)s in the middle; one draw in ten below %(low)s, one in ten above %(high)s")
            % dict(zip(("low", "middle", "high"), amounts, strict=True)),
        ),
        Item(
            _("Federal share of cost"),
            _("never rises") if result["glides"] else _("rises in a year"),
        ),
        Item(_("Share of other money over the term"), formats.percent_bp(result["match_bp"])),
    ]
    if plan["beyond"]:
        text = _("%(amount)s of own income is planned later than that and not counted.")
        items.append(
            Item(_("Not counted"), text % {"amount": formats.money(plan["beyond"], currency)})
        )
    return tuple(items)


def rule_notes(analysis: PlanAnalysis) -> tuple[RuleShown, ...]:
    """How the plan stands under each rule of match that was in force when it was handed in, and
    what the design of such institutes says of federal money.
    """
    notes = []
    for one in analysis.result["rules"]:
        said = {
            "wanted": formats.percent_bp(one["wanted_bp"]),
            "share": formats.percent_bp(analysis.result["match_bp"]),
            "years": formats.joined([str(year) for year in one["short"]]),
        }
        if one["by_year"] and one["short"]:
            text = _("Other money is below %(wanted)s in these years: %(years)s.") % said
        elif one["is_met"]:
            text = _("Other money is %(share)s; at least %(wanted)s is asked for.") % said
        else:
            text = _("Other money is %(share)s and falls short of %(wanted)s.") % said
        notes.append(RuleShown(text, Citation(one["citation"], one["url"] or None), one["is_met"]))
    glides = analysis.result["glides"]
    falls = _("The federal share of cost never rises from one year to the next.")
    rises = _("The federal share of cost rises from one year to another.")
    notes.append(RuleShown(falls if glides else rises, rules.GLIDE_PATH, glides))
    return tuple(notes)


def assumption_items(analysis: PlanAnalysis, currency: str) -> tuple[Item, ...]:
    """What was taken for granted, with its distribution in words."""
    said = rules.assumptions_of(analysis.assumptions)
    names = promise_names(analysis)
    items = [
        Item(
            _("Promises"),
            _(
                "Of each promise %(share)s comes on average, drawn from a beta distribution with"
                " the weight of 20 observations."
            )
            % {"share": formats.percent_bp(said.honoured_bp)},
        ),
        Item(
            _("Revenue"),
            _(
                "Each stream meets its plan in the middle and misses it by a factor whose logarithm"
                " is normal with the standard deviation %(spread)s; half of its square is one shock"
                " to all streams."
            )
            % {"spread": formats.percent_bp(said.spread_bp)},
        ),
        Item(
            _("Cost"),
            _("The plan times a factor of the same form with the standard deviation %(spread)s.")
            % {"spread": formats.percent_bp(said.cost_spread_bp)},
        ),
        Item(_("Reserve at the start"), formats.money(said.reserve_minor, currency)),
        Item(_("Years beyond the term"), formats.number(said.years_after)),
        Item(_("Seed"), str(said.seed)),
    ]
    own = {**said.honoured, **said.spreads}
    items += [
        Item(label_of(key, names), formats.percent_bp(value)) for key, value in sorted(own.items())
    ]
    if analysis.why:
        items.append(Item(_("Why these assumptions"), analysis.why))
    return tuple(items)


def promise_names(analysis: PlanAnalysis) -> dict[str, str]:
    """Who promised, by the key of the letter."""
    return {key: giver for key, giver, _amounts in analysis.plan["promises"]}


def label_of(key: str, names: dict[str, str]) -> str:
    """What a promise, a stream, the cost or the market is called."""
    if key in names:
        return names[key]
    if key == COST:
        return _("Cost")
    if key == MARKET:
        return _("The market of all streams")
    streams = {one.key: one for one in formats.profile().income_streams}
    return formats.local_name(streams[key]) if key in streams else key
