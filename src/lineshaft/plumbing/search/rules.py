"""How text becomes tokens, for the index and for a query alike.

Words are folded: compatibility forms, accents and letter case fall away. Runs of Chinese (also kana
and hangul) become overlapping pairs, since there are no spaces to find words by; the last character
of a run stands alone too, so that every character begins some token and a query of one character is
a query by prefix.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

TOKEN_LENGTH_MAX: Final = 40
"""Characters kept of one word; longer ones are identifiers that nobody types to the end."""

QUERY_TOKENS_MAX: Final = 12
"""Tokens of a query that are looked for; each is one more condition on the index."""

QUERY_LENGTH_MAX: Final = 200
"""Characters of a query that are read."""

ENTRY_TOKENS_MAX: Final = 400
"""Distinct tokens kept of one entry, the weightiest first."""

TITLE_WEIGHT: Final = 8
KEYWORD_WEIGHT: Final = 4
SUMMARY_WEIGHT: Final = 1
"""What a token found in the title, in the keywords or in the summary adds to the rank."""

_CJK: Final = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003134f"
)
_RUNS: Final = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_JOINING: Final = re.compile(r"['’ʼ`´\u00ad\u200b-\u200d\u2060\ufeff]")
_UNDECOMPOSED: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


@dataclass(frozen=True, slots=True)
class QueryToken:
    """One condition of a query; by prefix for the word being typed and for a lone character."""

    text: str
    is_prefix: bool = False


def fold(text: str) -> str:
    """The text without accents, letter case and compatibility forms."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare).translate(_UNDECOMPOSED)


def tokens_of(text: str) -> list[str]:
    """The index tokens of a text, in order, repetitions kept."""
    found: list[str] = []
    for run, word in _RUNS.findall(_JOINING.sub("", fold(text))):
        if run:
            found += [run[place : place + 2] for place in range(len(run))]
        else:
            found.append(word[:TOKEN_LENGTH_MAX])
    return found


def query_tokens(text: str) -> list[QueryToken]:
    """The conditions of a query, all of which must hold; empty for a text without any word."""
    runs = _RUNS.findall(_JOINING.sub("", fold(text[:QUERY_LENGTH_MAX])))
    is_word_finished = text[:QUERY_LENGTH_MAX][-1:].isspace()
    found: list[QueryToken] = []
    for place, (run, word) in enumerate(runs):
        if len(run) == 1:
            found.append(QueryToken(run, is_prefix=True))
        elif run:
            found += [QueryToken(run[at : at + 2]) for at in range(len(run) - 1)]
        else:
            is_last = place == len(runs) - 1
            found.append(
                QueryToken(word[:TOKEN_LENGTH_MAX], is_prefix=is_last and not is_word_finished)
            )
    return list(dict.fromkeys(found))[:QUERY_TOKENS_MAX]
