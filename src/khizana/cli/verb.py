"""What every verb shares: its language, its help with an example and exit statuses, its library, its progress bar."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from khizana.cli.ending import STATUSES
from khizana.cli.given import in_our_words, refuse_further, refuse_what_slipped
from khizana.core.configuration import Configuration
from khizana.core.errors import BadInput, KhizanaError, NotFound, Unreadable
from khizana.core.findings import LANGUAGES, Finding, Severity, sentence
from khizana.core.library import LibraryFolder, library_root

if TYPE_CHECKING:
    from tqdm import tqdm

QUIET_FOR = 2.0  # seconds of work before a progress bar is shown


def language() -> str:
    """Return the language to speak: ``KHIZANA_LANGUAGE``, else that of the system, else English."""
    # As POSIX has it, from the environment itself: the locale module knows only locales that are installed, and a
    # small machine set to French seldom has the French one.
    names = ("KHIZANA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    stated = next((value for name in names if (value := os.environ.get(name))), "")[:2].lower()
    return stated if stated in LANGUAGES else "en"


def words(code: str, **facts: str | int) -> str:
    """Return the message *code* in the language to speak."""
    return sentence(code, facts, language())


def tell(code: str, **facts: str | int) -> None:
    """Say one sentence on standard output."""
    try:
        click.echo(words(code, **facts))
    except BrokenPipeError:
        _say_no_more()


def _say_no_more() -> None:
    # Whoever read our output has had enough (``head``): what is left, and the flush at the end, goes nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def warn(text: str) -> None:
    """Say one sentence on standard error, where it does not disturb what a program reads."""
    with suppress(OSError):  # the terminal was closed: nobody is left to hear it, and the work goes on
        click.echo(text, err=True)


def tell_findings(findings: Sequence[Finding]) -> None:
    """Say each finding that a person must know of on standard error, errors first."""
    marks = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·"}
    for severity in Severity:
        for finding in findings:
            if finding.severity is severity:
                warn(f"{marks[severity]} {finding.sentence(language())}")


class Spoken(click.Command):
    """A command whose help and refusals are in the language to speak."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was given; raise ``BadInput`` where it cannot be used."""
        with in_our_words(self, ctx):
            refuse_what_slipped(self, ctx, args)
            return super().parse_args(ctx, args)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with its own words in the language to speak."""
        found = super().get_help_option(ctx)
        if found:
            found.help = words("HELP_HELP")
        return found

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how the command is called."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), f"{words('HELP_USAGE')}: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options with their help."""
        records = [record for each in self.get_params(ctx) if (record := each.get_help_record(ctx)) is not None]
        with formatter.section(words("HELP_OPTIONS")):
            formatter.write_dl(records)


class Verbs(Spoken, click.Group):
    """All verbs, listed in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """Return the verbs."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the verb; where nothing was given, show the help and end with status 2."""
        if args in ([], ["--"]):
            click.echo(self.get_help(ctx), err=True)
            ctx.exit(BadInput.exit_status)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that was given; raise ``BadInput`` where there is none of that name."""
        with in_our_words(self, ctx):
            return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the verbs with a line for each."""
        super().format_options(ctx, formatter)
        rows = [(name, self.commands[name].get_short_help_str()) for name in self.list_commands(ctx)]
        with formatter.section(words("HELP_VERBS")):
            formatter.write_dl(rows)


class Option(click.Option):
    """An option that says its default, and that it is required, in the language to speak."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return how the option is written, and its help."""
        said = self.help or ""
        if self.show_default:
            said += f"  [{words('HELP_DEFAULT', default=str(self.default))}]"
        if self.required:
            said += f"  [{words('HELP_REQUIRED')}]"
        return self.get_help_spec(ctx), said


