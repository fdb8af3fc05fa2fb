"""Storage layouts: where an object with a given identifier must lie, by the registered extension named.

Written from the texts of community extensions 0002, 0003, 0004, 0006 and 0007; the writer has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from khizana.core.preservation.ocfl.validate_digests import HEX_LENGTHS, digest_bytes, is_computable
from khizana.core.preservation.ocfl.validate_disk import Kind, TooLarge, read_whole, reason
from khizana.core.preservation.ocfl.validate_extensions import may_be_registered
from khizana.core.preservation.ocfl.validate_json import NotJson, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from khizana.core.preservation.ocfl.validate_report import Report

DESCRIPTION = "ocfl_layout.json"
_LARGEST = 1 << 20  # bytes; a description or configuration has a few hundred
_LONGEST_ENCODED = 100  # characters of an encoded identifier before 0003 cuts it
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_ENCODED = tuple(chr(byte) if byte in _SAFE else f"%{byte:02x}" for byte in range(256))
_MOST_TUPLES = 32
_LONGEST_IDENTIFIER = 1 << 16  # characters; a hostile one must not cost minutes to place


class UnusableConfiguration(Exception):
    """A layout's configuration breaks the rules of its extension; says which parameter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A storage layout: from an identifier to the path of its object under the storage root."""

    name: str
    _map: Callable[[str], str | None]

    def path(self, identifier: str) -> str | None:
        """Return where the object with *identifier* lies; None when the layout has no place for it."""
        return self._map(identifier) if len(identifier) <= _LONGEST_IDENTIFIER else None


def read_layout(report: Report, folder: str, entries: Mapping[str, Kind]) -> Layout | None:
    """Return the layout that the storage root in *folder* describes; None when none can be applied."""
    described = _read_json(report, folder, DESCRIPTION, "E070") if DESCRIPTION in entries else None
    if described is None:
        return None
    for key in ("extension", "description"):
        if key not in described:
            report.add("E070", DESCRIPTION, found="", expected=key)
    name = described.get("extension")
    if not isinstance(name, str) or not may_be_registered(name):
        if "extension" in described:
            report.add("E071", DESCRIPTION, found=name)
        return None
    if name not in _BUILDERS:
        report.add("OCFL_LAYOUT_UNCHECKED", DESCRIPTION, found=name)
        return None
    return _configured(report, folder, name)


def _configured(report: Report, folder: str, name: str) -> Layout | None:
    path = f"extensions/{name}/config.json"
    given = _read_json(report, folder, path, "OCFL_LAYOUT_UNUSABLE") if _exists(folder, path) else {}
    if given is None:
        return None
    try:
        return build(name, given)
    except UnusableConfiguration as error:
        report.add("OCFL_LAYOUT_UNUSABLE", path, found=str(error), expected=name)
        return None


def build(name: str, configuration: Mapping[str, Any]) -> Layout:
    """Return layout *name* with its *configuration* (missing parameters take the extension's defaults).

    Raises ``UnusableConfiguration`` for a parameter outside what the extension allows.
    """
    if configuration.get("extensionName", name) != name:
        raise UnusableConfiguration("extensionName")
    return Layout(name, _BUILDERS[name](configuration))


def usual_layouts() -> tuple[Layout, ...]:
    """Return the layouts that need no configuration, to tell two patterns in one storage root apart."""
    return tuple(build(name, {"delimiter": ":"}) for name in _BUILDERS)


def _exists(folder: str, path: str) -> bool:
    try:
        read_whole(f"{folder}/{path}", at_most=_LARGEST)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # whatever it is, it is there: reading it says what is wrong
    return True


def _read_json(report: Report, folder: str, path: str, code: str) -> dict[str, Any] | None:
    try:
        document = parse(read_whole(f"{folder}/{path}", at_most=_LARGEST))
    except (NotJson, TooLarge) as error:
        report.add(code, path, found=str(error))
        return None
    except OSError as error:
        report.add("OCFL_UNREADABLE", path, found=reason(error))
        return None
    for _, keys in document.repeats:
        report.add(code, path, found=f"{keys[0]}, {keys[0]}")
    if not isinstance(document.value, dict):
        report.add(code, path, found=document.value)
        return None
    return document.value


def _whole(configuration: Mapping[str, Any], key: str, default: int, lowest: int) -> int:
    value = configuration.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= _MOST_TUPLES:
        raise UnusableConfiguration(key)
    return value


