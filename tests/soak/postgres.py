"""A PostgreSQL of one's own on loopback, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """A running server, and the URL of its database."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://tamis@127.0.0.1:{self.port}/tamis"

    def control(self, *arguments: str) -> None:
        """Run pg_ctl and wait until it is done."""
        options = f"-p {self.port} -k '{self.folder}' -c listen_addresses=127.0.0.1 -c fsync=off"
        log = self.folder / "log"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", log, "-o", options, *arguments)

    def run(self, program: str, *arguments: str | Path) -> None:
        # The server refuses to run as root.
        as_user = ["runuser", "-u", USER, "--"] if os.getuid() == 0 else []
        command = [*as_user, str(self.programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, or None where a server cannot be started."""
    if os.getuid() == 0 and not shutil.which("runuser"):
        return None
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    """Serve an empty database while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="tamis-postgres-") as name:
        if os.getuid() == 0:
            shutil.chown(name, USER)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            server = Postgres(programs, Path(name), probe.getsockname()[1])
        server.run("initdb", "-D", f"{name}/data", "-A", "trust", "-U", "tamis", "-E", "UTF8", "--locale=C")
        server.control("start")
        try:
            server.run("createdb", "-h", "127.0.0.1", "-p", str(server.port), "-U", "tamis", "tamis")
            yield server
        finally:
            server.control("-m", "immediate", "stop")
