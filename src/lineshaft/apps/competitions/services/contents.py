"""An application as lines of text, part by part, in the reader's language.

Whoever reads it sees the same lines: on a page, in a difference, as a reviewer.
"""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models import SOURCE_LABELS, WORK_LABELS
from lineshaft.apps.network.queries import technology_areas
from lineshaft.kernel.authority import Named
from lineshaft.web import formats

PART_LABELS: Final[dict[str, str | Promise]] = {
    rules.TERMS: gettext_lazy("Terms"),
    rules.PARTNERS: gettext_lazy("Partners"),
    rules.TEAM: gettext_lazy("Team"),
    rules.BUDGET: gettext_lazy("Budget"),
    rules.COMMITMENTS: gettext_lazy("Letters of commitment"),
    rules.REVENUE: gettext_lazy("Plan of revenue"),
    rules.DOCUMENTS: gettext_lazy("Documents"),
    rules.SectionKey.NEED: gettext_lazy("Need and focus"),
    rules.SectionKey.APPROACH: gettext_lazy("Technical approach and roadmap"),
    rules.SectionKey.BENEFIT: gettext_lazy("Benefit to the nation, production and jobs"),
    rules.SectionKey.BUSINESS: gettext_lazy("Business model and sustainability"),
    rules.SectionKey.SMALL_FIRMS: gettext_lazy("Plan for small and medium-sized firms"),
    rules.SectionKey.WORKFORCE: gettext_lazy("Education and workforce plan"),
    rules.SectionKey.MANAGEMENT: gettext_lazy("Governance, management and intellectual property"),
    rules.SectionKey.REGION: gettext_lazy("Assets of the region"),
}
_TERM_LABELS: Final[dict[str, str | Promise]] = {
    "title": gettext_lazy("Title"),
    "title_zh": gettext_lazy("Title in Chinese"),
    "lead": gettext_lazy("Lead organisation"),
    "abstract": gettext_lazy("Summary"),
    "abstract_zh": gettext_lazy("Summary in Chinese"),
    "areas": gettext_lazy("Technology areas"),
    "term_months": gettext_lazy("Term in months"),
    "trl_from": gettext_lazy("TRL at the start"),
    "trl_to": gettext_lazy("TRL at the end"),
    "mrl_from": gettext_lazy("MRL at the start"),
    "mrl_to": gettext_lazy("MRL at the end"),
    "work": gettext_lazy("Kind of work"),
    "waiver_ground": gettext_lazy("Ask for a waiver of the match"),
    "waiver_reason": gettext_lazy("Why a waiver"),
}


def part_label(part: str) -> str:
    """What a part is called."""
    return str(PART_LABELS[part])


def lines_of(part: str, content: dict[str, Any], currency: str) -> list[str]:
    """The part as lines of text, in the reader's language."""
    match part:
        case rules.TERMS:
            return _terms(content)
        case rules.PARTNERS | rules.TEAM:
            rows = content["partners" if part == rules.PARTNERS else "people"]
            return [" · ".join(str(one) for one in row if one) for row in rows]
        case rules.BUDGET:
            named = _names(formats.profile().cost_categories)
            return [
                _money_line(
                    [str(SOURCE_LABELS[rules.Source(source)]), named.get(key, key)],
                    year,
                    minor,
                    currency,
                )
                for source, key, year, minor in content["lines"]
            ]
        case rules.REVENUE:
            named = _names(formats.profile().income_streams)
            return [
                _money_line([named.get(key, key)], year, minor, currency)
                for key, year, minor in content["lines"]
            ]
        case rules.COMMITMENTS:
            return [line for letter in content["letters"] for line in _letter(letter, currency)]
        case rules.DOCUMENTS:
            named = _names(formats.profile().competing.documents)
            return [_document(one, named) for one in content["documents"]]
        case _:
            return list(content["text"].splitlines())


def _terms(content: dict[str, Any]) -> list[str]:
    grounds = _names(formats.profile().waiver_grounds)
    said = {
        **content,
        "areas": _areas(content["areas"]),
        "work": str(WORK_LABELS[rules.Work(content["work"])]),
        "waiver_ground": grounds.get(content["waiver_ground"], content["waiver_ground"]),
    }
    lines = []
    for name, label in _TERM_LABELS.items():
        text = said[name]
        if text in {None, ""}:
            continue
        first, *rest = str(text).splitlines()
        lines += [_("%(label)s: %(text)s") % {"label": label, "text": first}, *rest]
    return lines


def _money_line(names: list[str], year: int, minor: int, currency: str) -> str:
    return _("%(what)s, year %(year)s: %(amount)s") % {
        "what": ", ".join(names),
        "year": year,
        "amount": formats.money(minor, currency),
    }


def _letter(letter: dict[str, Any], currency: str) -> list[str]:
    kinds = _names(formats.profile().cost_share_kinds)
    head = _("%(giver)s, %(kind)s, signed by %(signatory)s on %(day)s") % {
        "giver": letter["giver"],
        "kind": kinds.get(letter["kind"], letter["kind"]),
        "signatory": letter["signatory"],
        "day": letter["signed_on"],
    }
    lines = [head]
    if letter["is_federal"]:
        lines.append(_("The money is of federal origin"))
    if letter["conditions"]:
        lines.append(letter["conditions"])
    return [
        *lines,
        *(
            _money_line([letter["giver"]], year, minor, currency)
            for year, minor in letter["amounts"]
        ),
    ]


def _document(one: dict[str, Any], named: dict[str, str]) -> str:
    said = {"kind": named.get(one["kind"], one["kind"]), "name": one["name"]}
    text = _("%(kind)s: %(name)s") % said
    if one["pages"] is not None:
        text += " " + _("(%(pages)s pages)") % {"pages": one["pages"]}
    return f"{text}, {one['sha256'][:16]}"


def title_in(content: dict[str, Any]) -> str:
    """The title in what was handed in, in the reader's language where it is written in that."""
    terms = content[rules.TERMS]
    chinese = str(terms["title_zh"]) if formats.is_chinese() else ""
    return chinese or str(terms["title"])


def _areas(keys: list[str]) -> str:
    """The names of technology areas; of one that is no longer known its key."""
    if not keys:
        return ""
    named = {one.key: formats.local_name(one) for one in technology_areas().filter(key__in=keys)}
    return formats.joined([named.get(key, key) for key in keys])


def _names(entries: tuple[Named, ...] | tuple[Any, ...]) -> dict[str, str]:
    return {one.key: formats.local_name(one) for one in entries}