class Verb(Spoken):
    """A command's face: its options, its help from the catalogues with an example and the exit statuses.

    Its deed is ``run`` of the module ``khizana.cli.<verb>``, imported only once Django is set up for the library
    that was named: modules with tables cannot be imported before. A verb of two words ("ledger check") has the
    module ``khizana.cli.ledger_check``.
    """

    def __init__(
        self,
        name: str,
        *options: click.Parameter,
        example: str,
        errors: Sequence[type[KhizanaError]] = (),
        in_library: bool = True,
    ) -> None:
        shared = [Option(["--library"], metavar="DIR", envvar="KHIZANA_LIBRARY")] if in_library else []
        super().__init__(
            name,
            params=[*options, *shared],
            options_metavar=f"[{words('HELP_OPTIONS')}]",
            # More than it takes is refused by ourselves, in a sentence that knows why it happens.
            context_settings={"allow_extra_args": True},
        )
        self.example = example
        self.branches: dict[str, Verb] = {}
        """Verbs of two words of which this is the first ("publish offline" of "publish"), by the second.

        Whoever means something of that name, and not the verb, writes ``--`` before it.
        """
        # A database on a server may be away, not there, or refuse whoever asks, whatever the verb.
        of_database = (BadInput, NotFound, Unreadable) if in_library else ()
        self.statuses = sorted({0, 1, *STATUSES, *(error.exit_status for error in (*errors, *of_database))})
        self._in_library = in_library
        self.help = words(f"HELP_{_spelled(name)}")
        self.short_help = self.help.partition("\n")[0]
        for parameter in self.params:
            if isinstance(parameter, click.Option) and not parameter.help:
                everywhere = parameter.name in ("library", "as_json")
                verb = "" if everywhere else f"{_spelled(name)}_"
                parameter.help = words(f"HELP_{verb}{_spelled(parameter.name or '')}")

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of this verb, or of the branch that *args* begin with."""
        if args and (branch := self.branches.get(args[0])):
            return branch.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    @property
    def module(self) -> str:
        """The module whose ``run`` does the deed; one that Python has for itself ("import") gets an underscore."""
        name = _spelled(self.name or "").lower()
        return f"khizana.cli.{name}{'_' if iskeyword(name) else ''}"

    def invoke(self, ctx: click.Context) -> Any:
        """Open the library and do the deed."""
        given = dict(ctx.params)
        if self._in_library:
            given["opened"] = open_library(given.pop("library"))
        run = import_module(self.module).run
        try:
            result = run(**given)
            sys.stdout.flush()
        except BrokenPipeError:
            _say_no_more()
            return 0
        return result

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was given, and nothing that is too much."""
        rest = super().parse_args(ctx, args)
        refuse_further(ctx)
        return rest

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the library's
        """Write the example and the exit statuses."""
        with formatter.section(words("HELP_EXAMPLE")):
            for line in self.example.splitlines():
                # Not wrapped: a command cut in two lines cannot be copied into a terminal.
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        with formatter.section(words("HELP_STATUSES")):
            formatter.write_dl([(str(status), words(f"STATUS_{status}")) for status in self.statuses])


def _spelled(name: str) -> str:
    return name.upper().replace("-", "_").replace(" ", "_")


def option(*names: str, **settings: Any) -> Option:
    """Return an option of a verb; its help is the message ``HELP_<VERB>_<OPTION>``."""
    return Option(list(names), **settings)


def path(name: str, *, required: bool = True) -> click.Argument:
    """Return a path argument; what is wrong with it is said by the verb itself, in one sentence."""
    return click.Argument([name], type=click.Path(path_type=Path), metavar=name.upper(), required=required)


def json_option() -> Option:
    """Return ``--json``."""
    return Option(["--json", "as_json"], is_flag=True)


@dataclass(frozen=True, slots=True)
class Opened:
    """A library that a command works on: Django is set up for it, and its database is at the newest tables."""

    folder: LibraryFolder
    configuration: Configuration


def open_library(given: str | None) -> Opened:
    """Return the library that was named; its database is made where there is none.

    Raises ``BadInput`` and ``NotFound`` where none is named or found, and as ``open_database``.
    """
    folder = LibraryFolder.opened(library_root(given))
    os.environ["KHIZANA_LIBRARY"] = str(folder.root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "khizana.project.settings"
    import django  # noqa: PLC0415 - a command that needs no database starts without Django
    from django.conf import settings  # noqa: PLC0415 - the same

    django.setup()
    from khizana.project.tables import open_database  # noqa: PLC0415 - Django must be set up before its tables are

    open_database(folder, settings.KHIZANA)
    return Opened(folder, settings.KHIZANA)


class Progress:
    """A bar with rate and time left on standard error, from two seconds on, where a person looks.

    A terminal that is closed while it is shown stops the bar and not the work.
    """

    def __init__(self, total: int, *, unit: str, scaled: bool = False) -> None:
        self._total = total
        self._done = 0
        self._unit = unit
        self._scaled = scaled
        self._due = time.monotonic() + QUIET_FOR if sys.stderr.isatty() else math.inf
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the bar."""
        if self._bar is not None:
            with suppress(OSError):
                self._bar.close()

    def total(self, amount: int) -> None:
        """Say how much there is in all."""
        self._total = amount
        if self._bar is not None:
            self._bar.total = amount
            with suppress(OSError):
                self._bar.refresh()

    def reach(self, done: int) -> None:
        """Say how much is done in all."""
        self.add(done - self._done)

    def add(self, amount: int) -> None:
        """Move on by *amount* units."""
        self._done += amount
        if self._bar is not None:
            with suppress(OSError):
                self._bar.update(amount)
        elif time.monotonic() >= self._due:
            self._bar = self._shown()

    def _shown(self) -> tqdm[Any]:
        # Most commands end before there is anything to show, and begin faster without it.
        from tqdm import tqdm  # noqa: PLC0415

        with suppress(OSError):
            return tqdm(
                total=self._total,
                initial=self._done,
                unit=self._unit,
                unit_scale=self._scaled,
                unit_divisor=1000,
                leave=False,
                dynamic_ncols=True,
                file=sys.stderr,
            )
        return tqdm(disable=True)


def stop(error: KhizanaError) -> int:
    """Say what stopped the command and return its exit status."""
    warn(f"✗ {error.sentence(language())}")
    return error.exit_status
