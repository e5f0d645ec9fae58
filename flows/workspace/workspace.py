"""Where things lie below a data folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from output.base.errors import StorageError, UsageError
from output.stores import Stores, stores

if TYPE_CHECKING:
    from output.dataset.dataset import Dataset
    from output.ledger.ledger import Ledger


@dataclass(frozen=True)
class Workspace:
    """The data folder and what stands in it; the ledger and the dataset are opened at first use."""

    data: Path

    @property
    def archive(self) -> Path:
        """WARC files, a folder a source."""
        return self.data / "archive"

    @property
    def releases(self) -> Path:
        """Immutable releases, and `latest`."""
        return self.data / "releases"

    @property
    def profiles(self) -> Path:
        """Site profiles, a folder a source."""
        return self.data / "profiles"

    @property
    def logs(self) -> Path:
        """A crawler's log a run."""
        return self.data / "logs"

    @cached_property
    def stores(self) -> Stores:
        """Where the ledger and the dataset lie: in the folder, if its stores.toml does not say otherwise."""
        return stores(self.data)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, made at first use."""
        from output.ledger.ledger import Ledger

        self.make()
        return Ledger(self.stores.ledger)

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset, made at first use."""
        from output.dataset.dataset import Dataset

        self.make()
        return Dataset(self.stores.dataset)

    def close(self) -> None:
        """Close the ledger's connections, if it was opened."""
        if "ledger" in self.__dict__:
            self.ledger.close()

    def require(self) -> None:
        """Raise UsageError where nothing is stored, rather than make an empty data folder."""
        if "://" not in self.stores.ledger and not Path(self.stores.ledger).exists():
            raise UsageError(
                f"{self.data}: no Tamis data here ({self.stores.ledger} is missing); give --data"
            )

    def make(self) -> None:
        """Make the data folder; StorageError where that is impossible."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make the data folder {self.data}: {error.strerror}") from error
