"""How a recipient is told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console.recipient_words import WAYS
from assent.privacy.disclosures.contracts import Form

__all__ = ["WayForm"]


class WayForm(forms.Form):
    """One way, its address, and how people are named in notices."""

    way = forms.ChoiceField(label=_("Way"), choices=list(WAYS.items()))
    address = forms.CharField(
        label=_("Address"), max_length=300, help_text=_("A mail address of the company, or its OpenDSR endpoint. No passwords.")
    )
    form = forms.ChoiceField(
        label=_("People are named by"),
        choices=[
            (Form.RAW.value, _("e-mail, phone or number, as it got them")),
            (Form.SHA256.value, _("their SHA-256")),
        ],
        help_text=_("A notice names nobody by more than the recipient had before."),
    )
