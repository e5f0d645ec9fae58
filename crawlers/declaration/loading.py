"""Where sources come from: TOML files in folders, a file by its path, or a bare URL."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from crawlers.declaration.schema import Source
from crawlers.declaration.values import nearest
from crawlers.net.addresses import is_loopback
from output.base.errors import UsageError
from web.urls import canonical, parse

__all__ = ["Source", "find_source", "list_sources", "load_named", "load_source", "source_from_url"]


def load_source(path: Path | str) -> Source:
    """Read one declaration.

    Raises:
        UsageError: names the file and all that is wrong in it.

    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8, as TOML must be: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is not valid TOML: {error}") from error
    try:
        return _validate(data, path).at(str(path))
    except ValidationError as error:
        lines = "\n".join(f"{path}: {line}" for line in _complaints(error))
        raise UsageError(lines) from error


def load_named(path: Path) -> Source:
    """Read one declaration of a folder, where a file bears its source's id. Raises UsageError."""
    source = load_source(path)
    if source.id != path.stem:
        raise UsageError(f"{path}: source.id: {source.id!r} is not the file's name; call it {source.id}.toml")
    return source


def list_sources(folders: Iterable[Path]) -> list[Source]:
    """All sources declared in the folders, by id.

    Raises:
        UsageError: names all that is wrong in all files, an id given twice included.

    """
    sources: dict[str, Source] = {}
    wrong: list[str] = []
    for path in _files(folders):
        try:
            source = load_named(path)
        except UsageError as error:
            wrong.append(str(error))
            continue
        if source.id in sources:
            wrong.append(f"{path}: source.id: {source.id!r} is declared twice")
        sources[source.id] = source
    if wrong:
        raise UsageError("\n".join(wrong))
    return [sources[name] for name in sorted(sources)]


def find_source(name: str, folders: Sequence[Path]) -> Source:
    """The source that a command line means: a `.toml` file, an http(s) URL, or an id in the folders.

    Raises:
        UsageError: there is none; the message offers the nearest id.

    """
    if re.match(r"https?:", name, re.IGNORECASE):
        return source_from_url(name)
    if name.endswith(".toml"):
        return load_source(name)
    files = _files(folders)
    for path in files:
        if path.stem == name:
            return load_named(path)
    where = ", ".join(str(folder) for folder in folders) or "no folder"
    stems = sorted(path.stem for path in files)
    raise UsageError(f"no source {name!r} in {where}{nearest(name, stems)}")


def source_from_url(url: str) -> Source:
    """A source for one page that nobody declared: that page, what it redirects to on its site, no more.

    Whoever types a loopback address means it, so that it needs no declaration to allow it.
    """
    parsed = parse(url)
    if parsed is None:
        raise UsageError(f"{url}: is no http or https URL that a crawler can ask")
    source = Source.model_validate(
        {
            "source": {"id": _slug_of(parsed.site), "name": parsed.site, "home": parsed.root},
            "crawl": {"discover": "urls", "start": [parsed.href], "loopback": is_loopback(parsed)},
        }
    )
    return source.at(parsed.href)


def _files(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.glob("*.toml"))


def _slug_of(site: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", site.removeprefix("www.")).strip("-")[:80].strip("-") or "page"


def _validate(data: dict[str, Any], path: Path) -> Source:
    source = Source.model_validate(data)
    crawl = source.crawl.model_dump()
    if source.crawl.start_file:
        crawl["start"] = (*source.crawl.start, *_urls_in(path.parent / source.crawl.start_file, path))
    if source.crawl.saved:
        crawl["saved"] = tuple(_file_in(path.parent / name, path) for name in source.crawl.saved)
    return Source.model_validate({**data, "crawl": crawl})


def _file_in(file: Path, declaration: Path) -> str:
    if not file.exists():
        raise UsageError(f"{declaration}: crawl.saved: {file}: no such file or folder")
    return str(file.resolve())


def _urls_in(path: Path, declaration: Path) -> list[str]:
    """The URLs of a file, a line each; empty lines and those that start with # are skipped."""
    where = f"{declaration}: crawl.start_file: {path}"
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{where}: cannot be read: {error}") from error
    urls = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        url = canonical(text)
        if url is None:
            raise UsageError(f"{where}:{number}: {text!r} is no http or https URL that a crawler can ask")
        urls.append(url)
    if not urls:
        raise UsageError(f"{where}: names no URL")
    return urls


def _complaints(error: ValidationError) -> list[str]:
    """A line for each thing that is wrong: section.key, and what about it."""
    lines = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            *sections, key = (str(part) for part in item["loc"])
            what = "section" if not sections and isinstance(item["input"], dict) else "key"
            lines.append(f"{where}: unknown {what}{nearest(key, _keys(sections))}")
        elif item["type"] == "missing":
            lines.append(f"{where}: is missing")
        else:
            message = item["msg"].removeprefix("Value error, ")
            given = "" if item["type"] == "value_error" else f", not {item['input']!r:.80}"
            lines.append(f"{where}: {message[:1].lower()}{message[1:]}{given}")
    return lines


def _keys(sections: list[str]) -> tuple[str, ...]:
    model: type[BaseModel] = Source
    for name in sections:
        annotation: Any = model.model_fields[name].annotation
        annotation = next((one for one in get_args(annotation) if one is not NoneType), annotation)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return ()
        model = annotation
    return tuple(model.model_fields)
