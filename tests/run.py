"""
Everything that ``make test`` checks, in order, with a summary.

On Debian as root missing system parts are installed; elsewhere they are named, together with what was left out for want
of them. With ``CI=true`` nothing may be left out.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
sys.path.insert(0, str(HOME))

from tests import postgres  # noqa: E402 - only importable from here

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Part:
    """Something the machine must bring."""

    name: str
    packages: tuple[str, ...]

    @property
    def present(self) -> bool:
        """Return whether it is there."""
        if self.name == "PostgreSQL":
            return postgres.binaries() is not None
        if self.name == "Chromium":
            return any(shutil.which(name) for name in CHROMIUM)
        return shutil.which("npm") is not None


POSTGRESQL = Part("PostgreSQL", ("postgresql",))
BROWSER = Part("Chromium", ("chromium",))
NODE = Part("npm", ("npm",))


@dataclass(frozen=True)
class Check:
    """One line of the summary."""

    name: str
    command: tuple[str | Path, ...]
    group: str = "tests"
    needs: tuple[Part, ...] = ()


# Journeys, wire clients and benchmarks of processes are the same on both engines: they run once.
ONCE = ("tests/journeys", "tests/clients", "tests/html", "tests/house", "tests/mutation", "tests/promises")
DEMO = ("bloom", "harbour", "orbit", "processlab")
ALONE = (BIN / "pytest", "-q", "-p", "no:cacheprovider")
PYTEST = (*ALONE, "-n", "2", "--dist", "loadfile")

CHECKS = (
    Check("style", (BIN / "ruff", "check", "."), "lint"),
    Check("format", (BIN / "ruff", "format", "--check", "."), "lint"),
    Check("types", (BIN / "mypy", "assent"), "lint"),
    Check("floors", (BIN / "lint-imports", "--no-cache"), "lint"),
    Check("mutation of policies", (sys.executable, "-m", "tests.mutation.run", *(f"policies/{name}" for name in DEMO))),
    Check("tests on SQLite", (*PYTEST, *(f"--ignore={path}" for path in ONCE[:3]))),
    Check(
        "tests on PostgreSQL",
        (sys.executable, "tests/postgres.py", "--", *PYTEST, *(f"--ignore={path}" for path in ONCE)),
        needs=(POSTGRESQL,),
    ),
    Check("journeys in a browser", (*ALONE, ONCE[0]), needs=(BROWSER,)),
    Check("pages as HTML", (*ALONE, ONCE[2]), needs=(NODE,)),
    Check("clients on the wire", (*ALONE, ONCE[1]), needs=(BROWSER, NODE)),
)


def install(parts: list[Part]) -> None:
    """Install missing parts where we may: on Debian, as root."""
    if not parts or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    packages = [package for part in parts for package in part.packages]
    print(f"Installing {', '.join(packages)} ...", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], check=False, **quiet)


def main() -> int:
    """Run the checks and return 0 only if all passed and (in CI) none was left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("lint", "tests"), help="one group of checks")
    chosen = parser.parse_args().only
    wanted = [check for check in CHECKS if chosen in (None, check.group)]
    install(sorted({part for check in wanted for part in check.needs if not part.present}, key=lambda part: part.name))
    env = {**os.environ, "PYTHONPATH": str(HOME)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    lines, failed, left_out = [], False, False
    for check in wanted:
        missing = [part.name for part in check.needs if not part.present]
        if missing:
            left_out = True
            lines.append(f"LEFT OUT  {check.name}: {' and '.join(missing)} not installed")
            continue
        print(f"\n=== {check.name}", flush=True)
        began = time.monotonic()
        code = subprocess.run([str(word) for word in check.command], cwd=HOME, env=env, check=False).returncode
        failed = failed or code != 0
        lines.append(f"{'passed' if code == 0 else 'FAILED':8}  {check.name} ({time.monotonic() - began:.0f} s)")
    print("\n" + "\n".join(lines))
    if left_out and os.environ.get("CI") == "true":
        print("In CI nothing may be left out.")
        failed = True
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
