"""Django's registration of governance."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    """Governance, under the label `governance`."""

    name = "lineshaft.apps.governance"
    label = "governance"
    verbose_name = _("Governance")
