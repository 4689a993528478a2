"""
Write the compact form of the Open Cookie Database that the policy check looks cookies up in.

    python ops/open_cookie_database.py open-cookie-database.csv

The database (https://github.com/jkwakman/Open-Cookie-Database) is under the Apache License 2.0; see NOTICE.
"""

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TARGET = HERE / "assent" / "privacy" / "policy" / "data" / "open-cookie-database.csv"
COLUMNS = {
    "name": "Cookie / Data Key name",
    "wildcard": "Wildcard match",
    "platform": "Platform",
    "category": "Category",
    "retention": "Retention period",
    "controller": "Data Controller",
}


def compact(source: Path, target: Path = TARGET) -> int:
    """Keep the columns the check needs, in the order of names, and return how many cookies there are."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        rows = [[" ".join(row[column].split()) for column in COLUMNS.values()] for row in csv.DictReader(stream)]
    rows = sorted({tuple(row) for row in rows if row[0]})
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


if __name__ == "__main__":
    print(f"{compact(Path(sys.argv[1]))} cookies written to {TARGET.relative_to(HERE)}")
