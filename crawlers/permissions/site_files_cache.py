"""The cache of robots.txt and tdmrep.json: kept for a day in the data folder, shared by all crawls."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import time

# RFC 9309, 2.4: a robots.txt is not used for more than a day.
CACHE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The two files of a site as octets in Latin-1 ("" for a missing one), and when they were fetched."""

    root: str
    robots: str
    tdmrep: str
    read_at: float

    def age(self) -> float:
        """Return the seconds since they were fetched; infinity for a time in the future."""
        age = time() - self.read_at
        return age if age >= 0 else float("inf")


class SiteFilesCache:
    """A folder with one file a site. A lost or damaged file costs only another request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def look_up(self, root: str) -> SiteFiles | None:
        """Return what was fetched from a site within the last day; None where it must be fetched."""
        try:
            files = SiteFiles(**json.loads(self._path(root).read_text(encoding="ascii")))
            return files if files.root == root and files.age() <= CACHE_SECONDS else None
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, files: SiteFiles) -> None:
        """Write the files of a site. Raises OSError where the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(files.root)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(asdict(files)), encoding="ascii")
        part.replace(path)

    def _path(self, root: str) -> Path:
        return self._folder / f"{sha256(root.encode()).hexdigest()[:32]}.json"
