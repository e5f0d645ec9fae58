"""Notifying the operator of a run that failed or is held back: by a webhook, or by a command."""

from __future__ import annotations

import json
import shlex
import subprocess
import urllib.request
from collections.abc import Mapping

from output.base.errors import TamisError

# The environment variable that names the webhook or command; a flow run's process inherits it.
TARGET = "TAMIS_NOTIFY"
TIMEOUT_SECONDS = 30


def notify(target: str, event: Mapping[str, str | None]) -> None:
    """Send an event, as one JSON object, to a webhook or a command.

    A `target` that starts with http:// or https:// gets it as a POST. Any other is a command line, split as
    in a shell but run without one, that gets it on its standard input. Raises TamisError where it fails.
    """
    body = json.dumps(event, ensure_ascii=False).encode()
    if target.startswith(("http://", "https://")):
        _post(target, body)
    else:
        _run(target, body)


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - http(s)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - http(s), checked above
            return
    except (OSError, ValueError) as error:
        raise TamisError(f"{TARGET}: {url} did not take the notification: {error}") from error


def _run(command: str, body: bytes) -> None:
    try:
        words = shlex.split(command)
        done = subprocess.run(words, input=body, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603 - the operator's own command
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        raise TamisError(f"{TARGET}: {command!r} could not be run: {error}") from error
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip()[-500:]
        raise TamisError(f"{TARGET}: {command!r} ended with exit code {done.returncode}: {message}")
