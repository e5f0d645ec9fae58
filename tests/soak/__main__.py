"""A whole life of a data folder: `python -m tests.soak --hosts 200 --pages 100`.

Many hosts are crawled, a page in ten hostile. Meanwhile the main process and a worker are killed, PostgreSQL
restarts, the disk fills, and a later run finds two pages in a hundred changed. The table tells what each step
cost, lost and doubled. The exit code is 1 where anything was lost or doubled, a step ended otherwise than it
should, a process outlived its parent, or `latest` became smaller.

`--calm` leaves all that out but the two runs, to measure them.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests import ROOT
from tests.processes import can_mount, children, descendants, lives, until
from tests.soak.account import SOURCE, Account, account, pages_fetched
from tests.soak.hosts import Server
from tests.soak.postgres import Postgres, postgres, programs
from tests.soak.usage import Usage

DECLARATION = """
[source]
id = "{source}"
name = "Many hosts"
home = "{home}"
language = ["en"]

[crawl]
discover = "listing"
start = {start}
follow = '/laws/\\d+$'
delay = 0
loopback = true
contact = "soak@localhost"
"""

# Done; of a run, also that some of its pages failed, as the hostile ones do.
DONE, DONE_WITH_FAILURES, STORAGE_FAILED, INTERRUPTED = 0, 1, 4, 130
RUN_ENDS = (DONE, DONE_WITH_FAILURES)
# The database stays away so long.
AWAY_SECONDS = 3
# A step of 20,000 pages takes some ten minutes.
MAX_STEP_SECONDS = 3600
# The command in a namespace of its own, where the dataset lies on a disk with room for hardly anything.
ON_A_FULL_DISK = (
    'cp -r "$1" "$1.copy" && mount -t tmpfs -o size=$(( $(du -sk "$1" | cut -f1) + 64 ))k none "$1" '
    '&& cp -r "$1.copy/." "$1" && rm -r "$1.copy" && shift && exec "$@"'
)
COLUMNS = "{:<50} {:>4} {:>7}  {:<96} {:>4} {:>7} {:>6}  {:>20}  {:>16}"


@dataclass
class Soak:
    """One data folder, the sites, and what went wrong so far."""

    folder: Path
    server: Server
    database: Postgres | None
    edition: int = 1
    problems: list[str] = field(default_factory=list)
    latest: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def set_up(self) -> None:
        """Write the declaration and the settings of the data folder."""
        self.data.mkdir()
        listings = self.server.sites.listings
        text = DECLARATION.format(source=SOURCE, home=listings[0], start=listings)
        (self.folder / "soak.toml").write_text(text, "utf-8")
        if self.database:
            (self.data / "stores.toml").write_text(f'ledger = "{self.database.url}"\n', "utf-8")

    def step(
        self,
        name: str,
        command: str = "run",
        *,
        ends: tuple[int, ...] = RUN_ENDS,
        meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
        full_disk: bool = False,
    ) -> None:
        """Run a command of `tamis`, do what is to happen meanwhile, and print a row of what came of it."""
        words = [sys.executable, "-m", "flows.cli", "--data", str(self.data), command]
        words += [str(self.folder / "soak.toml")] if command == "run" else []
        if full_disk:
            dataset = self.data / "dataset"
            dataset.mkdir(exist_ok=True)
            words = ["unshare", "-rm", "sh", "-c", ON_A_FULL_DISK, "sh", str(dataset), *words]
        with (self.folder / "said.log").open("ab") as said:
            process = subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=said)
            with Usage(process.pid) as usage:
                meanwhile(process)
                code = process.wait(MAX_STEP_SECONDS)
        result = account(self.data, self.server.sites, self.edition)
        self._judge(name, code, ends, result)
        _print_row(name, code, result, usage)

    def _judge(self, name: str, code: int, ends: tuple[int, ...], result: Account) -> None:
        if code not in ends:
            self.problems.append(f"{name}: ended with {code} instead of {' or '.join(map(str, ends))}")
        self.problems += [f"{name}: lost: {url}" for url in result.lost]
        self.problems += [f"{name}: doubled: {url}" for url in result.doubled]
        if result.documents < self.latest:
            self.problems.append(f"{name}: latest fell from {self.latest} to {result.documents} documents")
        self.latest = result.documents

    def times_away(self) -> int:
        """How often the logs tell that the database was away and is tried again."""
        logs = [self.folder / "said.log", *(self.data / "logs").glob("*.log")]
        return sum(log.read_text(errors="replace").count("trying again in") for log in logs)

    # What happens meanwhile

    def kill_at(self, share: float) -> Callable[[subprocess.Popen[bytes]], None]:
        """Kill the main process when a share of the pages is fetched; all that it started must end."""

        def kill(process: subprocess.Popen[bytes]) -> None:
            self._wait_for(share)
            self._end(process, signal.SIGKILL)

        return kill

    def restart_and_terminate(self, process: subprocess.Popen[bytes]) -> None:
        """Restart the database during the crawl, kill a worker that cleans, then terminate the command."""
        if self.database:
            self._wait_for(0.6)
            self.database.control("-m", "fast", "stop")
            time.sleep(AWAY_SECONDS)
            self.database.control("start")
        workers = until(lambda: children(process.pid, "spawn_main"), "workers", MAX_STEP_SECONDS)
        os.kill(workers[0], signal.SIGKILL)
        until(lambda: {*children(process.pid, "spawn_main")} - {*workers}, "new workers", MAX_STEP_SECONDS)
        self._end(process, signal.SIGTERM)

    def _wait_for(self, share: float) -> None:
        pages = share * self.server.sites.hosts * self.server.sites.pages
        until(lambda: pages_fetched(self.data) >= pages, f"{pages:.0f} pages", MAX_STEP_SECONDS)

    def _end(self, process: subprocess.Popen[bytes], how: signal.Signals) -> None:
        started = descendants(process.pid)
        process.send_signal(how)
        process.wait(MAX_STEP_SECONDS)
        until(lambda: not any(map(lives, started)), "the end of all that the command started")


def main() -> int:
    """Soak, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=100, help="pages a host, a multiple of ten")
    parser.add_argument("--calm", action="store_true", help="two runs alone, to measure them")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tamis-soak-")))
        server = stack.enter_context(Server(options.hosts, options.pages))
        found = None if options.calm else programs()
        soak = Soak(folder, server, stack.enter_context(postgres(found)) if found else None)
        soak.set_up()
        _print_head(options.hosts, options.pages)
        live_calmly(soak) if options.calm else live(soak)
        for problem in soak.problems:
            _say(problem)
        if soak.problems:
            _say((folder / "said.log").read_text(errors="replace")[-20_000:])
    return int(bool(soak.problems))


