"""
Every artefact of a large policy: 60 purposes, two languages, every document as page, Markdown and PDF, and the files besides.

In a process of its own, as `assent policy render` is. What Python and typst load once is measured apart: a house that is up
has done it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("render_s", "render_artefacts", "render_first_s")
ROOT = Path(__file__).resolve().parent.parent


def reworded(part, number):
    """Return a policy's data in which every sentence is another: typst remembers what it has laid out before."""
    if isinstance(part, dict) and part and set(part) <= {"en", "ro"} and all(isinstance(each, str) for each in part.values()):
        return {language: f"{words} ({number})" for language, words in part.items()}
    if isinstance(part, dict):
        return {key: reworded(each, number) for key, each in part.items()}
    return [reworded(each, number) for each in part] if isinstance(part, list) else part


def run() -> dict[str, float]:
    """Render the policy once unmeasured, then thrice in other words each time, and return what was seen."""
    import django

    django.setup()
    from assent.privacy.documents import api
    from assent.privacy.policy.contracts import Policy
    from bench._policy import big_bundle

    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        loaded = api.edition_of(bundle=big_bundle(Path(folder))).policy
    assert len(loaded.policy.purposes) == 60
    data = json.loads(loaded.policy.model_dump_json(exclude_defaults=True))
    took = []
    for number in range(4):
        policy = Policy.model_validate_json(json.dumps(reworded(data, number)))
        texts = {key: f"{text} ({number})" for key, text in loaded.texts.items()}
        edition = api.edition_from(policy=policy, texts=texts)
        start = time.perf_counter()
        found = api.artefacts(edition=edition)
        took.append(time.perf_counter() - start)
    for kind in ("html", "md", "pdf"):
        assert sum(path.endswith(f".{kind}") for path in found) >= 10
    return {"first": took[0], "took": sorted(took[1:])[1], "artefacts": len(found)}


def measure():
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        env = {**os.environ, "ASSENT_VAR": folder, "DJANGO_SETTINGS_MODULE": "assent.config.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "bench.render"], check=True, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT
        )
    seen = json.loads(done.stdout)
    return [
        {"name": NAMES[0], "value": seen["took"], "unit": "s", "bar": 2.0, "holds": seen["took"] < 2.0},
        {"name": NAMES[1], "value": seen["artefacts"], "unit": "files", "bar": "-", "holds": True},
        {"name": NAMES[2], "value": seen["first"], "unit": "s", "bar": "-", "holds": True},
    ]


if __name__ == "__main__":
    print(json.dumps(run()))
