"""A member of the staff at a browser without JavaScript: cookies are kept, forms are sent as pages give them."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from html import unescape
from http.cookiejar import CookieJar

from data.commands import KHIZANA, Library, Served, command_environment

PASSWORD = "a long enough password"  # noqa: S105 - of accounts that tests make
PATIENCE = 120.0  # seconds until a task that waits is a failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, redirects followed."""

    status: int
    address: str
    """Path and query of the page that came in the end."""
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The page without the marks that keep directions apart."""
        return self.body.decode().replace("\u2068", "").replace("\u2069", "")


def make_account(library: Library, name: str = "aicha", *more: str) -> None:
    done = subprocess.run(
        [*KHIZANA, "account", name, *more],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        input=f"{PASSWORD}\n",
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class Browser:
    """One browser, with what it remembers."""

    def __init__(self, here: Served) -> None:
        self._here = here
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answer(urllib.request.Request(self._here.address + path, headers=named))  # noqa: S310 - a loopback address

    def cookie(self, name: str) -> str:
        """Return what one cookie holds, or nothing where there is none."""
        return next((each.value or "" for each in self._jar if each.name == name), "")

    def forget(self, cookie: str) -> None:
        """Forget one cookie."""
        kept = [each for each in self._jar if each.name != cookie]
        self._jar.clear()
        for each in kept:
            self._jar.set_cookie(each)

    def sign_in(self, name: str = "aicha", *, path: str = "/en/sign-in") -> Answer:
        """Sign in on the page at *path*, and return where that leads."""
        page = self.get(path)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        fields = {name: unescape(value) for name, value in hidden.items()}
        return self.post(page.address.partition("?")[0], {**fields, "username": name, "password": PASSWORD})

    def post(self, path: str, fields: Mapping[str, str], *, token: bool = False) -> Answer:
        """Send a form; with *token*, with that of the page at *path*."""
        given = {**fields, **({"csrfmiddlewaretoken": self.token(path)} if token else {})}
        request = urllib.request.Request(self._here.address + path, urllib.parse.urlencode(given).encode())  # noqa: S310 - a loopback address
        return self._answer(request)

    def upload(
        self, path: str, files: Sequence[tuple[str, bytes]], fields: Mapping[str, str] | None = None, *, token: str = ""
    ) -> Answer:
        """Send files, under names that are any at all."""
        bound = uuid.uuid4().hex
        given = {"csrfmiddlewaretoken": token or self.token(path), **(fields or {})}
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in given.items()
        ]
        parts += [
            f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + content
            for name, content in files
        ]
        body = b"".join(f"--{bound}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{bound}--\r\n".encode()
        request = urllib.request.Request(  # noqa: S310 - a loopback address
            self._here.address + path, body, {"Content-Type": f"multipart/form-data; boundary={bound}"}
        )
        return self._answer(request)

    def token(self, path: str) -> str:
        """Return the token that the form on the page at *path* is sent with."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)
        return found[1] if found else ""

    def press(self, page: Answer, action: str) -> Answer:
        """Press the button of the form of *page* that leads to a place ending in *action*."""
        forms = re.findall(r'<form[^>]* action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        place, form = next((place, form) for place, form in forms if place.endswith(action))
        return self.post(place, dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)))

    def when_ready(self, page: Answer) -> Answer:
        """Return the page of a task once it no longer renews itself."""
        deadline = time.monotonic() + PATIENCE
        while 'http-equiv="refresh"' in page.text:
            assert time.monotonic() < deadline, page.text
            time.sleep(0.2)
            page = self.get(page.address)
        return page

    def _answer(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return self._read(answer, answer.status)
        except urllib.error.HTTPError as answer:
            return self._read(answer, answer.code)

    def _read(self, answer: urllib.response.addinfourl, status: int) -> Answer:  # type: ignore[name-defined] # the library's
        address = answer.geturl().removeprefix(self._here.address)
        return Answer(status, address, answer.headers, answer.read())


def counts(page: Answer) -> dict[str, int]:
    """Return the numbers that the page of a task shows, by their names."""
    return {name: int(number) for name, number in re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page.text)}
