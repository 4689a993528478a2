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
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
    """One line of the summary. ``alone`` for what keeps two cores busy by itself; others run two at a time."""

    name: str
    command: tuple[str | Path, ...]
    group: str = "tests"
    needs: tuple[Part, ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a check went: what it said, unless that was shown as it came."""

    check: Check
    code: int
    seconds: float
    said: str = ""


# Journeys, wire clients and benchmarks of processes are the same on both engines: they run once.
ONCE = ("tests/journeys", "tests/clients", "tests/html", "tests/house", "tests/mutation", "tests/promises")
IN_MEMORY = 6 << 30
DEMO = ("bloom", "harbour", "orbit", "processlab")
SINGLE = (BIN / "pytest", "-q", "-p", "no:cacheprovider")
PYTEST = (*SINGLE, "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")

CHECKS = (
    Check("style", (BIN / "ruff", "check", "."), "lint"),
    Check("format", (BIN / "ruff", "format", "--check", "."), "lint"),
    Check("types", (BIN / "mypy", "assent"), "lint"),
    Check("floors", (BIN / "lint-imports", "--no-cache"), "lint"),
    Check("journeys in a browser", (*SINGLE, ONCE[0]), needs=(BROWSER,)),
    Check("pages as HTML", (*SINGLE, ONCE[2]), needs=(NODE,)),
    Check("clients on the wire", (*SINGLE, ONCE[1]), needs=(BROWSER, NODE)),
    Check(
        "mutation of policies", (sys.executable, "-m", "tests.mutation.run", *(f"policies/{name}" for name in DEMO)), alone=True
    ),
    Check("tests on SQLite", (*PYTEST, *(f"--ignore={path}" for path in ONCE[:3])), alone=True),
    Check(
        "tests on PostgreSQL",
        (sys.executable, "tests/postgres.py", "--", *PYTEST, *(f"--ignore={path}" for path in ONCE)),
        needs=(POSTGRESQL,),
        alone=True,
    ),
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


def run(check: Check, env: dict[str, str]) -> Outcome:
    """Run a check to its end; what runs beside another keeps its words until then."""
    began = time.monotonic()
    words = [str(word) for word in check.command]
    if check.alone:
        print(f"\n=== {check.name}", flush=True)
        code, said = subprocess.run(words, cwd=HOME, env=env, check=False).returncode, ""
    else:
        done = subprocess.run(words, cwd=HOME, env=env, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        code, said = done.returncode, done.stdout.decode(errors="replace")
    return Outcome(check, code, time.monotonic() - began, said)


def outcomes(checks: Sequence[Check], env: dict[str, str]) -> Iterator[Outcome]:
    """Yield how each check went, in their order: first those that run two at a time, then those that run alone."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(lambda check: run(check, env), [check for check in checks if not check.alone])
    for check in checks:
        if check.alone:
            yield run(check, env)


@contextmanager
def working_folder() -> Iterator[str]:
    """
    Give a folder for what the checks write, gone afterwards.

    In memory where that has room: tests make and remove ten thousands of files, and no disk has to keep any of them.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a place in memory, not a name that could be guessed
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= IN_MEMORY
    with tempfile.TemporaryDirectory(
        prefix="assent-checks-", dir=memory if roomy else None, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as somebody else below it
        yield folder


def main() -> int:
    """Run the checks and return 0 only if all passed and (in CI) none was left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("lint", "tests"), help="one group of checks")
    chosen = parser.parse_args().only
    wanted = [check for check in CHECKS if chosen in (None, check.group)]
    install(sorted({part for check in wanted for part in check.needs if not part.present}, key=lambda part: part.name))
    env = {**os.environ, "PYTHONPATH": str(HOME)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    # Hundreds of processes of the house are started: without compiled files each would compile all of it again.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    missing = {check: [part.name for part in check.needs if not part.present] for check in wanted}
    lines = [f"LEFT OUT  {check.name}: {' and '.join(parts)} not installed" for check, parts in missing.items() if parts]
    failed = bool(lines) and os.environ.get("CI") == "true"
    if failed:
        lines.append("In CI nothing may be left out.")
    with working_folder() as folder:
        for one in outcomes(
            [check for check, parts in missing.items() if not parts], {**env, "TMPDIR": folder, "ASSENT_TEST_SHARED": folder}
        ):
            if not one.check.alone:
                print(f"\n=== {one.check.name}\n{one.said}", flush=True)
            failed = failed or one.code != 0
            lines.append(f"{'passed' if one.code == 0 else 'FAILED':8}  {one.check.name} ({one.seconds:.0f} s)")
    print("\n" + "\n".join(lines))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
