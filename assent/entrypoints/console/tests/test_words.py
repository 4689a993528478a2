"""Every code has words, every word is Romanian too, and the compiled catalogue is the written one."""

import ast
import gettext
import re
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override
from django.utils.translation.template import templatize

from assent.audit.contracts import Did
from assent.campaigns.contracts import CampaignState
from assent.dispatch.contracts import State, Stopped
from assent.entrypoints.console import deeds, reasons, request_words, story, words
from assent.foundation.personal import registered
from assent.ingest.contracts import Refusal
from assent.pieces.days import day
from assent.privacy.consent.contracts import Method
from assent.privacy.lawfulness.contracts import Why
from assent.privacy.policy.contracts import Basis, Channel, Counted, FoldKind, Then
from assent.privacy.rights.contracts import BadRequest, NotNow
from assent.privacy.suppression.contracts import Kind
from assent.tenancy.contracts import Permission, Role

HOUSE = Path(__file__).resolve().parents[3]
CATALOGUE = HOUSE / "locale" / "ro" / "LC_MESSAGES"
CALLS = {"_", "gettext", "gettext_lazy", "pgettext_lazy", "ngettext"}


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (Did, deeds.SENTENCES),
        (State, story.STATES),
        (Method, story.METHODS),
        (Stopped, reasons.AT_HAND_OVER),
        (CampaignState, words.STAGES),
        (Basis, words.BASES),
        (Channel, words.CHANNELS),
        (Counted, words.COUNTED),
        (Then, words.THEN),
        (FoldKind, words.FOLDS),
        (Kind, words.STOPS),
        (Role, words.ROLES),
        (Permission, words.PERMISSIONS),
    ],
    ids=lambda found: getattr(found, "__name__", ""),
)
def test_every_code_has_words(codes, said):
    assert [code for code in codes if code not in said] == []


def test_every_store_has_a_name():
    assert [store.name for store in registered() if store.name not in words.STORES] == []


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("code", [*Why, *Refusal, *Stopped])
def test_every_reason_is_a_sentence_in_both_languages(code, language):
    with override(language):
        assert reasons.reason(code).endswith(".")


def written():
    """Return the catalogue as it is written: (context and) message → words."""
    found = {}
    for block in (CATALOGUE / "django.po").read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = re.findall(r'^(msg\w+(?:\[\d\])?) "(.*)"$', block, re.MULTILINE)
        entry = {name: text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\") for name, text in lines}
        key = f"{entry['msgctxt']}\x04{entry['msgid']}" if "msgctxt" in entry else entry["msgid"]
        if "msgid_plural" in entry:
            found |= {(key, n): entry[f"msgstr[{n}]"] for n in range(3)}
        else:
            found[key] = entry["msgstr"]
    return found


def compiled():
    with (CATALOGUE / "django.mo").open("rb") as file:
        return {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key}


def test_the_compiled_catalogue_is_the_written_one():
    assert compiled() == written()


def said_in_python(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if node.func.id == "pgettext_lazy":
                yield f"{texts[0]}\x04{texts[1]}"
            elif texts:
                yield texts[0]


def said_in_template(path):
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    text = r"""u?(['"])((?:\\.|(?!\{0}).)*)\{0}"""
    call = re.compile(rf"\b(pgettext|ngettext|gettext|_)\({text.format(2)}(?:, {text.format(4)})?", re.DOTALL)
    for found in call.finditer(source):
        kind, first, second = found[1], plain(found[3]), plain(found[5] or "")
        yield f"{first}\x04{second}" if kind == "pgettext" else first


def plain(text):
    return text.replace("\\'", "'").replace('\\"', '"')


def test_everything_said_is_said_in_romanian():
    known = {key[0] if isinstance(key, tuple) else key for key, text in compiled().items() if text}
    sources = [HOUSE / "entrypoints" / "console", HOUSE / "entrypoints" / "portal", HOUSE / "pieces"]
    python = {
        text
        for folder in sources
        for path in folder.rglob("*.py")
        if "tests" not in path.parts
        for text in said_in_python(path)
    }
    pages = {
        text
        for folder in sources
        for kind in ("*.html", "*.txt")
        for path in folder.rglob(kind)
        for text in said_in_template(path)
    }

    assert len(pages) > 200
    assert sorted((python | pages) - known) == []


def test_romanian_is_written_with_commas_below_and_not_cedillas():
    assert not re.search("[şţŞŢ]", (CATALOGUE / "django.po").read_text(encoding="utf-8"))


def test_days_are_short_and_in_order():
    with override("en"):
        assert day(date(2026, 11, 3)) == "3 Nov"
    with override("ro"):
        assert day(date(2026, 11, 3), year=True) == "3 nov. 2026"


@pytest.mark.parametrize(
    ("written", "said"), [("P3Y", "3 years"), ("P5Y6M", "5 years 6 months"), ("PT72H", "72 hours"), ("P1W", "7 days")]
)
def test_durations_are_said_as_people_say_them(written, said):
    with override("en"):
        assert words.span(written) == said


def test_romanian_says_de_from_twenty_on():
    with override("ro"):
        assert words.span("P19D") == "19 zile"
        assert words.span("P20D") == "20 de zile"


def refusals():
    """Return the sentences in which requests are refused or put off, as the code has them."""
    calls = (
        node
        for file in sorted((HOUSE / "privacy" / "rights").glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"BadRequest", "NotNow", "UnknownSubject"}
    )
    return sorted({call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)})


@pytest.mark.parametrize("sentence", refusals())
def test_why_a_request_is_refused_is_said_in_romanian_with_the_same_things_in_it(sentence):
    romanian = written().get(sentence, "")
    assert romanian, f"write it into the catalogue: {sentence}"
    assert sorted(re.findall(r"%\((\w+)\)", romanian)) == sorted(re.findall(r"%\((\w+)\)", sentence))


def test_what_stands_in_a_refusal_is_said_in_the_readers_language_and_the_api_keeps_english():
    why = NotNow("this request has ended: it is %(state)s", state="taken back")
    assert str(why) == "this request has ended: it is taken back"
    with override("ro"):
        assert request_words.told(why) == "Această cerere s-a încheiat. Starea ei: retrasă."
        assert request_words.told(BadRequest("100% of it is missing")) == "100% of it is missing."
    with override("en"):
        assert request_words.told(why) == "This request has ended: it is taken back."
