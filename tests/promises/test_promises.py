"""Every promise of the statement has a test that keeps it, or a reason why nothing does yet."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML

HOME = Path(__file__).resolve().parents[2]
# The ids of the statement's requirements: a letter and how many there are.
COUNTS = {"P": 3, "S": 4, "I": 3, "W": 4, "R": 10, "K": 3, "B": 3, "N": 2, "T": 1, "G": 4, "M": 16}
IDS = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
PROMISES = YAML(typ="safe", pure=True).load((HOME / "policies" / "promises.yaml").read_text())


def faults_of(name, promise):
    """Say what is wrong with one entry of the list."""
    if not promise:
        return [f"{name}: missing from policies/promises.yaml"]
    faults = [f"{name}: `{key}` is no key of a promise" for key in promise.keys() - {"promise", "kept_by", "later"}]
    if not promise.get("promise"):
        faults.append(f"{name}: says nothing")
    kept_by, later = promise.get("kept_by") or [], promise.get("later")
    if kept_by and later:
        faults.append(f"{name}: has a test and is put off: remove `later`, or the tests that do not keep it")
    if not kept_by and not later:
        faults.append(f"{name}: only written: name the test that keeps it, or say why it is for later")
    return faults + [f"{name}: there is no test {test}" for test in kept_by if not exists(test)]


def exists(test):
    path, _, function = test.partition("::")
    file = HOME / path
    if not (file.is_file() and function.startswith("test_")):
        return False
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        for node in ast.walk(ast.parse(file.read_text()))
    )


@pytest.mark.parametrize("name", IDS)
def test_every_promise_is_kept_by_a_test_or_put_off_with_a_reason(name):
    assert faults_of(name, PROMISES.get(name)) == []


def test_nothing_else_is_promised():
    assert sorted(PROMISES.keys() - set(IDS)) == []


TEST = "tests/promises/test_promises.py::test_nothing_else_is_promised"


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        (None, "missing"),
        ({"promise": "x"}, "only written"),
        ({"promise": "x", "kept_by": [TEST], "later": "soon"}, "is put off"),
        ({"promise": "x", "kept_by": ["tests/promises/test_promises.py::test_that_is_not_there"]}, "there is no test"),
        ({"promise": "x", "kept_by": ["tests/nowhere.py::test_nothing"]}, "there is no test"),
        ({"promise": "x", "kept_by": ["tests/promises/test_promises.py::exists"]}, "there is no test"),
        ({"promise": "x", "kept_by": [TEST], "when": "now"}, "no key"),
        ({"promise": "", "kept_by": [TEST]}, "says nothing"),
    ],
)
def test_a_faulty_list_is_found_out(promise, said):
    assert said in " ".join(faults_of("P1", promise))
