"""Text that a site may have written, made harmless for a log or a terminal."""

from __future__ import annotations

import logging
import re

# C0 and C1 controls, and the marks that turn the reading direction or break a line.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape(text: str, keep: str = "") -> str:
    """The text with its control characters, but those to keep, as backslash escapes."""
    return _CONTROL.sub(lambda m: m.group() if m.group() in keep else ascii(m.group())[1:-1], text)


class EscapingFormatter(logging.Formatter):
    """A log record is one line, whatever is in its message; a traceback's lines are indented below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The record's line."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """The traceback, each line of it escaped and indented."""
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"    {escape(line)}" for line in text.splitlines())
