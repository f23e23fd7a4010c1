"""Forms of users, grants and tokens: fields and formats only; the rules are elsewhere."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.access.rules import TOKEN_LIFE_MAX_DAYS
from lineshaft.plumbing.roles import ROLE_CHOICES, SCOPE_CHOICES


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
    """Who can sign in; the first password is set by the person, from a link that is mailed."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("A link to set the password goes there."),
    )


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
