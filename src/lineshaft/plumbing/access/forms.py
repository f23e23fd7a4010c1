"""Forms of users, grants and tokens: fields and formats only; the rules are elsewhere."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.access.rules import TOKEN_LIFE_MAX_DAYS
from lineshaft.plumbing.roles import ROLE_CHOICES, SCOPE_CHOICES, ScopeKind


class TokenForm(forms.Form):
    """What a new token is called, how long it lives and whether it may write."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("The system that will use it, so that you know it again."),
    )
    days = forms.IntegerField(
        label=_("Days"),
        min_value=1,
        max_value=TOKEN_LIFE_MAX_DAYS,
        initial=90,
        help_text=_("After these days it stops working by itself."),
    )
    may_write = forms.BooleanField(
        label=_("May write"),
        required=False,
        help_text=_("Without this it reads only, whatever your own roles allow."),
    )


class UserForm(forms.Form):
    """Who can sign in, and the first password, to be told to the person in private."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least eight characters, not only digits, and no common word."),
    )

    def clean_password(self) -> str:
        """The password, when the validators of the settings take it."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class GrantForm(forms.Form):
    """Which role, over what, from which day."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES)
    scope_kind = forms.ChoiceField(label=_("Scope"), choices=SCOPE_CHOICES)
    scope_id = forms.CharField(
        label=_("Scope id"),
        max_length=64,
        required=False,
        help_text=_(
            "The key of the institute or agency, or the number of the organisation. Empty for the"
            " network."
        ),
    )
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    why = forms.CharField(
        label=_("Why"),
        max_length=500,
        required=False,
        help_text=_("Who asked for it; it stands in the audit trail."),
    )

    def clean(self) -> dict[str, object]:
        """The entries, when a scope other than the network names its id and the network none."""
        cleaned: dict[str, object] = super().clean() or {}
        is_network = cleaned.get("scope_kind") == ScopeKind.NETWORK
        if is_network and cleaned.get("scope_id"):
            self.add_error(
                "scope_id", _("A role over the network has no scope id. Leave it empty.")
            )
        if not is_network and not cleaned.get("scope_id"):
            self.add_error("scope_id", _("Say over which institute, agency or organisation."))
        return cleaned
