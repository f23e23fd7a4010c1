"""Django's registration of competitions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompetitionsConfig(AppConfig):
    """Competitions, under the label `competitions`."""

    name = "lineshaft.apps.competitions"
    label = "competitions"
    verbose_name = _("Competitions")
