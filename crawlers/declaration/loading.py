"""Loading of sources: from TOML files in folders, from one file, or from a bare URL."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from crawlers.declaration.schema import Source
from crawlers.declaration.values import did_you_mean
from crawlers.net.addresses import is_loopback
from output.base.errors import UsageError
from web.urls import canonical, parse

__all__ = ["Source", "find_source", "list_sources", "load_named", "load_source", "source_from_url"]


def load_source(path: Path | str) -> Source:
    """Read one declaration.

    Raises:
        UsageError: names the file and everything that is wrong in it.

    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8, as TOML must be: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is not valid TOML: {error}") from error
    try:
        return _validate(data, path).at(str(path))
    except ValidationError as error:
        lines = "\n".join(f"{path}: {line}" for line in _error_lines(error))
        raise UsageError(lines) from error


def load_named(path: Path) -> Source:
    """Read one declaration whose file must be named after the source's id. Raises UsageError."""
    source = load_source(path)
    if source.id != path.stem:
        raise UsageError(
            f"{path}: source.id: {source.id!r} is not the file's name; rename the file to {source.id}.toml"
        )
    return source


def list_sources(folders: Iterable[Path]) -> list[Source]:
    """Load all sources declared in the folders, sorted by id.

    Raises:
        UsageError: names everything that is wrong in all files, and every id that is declared twice.

    """
    sources: dict[str, Source] = {}
    errors: list[str] = []
    for path in _declarations(folders):
        try:
            source = load_named(path)
        except UsageError as error:
            errors.append(str(error))
            continue
        if source.id in sources:
            errors.append(f"{path}: source.id: {source.id!r} is declared twice")
        sources[source.id] = source
    if errors:
        raise UsageError("\n".join(errors))
    return [sources[name] for name in sorted(sources)]


def find_source(name: str, folders: Sequence[Path]) -> Source:
    """Return the source that a command line names: a `.toml` file, an http(s) URL, or an id in the folders.

    Raises:
        UsageError: no such source; the message suggests the closest id.

    """
    if re.match(r"https?:", name, re.IGNORECASE):
        return source_from_url(name)
    if name.endswith(".toml"):
        return load_source(name)
    paths = _declarations(folders)
    for path in paths:
        if path.stem == name:
            return load_named(path)
    searched = ", ".join(str(folder) for folder in folders) or "no folder"
    ids = sorted(path.stem for path in paths)
    raise UsageError(f"no source {name!r} in {searched}{did_you_mean(name, ids)}")


def source_from_url(url: str) -> Source:
    """Return a source for one undeclared page: only that page, and its redirects on the same site.

    A loopback URL is allowed, because whoever types one means it. Raises UsageError.
    """
    parsed = parse(url)
    if parsed is None:
        raise UsageError(f"{url}: is not an http or https URL that can be crawled")
    source = Source.model_validate(
        {
            "source": {"id": _slug_of(parsed.site), "name": parsed.site, "home": parsed.root},
            "crawl": {"discover": "urls", "start": [parsed.href], "loopback": is_loopback(parsed)},
        }
    )
    return source.at(parsed.href)


def _declarations(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.glob("*.toml"))


def _slug_of(site: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", site.removeprefix("www.")).strip("-")[:80].strip("-") or "page"


def _validate(data: dict[str, Any], path: Path) -> Source:
    """Validate the parsed TOML of the declaration at `path`, with the files that it names resolved."""
    source = Source.model_validate(data)
    crawl = source.crawl.model_dump()
    if source.crawl.start_file:
        crawl["start"] = (*source.crawl.start, *_read_start_file(path.parent / source.crawl.start_file, path))
    if source.crawl.saved:
        crawl["saved"] = tuple(_resolve_saved(path.parent / name, path) for name in source.crawl.saved)
    return Source.model_validate({**data, "crawl": crawl})


def _resolve_saved(file: Path, declaration: Path) -> str:
    if not file.exists():
        raise UsageError(f"{declaration}: crawl.saved: {file}: no such file or folder")
    return str(file.resolve())


def _read_start_file(path: Path, declaration: Path) -> list[str]:
    """Read a file of URLs, one a line; empty lines and lines that start with # are skipped."""
    where = f"{declaration}: crawl.start_file: {path}"
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"{where}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise UsageError(f"{where}: is not UTF-8; write one URL a line") from None
    urls = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        url = canonical(text)
        if url is None:
            # The line is not quoted: the file may be another than was meant, and the line a secret.
            raise UsageError(f"{where}:{number}: is not an http or https URL that can be crawled")
        urls.append(url)
    if not urls:
        raise UsageError(f"{where}: contains no URL; write one a line")
    return urls


def _error_lines(error: ValidationError) -> list[str]:
    """Return one line for each error: section.key, and what is wrong with it."""
    lines = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            *sections, key = (str(part) for part in item["loc"])
            kind = "section" if not sections and isinstance(item["input"], dict) else "key"
            lines.append(f"{where}: unknown {kind}{did_you_mean(key, _keys(sections))}")
        elif item["type"] == "missing":
            lines.append(f"{where}: is missing")
        else:
            message = item["msg"].removeprefix("Value error, ")
            value = "" if item["type"] == "value_error" else f", not {item['input']!r:.80}"
            lines.append(f"{where}: {message[:1].lower()}{message[1:]}{value}")
    return lines


def _keys(sections: list[str]) -> tuple[str, ...]:
    """Return the keys of a section, or of the whole file for []; () for what is not a section."""
    model: type[BaseModel] = Source
    for name in sections:
        annotation = _annotations(model)[name]
        annotation = next((one for one in get_args(annotation) if one is not NoneType), annotation)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return ()
        model = annotation
    return tuple(_annotations(model))


def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    """Return the annotation of each of a section's fields, by its key in the file."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
