"""Forms of the settings: properties, keys, staff."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import words
from assent.tenancy.contracts import Permission, Role

__all__ = ["ApiKeyForm", "PropertyForm", "StaffForm"]


class PropertyForm(forms.Form):
    """A new website, app or server."""

    name = forms.CharField(label=_("Name"), max_length=120)
    slug = forms.SlugField(
        label=_("Short name"), max_length=50, help_text=_("Letters, digits and hyphens; it can’t be changed later.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=list(words.KINDS.items()))
    rudder = forms.BooleanField(
        label=_("Uses a RudderStack library"), required=False, help_text=_("Those send batches of up to 4 MiB.")
    )


class ApiKeyForm(forms.Form):
    """A new key for the REST API."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Say what will use it."))
    verbs = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(permission.value, words.PERMISSIONS[permission]) for permission in Permission],
        widget=forms.CheckboxSelectMultiple,
    )


class StaffForm(forms.Form):
    """A role for a member of staff; the account is made if there is none."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=list(words.ROLES.items()))

    def clean_role(self) -> Role:
        """Return the role as the house knows it."""
        return Role(self.cleaned_data["role"])

    def clean_email(self) -> Any:
        """Return the address as it is compared."""
        return self.cleaned_data["email"].strip().lower()
