import json

from assent.connectors.catcher.sender import Catcher
from assent.dispatch.contracts import Cleared, Outcome, Rendered
from assent.foundation.clock import millis, now


def cleared(*, seconds=9):
    words = Rendered("Bună", "<p>Bună</p>", "Bună", "Bloom", "news@bloom.example")
    return Cleared(
        3,
        1,
        7,
        "direct_marketing",
        "email",
        "ro",
        "ada@people.example",
        "ab" * 16,
        words,
        {"X": "y"},
        millis(now()) + seconds * 1000,
    )


def test_a_mail_is_kept_for_its_person_and_says_everything():
    kept = []
    catcher = Catcher(lambda: lambda **file: kept.append(file))
    [done] = catcher.hand_over([cleared()])
    [file] = kept
    assert done.outcome is Outcome.SENT
    assert (file["controller"], file["subject"], file["kind"]) == (1, 7, "mail")
    assert "ada" not in file["name"]
    assert json.loads(file["data"])["to"] == "ada@people.example"


def test_a_mail_whose_claim_has_run_out_is_let_go():
    kept = []
    [done] = Catcher(lambda: lambda **file: kept.append(file)).hand_over([cleared(seconds=-1)])
    assert done.outcome is Outcome.UNTRIED
    assert kept == []
