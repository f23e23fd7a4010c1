"""Django's registration of awarding."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AwardingConfig(AppConfig):
    """Awarding, under the label `awarding`."""

    name = "lineshaft.apps.awarding"
    label = "awarding"
    verbose_name = _("Awarding")
