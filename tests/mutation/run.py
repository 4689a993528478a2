"""
The mutation score of a policy: change any leaf, and something the house says or does changes, or the policy does not compile.

    python -m tests.mutation.run policies/bloom policies/processlab [--report FILE]

A leaf that steers must change a deed as well as a text; any other must change a text. A dump of the policy is neither.
What survives is dead: a promise that nobody is told of, or that nothing keeps. The last line reads
``mutation score: KILLED/ALL``.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from pydantic import ValidationError  # noqa: E402

from assent.privacy.policy.contracts import Compiled, Policy, Severity  # noqa: E402
from assent.privacy.policy.digests import compiled, digest_of, plain  # noqa: E402
from assent.privacy.policy.load import load, recheck  # noqa: E402
from tests.mutation.artefacts import BANNER, texts_of  # noqa: E402
from tests.mutation.behaviour import Probes, deeds  # noqa: E402
from tests.mutation.leaves import Leaf, leaves, mutants, steers  # noqa: E402

DAY = date(2026, 11, 2)
DOES_NOT_COMPILE = "does not compile"
Texts = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one leaf: which texts and deeds changed with it."""

    leaf: str
    steers: bool
    texts: tuple[str, ...]
    deeds: tuple[str, ...]

    @property
    def killed(self) -> bool:
        """Whether the change was noticed wherever it has to be."""
        return DOES_NOT_COMPILE in self.texts or bool(self.texts and (self.deeds or not self.steers))

    def __str__(self) -> str:
        """Return a line of the report."""
        missing = ("no text " * (not self.texts)) + ("no deed" * (self.steers and not self.deeds))
        found = ", ".join((*self.texts, *self.deeds))
        return f"{self.leaf}: {found}" if self.killed else f"{self.leaf}: SURVIVES ({missing.strip()}) {found}".rstrip()


def whole(policy: Policy, texts: Texts) -> Compiled:
    """Return a policy as if it were published; the number and the digest stand still, since they change with any leaf."""
    codes = {key: at for at, key in enumerate(sorted(policy.purposes))}
    return compiled(policy, texts, number=1, digest=digest_of(b"the same for all mutants"), codes=codes)


def holds_together(policy: Policy) -> bool:
    """Say whether a policy would be published."""
    return not any(finding.severity is Severity.ERROR for finding in recheck(policy, {}, name="mutant", on=DAY))


class Subject:
    """A policy under test, with what it says and does."""

    def __init__(self, bundle: Path) -> None:
        loaded = load(bundle, on=DAY)
        self.data: dict[str, Any] = {"policy": plain(loaded.policy), "texts": {}}
        for (key, language), text in loaded.texts.items():
            self.data["texts"].setdefault(language, {})[key] = text
        self.policy, self.texts = loaded.policy, dict(loaded.texts)
        self.compiled = whole(self.policy, self.texts)
        self.says = texts_of(self.compiled)
        self._does: dict[Probes, dict[str, str]] = {}

    def does(self, probes: Probes) -> dict[str, str]:
        """Return the deeds under the policy as it is."""
        if probes not in self._does:
            self._does[probes] = deeds(self.compiled, probes)
        return self._does[probes]

    def all(self) -> list[Leaf]:
        """Return every leaf, texts included."""
        return [*leaves(self.data["policy"]), *(Leaf(("texts", *leaf.path), leaf.value) for leaf in leaves(self.data["texts"]))]

    def try_leaf(self, leaf: Leaf) -> Result:
        """Change one leaf and see what notices."""
        mutant = self._text_mutant(leaf) if isinstance(leaf.path[0], str) and self._is_text(leaf) else self._mutant(leaf)
        if mutant is None:
            return Result(leaf.name, steers(leaf), (DOES_NOT_COMPILE,), ())
        probes = Probes.of(self.policy, mutant.policy)
        says = texts_of(mutant)
        said = tuple(name for name in sorted(says.keys() | self.says.keys()) if says.get(name) != self.says.get(name))
        # What only tells has nothing to do; asking would take four times as long.
        does, did = (deeds(mutant, probes), self.does(probes)) if steers(leaf) else ({}, {})
        done = tuple(name for name in does if does[name] != did[name])
        return Result(leaf.name, steers(leaf), said, (*done, "banner configuration") if BANNER in said else done)

    def _is_text(self, leaf: Leaf) -> bool:
        return leaf.path[0] == "texts" and leaf.path[1] in self.policy.controller.languages

    def _text_mutant(self, leaf: Leaf) -> Compiled:
        _, language, key = leaf.path
        return whole(self.policy, {**self.texts, (str(key), str(language)): f"{leaf.value}\n\nAnd one more thing."})

    def _mutant(self, leaf: Leaf) -> Compiled | None:
        for changed in mutants(self.data["policy"], leaf):
            try:
                policy = Policy.model_validate_json(json.dumps(changed))
            except ValidationError:
                continue
            if holds_together(policy):
                return whole(policy, self.texts)
        return None


@lru_cache(maxsize=2)
def subject(bundle: Path) -> Subject:
    return Subject(bundle)


def try_some(bundle: Path, start: int, step: int) -> list[Result]:
    """Try every ``step``-th leaf from ``start``."""
    one = subject(bundle)
    return [one.try_leaf(leaf) for leaf in one.all()[start::step]]


def score(bundles: list[Path], *, processes: int) -> Iterator[tuple[Path, list[Result]]]:
    """Try every leaf of each bundle, in the order of the policy."""
    with ProcessPoolExecutor(processes) as pool:
        for bundle in bundles:
            shares = [pool.submit(try_some, bundle, start, processes * 8) for start in range(processes * 8)]
            parts = [share.result() for share in shares]
            yield bundle, [part[at] for at in range(len(parts[0])) for part in parts if at < len(part)]


def main(words: list[str]) -> int:
    """Print what survives, and the score; 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--report", type=Path, help="write what noticed each leaf's change to a file")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(words)
    killed = tried = uncompiled = 0
    lines = []
    for bundle, results in score(chosen.bundles, processes=chosen.processes):
        alive = [result for result in results if not result.killed]
        killed += len(results) - len(alive)
        tried += len(results)
        uncompiled += sum(DOES_NOT_COMPILE in result.texts for result in results)
        print(f"{bundle.name}: {len(results) - len(alive)} of {len(results)} leaves noticed", flush=True)
        lines += [f"{bundle.name}/{result}" for result in results]
        for result in alive:
            print(f"  {result}")
    if chosen.report:
        chosen.report.write_text("\n".join(lines) + "\n")
    print(f"{uncompiled} of them are noticed because the policy would not be published")
    print(f"mutation score: {killed}/{tried}")
    return int(killed != tried)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
