"""
A started impact assessment as the CNIL's PIA software reads it (its import of a JSON file; questions 111 to 346).

The answers a policy gives are filled in; severity, likelihood, opinions and validation are left open. Answers are HTML there,
so every text is escaped.
"""

import json
from datetime import UTC, datetime
from html import escape
from typing import Any

from assent.privacy.documents.contracts import Edition
from assent.privacy.documents.impact import CONTEXT, PRINCIPLES, answers
from assent.privacy.documents.words import words
from assent.privacy.ropa import api as ropa

__all__ = ["to_cnil"]

# Its questions, in the order of ours.
CONTEXT_QUESTIONS = (111, 112, 113, 121, 122, 123)
PRINCIPLES_QUESTIONS = (211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 227)
# Which measures work against illegitimate access, unwanted change, disappearance.
MEASURES_QUESTIONS = (324, 334, 344)
# Older versions of the software refuse a file without it.
DB_VERSION = 201707071818
IN_PROGRESS = 0
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)


def to_cnil(edition: Edition, language: str) -> bytes:
    """Return the assessment in a language; the same edition gives the same bytes."""
    policy = edition.policy.policy
    moment = (edition.stamp.published_at or LONG_AGO).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    name = words(language, "impact").say("name", controller=policy.controller.name, number=edition.stamp.number)
    officer = policy.controller.data_protection_officer
    measures = ropa.measures(policy, language)
    told: dict[int, dict[str, Any]] = {number: {"text": text} for number, text in _texts(edition, language).items()}
    told |= {number: {"chosen": [measure.title for measure in measures]} for number in MEASURES_QUESTIONS}
    pia = {
        "id": 1, "status": IN_PROGRESS, "is_example": 0, "is_archive": 0, "dbVersion": DB_VERSION, "structure_id": "",
        "name": name, "category": "", "author_name": policy.controller.name,
        "evaluator_name": officer.name or (officer.contact.email if officer.contact else ""), "validator_name": "",
        "dpos_names": officer.name or "", "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    whole = {
        "pia": pia,
        "answers": [
            {"id": at, "pia_id": 1, "reference_to": number, "data": _answer(**data), "created_at": moment, "updated_at": moment}
            for at, (number, data) in enumerate(told.items(), 1)
        ],
        "measures": [
            {
                "id": at, "pia_id": 1, "title": one.title, "content": f"<p>{escape(one.check)}</p>",
                "placeholder": "measures.default_placeholder", "created_at": moment, "updated_at": moment,
            }
            for at, one in enumerate(measures, 1)
        ],
        "evaluations": [],
        "comments": [],
    }  # fmt: skip
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def _answer(*, text: str | None = None, chosen: list[str] | None = None) -> dict[str, Any]:
    return {"text": text, "gauge": None, "list": chosen or []}


def _texts(edition: Edition, language: str) -> dict[int, str]:
    told = answers(edition.policy.policy, language)
    questions = zip((*CONTEXT_QUESTIONS, *PRINCIPLES_QUESTIONS), (*CONTEXT, *PRINCIPLES), strict=True)
    return {number: _html(told[name]) for number, name in questions}


def _html(lines: tuple[str, ...]) -> str:
    if len(lines) == 1:
        return f"<p>{escape(lines[0])}</p>"
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
