"""The rule of a library: how many verified replicas, in how many places, how many of them offline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Light(StrEnum):
    """How safe something is."""

    GREEN = "green"
    """The rule is met."""
    AMBER = "amber"
    """A second place has it whole, and the rule is not met."""
    RED = "red"
    """One place has it whole, or none: one accident would end it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At least *replicas* verified ones, in *places* different places, *offline* of them disconnected."""

    replicas: int = 3
    places: int = 2
    offline: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """One replica of one object, as its newest check found it."""

    site: str
    place: str
    """Nothing where no place is stated: such a site counts as a place of its own, named for itself."""
    offline: bool
    whole: bool
    """Whether it has the newest version, and its newest check found it intact."""


def light(rule: Rule, standings: Iterable[Standing]) -> Light:
    """Return how safe an object with these replicas is."""
    whole = [standing for standing in standings if standing.whole]
    places = {_folded(standing.place) or f"\0{standing.site}" for standing in whole}
    offline = sum(standing.offline for standing in whole)
    if len(whole) >= rule.replicas and len(places) >= rule.places and offline >= rule.offline:
        return Light.GREEN
    return Light.AMBER if len(places) >= 2 else Light.RED


def worst(lights: Iterable[Light]) -> Light:
    """Return the worst of *lights*: that of the whole they make up. Nothing at all is safe."""
    order = (Light.GREEN, Light.AMBER, Light.RED)
    return max(lights, key=order.index, default=Light.GREEN)


def _folded(place: str) -> str:
    return " ".join(place.casefold().split())
