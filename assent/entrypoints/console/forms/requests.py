"""Forms of requests: what somebody asked by letter or phone, and what staff do with it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import request_words, words
from assent.privacy.policy.contracts import Policy
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked, Ground, Outcome, Refusal, RequestKind, Via
from assent.privacy.subjects.contracts import Field

__all__ = ["AnswerForm", "RefuseForm", "RequestForm", "WordsForm"]

BY_HAND = (Via.LETTER, Via.PHONE, Via.EMAIL, Via.IN_PERSON)
CORRECTABLE = (
    Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE, Field.STREET, Field.POSTAL_CODE, Field.CITY_OF_ADDRESS,
    Field.BIRTH_DATE,
)  # fmt: skip
CORRECT = "correct_"


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class RequestForm(forms.Form):
    """A request made on somebody's behalf; what is asked for depends on its kind."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, help_text=_("One of the two; it is looked up and not kept here.")
    )
    via = forms.ChoiceField(label=_("How it came"), choices=[(via.value, request_words.VIAS[via]) for via in BY_HAND])
    received_on = forms.DateField(
        label=_("Received on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("The day it reached you: the time is counted from it."),
    )
    checked = forms.BooleanField(
        label=_("I have made sure who asks"),
        required=False,
        help_text=_("As much as the request calls for: a call back, a question only they can answer. Never a copy of an ID."),
    )
    ground = forms.ChoiceField(
        label=_("On which ground"), choices=list(request_words.GROUNDS.items()), widget=forms.RadioSelect
    )
    purposes = forms.MultipleChoiceField(
        label=_("About which purposes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all of them."),
    )
    statement = forms.CharField(
        label=_("A statement that completes the data"), max_length=4_000, required=False, widget=_lines(3)
    )
    decision = forms.CharField(label=_("Which decision"), max_length=200)
    words = forms.CharField(
        label=_("In their own words"),
        max_length=4_000,
        required=False,
        widget=_lines(4),
        help_text=_("Sealed under the person’s key."),
    )

    def __init__(self, *args: Any, kind: RequestKind, policy: Policy, known: bool, **rest: Any) -> None:
        """Leave out what this kind does not ask, and the address where it is known who asks."""
        super().__init__(*args, **rest)
        self.kind, self.known = kind, known
        asked = {
            RequestKind.RESTRICTION: {"ground"},
            RequestKind.OBJECTION: {"purposes"},
            RequestKind.WITHDRAWAL: {"purposes"},
            RequestKind.RECTIFICATION: {"statement"},
            RequestKind.HUMAN_REVIEW: {"decision"},
        }.get(kind, set())
        for name in {"ground", "purposes", "statement", "decision"} - asked:
            del self.fields[name]
        if known:
            del self.fields["email"], self.fields["phone"]
        if "purposes" in self.fields:
            reached = rights.objectable(policy) if kind is RequestKind.OBJECTION else rights.withdrawable(policy)
            purposes: Any = self.fields["purposes"]
            purposes.choices = [(key, words.local(policy.purposes[key].title)) for key in reached]
        if kind is RequestKind.RECTIFICATION:
            for field in CORRECTABLE:
                label = words.FIELDS.get(field.value, field.value)
                self.fields[CORRECT + field.value] = forms.CharField(label=label, max_length=500, required=False)

    @property
    def corrections(self) -> list[Any]:
        """The boxes for right values."""
        return [self[name] for name in self.fields if name.startswith(CORRECT)]

    @property
    def asks(self) -> list[Any]:
        """Everything else that is shown one after the other."""
        apart = {"ground", "purposes"}
        return [self[name] for name in self.fields if not name.startswith(CORRECT) and name not in apart]

    def clean(self) -> dict[str, Any]:
        """Name who asks by one address."""
        found = super().clean() or {}
        if not self.known and bool(found.get("email")) == bool(found.get("phone")):
            self.add_error("email", _("Write the e-mail address or the phone number they are known by."))
        return found

    @property
    def asked(self) -> Asked:
        """What is asked, from a form that fits."""
        found = self.cleaned_data
        fields = {name.removeprefix(CORRECT): text for name, text in found.items() if name.startswith(CORRECT) and text}
        return Asked(
            fields=fields,
            statement=found.get("statement", ""),
            ground=Ground(found["ground"]) if found.get("ground") else None,
            purposes=tuple(found.get("purposes", ())),
            decision=found.get("decision", ""),
            words=found["words"],
        )


class WordsForm(forms.Form):
    """What the person is told."""

    words = forms.CharField(label=_("What to write"), max_length=4_000, widget=_lines(4))


class AnswerForm(forms.Form):
    """How it is granted."""

    outcome = forms.ChoiceField(
        label=_("How"),
        choices=[(Outcome.GRANTED.value, _("Grant all of it")), (Outcome.PARTLY.value, _("Grant a part of it"))],
        widget=forms.RadioSelect,
        initial=Outcome.GRANTED.value,
    )
    reasons = forms.MultipleChoiceField(
        label=_("Why not all"),
        required=False,
        choices=[(one.value, words_) for one, words_ in request_words.REFUSALS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(label=_("What to add to the answer"), max_length=4_000, required=False, widget=_lines(4))


class RefuseForm(forms.Form):
    """Why it is refused."""

    reasons = forms.MultipleChoiceField(
        label=_("Because"),
        choices=[(one.value, words_) for one, words_ in request_words.REFUSALS.items() if one is not Refusal.LEGAL_HOLD],
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(label=_("How it applies here"), max_length=4_000, required=False, widget=_lines(4))
