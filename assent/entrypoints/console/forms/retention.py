"""Forms of retention."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.privacy.retention.contracts import HoldReason

__all__ = ["REASONS", "HoldForm"]

REASONS = {
    HoldReason.CLAIM: _("A claim is made, or defended against"),
    HoldReason.AUTHORITY: _("An authority or a court asks for the data"),
    HoldReason.OBLIGATION: _("Another law says that the data are kept"),
}


class HoldForm(forms.Form):
    """A legal hold: on one person, on a purpose, or on everyone."""

    reason = forms.ChoiceField(label=_("Why"), choices=[(one.value, words) for one, words in REASONS.items()])
    reference = forms.CharField(
        label=_("Number of the file"),
        max_length=60,
        help_text=_("A number, like C-118/2026. Name nobody: it stays longer than they do."),
    )
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    purpose = forms.ChoiceField(label=_("What is kept for"), required=False)
    person = forms.UUIDField(
        label=_("Person"), required=False, help_text=_("The id on the person’s page. Left empty, the hold is on everyone.")
    )

    def __init__(self, *args: Any, purposes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [("", _("All purposes")), *purposes]  # type: ignore[attr-defined]
