"""A connection to a server that may answer slowly, without end, or one byte a minute."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from khizana.adapters.image_servers.address import WebAddress

RUN = 1 << 16  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited, and for how much."""

    largest: int = 1 << 29
    """Bytes of one image: a photograph of 500 megapixels, as JPEG of the best quality, has less."""
    connecting: float = 30.0
    """Seconds."""
    head: float = 120.0
    """Seconds until it is said what comes: some servers make an image of full size only when it is asked for."""
    quiet: float = 60.0
    """Seconds without a byte."""
    grace: float = 60.0
    """Seconds in which an answer may come however slowly."""
    slowest: int = 2048
    """Bytes a second, on average, after that."""
    longest: float = 3600.0
    """Seconds of one answer."""


class TooSlow(Exception):
    """The answer goes on, and would go on for days."""


@dataclass(slots=True)
class Patience:
    """How long the next byte of one answer is waited for."""

    limits: Limits
    begun: float = field(default_factory=time.monotonic)
    body: float | None = None
    """When the body began."""
    received: int = 0
    """Bytes of the body."""

    @property
    def quiet(self) -> float:
        """Seconds without a byte after which the server counts as away."""
        return self.limits.head if self.body is None else self.limits.quiet

    def left(self) -> float:
        """Return the seconds. Raises ``TooSlow`` where there are none."""
        now, limits = time.monotonic(), self.limits
        if self.body is None:
            left = self.begun + limits.head - now
        else:
            left = self.body + min(limits.grace + self.received / limits.slowest, limits.longest) - now
        if left <= 0:
            raise TooSlow
        return min(left, self.quiet)


class _PatientStream(io.RawIOBase):
    """What a socket gives, each byte waited for as *patience* has it."""

    def __init__(self, line: socket.socket, patience: Patience) -> None:
        self._line, self._patience = line, patience
        self._raw = line.makefile("rb", buffering=0)
        self._has_begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override] # any buffer, here always this one
        left = self._patience.left()
        self._line.settimeout(left)
        try:
            length = self._raw.readinto(buffer)
        except TimeoutError as error:
            if self._has_begun and left < self._patience.quiet:
                raise TooSlow from error  # it was not silent for long: its time is over
            raise
        self._has_begun = True
        return length

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PatientLine:
    """A socket, as far as ``http.client`` reads from it."""

    def __init__(self, line: socket.socket, patience: Patience) -> None:
        self._line, self._patience = line, patience

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_PatientStream(self._line, self._patience), RUN)


@contextmanager
def answer_of(
    address: WebAddress, numbers: list[str], headers: dict[str, str], limits: Limits
) -> Iterator[tuple[http.client.HTTPResponse, Patience]]:
    """Give the answer to a GET of *address*, whose host is at *numbers*, once its head was read.

    Raises ``OSError`` and ``http.client.HTTPException`` as they come, and ``TooSlow``.
    """
    line = _connected(address, numbers, limits)
    try:
        if address.secure:
            line = _trust().wrap_socket(line, server_hostname=address.host)
        asking = http.client.HTTPConnection(address.host, address.port)
        asking.sock = line
        asking.putrequest("GET", address.path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": address.host_header, "Connection": "close", **headers}.items():
            asking.putheader(name, value)
        asking.endheaders()
        patience = Patience(limits)
        answer = http.client.HTTPResponse(_PatientLine(line, patience), method="GET")  # type: ignore[arg-type] # all that it asks of a socket
        answer.begin()
        patience.body = time.monotonic()
        try:
            yield answer, patience
        finally:
            answer.close()
    finally:
        line.close()


@cache
def _trust() -> ssl.SSLContext:
    """Return who vouches for servers: those that this machine trusts."""
    return ssl.create_default_context()


def _connected(address: WebAddress, numbers: list[str], limits: Limits) -> socket.socket:
    problem: OSError = OSError("no address")
    for number in numbers:
        try:
            return socket.create_connection((number, address.port), timeout=limits.connecting)
        except OSError as error:
            problem = error
    raise problem
