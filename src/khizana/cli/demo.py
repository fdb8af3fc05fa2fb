"""``khizana demo``: makes the specimen library, and serves it."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from khizana.cli.verb import Opened, Progress, open_library, tell
from khizana.core.library import LibraryFolder
from khizana.core.specimen import make_specimen

FOLDER = "demo-library"
TITLES = {"title_ar": "خزانة النماذج", "title_fr": "Bibliothèque des spécimens", "title_en": "The Specimen Library"}


def run(*, directory: Path | None, host: str, port: int, only_make: bool) -> int:
    """Make the specimen library where it is not there yet, and serve it."""
    root = (directory or Path(FOLDER)).absolute()
    opened = _opened(root)
    from khizana.cli import serve  # noqa: PLC0415 - it has tables, and Django is set up for this library only now

    if not only_make:
        # Before two minutes of work, not after.
        serve.refuse_if_taken(host, port)
    _fill(opened, root)
    return 0 if only_make else serve.run(opened=opened, host=host, port=port)


def _opened(root: Path) -> Opened:
    if LibraryFolder(root).configuration.is_file():
        return open_library(str(root))
    from khizana.cli.init import make_library  # noqa: PLC0415 - the same

    make_library(root, name="specimens", **TITLES)
    return open_library(str(root))


def _fill(opened: Opened, root: Path) -> None:
    """Add each specimen that is not in the library yet; a run that was stopped goes on here."""
    from khizana.apps.publication import queries  # noqa: PLC0415 - the same
    from khizana.cli.add import add  # noqa: PLC0415 - the same
    from khizana.core.identifiers import manuscript_id  # noqa: PLC0415 - beside the two above
    from khizana.core.policy import Level  # noqa: PLC0415 - the same
    from khizana.core.preservation.card import FolderCard  # noqa: PLC0415 - the same

    rendered = root.with_name(f"{root.name}-photographs")
    font = files("khizana.web") / "static" / "fonts" / "khizana-naskh.ttf"
    tell("DEMO_MAKING", path=str(root))
    with as_file(font) as file, Progress(0, unit="page") as progress:

        def on_page(done: int, total: int) -> None:
            progress.total(total)
            progress.reach(done)

        specimens = make_specimen(rendered, font=file, on_page=on_page)
    with Progress(len(specimens), unit="ms") as progress:
        for specimen in specimens:
            known = queries.agreement_and_revision(manuscript_id(specimen.shelfmark))
            if known is None or not known[0].published:
                add(
                    opened,
                    FolderCard(specimen.folder),
                    shelfmark=specimen.shelfmark,
                    description=(specimen.folder / "description.xml").read_bytes(),
                    direction="rtl",
                    level=Level.OPEN,
                    more=False,
                )
            progress.add(1)
