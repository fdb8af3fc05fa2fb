import errno
from pathlib import Path

import pytest

from khizana.core.errors import Busy, NoSpace, NotFound
from khizana.core.identifiers import Digest, ManuscriptId
from khizana.core.preservation import journal as journals
from khizana.core.preservation.journal import Capture, Journal, Receipt

SLUG = ManuscriptId("tb-1")


def capture(name: str, number: int = 1) -> Capture:
    return Capture(
        name, 1_000 + number, 10 * number, Digest(f"{number:0128x}"), "image/jpeg", "jpg", 30, 40, "2026-01-01"
    )


def test_what_was_noted_is_there_for_the_next_run(tmp_path: Path) -> None:
    Journal(tmp_path, SLUG).note(capture("a\nb.jpg"))
    Journal(tmp_path, SLUG).note(capture("é.jpg", 2))
    assert dict(Journal(tmp_path, SLUG).captures()) == {"a\nb.jpg": capture("a\nb.jpg"), "é.jpg": capture("é.jpg", 2)}
    assert not Journal(tmp_path, ManuscriptId("tb-2")).captures()


def test_a_receipt_needs_the_end_of_receiving(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SLUG)
    journal.note(capture("a.jpg"))
    with pytest.raises(NotFound):
        journal.receipt()
    receipt = Receipt("TB 1", ((capture("a.jpg"), "1r"),))
    journal.close(receipt)
    assert journal.receipt() == receipt


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_torn_by_a_power_cut_spoils_nothing_but_itself(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path, SLUG)
    journal.note(capture("a.jpg"))
    journal.note(capture("b.jpg", 2))
    path = next(tmp_path.glob("*.journal"))
    path.write_bytes(path.read_bytes()[:-cut])
    journal.note(capture("c.jpg", 3))
    assert set(journal.captures()) == {"a.jpg", "c.jpg"} | ({"b.jpg"} if cut == 1 else set())


def test_the_last_word_on_a_name_counts(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SLUG)
    journal.note(capture("a.jpg"))
    journal.note(capture("a.jpg", 2))
    assert journal.captures()["a.jpg"] == capture("a.jpg", 2)


def test_one_process_at_a_time_receives_for_a_manuscript(tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    with Journal(staging, SLUG).held("TB 1"):
        with pytest.raises(Busy, match="TB 1"), Journal(staging, SLUG).held("TB 1"):
            pass
        with Journal(staging, ManuscriptId("tb-2")).held("TB 2"):
            pass
    with Journal(staging, SLUG).held("TB 1"):
        pass
    assert list(staging.iterdir()) == []


def test_the_name_of_a_new_journal_is_flushed_and_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(journals, "sync_directory", flushed.append)
    journal = Journal(tmp_path, SLUG)
    journal.note(capture("a.jpg"))
    journal.note(capture("b.jpg", 2))
    assert flushed == [tmp_path]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(NoSpace):
        journal.note(capture("c.jpg", 3))


def test_a_journal_that_lost_a_line_or_is_of_another_version_is_no_receipt(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SLUG)
    journal.close(Receipt("TB 1", ((capture("a.jpg"), "1r"),)))
    with pytest.raises(NotFound):
        journal.receipt()
    path = next(tmp_path.glob("*.journal"))
    path.write_bytes(path.read_bytes() + b'{"capture": {"name": "a.jpg", "colour": 1}}\n7\n{"order": 3}\n')
    assert journal.captures() == {}
    with pytest.raises(NotFound):
        journal.receipt()
