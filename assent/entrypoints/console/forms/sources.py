"""Forms of sources."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.privacy.sources.contracts import Ground

__all__ = ["GROUNDS", "ExemptForm", "NameForm"]

GROUNDS = {
    Ground.KNOWN: _("They know already: told by post, by phone or by somebody else"),
    Ground.IMPOSSIBLE: _("Telling is impossible, or would take an effort out of proportion"),
    Ground.LAW: _("A law lets us obtain the data, and protects the person"),
    Ground.SECRECY: _("A duty of professional secrecy forbids it"),
}


class ExemptForm(forms.Form):
    """Why people need not be told, or not any more."""

    ground = forms.ChoiceField(
        label=_("Why they need not be told"), choices=[(one.value, said) for one, said in GROUNDS.items()]
    )
    reason = forms.CharField(
        label=_("What shows it"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you weighed, or how and when they were told. Name nobody: it stays longer than they do."),
    )  # fmt: skip
    without_way = forms.BooleanField(label=_("Only those no message reaches"), required=False)


class NameForm(forms.Form):
    """Where people came from who were brought in without it."""

    named = forms.ChoiceField(label=_("Where their data came from"))

    def __init__(self, *args: Any, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["named"].choices = sources  # type: ignore[attr-defined]
