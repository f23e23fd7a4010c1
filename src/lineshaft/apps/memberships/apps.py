"""Django's registration of memberships."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembershipsConfig(AppConfig):
    """Memberships, under the label `memberships`."""

    name = "lineshaft.apps.memberships"
    label = "memberships"
    verbose_name = _("Memberships")