def _delimiter(configuration: Mapping[str, Any], default: str | None) -> str:
    value = configuration.get("delimiter", default)
    if not isinstance(value, str) or not value:
        raise UnusableConfiguration("delimiter")
    return value


def _without_prefix(identifier: str, delimiter: str) -> str:
    """Return what follows the last *delimiter* in *identifier*, upper and lower case being alike."""
    length, sought = len(delimiter), delimiter.casefold()
    for start in range(len(identifier) - length, -1, -1):
        if identifier[start : start + length].casefold() == sought:
            return identifier[start + length :]
    return identifier


def _tuples(text: str, size: int, count: int) -> list[str]:
    return [text[place * size : (place + 1) * size] for place in range(count)]


def _flat_direct(_: Mapping[str, Any]) -> Callable[[str], str | None]:
    return lambda identifier: identifier


def _flat_omit_prefix(configuration: Mapping[str, Any]) -> Callable[[str], str | None]:
    delimiter = _delimiter(configuration, None)
    return lambda identifier: _without_prefix(identifier, delimiter) or None


def _hash_parameters(configuration: Mapping[str, Any]) -> tuple[str, int, int]:
    algorithm = configuration.get("digestAlgorithm", "sha256")
    if not isinstance(algorithm, str) or algorithm not in HEX_LENGTHS or not is_computable(algorithm):
        raise UnusableConfiguration("digestAlgorithm")
    size = _whole(configuration, "tupleSize", 3, 0)
    count = _whole(configuration, "numberOfTuples", 3, 0)
    if (size == 0) != (count == 0) or size * count > HEX_LENGTHS[algorithm]:
        raise UnusableConfiguration("numberOfTuples")
    return algorithm, size, count


def _hash_and_identifier(configuration: Mapping[str, Any]) -> Callable[[str], str | None]:
    return partial(_hash_and_identifier_path, *_hash_parameters(configuration))


def _hash_and_identifier_path(algorithm: str, size: int, count: int, identifier: str) -> str:
    data = identifier.encode("utf-8")
    digest = digest_bytes(data, algorithm)
    encoded = "".join(map(_ENCODED.__getitem__, data))
    if len(encoded) > _LONGEST_ENCODED:
        encoded = f"{encoded[:_LONGEST_ENCODED]}-{digest}"
    return "/".join([*_tuples(digest, size, count), encoded])


def _hashed(configuration: Mapping[str, Any]) -> Callable[[str], str | None]:
    algorithm, size, count = _hash_parameters(configuration)
    short = configuration.get("shortObjectRoot", False)
    if not isinstance(short, bool) or (short and size * count == HEX_LENGTHS[algorithm]):
        raise UnusableConfiguration("shortObjectRoot")
    return partial(_hashed_path, algorithm, size, count, size * count if short else 0)


def _hashed_path(algorithm: str, size: int, count: int, left_out: int, identifier: str) -> str:
    digest = digest_bytes(identifier.encode("utf-8"), algorithm)
    return "/".join([*_tuples(digest, size, count), digest[left_out:]])


def _tuples_omit_prefix(configuration: Mapping[str, Any]) -> Callable[[str], str | None]:
    delimiter = _delimiter(configuration, ":")
    size = _whole(configuration, "tupleSize", 3, 1)
    count = _whole(configuration, "numberOfTuples", 3, 1)
    padding = configuration.get("zeroPadding", "left")
    if padding not in ("left", "right"):
        raise UnusableConfiguration("zeroPadding")
    reverse = configuration.get("reverseObjectRoot", False)
    if not isinstance(reverse, bool):
        raise UnusableConfiguration("reverseObjectRoot")

    def path(identifier: str) -> str | None:
        name = _without_prefix(identifier, delimiter)
        # The extension is defined for printable ASCII alone, and has no place for a name of nothing.
        if not name or not all(" " <= char <= "\x7f" for char in identifier):
            return None
        padded = name.rjust(size * count, "0") if padding == "left" else name.ljust(size * count, "0")
        return "/".join([*_tuples(padded[::-1] if reverse else padded, size, count), name])

    return path


_BUILDERS: dict[str, Callable[[Mapping[str, Any]], Callable[[str], str | None]]] = {
    "0002-flat-direct-storage-layout": _flat_direct,
    "0003-hash-and-id-n-tuple-storage-layout": _hash_and_identifier,
    "0004-hashed-n-tuple-storage-layout": _hashed,
    "0006-flat-omit-prefix-storage-layout": _flat_omit_prefix,
    "0007-n-tuple-omit-prefix-storage-layout": _tuples_omit_prefix,
}
