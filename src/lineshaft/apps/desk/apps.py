"""Django's registration of desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Desk, under the label `desk`."""

    name = "lineshaft.apps.desk"
    label = "desk"
    verbose_name = _("Desk")
