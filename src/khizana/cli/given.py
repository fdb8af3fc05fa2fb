"""What was typed after ``khizana``: read by click, and told in our own sentences where it cannot be used.

Click's own words for a missing or misspelt option are English only, so none of them is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import pairwise

import click

from khizana.core.errors import BadInput, KhizanaError

_LONG_DASHES = ("\u2014", "\u2013", "\u2012", "\u2015", "\u2212")
_SIZE = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{1,3})?) ?([kmgt]b)", re.IGNORECASE | re.ASCII)
_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


class OneOf(click.Choice[str]):
    """One of a few words."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return *value*; raise ``BadInput`` where it is none of them."""
        if value not in self.choices:
            raise BadInput("GIVEN_NOT_ONE_OF", option=_called(param, ctx), value=value, choices=", ".join(self.choices))
        return value


class Between(click.ParamType[int]):
    """A whole number from *least* to *most*."""

    name = "number"

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return *value* as a number; raise ``BadInput`` where it is none between the two."""
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if not self.least <= number <= self.most:
            facts = {"option": _called(param, ctx), "value": value, "least": self.least, "most": self.most}
            raise BadInput("GIVEN_NO_SUCH_NUMBER", **facts)
        return number


class Size(click.ParamType[int]):
    """A number of bytes as people write it: "700MB", "4.7 GB", "64 kB"; the units are thousands, as on a stick."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return *value* in bytes; raise ``BadInput`` where it is no size, or none at all."""
        found = _SIZE.fullmatch(str(value))
        size = int(float(found[1].replace(",", ".")) * _UNITS[found[2].lower()]) if found else 0
        if not size:
            raise BadInput("GIVEN_NO_SIZE", option=_called(param, ctx), value=value)
        return size


def _called(param: click.Parameter | None, ctx: click.Context | None) -> str:
    return param.get_error_hint(ctx).strip("'") if param else ""


def refuse_what_slipped(command: click.Command, ctx: click.Context, given: Sequence[str]) -> None:
    """Refuse what click takes without a word and nobody means.

    Raises ``BadInput`` for a value that is an option of the same command (``--shelfmark --more``) and for a word
    that begins with the long dash that text programs put in place of two hyphens.
    """
    options = _options(command, ctx)
    # What stands behind "--" is taken as it is.
    meant = given[: given.index("--")] if "--" in given else given
    for word, following in pairwise([*meant, ""]):
        if word in options and not _is_flag(options[word]) and following in options:
            raise BadInput("GIVEN_WITHOUT_VALUE", command=ctx.command_path, option=word)
        if word.startswith(_LONG_DASHES) and f"--{word.lstrip(''.join(_LONG_DASHES))}" in options:
            raise BadInput("GIVEN_LONG_DASH", given=word, option=f"--{word.lstrip(''.join(_LONG_DASHES))}")


def refuse_further(ctx: click.Context) -> None:
    """Raise ``BadInput`` where more was given than the command takes."""
    if ctx.args:
        raise BadInput("GIVEN_TOO_MUCH", command=ctx.command_path, given=ctx.args[0])


@contextmanager
def in_our_words(command: click.Command, ctx: click.Context) -> Iterator[None]:
    """Turn what click says of wrong arguments into ``BadInput`` with a sentence of the catalogues."""
    try:
        yield
    except click.UsageError as error:
        raise _told(error, command, ctx) from error


def _told(error: click.UsageError, command: click.Command, ctx: click.Context) -> KhizanaError:
    path = ctx.command_path
    match error:
        case click.MissingParameter():
            missing = error.param.make_metavar(ctx) if isinstance(error.param, click.Argument) else _option(error.param)
            return BadInput("GIVEN_TOO_LITTLE", command=path, missing=missing)
        case click.NoSuchOption(option_name=name):
            near = _nearest(name, _options(command, ctx))
            code = "NO_SUCH_OPTION_NEAR" if near else "NO_SUCH_OPTION"
            return BadInput(code, command=path, option=name, near=near)
        case click.exceptions.NoSuchCommand(command_name=name):
            near = _nearest(name, command.list_commands(ctx) if isinstance(command, click.Group) else ())
            code = "NO_SUCH_VERB_NEAR" if near else "NO_SUCH_VERB"
            return BadInput(code, command=path, verb=name, near=near)
        case click.BadOptionUsage():
            option = _options(command, ctx).get(error.option_name)
            code = "GIVEN_NEEDLESS_VALUE" if option and _is_flag(option) else "GIVEN_WITHOUT_VALUE"
            return BadInput(code, command=path, option=error.option_name)
        case _:
            return BadInput("GIVEN_UNUSABLE", command=path, problem=error.format_message())


def _nearest(given: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(given, list(known), n=1)), "")


def _option(parameter: click.Parameter | None) -> str:
    return f"{parameter.opts[0]} {parameter.metavar or ''}".strip() if parameter else ""


def _options(command: click.Command, ctx: click.Context) -> Mapping[str, click.Option]:
    return {name: each for each in command.get_params(ctx) if isinstance(each, click.Option) for name in each.opts}


def _is_flag(option: click.Option) -> bool:
    return bool(option.is_flag)
