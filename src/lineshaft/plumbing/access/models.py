"""Users, what they are granted, and the tokens by which other systems act for them.

Invariants: one user an e-mail address, compared without case; a grant covers a half-open span of
days, empty once it was taken back on its first; a grant that waits for a second person is not in
force; a token is stored only as a digest of its secret.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.roles import ROLE_CHOICES, SCOPE_CHOICES


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user; without a password nobody can sign in with one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user who may use Django's own administration."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=16, default="en")
    is_active = models.BooleanField(_("is active"), default=True)
    is_staff = models.BooleanField(_("may use the administration"), default=False)
    is_demonstration = models.BooleanField(_("is a demonstration persona"), default=False)
    date_joined = models.DateTimeField(_("joined at"), auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="access_user_email_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name as the person writes it."""
        return self.name

    def get_short_name(self) -> str:
        """The name as the person writes it."""
        return self.name


class Grant(models.Model):
    """A role that a user holds over something, for a half-open span of days.

    `granted_by` is empty where the program itself granted it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=32, choices=ROLE_CHOICES)
    scope_kind = models.CharField(_("scope"), max_length=16, choices=SCOPE_CHOICES)
    scope_id = models.CharField(_("scope id"), max_length=64, blank=True, default="")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"), null=True, blank=True)
    is_waiting = models.BooleanField(_("waits for a second person"), default=False)
    granted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="access_grant_span_is_forward",
            ),
            models.CheckConstraint(
                condition=(models.Q(scope_kind="network") & models.Q(scope_id=""))
                | (~models.Q(scope_kind="network") & ~models.Q(scope_id="")),
                name="access_grant_scope_is_named",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "scope_kind", "scope_id", "starts_on"],
                condition=models.Q(ends_on__isnull=True),
                name="access_grant_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("granted_by")),
                name="access_grant_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} over {self.scope_kind} {self.scope_id}".rstrip()


class ApiToken(models.Model):
    """A secret by which another system acts for a user, for a time and within scopes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    secret_digest = models.CharField(max_length=64)
    may_write = models.BooleanField(_("may write"), default=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_on = models.DateField(_("last used on"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="access_token_expires_after_creation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class IdempotencyRecord(models.Model):
    """The answer given to a write, so that the same request repeated gets the same answer."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    verb = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="access_idempotency_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"
