"""Why two records may be one organisation, in words and drawn: the weight of each comparison."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lineshaft.apps.network.models import OrganisationPair
from lineshaft.web import formats
from lineshaft.web.charts import Addend, waterfall_chart
from lineshaft.web.pages import Figure
from lineshaft.web.tables import Cell, Column, Row, Table

COMPARISON_LABELS: Final = {
    "name": gettext_lazy("Name"),
    "numbers": gettext_lazy("Numbers in the name"),
    "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Telephone"),
    "postcode": gettext_lazy("Postal code"),
    "city": gettext_lazy("Town and region"),
    "distance": gettext_lazy("Distance"),
    "placed": gettext_lazy("What is known"),
}
LEVEL_LABELS: Final = {
    "name": {
        "same_rare": gettext_lazy("the same words, telling ones"),
        "same": gettext_lazy("the same words"),
        "same_common": gettext_lazy("the same words, common ones"),
        "run_together": gettext_lazy("the same letters"),
        "variant_rare": gettext_lazy("one name of both is the same, and telling"),
        "variant": gettext_lazy("one name of both is the same"),
        "misspelt": gettext_lazy("a letter differs"),
        "nearly_all": gettext_lazy("nearly all words"),
        "misspelt_more": gettext_lazy("a few letters differ"),
        "initials_alone": gettext_lazy("initials of the other, but no place is known"),
        "initials": gettext_lazy("initials of the other, four or more"),
        "initials_3": gettext_lazy("initials of the other, three"),
        "initials_2": gettext_lazy("initials of the other, two"),
        "most": gettext_lazy("most words"),
        "lead_initials": gettext_lazy("initials of the other's first words, and a word"),
        "within_rare": gettext_lazy("all words of the shorter, telling ones"),
        "within": gettext_lazy("all words of the shorter"),
        "half": gettext_lazy("half of the words"),
        "some_rare": gettext_lazy("some telling words"),
        "some": gettext_lazy("some words"),
        "within_common": gettext_lazy("all words of the shorter, common ones"),
        "few": gettext_lazy("a common word"),
        "none": gettext_lazy("no word"),
    },
    "numbers": {
        "same": gettext_lazy("the same numbers in the name"),
        "one_has": gettext_lazy("a number in one name only"),
        "differ": gettext_lazy("other numbers in the name"),
    },
    "address": {
        "same": gettext_lazy("the same house"),
        "same_but_direction": gettext_lazy("the same house, another direction"),
        "house": gettext_lazy("the same number, another street"),
        "street": gettext_lazy("the same street, another number"),
        "differ": gettext_lazy("another address"),
    },
    "phone": {
        "same": gettext_lazy("the same telephone"),
        "differ": gettext_lazy("another telephone"),
    },
    "postcode": {
        "same_exact": gettext_lazy("the same long postal code"),
        "same": gettext_lazy("the same postal code"),
        "near": gettext_lazy("a postal code near by"),
        "differ": gettext_lazy("another postal code"),
    },
    "city": {
        "one_name_other_country": gettext_lazy("the same words, another country"),
        "other_country": gettext_lazy("another country"),
        "same": gettext_lazy("the same town"),
        "one_name_other_state": gettext_lazy("the same words, another region"),
        "other_state": gettext_lazy("another region"),
        "one_name_other_city": gettext_lazy("the same words, another town"),
        "other_city": gettext_lazy("another town"),
        "unknown_city": gettext_lazy("the same region or country"),
    },
    "distance": {
        "same": gettext_lazy("within 100 metres"),
        "near": gettext_lazy("within a kilometre"),
        "town": gettext_lazy("within 20 kilometres"),
        "far": gettext_lazy("farther away"),
    },
    "placed": {
        "names_only": gettext_lazy("nothing but their names"),
        "more": gettext_lazy("more than their names"),
    },
}
_CENTIBITS: Final = 100
_NEARLY_SURE_BP: Final = 9_990


def probability(pair: OrganisationPair) -> str:
    """How likely the two are one, formatted; a dash where they were not weighed."""
    if pair.weight_centibits is None:
        return formats.MISSING
    if pair.probability_bp >= _NEARLY_SURE_BP:
        return _("over %(share)s") % {"share": formats.percent_bp(_NEARLY_SURE_BP)}
    return formats.percent_bp(pair.probability_bp)


def weights_figure(pair: OrganisationPair) -> Figure | None:
    """The weights as a chart; None where the two were not weighed."""
    if pair.weight_centibits is None:
        return None
    addends = [
        Addend(label, centibits / _CENTIBITS, _signed(centibits))
        for label, _level, centibits in _steps(pair, pair.weight_centibits)
        if centibits
    ]
    total = Addend(
        _("Together"), pair.weight_centibits / _CENTIBITS, _signed(pair.weight_centibits)
    )
    alt = _("The weights add up to %(bits)s bits: the two are one with a probability of %(share)s.")
    found = {"bits": total.text, "share": probability(pair)}
    return Figure(
        svg=waterfall_chart(
            addends,
            total,
            title_alt=alt % found,
            x_label=_("Weight"),
            y_label=_("Comparison"),
            unit=_("bits"),
        ),
        caption=alt % found,
        source=_("weights that ship with the program, learned from labelled records"),
        as_of=pair.weighed_at,
    )


def weights_table(pair: OrganisationPair) -> Table | None:
    """The numbers of the chart, with what was found in each comparison."""
    if pair.weight_centibits is None:
        return None
    steps = _steps(pair, pair.weight_centibits)
    return Table(
        caption=_("What speaks for one organisation (+) and for two (−), in bits"),
        columns=(
            Column("comparison", _("Comparison")),
            Column("level", _("What was found")),
            Column("weight", _("Weight"), is_number=True),
        ),
        rows=tuple(
            Row((Cell(label), Cell(level), Cell(_signed(centibits))))
            for label, level, centibits in steps
        ),
        foot=(
            Cell(_("Together")),
            Cell(probability(pair)),
            Cell(_signed(pair.weight_centibits)),
        ),
        is_stacked=True,
    )


def weighed_names(pair: OrganisationPair) -> str:
    """The two names that were weighed, where they are not the names of the records."""
    names = list(pair.weighed_names)
    if not names or names == [pair.first.name, pair.second.name]:
        return ""
    return _("%(one)s and %(other)s") % {"one": names[0], "other": names[1]}


def _steps(pair: OrganisationPair, total_centibits: int) -> list[tuple[str, str, int]]:
    """What is known beforehand, then each comparison: label, what was found, and its weight."""
    found: list[tuple[Any, ...]] = [tuple(row) for row in pair.evidence]
    before = total_centibits - sum(centibits for _key, _level, centibits in found)
    return [
        (_("Beforehand"), _("most pairs that share a word are two"), before),
        *(
            (
                str(COMPARISON_LABELS[comparison]),
                str(LEVEL_LABELS[comparison][level]),
                centibits,
            )
            for comparison, level, centibits in found
        ),
    ]


def _signed(centibits: int) -> str:
    sign = "+" if centibits > 0 else "−" if centibits < 0 else ""
    return sign + formats.number(abs(centibits) / _CENTIBITS, 2)
