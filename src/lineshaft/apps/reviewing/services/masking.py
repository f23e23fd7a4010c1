"""The words that stand for what a reviewer is not told, in the reader's language."""

from django.utils.translation import gettext as _

from lineshaft.apps.reviewing import rules


def masks() -> rules.Masks:
    """The words that stand for what reviewers are not told."""
    return rules.Masks(
        lead=_("[lead organisation]"),
        partner=_("[partner %(number)s]") % {"number": "{}"},
        person=_("[person %(number)s]") % {"number": "{}"},
        giver=_("[giver %(number)s]") % {"number": "{}"},
        withheld=_("[name withheld]"),
        document=_("document-%(number)s") % {"number": "{}"},
    )
