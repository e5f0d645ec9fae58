"""The reference of a source's declaration, from the model that reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crawlers.declaration.schema import Source
from docs.hooks.markdown import code, prose, table

_HEAD = """\
# Source declaration

A source is declared in one TOML file. Its sections and keys are listed here; an unknown key is an error that
names the nearest right one. [Add a source](../how-to/researcher/add-a-source.md) shows how to write one.
"""
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def page() -> str:
    """Return the page: a section for each table of the file, with a row for each key."""
    schema = Source.model_json_schema()
    return "\n\n".join([_HEAD, *(_section(schema, name) for name in schema["properties"])]) + "\n"


def sections() -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each key, by section and key."""
    schema = Source.model_json_schema()
    return {name: _target(schema, value)["properties"] for name, value in schema["properties"].items()}


def _section(schema: dict[str, Any], name: str) -> str:
    target = _target(schema, schema["properties"][name])
    required = target.get("required", ())
    rows = [
        [code(key), _type(schema, value), _default(value, key in required), value.get("description", "")]
        for key, value in target["properties"].items()
    ]
    about = prose(target.get("description"))
    return f"## [{name}]\n\n{about}\n\n{table(['Key', 'Type', 'Default', 'Meaning'], rows)}"


def _target(schema: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a property refers to, or its own; that it may be null is said by its default."""
    options = [option for option in value.get("anyOf", [value]) if option.get("type") != "null"]
    reference = options[0].get("$ref", "")
    return dict(schema["$defs"][reference.rpartition("/")[2]]) if reference else dict(options[0])


def _type(schema: dict[str, Any], value: dict[str, Any]) -> str:
    target = _target(schema, value)
    if "enum" in target:
        return ", ".join(code(json.dumps(choice)) for choice in target["enum"])
    if target["type"] == "array":
        items = target.get("items")
        return f"list of {_type(schema, items)}" if items else "list of two texts"
    if target["type"] == "object":
        inner = ", ".join(code(name) for name in target.get("properties", ()))
        return f"table of {inner}" if inner else "table"
    if target.get("format") == "date":
        return "date"
    return _TYPES[target["type"]] + "".join(_bounds(target))


def _bounds(target: dict[str, Any]) -> Iterator[str]:
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}
    for name, word in words.items():
        if name in target:
            yield f" {word} {target[name]:,g}"


def _default(value: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    default = value.get("default")
    return code(json.dumps(default, ensure_ascii=False)) if default or default in (0, False) else "none"
