"""The address of a site in a bucket, and the keys to it, which never stand in an address.

s3:bucket/folder?endpoint=https://s3.example.org&region=eu-west-1&patience=300
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from khizana.core.errors import BadInput, NotFound, Unreadable

KEYS_FILE = "s3.toml"
"""Name of the file of keys in the folder ``keys`` of a library."""

REGION = "us-east-1"
PATIENCE = 300  # seconds

_BUCKET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?")
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[ -.0-~]+")
_OPTIONS = {"endpoint", "region", "patience"}


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where a site lies."""

    text: str
    """As it was given."""
    bucket: str
    prefix: str
    """Folder in the bucket, without slashes at its ends; nothing for the whole bucket."""
    endpoint: str
    region: str
    patience: int
    """Seconds in which one request must be answered, and for which a refused one is tried again."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a bucket."""

    key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def parse(rest: str) -> S3Address:
    """Return the address whose part after the kind is *rest*.

    Raises ``BadInput`` S3_ADDRESS_UNUSABLE, also where a secret stands in it.
    """
    path, _, query = rest.removeprefix("//").partition("?")
    bucket, _, prefix = path.partition("/")
    prefix = prefix.strip("/")
    options = dict(parse_qsl(query, keep_blank_values=True))
    region = options.get("region") or REGION
    endpoint = (options.get("endpoint") or f"https://s3.{region}.amazonaws.com").rstrip("/")
    patience = options.get("patience") or str(PATIENCE)
    right = (
        _BUCKET.fullmatch(bucket)
        and all(_SEGMENT.fullmatch(each) for each in prefix.split("/") if prefix)
        and not set(options) - _OPTIONS
        and _REGION.fullmatch(region)
        and _is_endpoint(endpoint)
        and re.fullmatch(r"[1-9][0-9]{0,4}", patience)
    )
    if not right:
        raise BadInput("S3_ADDRESS_UNUSABLE", bucket=bucket)
    return S3Address(f"s3:{rest}", bucket, prefix, endpoint, region, int(patience))


def find_keys(bucket: str, folder: Path | None, environment: Mapping[str, str]) -> Keys:
    """Return the keys to *bucket*: those of its table in *folder*/s3.toml, or else those of the environment.

    Raises ``NotFound`` S3_NO_KEYS where there are none, ``BadInput`` S3_KEYS_UNREADABLE for a file that cannot be
    understood.
    """
    own = _own(bucket, folder / KEYS_FILE) if folder else {}
    environment = {name.removeprefix("AWS_").lower(): value for name, value in environment.items()}
    for found in (own, environment):
        key, secret = found.get("access_key_id"), found.get("secret_access_key")
        if key and secret:
            return Keys(key, secret, found.get("session_token") or None)
    raise NotFound("S3_NO_KEYS", bucket=bucket, path=str(folder / KEYS_FILE) if folder else KEYS_FILE)


def _own(bucket: str, path: Path) -> Mapping[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get(bucket, {})
        return {str(name): str(value) for name, value in table.items()}
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise BadInput("S3_KEYS_UNREADABLE", path=str(path)) from error
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error


def _is_endpoint(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # asked for so that a port that is none is found out
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain
