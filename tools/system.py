"""Installs from Debian what tests, their long forms or benchmarks need beside Python, or says what is missing.

    python3 tools/system.py test|damage|bench

Exit status 0, or 1 with the one command that a person with the right to must run.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"

# Debian package and how to tell that it is there.
TEST = {
    "age": lambda: shutil.which("age"),
    "btrfs-progs": lambda: shutil.which("mkfs.btrfs", path=PATH),
    "chromium": lambda: shutil.which("chromium"),
    "e2fsprogs": lambda: shutil.which("mkfs.ext4", path=PATH),
    "exfat-fuse": lambda: shutil.which("mount.exfat-fuse", path=PATH),
    "exfatprogs": lambda: shutil.which("mkfs.exfat", path=PATH),
    "faketime": lambda: shutil.which("faketime"),
    "fuse3": lambda: shutil.which("fusermount3"),
    "libmagic1": lambda: ctypes.util.find_library("magic"),
    "ntfs-3g": lambda: shutil.which("mkfs.ntfs", path=PATH),
    "postgresql": lambda: shutil.which("postgres") or any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    "strace": lambda: shutil.which("strace"),
    "xfsprogs": lambda: shutil.which("mkfs.xfs", path=PATH),
}
DAMAGE = {
    **TEST,
    "ceph-base": lambda: shutil.which("monmaptool"),
    "ceph-common": lambda: shutil.which("rados"),
    "ceph-mon": lambda: shutil.which("ceph-mon"),
    "ceph-osd": lambda: shutil.which("ceph-osd"),
    "radosgw": lambda: shutil.which("radosgw"),
}
BENCH = {
    **TEST,
    "nginx-light": lambda: shutil.which("nginx", path="/usr/sbin:/usr/bin"),
    "iipimage-server": lambda: Path("/usr/lib/iipimage-server/iipsrv.fcgi").exists(),
    "libvips-tools": lambda: shutil.which("vips"),
    "wrk": lambda: shutil.which("wrk"),
}
WANTED = {"test": TEST, "damage": DAMAGE, "bench": BENCH}


def main() -> None:
    """Install or name what is missing."""
    if len(sys.argv) != 2 or sys.argv[1] not in WANTED:
        sys.exit("Say for what: python3 tools/system.py test|damage|bench")
    wanted = WANTED[sys.argv[1]]
    missing = [package for package, is_there in wanted.items() if not is_there()]
    if not missing:
        return
    install = f"apt-get install --no-install-recommends -y {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"Missing on this machine: {', '.join(missing)}. As root, run: apt-get update && {install}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -qq", install + " -qq"):
        if subprocess.run(command.split(), env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit(f"This failed and the lines above say why: {command}")


if __name__ == "__main__":
    main()
