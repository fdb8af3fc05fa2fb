"""The profiles that come with the system."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from khizana.core.errors import NotFound
from khizana.core.sheets.profile import Profile, profile_from


@cache
def known_profile(name: str) -> Profile:
    """Return the profile of that *name* that comes with the system; raise ``NotFound`` where there is none."""
    for entry in (files(__package__) / "profiles").iterdir():
        if entry.name == f"{name}.toml":
            return profile_from(entry.read_bytes(), entry.name)
    raise NotFound("SHEET_PROFILE_UNKNOWN", name=name, known=", ".join(known_profiles()))


def known_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with the system."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in (files(__package__) / "profiles").iterdir()))
