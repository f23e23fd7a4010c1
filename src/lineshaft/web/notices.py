"""What parts of the program have to say at the head of an institute's page.

The page belongs to one app and what is to be said to others above it, so each module named in the
setting INSTITUTE_NOTICE_MODULES has a function `institute_notices(actor, key)`, which answers
sentences, each with the page that says more. Nothing is registered by being imported.
"""

from importlib import import_module

from django.conf import settings

from lineshaft.plumbing.actor import Actor
from lineshaft.web.pages import Action


def institute_notices(actor: Actor, key: str) -> tuple[Action, ...]:
    """What is to be said of the institute to that reader, in the order of the setting."""
    return tuple(
        notice
        for module in settings.INSTITUTE_NOTICE_MODULES
        for notice in import_module(module).institute_notices(actor, key)
    )
