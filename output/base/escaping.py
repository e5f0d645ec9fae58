"""Text that a site may have written, made harmless for a log or a terminal, and secrets left out of it."""

from __future__ import annotations

import logging
import re
from unicodedata import category

# What stands for a secret: a name and password before a host, the values of queries and headers so named.
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]+(?=@)")
_VALUE = re.compile(
    r"(?i)(?<=[?&;])([^=&#\s]*(?:token|secret|passw(?:or)?d|pwd|signature|credential|session|sess_?id|auth)[^=&#\s]*"
    r"|(?:api|access|private|subscription)?[-_]?key|sig|sid|code|jwt)=[^&#;\s\"']+"
)
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)(['\"]?\s*[:=]\s*)[^\r\n]+"
)


def masked(text: str) -> str:
    """The text without the secrets that URLs and headers in it carry."""
    if "=" in text:
        text = _VALUE.sub(r"\1=***", text)
    if "@" in text:
        text = _USERINFO.sub("***", text)
    return _HEADER.sub(r"\1\2***", text) if ":" in text else text


def escape(text: str, keep: str = "") -> str:
    """The text with what is neither to be seen nor a blank as backslash escapes, but for what is to be kept.

    These are controls, what turns the reading direction or breaks a line, and lone surrogates, which
    no terminal takes.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep or category(c) == "Zs" else ascii(c)[1:-1] for c in text)


def shown(text: str, keep: str = "\n") -> str:
    """A text as people may see it: escaped, and without secrets."""
    return escape(masked(text), keep)


class EscapingFormatter(logging.Formatter):
    """A log record is one line, whatever is in its message; a traceback's lines are indented below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The record's line."""
        return shown(super().formatMessage(record), keep="")

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """The traceback, each line of it escaped and indented."""
        text = masked(super().formatException(ei))  # type: ignore[arg-type]
        return "\n".join(f"    {escape(line)}" for line in text.splitlines())
