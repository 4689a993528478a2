"""Editions of the bundles, and one document that holds every hostile text in every place a text can stand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.contracts import (
    Callout,
    CalloutKind,
    Document,
    Facts,
    Items,
    Kind,
    Paragraph,
    Run,
    Section,
    Stamp,
    Table,
)

HOME = Path(__file__).parents[4]
BUNDLES = HOME / "policies"
NAUGHTY = json.loads((HOME / "assent/entrypoints/collect/tests/data/blns.json").read_text())
# What could become markup in one of the three formats.
CRAFTED = [
    "</article><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example> https://evil.example www.evil.org",
    "# title\n> quote\n- item\n1. item\n    code\n---\n***\n```\nfence\n```\n| a | b |\n| --- | --- |",
    "*strong* _em_ `code` ~~gone~~ &lt;b&gt; &amp; \\* $x$ $$y$$ [^1]: note",
    '#import "@preview/cetz:0.3.0" #read("/etc/passwd") #sys.inputs $ integral $ @label <label> \\u{1f600} // comment',
    "line one\nline two\n\n+ plus\n= equals",
]
HOSTILE = [*NAUGHTY, *CRAFTED]


@pytest.fixture
def hostile():
    """Hostile texts as title, lead, heading, paragraph, list, definition, table and note, and as addresses."""
    runs = [(Run(text, strong=at % 3 == 0, href=text, quiet=at % 2 == 0),) for at, text in enumerate(HOSTILE)]
    blocks = (
        *(Paragraph(each) for each in runs),
        Items(tuple(runs)),
        Items(tuple(runs), ordered=True),
        Facts(tuple(zip(HOSTILE, runs, strict=True))),
        Table(HOSTILE[5], ("one", HOSTILE[-3]), tuple((each, each) for each in runs)),
        *(Callout(CalloutKind.NOTE, each) for each in runs),
    )
    headed = tuple(Section(f"text-{at}", text or "-", ()) for at, text in enumerate(HOSTILE))
    return Document(
        kind=Kind.PRIVACY_NOTICE,
        of="bloom",
        language="en",
        title=CRAFTED[0],
        lead=runs[-1],
        stamp=Stamp(3, "ab" * 32, datetime(2026, 11, 23, 12, tzinfo=UTC)),
        sections=(Section("all", CRAFTED[2], blocks, headed),),
    )


@pytest.fixture(scope="session")
def bloom():
    return api.edition_of(bundle=BUNDLES / "bloom")


@pytest.fixture(scope="session")
def processlab():
    return api.edition_of(bundle=BUNDLES / "processlab")
