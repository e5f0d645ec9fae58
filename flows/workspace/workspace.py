"""The data folder: where its parts are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from output.base.errors import StorageError, UsageError
from output.ledger.tombstones import forgotten_hashes
from output.stores import Stores, stores

if TYPE_CHECKING:
    from output.dataset.dataset import Dataset
    from output.ledger.ledger import Ledger


@dataclass(frozen=True)
class Workspace:
    """The parts of a data folder; the ledger and the dataset are opened at first use.

    `others` are stores to use in place of the folder's own.
    """

    data: Path
    others: Stores | None = None

    @property
    def archive(self) -> Path:
        """The folder of WARC files, with a folder for each source."""
        return self.data / "archive"

    @property
    def releases(self) -> Path:
        """The folder of immutable releases, and of `latest`."""
        return self.data / "releases"

    @property
    def profiles(self) -> Path:
        """The folder of site profiles, with a folder for each source."""
        return self.data / "profiles"

    @property
    def logs(self) -> Path:
        """The folder of the crawler's logs, one for each run."""
        return self.data / "logs"

    @property
    def scratch(self) -> Path:
        """The folder of files without a name, which end with the process that works with them."""
        return self.data / "scratch"

    @cached_property
    def stores(self) -> Stores:
        """The locations of the ledger and the dataset: in the folder, unless its stores.toml names others."""
        return self.others or stores(self.data)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, created at first use; it honours what the archive lists as withdrawn."""
        from output.ledger.ledger import Ledger

        self.create()
        ledger = Ledger(self.stores.ledger)
        if forgotten := forgotten_hashes(self.archive):
            ledger.adopt_forgotten(forgotten, now=datetime.now(UTC))
        return ledger

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset, created at first use."""
        from output.dataset.dataset import Dataset

        self.create()
        return Dataset(self.stores.dataset)

    def close(self) -> None:
        """Close the ledger's connections, if it was opened."""
        if "ledger" in self.__dict__:
            self.ledger.close()

    def require(self) -> None:
        """Raise UsageError where nothing is stored, instead of creating an empty data folder."""
        if "://" not in self.stores.ledger and not Path(self.stores.ledger).exists():
            raise UsageError(
                f"{self.data}: no Tamis data here ({self.stores.ledger} is missing); give --data DIR"
            )

    def require_published(self) -> None:
        """Raise StorageError where the dataset lacks what the ledger says is published."""
        from output.integrity.published import require_published

        require_published(self.ledger, self.dataset)

    def require_archive(self, source_id: str) -> None:
        """Raise UsageError where another machine holds archive files of a source."""
        from output.archive.elsewhere import require_here

        require_here(self.archive, self.ledger, source_id)

    def create(self) -> None:
        """Create the data folder. Raises StorageError where that is impossible."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot create the data folder {self.data}: {error.strerror}") from error
