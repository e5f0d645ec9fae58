"""The reference names everything that there is: commands, keys, fields, rules, values, files, errors."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
import pytest

import tamis
from cleaning.rules.entries import lexicon
from docs.hooks import commands, declaration, exit_codes, fields, python_api, rules
from docs.hooks.markdown import prose
from docs.hooks.reference import PAGES
from flows.cli.__main__ import main
from output.base.records import Access, Document, Outcome, RemovalKind
from output.base.relations import PairStatus, RelationKind
from output.release.columns import TABLE_COLUMNS
from output.stores import Stores
from tests.docs.blocks import ROOT

pytestmark = pytest.mark.xdist_group("docs")
REFERENCE = ROOT / "docs" / "reference"


def test_every_command_and_option_is_listed_and_explained() -> None:
    page = commands.page()
    for context in commands.walk(main, "tamis"):
        assert f"## {context.command_path}\n\n{prose(context.command.help) or 'no help'}"[:60] in page
        for option in context.command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.help, f"{context.command_path} {option.opts[0]} has no help"
                assert option.opts[0] in page


@pytest.mark.parametrize(("section", "keys"), declaration.sections().items())
def test_every_key_of_a_declaration_is_explained(section: str, keys: dict[str, dict[str, Any]]) -> None:
    assert [key for key, value in keys.items() if not value.get("description")] == []
    page = declaration.page().partition(f"## [{section}]")[2]
    assert [key for key in keys if f"| `{key}` |" not in page] == []


def test_every_field_is_explained() -> None:
    page = fields.page()
    names = {field.name for field in dataclasses.fields(Document)}
    names |= {name for _, columns in TABLE_COLUMNS.values() for name in columns}
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []
    assert re.findall(r"^\|.*\|\s*\|$", page, re.MULTILINE) == []


def test_every_name_of_the_python_api_is_explained() -> None:
    page = python_api.page()
    sections = {
        name: page.partition(f"## tamis.{name}\n\n")[2].partition("\n## ")[0] for name in tamis.__all__
    }
    assert [name for name, section in sections.items() if not section.strip()] == []
    assert all("```pycon" in sections[name] for name in ("extract", "open_release", "relate"))


def test_every_rule_has_its_two_examples() -> None:
    page = rules.page()
    for rule in lexicon():
        section = page.partition(f"### {rule.id}\n")[2].partition("###")[0]
        assert f"Removes: `{rule.removes}`" in section
        assert f"Keeps: `{rule.keeps}`" in section


def test_every_error_and_exit_code_is_listed() -> None:
    page = exit_codes.page()
    listed = list(exit_codes.errors())
    assert len(listed) > 5
    assert {error.exit_code for error in listed} <= exit_codes.CODES.keys()
    assert [error.__name__ for error in listed if f"`{error.__name__}`" not in page] == []
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [code for code in exit_codes.CODES if f"{code} " not in readme.partition("Exit codes:")[2]] == []


@pytest.mark.parametrize("words", [Outcome, Access, RemovalKind, RelationKind, PairStatus])
def test_every_value_is_explained(words: type[StrEnum]) -> None:
    page = (REFERENCE / "values.md").read_text("utf-8")
    assert [word.value for word in words if f"| `{word.value}` |" not in page] == []


def test_every_rule_of_a_receipt_or_a_relation_is_explained() -> None:
    page = (REFERENCE / "values.md").read_text("utf-8")
    code = "".join(file.read_text("utf-8") for file in (ROOT / "cleaning").rglob("*.py"))
    rules = set(re.findall(r'(?:Label\([\w.]+, |\s)"((?:fields|pdf|split|guard):\w+)"', code))
    rules |= set(re.findall(r'Verdict\(RelationKind\.\w+, [^"\n]*"(\w+)"', code))
    rules |= set(re.findall(r'_version\([\w.]+, "([\w:]+)"', code))
    assert {"fields:record", "pdf:page_number", "whole", "enlarged", "amended:text"} <= rules
    kept = {"guard:numbering", "guard:articles", "guard:elision", "guard:table", "split:post"}
    names = {rule: rule.removeprefix("split:").removeprefix("guard:") for rule in rules - kept}
    assert [rule for rule, name in names.items() if f"`{name}`" not in page] == []


def test_every_file_of_a_release_is_listed(ingested: Path) -> None:
    page = (REFERENCE / "release.md").read_text("utf-8")
    release = ingested / "data" / "releases" / "latest"
    files = [file.relative_to(release).as_posix() for file in release.rglob("*") if file.is_file()]
    assert [file for file in files if f"`{file}`" not in page] == []
    listed = {entry["path"] for entry in json.loads((release / "manifest.json").read_text())["files"]}
    assert listed <= set(files)


def test_every_setting_is_listed() -> None:
    page = (REFERENCE / "settings.md").read_text("utf-8")
    assert [field.name for field in dataclasses.fields(Stores) if f"| `{field.name}` |" not in page] == []
    code = "".join(
        file.read_text("utf-8")
        for folder in ("crawlers", "cleaning", "flows", "output")
        for file in (ROOT / folder).rglob("*.py")
    )
    used = set(re.findall(r'(?:environ\.get\(|environ\[|envvar=|TARGET = )"(TAMIS_[A-Z]+)"', code))
    assert "TAMIS_DATA" in used
    assert [name for name in sorted(used) if f"`{name}`" not in page] == []


def test_every_extra_is_listed() -> None:
    page = (REFERENCE / "settings.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].keys() - {"dev", "bench"}
    assert [extra for extra in extras if f"| `{extra}` |" not in page] == []


def test_a_generated_page_is_not_written_by_hand_too() -> None:
    assert [path for path in PAGES if (ROOT / "docs" / path).exists()] == []
