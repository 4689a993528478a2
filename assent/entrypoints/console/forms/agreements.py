"""Forms of the agreements: who accepts, and what an end brings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.tenancy.contracts import EndChoice

__all__ = ["CHOICES", "AcceptForm", "EndForm"]

CHOICES: dict[str, Any] = {
    EndChoice.RETURN: _("They are returned to the brand, and what is left is deleted"),
    EndChoice.DELETE: _("They are deleted"),
}


class AcceptForm(forms.Form):
    """Who accepts, and of which words they say they have read them."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("As it stands in the agreement for good."))
    position = forms.CharField(label=_("Your position"), max_length=120, help_text=_("What you are at the brand: director."))
    read = forms.BooleanField(label=_("I have read the text and may accept it for the brand"))


class EndForm(forms.Form):
    """What an end brings."""

    choice = forms.ChoiceField(
        label=_("What becomes of the data"), choices=list(CHOICES.items()), widget=forms.RadioSelect, initial=EndChoice.RETURN
    )
    due_on = forms.DateField(
        label=_("At the latest on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("As the policy’s terms have it, unless you agreed on another day."),
    )
    until = forms.DateField(
        label=_("The agreement ends on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("At the beginning of that day. Leave it empty to end at once."),
    )
    reason = forms.CharField(label=_("Why it ends"), max_length=500, help_text=_("In a few words, without names of people."))