def live(soak: Soak) -> None:
    """Do all that can happen to a data folder."""
    soak.step("crawl; main process killed", ends=(-signal.SIGKILL,), meanwhile=soak.kill_at(0.3))
    restarted = "PostgreSQL restarted, " if soak.database else ""
    soak.step(
        f"{restarted}worker killed, then SIGTERM", ends=(INTERRUPTED,), meanwhile=soak.restart_and_terminate
    )
    if soak.database:
        _say(f"  (the database was away at {soak.times_away()} calls, and waited for)")
    else:
        _say("  (no PostgreSQL can be started here: the ledger is SQLite, and nothing was restarted)")
    if can_mount():
        soak.step("disk of the dataset full", ends=(STORAGE_FAILED,), full_disk=True)
    else:
        _say("  (no small disk can be mounted here: no disk was full)")
    live_calmly(soak)


def live_calmly(soak: Soak) -> None:
    """Run to the end, verify, and run again when two pages in a hundred have changed."""
    soak.step("run to the end")
    soak.step("verify", "verify", ends=(DONE,))
    soak.edition = 2
    soak.server.serve_edition(2)
    soak.step("2 % changed")


def _print_head(hosts: int, pages: int) -> None:
    _say(f"{hosts} hosts × {pages} pages, one in ten hostile; CPU and peak of: main / crawler / workers")
    names = ("step", "exit", "fetched", "outcomes", "lost", "doubled", "latest", "CPU s", "peak MB")
    _say(COLUMNS.format(*names))


def _print_row(name: str, code: int, result: Account, usage: Usage) -> None:
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(result.outcomes.items()))
    cpu, peak = usage.cpu_seconds(), usage.peak_megabytes()
    kinds = ("main", "crawler", "worker")
    _say(
        COLUMNS.format(
            name, code, result.fetched, outcomes, len(result.lost), len(result.doubled), result.documents,
            " / ".join(f"{cpu[kind]:.1f}" for kind in kinds), " / ".join(str(peak[kind]) for kind in kinds),
        )
    )  # fmt: skip


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
