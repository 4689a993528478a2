"""Forms of breaches, alarms and demands. Texts are checked where they are kept: the register names nobody."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import breach_words as said
from assent.privacy.breaches.contracts import Account, Assessment, Circumstance, DataContext, Ease, Nature, Reading, Risk

__all__ = [
    "AccountForm", "AffectedForm", "AssessForm", "ConfirmForm", "DescribeForm", "NoteForm", "NotifiedForm", "OrderAnswerForm",
    "OrderForm", "StatedForm", "SuspectForm", "accounts",
]  # fmt: skip

NO_NAMES = _("Kept as it is and read by others: name nobody, write no address and no number.")
FORMAT = "%Y-%m-%dT%H:%M"


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """Return a field for a moment, in the brand's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORMAT)
    return forms.DateTimeField(label=label, required=required, widget=widget, input_formats=[FORMAT], help_text=help_text)


def text(label: Any, *, required: bool = True, help_text: Any = NO_NAMES, rows: int = 3) -> forms.CharField:
    """Return a field for a few sentences."""
    return forms.CharField(
        label=label, required=required, max_length=4_000, widget=forms.Textarea(attrs={"rows": rows}), help_text=help_text
    )


def boxes(label: Any, choices: Any, *, required: bool = False) -> forms.MultipleChoiceField:
    """Return tick boxes."""
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple, required=required)


class SuspectForm(forms.Form):
    """A suspicion."""

    title = forms.CharField(label=_("What is it about?"), max_length=120, help_text=NO_NAMES)
    found_at = moment(_("Noticed"))
    nature = boxes(_("What may have been lost"), list(said.NATURES.items()))
    note = text(_("What you know so far"), required=False)
    alarm = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_nature(self) -> list[Nature]:
        """Return what the house calls it."""
        return [Nature(one) for one in self.cleaned_data["nature"]]


