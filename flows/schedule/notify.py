"""Notifying the operator of a run that failed or is held back: by a webhook, or by a command."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from output.base.errors import TamisError

# The environment variable that names the webhook or command; a flow run's process inherits it.
TARGET = "TAMIS_NOTIFY"
TIMEOUT_SECONDS = 30
# Of what a command writes to standard error, so much is shown. Its arguments are masked, except the shortest.
_MAX_MESSAGE_CHARACTERS = 500
_MIN_SECRET_CHARACTERS = 4


def notify(target: str, event: Mapping[str, str | None]) -> None:
    """Send an event, as one JSON object, to a webhook or a command.

    A `target` that starts with http:// or https:// gets it as a POST. Any other is a command line, split as
    in a shell but run without one, that gets it on its standard input. Raises TamisError where it fails, with
    the webhook's host or the command's program alone: the rest is secret.
    """
    body = json.dumps(event, ensure_ascii=False).encode()
    if target.startswith(("http://", "https://")):
        _post(target, body)
    else:
        _run(target, body)


def _post(url: str, body: bytes) -> None:
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - http(s)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - http(s), checked above
            return
    except (OSError, ValueError, HTTPException) as error:
        why = _without_url(error)
    # Raised out here, so that no traceback ends with an error that quotes the URL.
    raise TamisError(f"{TARGET}: the webhook at {_host(url)} did not take the notification: {why}")


def _host(url: str) -> str:
    """Return the host of a webhook: name, path and parameters of its URL are secrets."""
    return re.split(r"[/?#\\\s]", url.partition("://")[2])[0].rpartition("@")[2] or "no host"


def _without_url(error: Exception) -> str:
    """Return what went wrong, without words that may quote the URL."""
    if isinstance(error, HTTPError):
        return f"it answered {error.code}"
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return f"{type(reason).__name__}; see that its URL is right"


def _run(command: str, body: bytes) -> None:
    try:
        words = shlex.split(command)
        done = subprocess.run(words, input=body, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603 - the operator's own command
    except subprocess.TimeoutExpired:
        why = f"it took more than {TIMEOUT_SECONDS} seconds"
    except OSError as error:
        why = f"it could not be run: {error.strerror or error}"
    except (ValueError, IndexError):
        why = "it could not be run: it is empty, or a quote in it is not closed"
    else:
        if not done.returncode:
            return
        why = f"it ended with exit code {done.returncode}: {_without_arguments(done.stderr, words)}"
    # Raised out here, as above. Of the command only its program is named: arguments hold secrets.
    raise TamisError(f"{TARGET}: the command {_program(command)!r}: {why}")


def _program(command: str) -> str:
    """Return the program of a command; of a URL with a slip in its scheme no more than its host."""
    word = (command.split() or [""])[0]
    scheme, mark, _ = word.partition("://")
    return f"{scheme}://{_host(word)}" if mark else word


def _without_arguments(stderr: bytes, words: list[str]) -> str:
    message = stderr.decode(errors="replace").strip()
    for word in sorted(words[1:], key=len, reverse=True):
        if len(word) >= _MIN_SECRET_CHARACTERS:
            message = message.replace(word, "***")
    return message[-_MAX_MESSAGE_CHARACTERS:]
