"""Names of people, organisations and works, brought into a form that can be compared.

Nothing is guessed from spelling: two forms agree or they do not.
"""

from typing import Final

from lineshaft.engines.match.overlap.words import plain_words

TITLE_LETTERS_MIN: Final = 10
"""Letters of a title below which it names no work by itself ("N/A", "Topology")."""

_NO_TITLES: Final = frozenset(("not available", "no title available", "title not available"))
_STYLES: Final = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "professor", "phd", "md", "jr", "sr", "ii", "iii", "dsc")
)
_LEGAL_FORMS: Final = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "plc",
        "the",
        "of",
        "and",
    ]
)
_PROGRAMME_LABELS: Final = frozenset(
    [
        "collaborative",
        "research",
        "proposal",
        "mathematical",
        "sciences",
        "science",
        "rui",
        "frg",
        "focused",
        "group",
        "career",
        "eager",
        "rapid",
        "sger",
        "goali",
        "sbir",
        "sttr",
        "phase",
        "i",
        "ii",
        "iii",
        "1",
        "2",
        "3",
    ]
)


def person_key(name: str) -> str:
    """First and last name of somebody, without style and middle names; empty for none.

    "FAMILY, GIVEN" is read as "GIVEN FAMILY".
    """
    family, comma, given = name.partition(",")
    if comma and any(word not in _STYLES for word in _name_words(given)):
        name = f"{given} {family}"
    words = [word for word in _name_words(name) if word not in _STYLES]
    if not words:
        return ""
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1]}"


def _name_words(name: str) -> list[str]:
    """Words of a name; letters with full stops between them ("Ph.D.") are one."""
    return plain_words(name.replace(".D", "D").replace(".d", "d").replace(".", " "))


def organisation_key(name: str) -> str:
    """The words of a name without its legal form; the whole name where it is nothing else."""
    words = plain_words(name.replace("'", "").replace(".", ""))
    return " ".join([word for word in words if word not in _LEGAL_FORMS] or words)


def title_words(title: str) -> tuple[str, ...]:
    """The words of a title, without the labels of programmes that stand before a colon."""
    head, colon, rest = title.partition(":")
    while colon and rest.strip() and set(plain_words(head)) <= _PROGRAMME_LABELS:
        title = rest
        head, colon, rest = title.partition(":")
    return tuple(plain_words(title))


def names_a_work(title: tuple[str, ...]) -> bool:
    """Whether a title of these words says which work it is."""
    whole = " ".join(title)
    return len(whole) >= TITLE_LETTERS_MIN and whole not in _NO_TITLES
