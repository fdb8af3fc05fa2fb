"""Permanent addresses in the form of ARKs: ``ark:NAAN/name``, the name made once and for ever, with a check character.

The form is that of the ARK identifier scheme (J. Kunze and E. Bermès, draft-kunze-ark). The check character is that of
NOID, the "NOID Check Digit Algorithm" (J. Kunze, manual page of ``noid``, Minting and Binding): over *NAAN/name*, each
character's place times its value, modulo 29. It tells one wrong character, and two neighbours that changed places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from khizana.core.identifiers import Digest, ObjectId

TEST_NAAN = "99999"
"""The name assigning authority number that is nobody's: for trials. Addresses under it resolve nowhere but here."""
ALPHABET = "0123456789bcdfghjkmnpqrstvwxz"
"""The 29 characters of NOID: no vowel, so that no word comes about; no l, which is read as 1."""
NAAN = re.compile(r"[0-9bcdfghjkmnpqrstvwxz]{5,9}")
SHOULDER = "k1"
"""What every name of ours begins with; others that use the same NAAN begin otherwise."""

_LENGTH = 12  # characters, of 29: that two of 100,000 manuscripts have the same is less likely than 1 in 50 million
_ARK = re.compile(r"ark:/?(?P<naan>[^/?]+)/(?P<name>[^/.?]+)(?:/(?P<qualifier>[^?]*))?")


@dataclass(frozen=True, slots=True)
class Ark:
    """One address: who assigns, what for, and which part of it."""

    naan: str
    blade: str
    """The name without its check character: by this it is looked up."""
    qualifier: str = ""
    """The address name of a page image ("12r"), or nothing."""


def blade_of(description: ObjectId, first: Digest) -> str:
    """Return the name, without check character, of the manuscript with that description object.

    *first* is the digest of the inventory of that object's first version, with which every history of it begins. So the
    name follows from the object alone; a manuscript that gets the shelfmark of a deleted one gets another name.
    """
    number = int.from_bytes(sha256(f"{description}\n{first}".encode()).digest(), "big")
    characters = []
    for _ in range(_LENGTH):
        number, value = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[value])
    return SHOULDER + "".join(characters)


def ark_of(naan: str, blade: str, qualifier: str = "") -> str:
    """Return the ARK, with its check character: ``ark:99999/k1...``."""
    return f"ark:{naan}/{blade}{check_character(f'{naan}/{blade}')}" + (f"/{qualifier}" if qualifier else "")


def check_character(text: str) -> str:
    """Return the check character of *text*; characters outside the alphabet count nothing but their place."""
    total = sum(place * ALPHABET.find(char) for place, char in enumerate(text, 1) if char in ALPHABET)
    return ALPHABET[total % len(ALPHABET)]


def parse_ark(text: str) -> Ark | None:
    """Return the ARK that *text* is, or None where it is none of ours or its check character says that it is mistyped.

    Both forms are taken, ``ark:`` and the older ``ark:/``. Hyphens, which mean nothing in an ARK, and capital letters
    in NAAN and name are what line breaks and people put in.
    """
    found = _ARK.fullmatch(text)
    if found is None:
        return None
    naan, name = (found[part].replace("-", "").lower() for part in ("naan", "name"))
    if not NAAN.fullmatch(naan) or not name.startswith(SHOULDER) or len(name) != len(SHOULDER) + _LENGTH + 1:
        return None
    if check_character(f"{naan}/{name[:-1]}") != name[-1]:
        return None
    return Ark(naan, name[:-1], found["qualifier"] or "")
