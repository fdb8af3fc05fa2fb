"""The servers that the serving benchmark compares, each started as its makers advise."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

IIPSRV = os.environ.get("IIPSRV", "/usr/lib/iipimage-server/iipsrv.fcgi")
TICKS = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count() or 1

_NGINX = """
{user}
worker_processes {processors};
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 75; keepalive_requests 100000000;
  open_file_cache max=20000; open_file_cache_valid 60s;
  types {{ image/jpeg jpg; application/json json; }}
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  {servers}
}}
"""
_STATIC = """server {{
    listen 127.0.0.1:{port} backlog=1024; root {root};
    add_header Access-Control-Allow-Origin "*"; add_header Cache-Control "public, max-age=86400";
  }}"""
_FASTCGI = """upstream iipsrv {{ least_conn; {backends} }}
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location ~ ^/iiif/2/([^/]+)/(.*)$ {{
      fastcgi_pass iipsrv; fastcgi_buffers 64 64k; fastcgi_buffer_size 64k;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param HTTP_HOST $host;
      fastcgi_param REQUEST_URI $request_uri; fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param QUERY_STRING "IIIF=$1.tif/$2";
    }}
  }}"""


@dataclass(frozen=True, slots=True)
class Server:
    """One server under load."""

    name: str
    port: int
    processes: tuple[int, ...]
    """Its main processes; their children count with them."""
    workers: int = 1
    """Processes that answer requests, each on one processor at a time."""

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used."""
        return sum(_ticks(process) for process in _family(self.processes)) / TICKS


def free_port() -> int:
    """Return a port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def khizana(library: Path) -> Iterator[Server]:
    """Run ``khizana serve`` on *library*, as a person does."""
    port = free_port()
    command = [sys.executable, "-m", "khizana.cli.main", "serve", "--library", str(library), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with _running([process], port):
        yield Server("khizana", port, (process.pid,))


@contextlib.contextmanager
def nginx_static(root: Path, folder: Path) -> Iterator[Server]:
    """Run nginx on files."""
    port = free_port()
    with _nginx(folder / "static-nginx", _STATIC.format(port=port, root=root), port) as process:
        yield Server("nginx, static files", port, (process,), PROCESSORS)


@contextlib.contextmanager
def iipsrv(pyramids: Path, folder: Path) -> Iterator[Server]:
    """Run one iipsrv a core, which is single-threaded, behind nginx. *pyramids* holds ``<image>.tif``."""
    environment = os.environ | {
        "FILESYSTEM_PREFIX": f"{pyramids}/",
        "LOGFILE": "/dev/null",
        "VERBOSITY": "0",
        "CORS": "*",
        "JPEG_QUALITY": "85",
    }
    ports = [free_port() for _ in range(PROCESSORS)]
    processes = [subprocess.Popen([IIPSRV, "--bind", f"127.0.0.1:{port}"], env=environment) for port in ports]
    with contextlib.ExitStack() as stack:
        for process, port in zip(processes, ports, strict=True):
            stack.enter_context(_running([process], port))
        backends = " ".join(f"server 127.0.0.1:{port};" for port in ports)
        port = free_port()
        config = _FASTCGI.format(port=port, backends=backends)
        main = stack.enter_context(_nginx(folder / "iip-nginx", config, port))
        yield Server("iipsrv behind nginx", port, (main, *(process.pid for process in processes)), PROCESSORS)


@contextlib.contextmanager
def _nginx(folder: Path, servers: str, port: int) -> Iterator[int]:
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "nginx.conf"
    # Started by root, nginx would read the files as nobody.
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(_NGINX.format(user=user, processors=PROCESSORS, folder=folder, servers=servers))
    process = subprocess.Popen(["nginx", "-c", str(config), "-e", str(folder / "nginx-error.log"), "-g", "daemon off;"])
    with _running([process], port):
        yield process.pid


@contextlib.contextmanager
def _running(processes: list[subprocess.Popen[bytes]], port: int) -> Iterator[None]:
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if any(process.poll() is not None for process in processes):
                sys.exit(f"{processes[0].args} did not start")
            time.sleep(0.1)
        else:
            sys.exit(f"nothing listens on port {port} after 30 seconds")
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _family(processes: tuple[int, ...]) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    family = set(processes)
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _ticks(process: int) -> int:
    with contextlib.suppress(OSError):
        fields = _stat(process)
        return int(fields[11]) + int(fields[12])
    return 0


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
