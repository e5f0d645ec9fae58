"""A reader who follows a page: does what each block says, in one folder, and looks at what comes of it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from cleaning.rules.entries import lexicon
from crawlers.declaration.schema import Source
from flows.cli.__main__ import main
from output.base.records import Document, Removal, RemovalKind
from output.base.relations import RelationKind
from output.release.recipes import READERS
from output.stores import stores
from tests.docs.blocks import NOT_RUN, ROOT, Block

# The addresses that pages give the site of the examples: a site of the reader's, the tutorial's server.
SITES = ("https://gazette.example", "http://127.0.0.1:8000")
# What a test of its own runs: in tests/docs/test_examples.py, in tests/unit/output/release/test_readers.py.
_RUN_ELSEWHERE = {code for _, _, code in READERS}
_RELATION = ["a", "b", "relation", "score", "rule"]


@dataclass
class Reader:
    """Follows the blocks of a page in `folder`; the site is served at `base`.

    Commands in `run_elsewhere` are passed over: another page runs them, and the folder holds what they make.
    """

    folder: Path
    base: str
    monkeypatch: pytest.MonkeyPatch
    run_elsewhere: frozenset[str] = frozenset()
    in_release: bool = False
    printed: str = ""
    names: dict[str, Any] = field(default_factory=dict)

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        do: Callable[[Block], None] = getattr(self, f"_{block.language}")
        do(block)

    def _sh(self, block: Block) -> None:
        for line in map(self._here, block.commands()):
            words = shlex.split(line, comments=True)
            if block.title:
                assert block.title in NOT_RUN, f"{block.where}: {block.title!r} is no reason to skip a block"
                _check_options(words, block.where)
            elif words and line.strip() not in self.run_elsewhere:
                self._run(words, block.where)

    def _run(self, words: list[str], where: str) -> None:
        if words[0] == "tamis":
            ended = CliRunner().invoke(main, words[1:], prog_name="tamis")
            assert ended.exit_code == 0, f"{where}: {shlex.join(words)}: {ended.output}"
            self.printed = ended.output
        elif words[0] == "export":
            self.monkeypatch.setenv(*words[1].split("=", 1))
        elif words[0] == "mkdir":
            Path(words[-1]).mkdir(parents=True, exist_ok=True)
        elif words[0] == "mv":
            Path(words[1]).rename(words[2])
        elif words[:2] == ["pip", "install"]:
            extra = re.search(r"\[(\w+)\]", words[2])
            assert not extra or f"\n{extra[1]} = [" in (ROOT / "pyproject.toml").read_text(), (
                f"{where}: no such extra"
            )
        elif words[0] == "make":
            assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(), f"{where}: no such target"
        elif words[:3] == ["python", "-m", "http.server"]:
            assert (ROOT / words[-1]).is_dir(), where
        elif words[0] == "python":
            assert (ROOT / words[1]).is_file(), (
                f"{where}: no such script; tests/docs/test_examples.py runs them"
            )
        else:
            assert shlex.join(words) in (". .venv/bin/activate", ".ci/run"), (
                f"{where}: {words}: not known here"
            )

    def _python(self, block: Block) -> None:
        if block.text.strip() in _RUN_ELSEWHERE:
            return
        printed = io.StringIO()
        inside = self._release() if self.in_release else self.folder
        with contextlib.chdir(inside), contextlib.redirect_stdout(printed):
            exec(compile(self._here(block.text), block.where, "exec"), self.names)
        self.printed = printed.getvalue()

    def _sql(self, block: Block) -> None:
        with contextlib.chdir(self._release()), duckdb.connect() as connection:
            rows = connection.sql(self._here(block.text)).fetchall()
        assert rows, f"{block.where}: gives no rows"
        self.printed = "\n".join(
            " ".join("NULL" if value is None else str(value) for value in row) for row in rows
        )

    def _toml(self, block: Block) -> None:
        if block.title == "stores.toml":
            file = self.folder / "stores.toml"
            file.write_text(block.text, "utf-8")
            assert stores(self.folder)
            file.unlink()
            return
        if block.title.startswith("tests/cases/"):
            assert block.text == (ROOT / block.title).read_text("utf-8"), f"{block.where}: not as in the file"
            return
        text = re.sub(r"^delay = .*", "delay = 0.0", self._here(block.text), flags=re.MULTILINE)
        text = text.replace("[crawl]\n", "[crawl]\nloopback = true\n")
        declared = tomllib.loads(text)
        if block.title:
            (self.folder / block.title).write_text(text, "utf-8")
        else:  # some sections, or some keys of one: the rest is that of the gazette
            whole = tomllib.loads((ROOT / "examples" / "gazette.toml").read_text("utf-8"))
            declared = {name: whole.get(name, {}) | declared.get(name, {}) for name in whole | declared}
            declared["crawl"]["loopback"] = True
        assert Source.model_validate(declared), block.where

    def _json(self, block: Block) -> None:
        record = json.loads(block.text)
        kinds = [[field.name for field in fields(kind)] for kind in (Document, Removal)]
        assert list(record) in [*kinds, _RELATION], f"{block.where}: no record has these fields"
        if "kind" in record:
            assert record["kind"] in set(RemovalKind)
            assert record["rule"].removeprefix("lexicon:") in {rule.id for rule in lexicon()}
        assert record.get("relation", RelationKind.SAME) in set(RelationKind)

    def _text(self, block: Block) -> None:
        """What the block before must have printed: these lines in this order, `…` for anything."""
        lines = [_as_pattern(line) for line in self._here(block.text).splitlines() if line.strip()]
        missing = [line for line in lines if not re.search(line, self.printed)]
        assert not missing, f"{block.where}: {missing} not in what was printed:\n{self.printed}"

    def _here(self, text: str) -> str:
        return with_site(text, self.base)

    def _release(self) -> Path:
        return self.folder / "data" / "releases" / "latest"


def with_site(text: str, base: str) -> str:
    """A text of a page, with the address of the served site in it."""
    for site in SITES:
        text = text.replace(site, base)
    return text


def _as_pattern(line: str) -> str:
    """A line as it may be printed: with other spaces between its words, and with anything for `…`."""
    parts = line.split("…")
    return r".*".join(r"\s+".join(map(re.escape, part.split())) for part in parts)


def _check_options(words: list[str], where: str) -> None:
    """That a line which is not run names a command and options that exist."""
    if "tamis" not in words or "prefect" in words:
        return
    given = words[words.index("tamis") + 1 :]
    name = next(word for word in given if word in main.commands)
    known = {
        option for params in (main.params, main.commands[name].params) for p in params for option in p.opts
    }
    assert {word for word in given if word.startswith("--")} <= known, where
