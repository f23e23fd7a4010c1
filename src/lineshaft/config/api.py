"""The API under /api/v1: one document, one problem shape, one way to page and to repeat.

Reads are open to whoever may read the page of the same record; writes want a signed-in session or
a token with the scope `write`, and take an Idempotency-Key.
"""

from functools import cached_property
from typing import Any, override

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from lineshaft import __version__
from lineshaft.apps.awarding.api import router as awarding
from lineshaft.apps.competitions.api import router as competitions
from lineshaft.apps.desk.api import router as desk
from lineshaft.apps.funding.api import router as funding
from lineshaft.apps.governance.api import router as governance
from lineshaft.apps.insight.api import router as insight
from lineshaft.apps.memberships.api import router as memberships
from lineshaft.apps.network.api import router as network
from lineshaft.apps.reviewing.api import router as reviewing
from lineshaft.config.actor import actor_of_user
from lineshaft.plumbing.rest import SessionOrToken, StorableParser, install_problem_handlers


class Api(NinjaAPI):
    """Builds its document once, which takes most of a second: anybody may ask for it."""

    @override
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._documents[prefix]

    @cached_property
    def _documents(self) -> dict[str, OpenAPISchema]:
        return {}


api = Api(
    title="Lineshaft",
    version=__version__,
    description=(
        "The records, figures and verbs of a national network of manufacturing-innovation "
        "institutes. Lists are paged by cursor; errors are problem details (RFC 9457); writes "
        "take an Idempotency-Key, so that a repeated request is harmless."
    ),
    urls_namespace="api",
    auth=SessionOrToken(actor_of_user),
    parser=StorableParser(),
)
install_problem_handlers(api)
ROUTERS = (
    *(network, governance, memberships, competitions, reviewing, awarding),
    *(funding, insight, desk),
)
for router in ROUTERS:
    api.add_router("", router)


@api.get("/me", operation_id="show_me", tags=["access"], summary="Who the request acts for")
def show_me(request: HttpRequest) -> dict[str, object]:
    """The actor's name, roles and the institutes it belongs to; `public` when nobody signed in."""
    actor = request.actor  # type: ignore[attr-defined]
    return {
        "name": actor.label,
        "is_signed_in": not actor.is_anonymous,
        "roles": sorted(
            {f"{grant.role}:{grant.scope_kind}:{grant.scope_id}" for grant in actor.grants}
        ),
        "institutes": sorted(actor.institute_keys),
        "token_scopes": sorted(actor.token_scopes) if actor.token_scopes is not None else None,
    }