class DescribeForm(forms.Form):
    """The facts that are no sentences."""

    title = forms.CharField(label=_("Title"), max_length=120)
    began_at = moment(_("Began"), required=False)
    ended_at = moment(_("Ended"), required=False)
    nature = boxes(_("What was lost"), list(said.NATURES.items()))
    touched = boxes(_("Which data"), [])
    subjects = boxes(_("Kinds of people"), [])
    countries = forms.CharField(
        label=_("Other member states whose people are affected"), required=False, max_length=80,
        help_text=_("Two letters each, as BG HU."),
    )  # fmt: skip
    unintelligible = forms.BooleanField(
        label=_("The data mean nothing to whoever got them"), required=False,
        help_text=_("They were encrypted, and the key was not lost with them (GDPR art. 34(3)(a))."),
    )  # fmt: skip
    why_not_told = text(_("Why the people are not written to"), required=False, rows=2)

    def __init__(self, *args: Any, data_items: Any, kinds: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["touched"].choices = data_items  # type: ignore[attr-defined]
        self.fields["subjects"].choices = kinds  # type: ignore[attr-defined]

    def clean_countries(self) -> list[str]:
        """Return codes of countries."""
        found = self.cleaned_data["countries"].upper().replace(",", " ").split()
        if any(len(one) != 2 or not one.isalpha() for one in found):
            raise forms.ValidationError(_("Write each country as two letters."))
        return found


class AccountForm(forms.Form):
    """What happened, in one language."""

    what = text(_("What happened"), required=False)
    causes = text(_("Causes"), required=False, help_text="", rows=2)
    effects = text(_("What it may mean for people"), required=False, help_text="")
    measures = text(_("What has been done"), required=False, help_text="")
    advice = text(_("What people can do themselves"), required=False, help_text="", rows=2)


def accounts(languages: Any, breach: Any, data: Any = None) -> dict[str, AccountForm]:
    """Return a form per language, filled with what is written."""
    return {
        language: AccountForm(data, prefix=language, initial=vars_of(breach.accounts.get(language, Account())))
        for language in languages
    }


def vars_of(account: Account) -> dict[str, str]:
    """Return an account as what a form begins with."""
    return {name: getattr(account, name) for name in ("what", "causes", "effects", "measures", "advice")}


class AffectedForm(forms.Form):
    """Which reads and writes belong to the breach."""

    by = boxes(_("By whom"), [])
    since = moment(_("From"))
    until = moment(_("Until"))
    readings = boxes(_("What was read or changed"), list(said.READINGS.items()), required=True)

    def __init__(self, *args: Any, doers: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["by"].choices = doers  # type: ignore[attr-defined]
        self.fields["by"].help_text = _("None ticked means every key and every colleague.")

    def clean_readings(self) -> tuple[Reading, ...]:
        """Return what the house calls them."""
        return tuple(Reading(one) for one in self.cleaned_data["readings"])


class StatedForm(forms.Form):
    """An estimate."""

    people = forms.IntegerField(label=_("People, about"), min_value=0, max_value=10**10)
    records = forms.IntegerField(label=_("Records, about"), min_value=0, max_value=10**12)


class AssessForm(forms.Form):
    """What is put into the formula, and the risk people see."""

    kind = forms.ChoiceField(label=_("Class of the data"), choices=list(said.CONTEXTS.items()))
    context = forms.TypedChoiceField(
        label=_("Score of the data"), coerce=int, choices=[(n, str(n)) for n in range(1, 5)],
        help_text=_("Begins with the class; raise or lower it by what the data tell in this case."),
    )  # fmt: skip
    ease = forms.ChoiceField(label=_("How easily people are recognised"), choices=list(said.EASES.items()))
    confidentiality = forms.ChoiceField(label=_("Confidentiality lost"), choices=list(said.SECRECY.items()))
    integrity = forms.ChoiceField(label=_("Integrity lost"), choices=list(said.WHOLENESS.items()))
    availability = forms.ChoiceField(label=_("Availability lost"), choices=list(said.PRESENCE.items()))
    malicious = forms.BooleanField(label=_("Somebody meant harm"), required=False)
    risk = forms.ChoiceField(
        label=_("Risk to the people"), required=False, choices=[("", _("as the formula gives")), *said.RISKS.items()]
    )
    reason = text(_("Why you judge otherwise"), required=False, rows=2)

    def inputs(self) -> Assessment:
        """Return what is put in."""
        found = self.cleaned_data
        return Assessment(
            DataContext(found["kind"]), found["context"], Ease(found["ease"]), Circumstance(found["confidentiality"]),
            Circumstance(found["integrity"]), Circumstance(found["availability"]), malicious=found["malicious"],
        )  # fmt: skip

    def chosen(self) -> Risk | None:
        """Return the risk people see, if they chose one."""
        return Risk(self.cleaned_data["risk"]) if self.cleaned_data["risk"] else None

    @staticmethod
    def begin(inputs: Assessment) -> dict[str, object]:
        """Return an assessment as what the form begins with."""
        names = ("context", "ease", "confidentiality", "integrity", "availability", "malicious")
        return {"kind": inputs.data.value} | {name: getattr(inputs, name) for name in names}


class ConfirmForm(forms.Form):
    """From when somebody was certain."""

    aware_at = moment(_("Certain since"), help_text=_("The clock runs from then (GDPR art. 33(1))."))
    note = text(_("What made it certain"), required=False, rows=2)


class NoteForm(forms.Form):
    """A step with a few words."""

    note = text(_("In a few words"), rows=2)


class NotifiedForm(forms.Form):
    """That the authority was told."""

    sent_at = moment(_("Sent"))
    reference = forms.CharField(label=_("Number the authority gave"), max_length=120, required=False)
    why_late = text(_("Why it is late"), required=False, rows=2, help_text=_("Only for a first notification after the end."))


class OrderForm(forms.Form):
    """A demand of an authority."""

    authority = forms.CharField(label=_("Who demands it"), max_length=200)
    reference = forms.CharField(label=_("Their file number"), max_length=120, required=False)
    ground = forms.CharField(label=_("On which legal ground"), max_length=300, help_text=_("Statute and article."))
    what = text(_("What is demanded"))
    people = forms.CharField(
        label=_("Whose data"), max_length=8_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Ids of people, as they stand in the address of each person’s page; one a line."),
    )  # fmt: skip
    received_at = moment(_("Received"))
    secret = forms.BooleanField(label=_("The law forbids telling the people"), required=False)
    secret_until = moment(_("Forbidden until"), required=False, help_text=_("Empty: until somebody lifts the ban here."))


class OrderAnswerForm(forms.Form):
    """What was handed over."""

    handed = text(_("What was handed over, or why nothing was"), rows=2)
    refused = forms.BooleanField(label=_("Nothing was handed over"), required=False)
