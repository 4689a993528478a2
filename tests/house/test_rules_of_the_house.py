"""What a linter of imports can't see. Each rule is tried on a planted trespass, so that it can't pass by seeing nothing."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.core import checks
from django.core.management import call_command
from django.db import connections, models

from assent.foundation.scope import Scoped

HOME = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for p in (HOME / "assent").rglob("*.py") if "/tests/" not in str(p) and "/migrations/" not in str(p))

# Who may make what: raw data become Admitted, and a message becomes Cleared, in one place each.
MAKERS = {"Admitted": "assent/ingest/", "Cleared": "assent/dispatch/"}


def makers(source: str, where: str) -> list[str]:
    """Return calls of guarded constructors outside their room."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in MAKERS and not where.startswith(MAKERS[name]):
                found.append(f"{where}:{node.lineno} makes {name}")
    return found


def test_only_the_gates_make_admitted_and_cleared():
    assert makers("contracts.Admitted(controller=1)", "assent/segments/api.py")
    assert makers("Cleared(1)", "assent/ingest/api.py")
    assert not makers("Cleared(1)", "assent/dispatch/gate.py")
    trespasses = [t for p in SOURCES for t in makers(p.read_text(), str(p.relative_to(HOME)))]
    assert trespasses == []


def clock_readers(source: str) -> list[int]:
    """Return lines that read the wall clock themselves."""
    pattern = re.compile(r"datetime\.(utc)?now\(|timezone\.now\(|\btime\.time\(")
    return [number for number, line in enumerate(source.splitlines(), 1) if pattern.search(line)]


def test_only_the_clock_reads_the_clock():
    assert clock_readers("x = datetime.now(UTC)") == [1]
    readers = [f"{p.relative_to(HOME)}:{n}" for p in SOURCES for n in clock_readers(p.read_text())]
    assert [r for r in readers if not r.startswith("assent/foundation/clock.py")] == []


def test_there_are_no_signals_and_no_cascades():
    for path in SOURCES:
        text = path.read_text()
        assert "CASCADE" not in text.replace("a CASCADE", ""), path
        assert not re.search(r"post_save|pre_save|post_delete|pre_delete|@receiver", text), path


def test_there_are_no_rooms_without_a_name():
    nameless = {"utils", "helpers", "common", "services", "managers", "misc"}
    assert [str(p) for p in SOURCES if p.stem in nameless] == []


def ours():
    return [m for m in apps.get_models() if m.__module__.startswith("assent.")]


def test_the_controller_leads_every_index_of_scoped_tables():
    wrong = []
    for model in ours():
        if not issubclass(model, Scoped):
            continue
        # A digest of 256 random bits is looked up before anyone is in scope; it says which controller that is.
        allowed = {"digest", "token"}
        wrong += [
            f"{model._meta.label}.{field.name} has an index of its own"
            for field in model._meta.local_fields
            if (field.db_index or field.unique) and not field.primary_key and field.name not in allowed
        ]
        for index in model._meta.indexes:
            first = (index.fields or ["?"])[0].lstrip("-")
            if first not in {"controller", "controller_id"}:
                wrong.append(f"{model._meta.label}: index {index.name} begins with {first}")
        for unique in model._meta.constraints:
            if isinstance(unique, models.UniqueConstraint):
                first = unique.fields[0] if unique.fields else str(unique.expressions[0])
                if "controller" not in first:
                    wrong.append(f"{model._meta.label}: constraint {unique.name} begins with {first}")
    assert wrong == []


def test_foreign_keys_protect():
    for model in ours():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey):
                assert field.remote_field.on_delete is models.PROTECT, f"{model._meta.label}.{field.name}"


def migrations_text() -> str:
    return "\n".join(p.read_text() for p in (HOME / "assent").rglob("migrations/0*.py"))


def test_every_scoped_table_has_its_second_lock():
    text = migrations_text().lower()
    missing = [
        m._meta.label
        for m in ours()
        if issubclass(m, Scoped) and not re.search(rf"forcerowsecurity\(\s*['\"]{m._meta.model_name}['\"]", text)
    ]
    assert missing == []


@pytest.mark.django_db(databases="__all__")
def test_postgresql_forces_the_second_lock():
    for alias in connections:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relforcerowsecurity")
            forced = {name for (name,) in cursor.fetchall()}
            tables = set(connection.introspection.table_names(cursor))
        for model in ours():
            if issubclass(model, Scoped) and model._meta.db_table in tables:
                assert model._meta.db_table in forced


@pytest.mark.django_db(databases="__all__")
def test_migrations_say_what_the_models_say():
    # It ends the process where there is something to write.
    assert call_command("makemigrations", "--check", "--dry-run", verbosity=0) is None


def test_the_system_checks_find_nothing():
    assert [str(m) for m in checks.run_checks() if m.level >= checks.WARNING] == []


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=False).stdout.split("\n")
    return [HOME / name for name in listed if name and (HOME / name).is_file()]


def test_pins_have_hashes_and_no_addresses():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (HOME / name).read_text()
        assert "--hash=sha256:" in text
        assert "index-url" not in text
        assert "://" not in "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))


def test_every_setting_is_documented():
    named = set(re.findall(r'env\.\w+\(\s*"(ASSENT_\w+)"', (HOME / "assent/config/settings.py").read_text()))
    described = set(re.findall(r"`(ASSENT_\w+)`", (HOME / "docs/settings.md").read_text()))
    assert named
    assert named <= described, named - described


def test_nothing_is_handed_out_piece_by_piece_from_within_a_scope():
    # Whoever takes the first piece and no more leaves a suspended function behind, and the scope open after it.
    found = []
    for file in sorted((HOME / "assent").rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and "contextmanager" not in map(ast.unparse, function.decorator_list):
                for block in (one for one in ast.walk(function) if isinstance(one, ast.With)):
                    opens = any(
                        re.match(r"(scope\.controller|scoped|scope\.every)", ast.unparse(i.context_expr)) for i in block.items
                    )
                    if opens and any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(block)):
                        found.append(f"{file.relative_to(HOME)}:{function.lineno} {function.name}")
    assert found == []
