"""
Retention: let data end when their purpose does, hold back what a claim needs, and say what comes.

A run walks everybody in batches; what changes for single people (a withdrawal, an objection) is drawn at once. Both are the
same deed: work out which purposes live, and erase what none of them holds.
"""

from assent.privacy.retention.drawing import draw, ended, note, orphans, settle_people
from assent.privacy.retention.holding import hold, holds, holds_on, release
from assent.privacy.retention.running import begin, counts, preview, runs, step, sweep

__all__ = [
    "begin", "counts", "draw", "ended", "hold", "holds", "holds_on", "note", "orphans", "preview", "release", "runs",
    "settle_people", "step", "sweep",
]  # fmt: skip
