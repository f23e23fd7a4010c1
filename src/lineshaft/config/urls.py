"""Every address of the platform, app by app."""

from allauth.account.views import email as account_email
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.i18n import set_language

from lineshaft.config.api import api

urlpatterns = [
    path("", include("lineshaft.apps.desk.urls")),
    path("", include("lineshaft.apps.network.urls")),
    path("", include("lineshaft.apps.governance.urls")),
    path("", include("lineshaft.apps.memberships.urls")),
    path("", include("lineshaft.apps.competitions.urls")),
    path("", include("lineshaft.apps.reviewing.urls")),
    path("", include("lineshaft.apps.awarding.urls")),
    path("", include("lineshaft.apps.funding.urls")),
    path("", include("lineshaft.apps.insight.urls")),
    path("", include("lineshaft.plumbing.access.urls")),
    path("", include("lineshaft.plumbing.exchange.urls")),
    path("", include("lineshaft.plumbing.files.urls")),
    path("", include("lineshaft.plumbing.jobs.urls")),
    path("", include("lineshaft.plumbing.mail.urls")),
    path("", include("lineshaft.web.urls")),
    # Shown, never changed there: anybody could take another's address. `lineshaft address` does it.
    path("accounts/email/", require_safe(account_email), name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("i18n/set-language/", set_language, name="set_language"),
]

handler400 = "lineshaft.web.errors.bad_request"
handler403 = "lineshaft.web.errors.permission_denied"
handler404 = "lineshaft.web.errors.page_not_found"
handler500 = "lineshaft.web.errors.server_error"
