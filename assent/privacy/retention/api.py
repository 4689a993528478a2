"""
Retention: let data end when their purpose does, hold back what a claim needs, and say what comes.

A run walks everybody in batches; what changes for single people (a withdrawal, an objection) is drawn at once. Both are the
same deed: work out which purposes live, and erase what none of them holds.
"""

from assent.privacy.retention.closing import close_agreements, closing, closings, fetch
from assent.privacy.retention.drawing import draw, ended, note, orphans, settle_people
from assent.privacy.retention.explaining import explain, note_told, tell_what_stays
from assent.privacy.retention.holding import hold, holds, holds_on, release
from assent.privacy.retention.staying import must_stay
from assent.privacy.retention.walking import begin, counts, found_left, preview, runs, scan, step, sweep

__all__ = [
    "begin", "close_agreements", "closing", "closings", "counts", "draw", "ended", "explain", "fetch", "found_left", "hold",
    "holds", "holds_on", "must_stay", "note", "note_told", "orphans", "preview", "release", "runs", "scan", "settle_people",
    "step", "sweep", "tell_what_stays",
]  # fmt: skip
