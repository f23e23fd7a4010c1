"""Django's registration of funding."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundingConfig(AppConfig):
    """Funding, under the label `funding`."""

    name = "lineshaft.apps.funding"
    label = "funding"
    verbose_name = _("Funding")
