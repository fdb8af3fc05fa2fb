"""The file systems of disks that people carry, made in image files and mounted as they mount them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class FileSystem:
    """One kind of file system."""

    name: str
    """As ``mount -t`` knows it."""
    megabytes: int
    """Of the disks that are made: about the smallest that its maker accepts."""
    make: tuple[str, ...]
    check: tuple[str, ...]
    """What a person runs after a power cut: where there is no journal at once, else when it cannot be mounted."""
    sector: int = 512
    """Bytes that its disk writes whole or not at all. With less, the kernel may not mount xfs and btrfs after a cut
    that tore a block of their own, and what mends them may lose flushed files."""
    driver: str = ""
    """The program that mounts it, where the kernel does not."""

    def missing(self) -> str:
        """Return why it cannot be mounted here, or nothing."""
        if os.geteuid() != 0:
            return "only root can mount disks"
        for need in ("losetup", "mount", self.make[0], self.check[0], *filter(None, [self.driver])):
            if not shutil.which(need):
                return f"{need} is not installed"
        if not find_library("fuse3") or find_spec("mfusepy") is None:
            return "FUSE 3 or its Python binding is not installed"
        if not Path("/dev/loop-control").exists() or not Path("/dev/fuse").exists():
            return "there are no loop devices or no FUSE here"
        if not self.driver and self.name not in Path("/proc/filesystems").read_text().split():
            return f"the kernel knows no {self.name}"
        return ""

    def image(self, path: Path) -> None:
        """Make *path* an empty disk."""
        with path.open("wb") as file:
            file.truncate(self.megabytes << 20)
        _run([*self.make, str(path)])

    @contextmanager
    def mounted(self, disk: Path, place: Path, *, checked: bool = False) -> Iterator[Path]:
        """Mount the disk in the file *disk* at *place*; *checked* runs the check of the file system before."""
        place.mkdir(exist_ok=True)
        device = _run(["losetup", "--find", "--show", str(disk)]).strip()
        try:
            if checked and self.driver:
                self._check(device)
            mount = ["mount", "-t", self.name, "-o", "noatime", device, str(place)]
            if subprocess.run(mount, capture_output=True, check=False).returncode:
                if checked:
                    self._check(device)
                _run(mount)
            try:
                yield place
            finally:
                if subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode:
                    subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)
        finally:
            subprocess.run(["losetup", "--detach", device], capture_output=True, check=False)

    def _check(self, device: str) -> None:
        # Its exit status tells of what it mended; what it could not mend is seen when it is mounted.
        subprocess.run([*self.check, device], capture_output=True, check=False)


FILE_SYSTEMS = (
    FileSystem("ext4", 32, ("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"), ("e2fsck", "-y")),
    FileSystem("xfs", 300, ("mkfs.xfs", "-q"), ("xfs_repair",), sector=4096),
    FileSystem("btrfs", 112, ("mkfs.btrfs", "-q"), ("btrfs", "rescue", "super-recover", "-y"), sector=4096),
    FileSystem("exfat-fuse", 16, ("mkfs.exfat",), ("fsck.exfat", "-y"), driver="mount.exfat-fuse"),
    FileSystem("ntfs-3g", 16, ("mkfs.ntfs", "-F", "-Q", "-q"), ("ntfsfix", "-d"), driver="mount.ntfs-3g"),
)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
