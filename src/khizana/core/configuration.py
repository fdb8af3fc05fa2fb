"""Every choice an installation has: its name, default and help. Kept in ``khizana.toml`` of the library."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

from khizana.core.ark import NAAN, TEST_NAAN
from khizana.core.database_address import DatabaseAddress, parse_address, without_password
from khizana.core.errors import BadInput
from khizana.core.findings import LANGUAGES
from khizana.core.manuscript import LibraryCard
from khizana.core.preservation.ledger.deletion_entries import LEAST_DELAY
from khizana.core.preservation.replicas.rule import Rule

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one library; each field's help stands in ``metadata`` and is written into the file."""

    name: str = field(
        metadata={"help": "Short name used in every preservation identifier: never change it once there are objects."}
    )
    secret: str = field(metadata={"help": "Signs the sign-in of staff: keep it to yourself; a new one signs all out."})
    title_ar: str = field(default="", metadata={"help": "The library's name in Arabic."})
    title_fr: str = field(default="", metadata={"help": "The library's name in French."})
    title_en: str = field(default="", metadata={"help": "The library's name in English."})
    base_url: str = field(
        default="",
        metadata={
            "help": "The public address, without a closing slash, that stands in every manifest; "
            "empty: the address that khizana serve listens on."
        },
    )
    rights: str = field(
        default="", metadata={"help": "Address of a Creative Commons licence or RightsStatements.org statement."}
    )
    credit_ar: str = field(default="", metadata={"help": "The line that must be shown with every image, in Arabic."})
    credit_fr: str = field(default="", metadata={"help": "The same in French."})
    credit_en: str = field(default="", metadata={"help": "The same in English."})
    terms_ar: str = field(
        default="",
        metadata={
            "help": "What readers agree to before they see images at the level terms, in Arabic; empty in all three: "
            "a sentence about reading, study and asking before anything is printed."
        },
    )
    terms_fr: str = field(default="", metadata={"help": "The same in French."})
    terms_en: str = field(default="", metadata={"help": "The same in English."})
    homepage: str = field(default="", metadata={"help": "The library's own site, if it has one."})
    email: str = field(
        default="",
        metadata={"help": "Address for letters from those who harvest the catalogue (OAI-PMH asks for one)."},
    )
    naan: str = field(
        default=TEST_NAAN,
        metadata={
            "help": "Name assigning authority number of the library's permanent addresses (ARKs), given on request by "
            "the ARK Alliance. 99999 is the number for trials: addresses with it are permanent nowhere."
        },
    )
    language: str = field(default="ar", metadata={"help": "Language of a reader who states none: ar, fr or en."})
    place: str = field(
        default="", metadata={"help": "Building or town where this library is: copies in one place count as one."}
    )
    replicas_wanted: str = field(
        default="3", metadata={"help": "How many verified copies of everything there should be, this one included."}
    )
    places_wanted: str = field(default="2", metadata={"help": "In how many different places they should be."})
    offline_wanted: str = field(default="1", metadata={"help": "How many of them should lie disconnected."})

    deletion_delay: str = field(
        default="14",
        metadata={
            "help": "Days between the second consent to a deletion and its carrying out, 3 at least; a request keeps "
            "what it was made with."
        },
    )
    database: str = field(
        default="",
        metadata={
            "help": "Empty: SQLite in this folder. Else a PostgreSQL database: postgresql://user@host:port/name or "
            "postgresql:///name?host=/folder/of/socket; then run khizana rebuild. Sites are not given it."
        },
    )

    def __post_init__(self) -> None:
        """Refuse a value that would fail later and elsewhere."""
        if not NAME.fullmatch(self.name):
            raise BadInput("LIBRARY_NAME_UNUSABLE", name=self.name)
        for each in fields(self):
            try:
                getattr(self, each.name).encode()
            except UnicodeEncodeError as error:
                value = without_password(getattr(self, each.name))
                raise BadInput("SETTING_UNUSABLE", setting=each.name, value=value, wanted="UTF-8") from error
        if self.language not in LANGUAGES:
            raise BadInput("SETTING_UNUSABLE", setting="language", value=self.language, wanted="ar, fr, en")
        for setting in ("replicas_wanted", "places_wanted", "offline_wanted"):
            if not re.fullmatch(r"[0-9]{1,2}", value := getattr(self, setting)):
                raise BadInput("SETTING_UNUSABLE", setting=setting, value=value, wanted="0-99")
        delay = self.deletion_delay
        if not re.fullmatch(r"[0-9]{1,3}", delay) or int(delay) < LEAST_DELAY:
            raise BadInput("SETTING_UNUSABLE", setting="deletion_delay", value=delay, wanted=f"{LEAST_DELAY}-999")
        if not NAAN.fullmatch(self.naan):
            raise BadInput("SETTING_UNUSABLE", setting="naan", value=self.naan, wanted="12345")
        if self.base_url and not re.fullmatch(r"https?://[^\s/]+(?:/[^\s]*[^\s/])?", self.base_url):
            raise BadInput("SETTING_UNUSABLE", setting="base_url", value=self.base_url, wanted="http://host[:port]")

        if self.database:
            parse_address(self.database)

    @property
    def database_address(self) -> DatabaseAddress | None:
        """The PostgreSQL database of the library; None where it is SQLite."""
        return parse_address(self.database) if self.database else None

    @property
    def rule(self) -> Rule:
        """What the library asks of its replicas."""
        return Rule(int(self.replicas_wanted), int(self.places_wanted), int(self.offline_wanted))

    def card(self, *, serving_at: str) -> LibraryCard:
        """Return the library as its manifests and pages name it.

        *serving_at* is the address in use where the settings state none.
        """

        def words(ar: str, fr: str, en: str) -> dict[str, tuple[str, ...]]:
            return {tag: (text,) for tag, text in zip(LANGUAGES, (ar, fr, en), strict=True) if text}

        return LibraryCard(
            name=self.name,
            titles=words(self.title_ar, self.title_fr, self.title_en) or {"none": (self.name,)},
            base_url=self.base_url or serving_at,
            rights=self.rights,
            required_statement=words(self.credit_ar, self.credit_fr, self.credit_en),
            homepage=self.homepage,
            naan=self.naan,
            terms=words(self.terms_ar, self.terms_fr, self.terms_en),
        )


def read_configuration(path: Path) -> Configuration:
    """Return the settings in *path*.

    Raises ``BadInput`` naming the file and the setting when one is unknown, missing or of the wrong kind.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("CONFIGURATION_UNREADABLE", path=str(path), problem=str(error)) from error
    known = {each.name for each in fields(Configuration)}
    for setting, value in values.items():
        if setting not in known or not isinstance(value, str):
            raise BadInput("SETTING_UNKNOWN", path=str(path), setting=setting)
    for setting in ("name", "secret"):
        if not values.get(setting):
            raise BadInput("SETTING_MISSING", path=str(path), setting=setting)
    return Configuration(**values)


def configuration_text(configuration: Configuration) -> str:
    """Return *configuration* as TOML, each setting under its help."""
    lines = []
    for each in fields(Configuration):
        value = "".join(_escaped(char) for char in getattr(configuration, each.name))
        lines += [f"# {each.metadata['help']}", f'{each.name} = "{value}"', ""]
    return "\n".join(lines)


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return f"\\u{ord(char):04x}" if ord(char) < 0x20 or ord(char) == 0x7F else char
