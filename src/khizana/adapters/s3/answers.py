"""What a server's refusal means to a person: one error of the one tree for each, never the server's own words alone."""

from __future__ import annotations

import re

from obstore.exceptions import BaseError

from khizana.core.errors import Away, KhizanaError, NoSpace, NotFound, Unreadable

ERRORS = (BaseError, FileNotFoundError, ValueError)
"""Everything that the library raises for an answer, or for the lack of one."""

PAST_THE_END = {"InvalidRange", "416"}
"""Codes that say of a file that it ends before the bytes that were asked for."""

_CODE = re.compile(r"<Code>([A-Za-z0-9]+)</Code>")
_STATUS = re.compile(r"status code: ([0-9]{3})")
_REASON = re.compile(r"(HTTP error: [^\n]*|contained[^\n]*|Encountered[^\n]*)")
_KEYS = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "TokenRefreshRequired",
    "AuthorizationHeaderMalformed",
    "401",
}
_SLOW = {"SlowDown", "SlowDownRead", "SlowDownWrite", "TooManyRequests", "ServiceUnavailable", "503", "429"}
_CLOCK = {"RequestTimeTooSkewed", "RequestExpired"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "InsufficientCapacity", "507"}
_FORBIDDEN = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "InvalidObjectState", "403"}


def is_missing(error: Exception) -> bool:
    """Whether *error* says that there is no such file, or no such bucket."""
    return isinstance(error, FileNotFoundError)


def code_of(error: Exception) -> str:
    """Return the code that the server gave, its status where it gave none, or nothing where it did not answer."""
    text = str(error)
    found = _CODE.search(text) or _STATUS.search(text)
    return found[1] if found else ""


def of_the_store(error: Exception, address: str, bucket: str) -> KhizanaError | None:
    """Return what *error* says of the whole site at *address*, or None where it may concern one file only."""
    code = code_of(error)
    simple = {
        **dict.fromkeys(_KEYS, "S3_KEYS_REFUSED"),
        **dict.fromkeys(_SLOW, "S3_TOO_MANY_REQUESTS"),
        **dict.fromkeys(_CLOCK, "S3_CLOCK_WRONG"),
    }
    if code == "NoSuchBucket":
        return Away("S3_NO_BUCKET", path=address, bucket=bucket)
    if code in _FULL:
        return NoSpace("S3_FULL", path=address)
    if code in simple:
        return Away(simple[code], path=address)
    if not code and isinstance(error, BaseError):
        return Away("S3_NO_ANSWER", path=address, problem=problem_of(error))
    return None


def of_the_list(error: Exception, address: str, bucket: str) -> KhizanaError:
    """Return what it means that the server does not even list the names at *address*."""
    told = of_the_store(error, address, bucket)
    if told is None and code_of(error) in _FORBIDDEN:
        return Away("S3_KEYS_REFUSED", path=address)
    return told or Away("S3_NO_ANSWER", path=address, problem=problem_of(error))


def of_a_file(error: Exception, name: str, address: str) -> KhizanaError:
    """Return what *error* says of the file *name*, once the site itself is known to answer."""
    if is_missing(error):
        return NotFound("SITE_NO_FILE", name=name, path=address)
    if code_of(error) in _FORBIDDEN:
        return Unreadable("S3_FORBIDDEN", name=name, path=address)
    return Unreadable("SITE_UNREADABLE", name=name, path=address, problem=problem_of(error))


def problem_of(error: Exception) -> str:
    """Return the few words that name the trouble: the server's code, or why there was no answer."""
    code = code_of(error)
    if code:
        return code
    found = _REASON.search(str(error))
    return found[1] if found else str(error).partition("\n")[0][:200]
