"""The walls of the house that import-linter cannot see: tables, sizes and names. It sees the rest (``make check``)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "khizana"
APPS = SOURCE / "apps"
LONGEST_MODULE = 400  # lines
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "base", "managers", "signals"}
NETWORK = {"urllib.request", "urllib.error", "http.client", "http.server", "socket", "ssl", "sqlite3", "django"}
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]

KEYS = """
import django
django.setup()
from django.apps import apps
for model in apps.get_models(include_auto_created=True):
    for field in model._meta.get_fields():
        if field.is_relation and field.concrete and field.related_model:
            print(model._meta.app_label, field.related_model._meta.app_label, f"{model.__name__}.{field.name}")
"""


def _order_of_apps() -> dict[str, int]:
    """Return the height of every app (0 is the highest), as import-linter is told it."""
    contracts = CONFIGURATION["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["khizana.apps"])
    return {app.strip(): height for height, layer in enumerate(layers) for app in layer.split("|")}


def _imported(path: Path) -> set[str]:
    """Return the full name of every module that a file imports, and of every name it takes from one."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_foreign_keys_point_down_the_order_of_apps() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KHIZANA_LIBRARY"}
    environment["DJANGO_SETTINGS_MODULE"] = "khizana.project.settings"
    done = subprocess.run([sys.executable, "-c", KEYS], env=environment, capture_output=True, text=True, check=True)
    height = _order_of_apps()
    keys = [line.split() for line in done.stdout.splitlines()]
    ours = [(one, other, field) for one, other, field in keys if one in height and other in height]
    assert len(ours) >= 4
    for one, other, field in ours:
        assert one == other or height[one] < height[other], f"{field} of {one} points up or sideways to {other}"


def test_every_app_has_its_place_in_the_order() -> None:
    rooms = {path.parent.name for path in APPS.glob("*/models.py")}
    assert rooms == set(_order_of_apps())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_is_small_well_named_and_keeps_to_its_floor(path: Path) -> None:
    relative = path.relative_to(SOURCE)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    if relative.as_posix() != "project/postgresql/base.py":  # Django looks for its back ends under that name
        assert not FORBIDDEN_NAMES & {part.removesuffix(".py") for part in relative.parts}
    imported = _imported(path)
    match relative.parts[0]:
        case "core":
            assert not NETWORK & imported
            assert not any(name.startswith("django.") for name in imported)
        case "web" | "cli":
            tables = {name for name in imported if name.startswith("khizana.apps.") and "models" in name.split(".")}
            assert not tables, "web and commands ask actions and queries"


def test_nothing_is_imported_that_is_not_a_stated_dependency() -> None:
    extra = CONFIGURATION["project"]["optional-dependencies"]["postgresql"]
    stated = {_plain(each) for each in CONFIGURATION["project"]["dependencies"]}
    distributions = packages_distributions()
    unstated: dict[str, str] = {}
    for path in MODULES:
        known = stated | ({_plain(each) for each in extra} if path.parent.name == "postgresql" else set())
        for top in {name.partition(".")[0] for name in _imported(path)} - {"khizana"} - sys.stdlib_module_names:
            if not {_plain(each) for each in distributions.get(top, [top])} & known:
                unstated[top] = path.relative_to(SOURCE).as_posix()
    assert unstated == {}


def _plain(requirement: str) -> str:
    name = requirement.split("[", maxsplit=1)[0]
    for mark in "<>=!~; ":
        name = name.split(mark)[0]
    return name.lower().replace("_", "-")


def test_no_signal_is_connected() -> None:
    for path in MODULES:
        signals = {name for name in _imported(path) if name.startswith("django") and "signals" in name.split(".")}
        assert not signals, path
