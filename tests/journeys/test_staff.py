"""Staff sign in, see what readers do not, and are readers again when their account goes."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, Served, command_environment, new_library, served


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "secret", "--level", "staff")
    return library


def account(library: Library, name: str, password: str, *more: str) -> int:
    import subprocess  # noqa: PLC0415 - used here alone

    return subprocess.run(
        [*KHIZANA, "account", name, *more],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        input=password + "\n",
        text=True,
        capture_output=True,
        check=False,
    ).returncode


def sign_in(here: Served, name: str, password: str) -> str:
    """Return the Cookie header of a sign-in, or nothing where it was refused."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(f"{here.address}/en/sign-in") as form:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.read().decode())
    assert token
    fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
    with opener.open(f"{here.address}/en/sign-in", urllib.parse.urlencode(fields).encode()):
        cookies = {cookie.name: cookie.value for cookie in jar}
    return f"sessionid={cookies['sessionid']}" if "sessionid" in cookies else ""


def test_staff_see_what_readers_do_not(library: Library) -> None:
    assert account(library, "aicha", "short") == 2
    assert account(library, "aicha", "a long enough password") == 0
    assert account(library, "aicha", "a long enough password") == 4
    with served(library) as here:
        assert sign_in(here, "aicha", "wrong password here") == ""
        cookie = sign_in(here, "aicha", "a long enough password")
        assert cookie
        for door in ("/images/secret.0001/480.jpg", "/iiif/3/secret.0001/full/max/0/default.jpg", "/en/m/secret/1r"):
            assert here.get(door)[0] in (401, 403), door
            status, headers, _ = here.get(door, Cookie=cookie)
            assert status == 200, door
            # What one reader may see is kept by no cache between here and another.
            assert "public" not in headers.get("Cache-Control", ""), door
            assert here.get(door, Cookie="sessionid=forged")[0] in (401, 403), door
            assert here.get(door)[0] in (401, 403), door
    assert account(library, "aicha", "", "--remove") == 0
    assert account(library, "aicha", "", "--remove") == 3
    with served(library) as here:
        assert here.get("/images/secret.0001/480.jpg", Cookie=cookie)[0] in (401, 403)


def test_what_staff_were_shown_is_never_stored_for_readers(library: Library) -> None:
    assert account(library, "aicha", "a long enough password") == 0
    library.run("publish", "secret", "--withdraw")
    with served(library) as here:
        cookie = sign_in(here, "aicha", "a long enough password")
        for door in ("/en/m/secret/", "/en/m/secret/1r", "/iiif/manifest/secret", "/m/secret/description.xml"):
            assert here.get(door, Cookie=cookie)[0] == 200, door
            assert here.get(door)[0] == 404, door
            assert here.get(door, Cookie="sessionid=forged")[0] == 404, door
