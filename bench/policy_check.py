"""
The check of a policy with 60 purposes in two languages and all parts: reading, shape, law, cookies, claims.

The first check of a process, as ``assent policy check`` runs it, with everything known read from its files; and one more
in the same process, as the editor runs it after each pause in typing.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

NAMES = ("policy_check_s", "policy_check_again_s")
BAR = 1.0
PURPOSES = 60
ROUNDS = 5
ROOT = Path(__file__).resolve().parent.parent


def checked(folder: Path) -> None:
    """Check the bundle twice and print how long each took; run in a process of its own."""
    import time

    from assent.privacy.policy.load import check

    taken = []
    for _ in range(2):
        start = time.perf_counter()
        found = check(folder, on=date(2026, 11, 25))
        taken.append(time.perf_counter() - start)
        assert found == [], [str(each) for each in found]
    print(json.dumps(taken))


def measure():
    from bench._policy import big_bundle

    with tempfile.TemporaryDirectory() as house:
        folder = big_bundle(Path(house) / "large", PURPOSES)
        runs = [
            json.loads(subprocess.run([sys.executable, __file__, folder], cwd=ROOT, capture_output=True, check=True).stdout)
            for _ in range(ROUNDS)
        ]
    first, again = (statistics.median(run[turn] for run in runs) for turn in range(2))
    return [
        {"name": "policy_check_s", "value": first, "unit": "s", "bar": f"< {BAR}", "holds": first < BAR},
        {"name": "policy_check_again_s", "value": again, "unit": "s", "bar": "-", "holds": True},
    ]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    checked(Path(sys.argv[1]))
