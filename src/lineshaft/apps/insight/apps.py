"""Django's registration of insight."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """Insight, under the label `insight`."""

    name = "lineshaft.apps.insight"
    label = "insight"
    verbose_name = _("Insight")
