"""
Measures every claim against its limit in the same run: ``make bench``, or ``make bench ONLY=name``.

Each module beside this one has a ``measure()`` that returns rows of name, value, unit, bar and whether the bar holds.
"""

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))


def main() -> int:
    """Print the table, write ``results.json``, and return 1 if a bar does not hold."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    rows = []
    for file in sorted(HERE.glob("*.py")):
        if file.stem == "run" or file.stem.startswith("_"):
            continue
        module = importlib.import_module(f"bench.{file.stem}")
        names = getattr(module, "NAMES", ())
        if not hasattr(module, "measure") or (only and only not in names and only != file.stem):
            continue
        for row in module.measure():
            if only in ("", row["name"], file.stem):
                rows.append(row)
                held = "holds" if row["holds"] else "MISSED"
                print(f"{row['name']:28} {row['value']:>14,.3f} {row['unit']:12} bar {row['bar']!s:>10}  {held}", flush=True)
    if not rows:
        print(f"nothing measures {only!r}", file=sys.stderr)
        return 2
    (HERE / "results.json").write_text(json.dumps(rows, indent=2) + "\n")
    return int(not all(row["holds"] for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
