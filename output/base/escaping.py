"""Escaping of texts for logs and terminals: control characters are made visible, secrets are masked."""

from __future__ import annotations

import logging
import re
from unicodedata import category

# Secrets: a name and password before a host, and the values of parameters and headers with these names.
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]+(?=@)")
_SECRET_PARAMETER = re.compile(
    r"(?i)(?<=[?&;])([^=&#\s]*(?:token|secret|passw(?:or)?d|pwd|signature|credential|session|sess_?id|auth)[^=&#\s]*"
    r"|(?:api|access|private|subscription)?[-_]?key|sig|sid|code|jwt)=[^&#;\s\"']+"
)
_SECRET_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)(['\"]?\s*[:=]\s*)[^\r\n]+"
)


def masked(text: str) -> str:
    """Return the text with `***` for the secrets that URLs and headers in it carry."""
    if "=" in text:
        text = _SECRET_PARAMETER.sub(r"\1=***", text)
    if "@" in text:
        text = _USERINFO.sub("***", text)
    return _SECRET_HEADER.sub(r"\1\2***", text) if ":" in text else text


def escape(text: str, keep: str = "") -> str:
    """Return the text with backslash escapes for characters that do not print, except blanks and `keep`.

    These are control characters, line separators, marks of the writing direction and lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep or category(c) == "Zs" else ascii(c)[1:-1] for c in text)


def shown(text: str, keep: str = "\n") -> str:
    """Return a text that is safe to show: escaped, and without secrets."""
    return escape(masked(text), keep)


class EscapingFormatter(logging.Formatter):
    """Log formatter that writes a record as one line; the lines of a traceback are indented below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the record's line."""
        return shown(super().formatMessage(record), keep="")

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """Return the traceback, each line escaped and indented."""
        text = masked(super().formatException(ei))  # type: ignore[arg-type]
        return "\n".join(f"    {escape(line)}" for line in text.splitlines())
