"""Forms of campaigns and their words."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.campaigns.contracts import TemplateInfo
from assent.foundation import clock
from assent.segments.contracts import SegmentInfo

__all__ = ["CampaignForm", "TemplateForm"]


class CampaignForm(forms.Form):
    """Who gets what, from whom, when."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("For you and your colleagues; people don’t see it."))
    segment = forms.TypedChoiceField(label=_("To whom"), coerce=int, help_text=_("The segment brings its purpose with it."))
    template = forms.TypedChoiceField(label=_("Message"), coerce=int)
    sender_name = forms.CharField(label=_("Sender’s name"), max_length=120)
    sender_address = forms.EmailField(label=_("Sender’s address"), max_length=254)
    scheduled_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Leave empty to send as soon as you say so."),
    )

    def __init__(
        self, *args: Any, segments: Iterable[tuple[SegmentInfo, str]], templates: Iterable[TemplateInfo], **rest: Any
    ) -> None:
        """Offer these segments, each with its purpose's title, and these templates."""
        super().__init__(*args, **rest)
        to_whom, message = cast("forms.ChoiceField", self.fields["segment"]), cast("forms.ChoiceField", self.fields["template"])
        to_whom.choices = [(found.id, f"{found.name} · {purpose}") for found, purpose in segments]
        message.choices = [(found.id, found.name) for found in templates]

    def clean_scheduled_at(self) -> Any:
        """Refuse a time that is over."""
        at = self.cleaned_data["scheduled_at"]
        if at is not None and at < clock.now():
            raise forms.ValidationError(_("This moment is over. Choose a later one, or leave the field empty."))
        return at


class TemplateForm(forms.Form):
    """The words, in each of the brand's languages."""

    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(self, *args: Any, languages: Iterable[tuple[str, str]], **rest: Any) -> None:
        """Ask for a subject and a body per language, code and name."""
        super().__init__(*args, **rest)
        self.languages = list(languages)
        for code, name in self.languages:
            self.fields[f"subject_{code}"] = forms.CharField(
                label=_("Subject, %s") % name, max_length=300, widget=forms.TextInput(attrs={"lang": code})
            )
            self.fields[f"body_{code}"] = forms.CharField(
                label=_("Message, %s") % name,
                max_length=200_000,
                strip=False,
                widget=forms.Textarea(attrs={"lang": code, "rows": 14}),
            )

    def words(self, part: str) -> dict[str, str]:
        """Return ``subject`` or ``body`` by language."""
        return {code: self.cleaned_data[f"{part}_{code}"] for code, _name in self.languages}
