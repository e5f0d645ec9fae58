"""The optional parts of the package, and the error where one is needed and not installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from output.base.errors import MissingDependency

# The modules that each extra of pyproject.toml brings.
MODULES: Mapping[str, tuple[str, ...]] = {
    "crawl": ("bs4", "pydantic", "scrapy", "soupsieve", "twisted"),
    "schedule": ("prefect",),
    "dataset": ("deltalake", "duckdb", "pyarrow"),
}


def require(what: str, *extras: str) -> None:
    """Raise MissingDependency where a module of these extras is not installed; `what` needs them.

    Looks each module up and imports none: a crawl imports its own in another process.
    """
    missing = [extra for extra in extras if not all(map(_installed, MODULES[extra]))]
    if missing:
        raise MissingDependency(
            f"{what} needs Tamis's {', '.join(missing)} parts: pip install 'tamis[{','.join(extras)}]'"
        )


def require_module(what: str, module: str) -> None:
    """Raise MissingDependency where a module that Tamis does not bring is not installed."""
    if not _installed(module):
        raise MissingDependency(f"{what} needs {module}: pip install {module}")


def _installed(module: str) -> bool:
    return find_spec(module) is not None
