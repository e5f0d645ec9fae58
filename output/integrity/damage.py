"""Damage that `tamis verify` finds, and how to repair it: only the archive cannot be made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Damage:
    """The lines of `verify` about archive, dataset and releases.

    `elsewhere` are lines about what another machine holds: it was not looked at, and is no damage.
    """

    archive: Sequence[str] = field(default_factory=tuple)
    dataset: Sequence[str] = field(default_factory=tuple)
    releases: Sequence[str] = field(default_factory=tuple)
    elsewhere: Sequence[str] = field(default_factory=tuple)

    def lines(self) -> list[str]:
        """Return all lines; each names a path."""
        return [*self.archive, *self.dataset, *self.releases]

    def advice(self, archive: Path, dataset: Path) -> list[str]:
        """Return advice for each kind of damage: what can be made again from sound data, and how."""
        lines = []
        if self.archive:
            sources = ", ".join(sorted(self._sources(archive))) or "the archive"
            lines.append(
                f"archive ({sources}): nothing can make these bytes again; restore the files from a copy. "
                "Documents that were published from them stand in the dataset and in the releases."
            )
        if self.dataset:
            lost = "all but the pages of the damaged archive files" if self.archive else "all of it"
            lines.append(
                f"dataset: {lost} can be made again from the archive: restore {dataset} from a copy, or move "
                "it away and run `tamis rebuild`, which cleans the archived pages with today's rules."
            )
        if self.releases:
            source = "once the dataset is repaired" if self.dataset else "from the dataset, which is sound"
            lines.append(
                f"releases: can be cut again {source}: remove the damaged folder and run `tamis release`; "
                "the newest comes back with the same bytes."
            )
        return lines

    def _sources(self, archive: Path) -> set[str]:
        """Return the sources whose archive files are damaged."""
        names = set()
        for line in self.archive:
            path = line.partition(": ")[0]
            inside = path.removeprefix(f"{archive}/")
            if inside != path and "/" in inside:
                names.add(inside.partition("/")[0])
        return names
