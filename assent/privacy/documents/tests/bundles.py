"""Editions to write documents from."""

import json
from datetime import UTC, datetime
from pathlib import Path

from assent.privacy.documents.contracts import Edition, Facts, Items, Paragraph, Stamp, Table, sections
from assent.privacy.policy.api import draft, load
from assent.privacy.policy.contracts import Policy

POLICIES = Path(__file__).parents[4] / "policies"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def edition(name, change=None):
    """Return a shipped policy as version 3; ``change`` may alter its plain data first."""
    loaded = load(POLICIES / name)
    data = loaded.policy.model_dump(mode="json")
    if change:
        change(data)
    policy = Policy.model_validate_json(json.dumps(data))
    return Edition(draft(policy=policy, texts=loaded.texts), Stamp(3, "d" * 64, NOON))


def written(runs):
    return "".join(run.text for run in runs)


def texts(document):
    """Return every text of a document."""
    found = [document.title, written(document.lead)]
    for _depth, section in sections(document):
        found.append(section.title)
        for block in section.blocks:
            match block:
                case Facts(pairs):
                    found += [part for term, runs in pairs for part in (term, written(runs))]
                case Table(caption, head, rows):
                    found += [caption, *head, *(written(cell) for row in rows for cell in row)]
                case Items(items):
                    found += [written(runs) for runs in items]
                case Paragraph(runs):
                    found.append(written(runs))
                case _:
                    found.append(written(block.runs))
    return found


def section(document, name):
    """Return one section by its id."""
    return next(found for _depth, found in sections(document) if found.id == name)


def table(document, name):
    """Return the first table of a section as rows of texts."""
    found = next(block for block in section(document, name).blocks if isinstance(block, Table))
    return [[written(cell) for cell in row] for row in found.rows]


def both(text):
    return {"en": text, "ro": text}
