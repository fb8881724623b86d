"""The house stands as CONTRIBUTING.md draws it: layers, sizes, names, declared columns."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from geo_territory import tables
from geo_territory.table import Table

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "geo_territory").rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "shared"}
BANNED = {
    "customer": "account",
    "customers": "accounts",
    "client": "account",
    "poi": "account",
    "segment": "tier",
    "appointment": "call",
    "district": "territory",
    "depot": "base",
    "agent": "rep",
    "epsilon": "tolerance",
    "deviation": "imbalance",
    "penetration": "coverage",
    "compliance": "coverage",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_run_downwards_only():
    """In a process of its own: import-linter silences the loggers of the one it runs in."""
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
    said = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_fits_in_one_reading(path):
    assert len(path.read_text().splitlines()) <= 400
    assert path.stem not in DRAWERS


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_fits_on_a_screen(path):
    functions = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f"{f.name}: {body_lines(f)} lines" for f in functions if body_lines(f) > 40] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_and_modules_say_what_they_do(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body
    public = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
    assert [n.name for n in public if not ast.get_docstring(n)] == []


def declared_columns() -> set[str]:
    declared = [t for t in vars(tables).values() if isinstance(t, type) and issubclass(t, Table) and t is not Table]
    names = {name for t in declared for name in (*t.columns(), t.to_schema().index.name if t.to_schema().index is not None else None)}
    return {name for name in names if name and "_" in name}


# A migration says what a column was called on its day, whatever it is called since.
DECLARING = [p for p in MODULES if p.name == "tables.py" or p.parent.name == "versions"]


@pytest.mark.parametrize("path", [p for p in MODULES if p not in DECLARING], ids=name_of)
def test_column_names_are_typed_once(path):
    columns = declared_columns()
    said = [n for n in ast.parse(path.read_text()).body if not (isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__")]
    literals = [n for top in said for n in ast.walk(top) if isinstance(n, ast.Constant) and n.value in columns]
    assert sorted({f"line {n.lineno}: {n.value!r}" for n in literals}) == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_identifiers_use_the_vocabulary(path):
    tree = ast.parse(path.read_text())
    names = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    names += [n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)]
    names += [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    words = {(name, word) for name in names for word in re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())}
    assert sorted(f"{name}: say {BANNED[word]}" for name, word in words if word in BANNED) == []


def test_the_top_level_holds_what_the_house_allows():
    allowed = {
        "app.py",
        "geo_territory",
        "data",
        "tests",
        "notebooks",
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
    }
    tracked = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")} - {"build", "dist", "out", "node_modules"}
    assert tracked <= allowed


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    """Nothing is there only because another package happens to bring it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {re.split(r"[<>=\[]", line)[0].lower().replace("_", "-") for line in declared}
    trees = [ast.parse(path.read_text()) for path in (*MODULES, ROOT / "app.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    brought_by = packages_distributions()
    outside = imported - set(sys.stdlib_module_names) - {"geo_territory"}
    makers = {name: {maker.lower().replace("_", "-") for maker in brought_by[name]} for name in outside}
    assert sorted(name for name, known in makers.items() if not known & wanted) == []
    assert sorted(wanted - set.union(*makers.values())) == []


def test_constraints_pin_versions_and_name_no_address():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
