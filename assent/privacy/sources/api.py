"""
Sources: bring people in with where their data came from, know whether they were told, and tell them in time (art. 14).

Whoever came by themselves has no row here, or one that the notice at collection told (art. 13). A row that is not told
means: no message before its source is one the purpose names, the first message says it, and a letter goes before the month
is over.
"""

from assent.privacy.sources.entering import came_from, check, import_people, name
from assent.privacy.sources.telling import known, open_sources, owed, told, untold
from assent.privacy.sources.watching import counts, exempt, exemptions, groups, members, sweep

__all__ = [
    "came_from", "check", "counts", "exempt", "exemptions", "groups", "import_people", "known", "members", "name",
    "open_sources", "owed", "sweep", "told", "untold",
]  # fmt: skip
