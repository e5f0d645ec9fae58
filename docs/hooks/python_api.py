"""The reference of the Python API, from the docstrings of what `tamis` exports."""

from __future__ import annotations

import dataclasses
import inspect
import re
from enum import Enum
from typing import Any

import tamis
from docs.hooks.markdown import code, table

_HEAD = """\
# Python API

Everything that `import tamis` offers. The other packages of Tamis can be imported too, but are internal and
may change.
"""
_EXAMPLE = re.compile(r"(?:^(?:>>>|\.\.\.) ?.*\n?(?:(?!>>>)\S.*\n?)*)+", re.MULTILINE)


def page() -> str:
    """Return the page: functions first, then the records that they give, then the errors."""
    names = sorted(tamis.__all__, key=lambda name: (_rank(getattr(tamis, name)), name))
    return "\n\n".join([_HEAD, *(_section(name, getattr(tamis, name)) for name in names)]) + "\n"


def _rank(exported: Any) -> int:
    if inspect.isfunction(exported):
        return 0
    return 2 if issubclass(exported, Exception) else 1


def _section(name: str, exported: Any) -> str:
    parts = [f"## tamis.{name}"]
    if inspect.isfunction(exported):
        parts.append(f"```text\n{name}{_signature(exported)}\n```")
    parts.append(_described(exported))
    if inspect.isclass(exported) and issubclass(exported, Enum):
        parts.append(", ".join(code(member.value) for member in exported))
    elif dataclasses.is_dataclass(exported):
        rows = [[code(field.name), code(str(field.type))] for field in dataclasses.fields(exported)]
        parts.append(table(["Field", "Type"], rows))
        methods = [
            value for key, value in vars(exported).items() if key[0] != "_" and inspect.isfunction(value)
        ]
        parts += [f"### {name}.{method.__name__}\n\n{_described(method)}" for method in methods]
    return "\n\n".join(parts)


def _signature(function: Any) -> str:
    """Return a signature, a parameter a line."""
    signature = inspect.signature(function)
    lines, positional = [], True
    for parameter in signature.parameters.values():
        if positional and parameter.kind is parameter.KEYWORD_ONLY:
            lines.append("    *,\n")
            positional = False
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        lines.append(f"    {parameter.name}: {parameter.annotation}{default},\n")
    return f"(\n{''.join(lines)}) -> {signature.return_annotation}"


def _described(exported: Any) -> str:
    """Return a docstring, with its examples in blocks of code."""
    return _EXAMPLE.sub(
        lambda example: f"```pycon\n{example[0].rstrip()}\n```\n", inspect.getdoc(exported) or ""
    )
