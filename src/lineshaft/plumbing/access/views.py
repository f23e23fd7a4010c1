"""Pages of access: one's own API tokens, and for the programme office the users and their roles."""

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.plumbing import clock
from lineshaft.plumbing.access import rules, services
from lineshaft.plumbing.access.forms import GrantForm, TokenForm, UserForm
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.queries import (
    grants_of,
    live_tokens_of,
    tokens_visible_to,
    users_visible_to,
)
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.roles import Role, ScopeKind


@require_safe
def list_tokens(request: HttpRequest) -> HttpResponse:
    """The actor's own tokens, newest first."""
    actor = _signed_in(request)
    now = clock.now()
    page = paginate(request, tokens_visible_to(actor))
    live = live_tokens_of(actor, now)
    lines = [(token, token.pk in live) for token in page.items]
    return render(request, "access/list_tokens.html", {"lines": lines, "page": page})


@never_cache
@require_http_methods(["GET", "POST"])
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    actor = _signed_in(request)
    form = TokenForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            token, secret = services.create_token(
                actor,
                name=form.cleaned_data["name"],
                days=form.cleaned_data["days"],
                may_write=form.cleaned_data["may_write"],
                now=clock.now(),
            )
            context = {"token": token, "secret": secret}
            status = 201
    return render(request, "access/create_token.html", context, status=status)


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    services.revoke_token(_signed_in(request), pk, now=clock.now())
    return redirect("access:list_tokens")


@require_safe
def list_users(request: HttpRequest) -> HttpResponse:
    """Who can sign in; for the programme office."""
    actor = _granting(request)
    page = paginate(request, users_visible_to(actor).prefetch_related("grants"))
    return render(request, "access/list_users.html", {"page": page})


@require_http_methods(["GET", "POST"])
def register_user(request: HttpRequest) -> HttpResponse:
    """Let somebody sign in."""
    actor = _granting(request)
    form = UserForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = services.register_user(
                    actor, password=None, now=clock.now(), **form.cleaned_data
                )
            except Refused as error:
                status = _into_form(form, error)
            else:
                _invite(request, actor, user)
                return redirect("access:show_user", user.pk)
    return render(request, "access/register_user.html", {"form": form}, status=status)


@require_POST
def invite_user(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the link to set a password once more."""
    actor = _granting(request)
    user = _user(actor, pk)
    _invite(request, actor, user)
    return redirect("access:show_user", user.pk)


@require_safe
def show_user(request: HttpRequest, pk: int) -> HttpResponse:
    """A user with every grant they hold or held."""
    actor = _granting(request)
    return render(request, "access/show_user.html", _user_context(actor, _user(actor, pk)))


@require_POST
def grant_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user hold a role."""
    actor = _granting(request)
    user = _user(actor, pk)
    form = GrantForm(request.POST)
    status = 422
    if form.is_valid():
        entered = form.cleaned_data
        grant = RoleGrant(
            Role(entered["role"]), ScopeKind(entered["scope_kind"]), entered["scope_id"]
        )
        try:
            services.grant_role(
                actor,
                user,
                grant,
                starts_on=entered["starts_on"],
                now=clock.now(),
                why=entered["why"],
            )
        except Refused as error:
            status = _into_form(form, error)
        else:
            return redirect("access:show_user", user.pk)
    context = {**_user_context(actor, user), "form": form}
    return render(request, "access/show_user.html", context, status=status)


@require_POST
def confirm_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a grant into force as its second person."""
    grant = services.confirm_role(_granting(request), pk, now=clock.now())
    return redirect("access:show_user", grant.user_id)


@require_POST
def revoke_role(request: HttpRequest, pk: int) -> HttpResponse:
    """End a grant today."""
    actor = _granting(request)
    grant = services.revoke_role(
        actor,
        pk,
        ends_on=clock.today(),
        now=clock.now(),
        why=request.POST.get("why", "")[:500],
    )
    return redirect("access:show_user", grant.user_id)


def _user_context(actor: Actor, user: User) -> dict[str, object]:
    today = clock.today()
    return {
        "user_shown": user,
        "lines": [
            (
                grant,
                grant.ends_on is None or grant.ends_on > today,
                rules.refuse_lone_confirmation(actor, grant.granted_by_id, user.pk) is None,
            )
            for grant in grants_of(user)
        ],
        "may_invite": not user.has_usable_password(),
        "is_mail_sent": bool(settings.MAIL_URL),
        "form": GrantForm(initial={"starts_on": today}),
        "may_grant": rules.refuse_own_grant(actor, user.pk) is None,
    }


def _invite(request: HttpRequest, actor: Actor, user: User) -> None:
    services.invite_user(actor, user, origin=request.build_absolute_uri("/"), now=clock.now())


def _user(actor: Actor, pk: int) -> User:
    user = users_visible_to(actor).filter(pk=pk).first()
    if user is None:
        raise NotFound(code="user")
    return user


def _signed_in(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    permit(actor, rules.PERMISSIONS["create_token"])
    return actor


def _granting(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    permit(actor, rules.PERMISSIONS["grant_role"])
    return actor


def _into_form(form: Form, error: Refused) -> int:
    form.add_error(None, error.as_text(_))
    return 409
