"""Telling an operator of a run that failed or is held back: a webhook, or a command."""

from __future__ import annotations

import json
import shlex
import subprocess
import urllib.request
from collections.abc import Mapping

from output.base.errors import TamisError

# The environment variable that names whom to tell; a flow run's process inherits it.
TARGET = "TAMIS_NOTIFY"
SECONDS = 30


def notify(target: str, event: Mapping[str, str | None]) -> None:
    """Give an event, as one JSON object, to whoever is to be told.

    A `target` that starts with http:// or https:// gets it as a POST; any other is a command line, split as
    a shell would but run without one, that gets it on its standard input. Raises TamisError where it
    could not be delivered.
    """
    body = json.dumps(event, ensure_ascii=False).encode()
    if target.startswith(("http://", "https://")):
        _post(target, body)
    else:
        _run(target, body)


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - http(s)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - http(s), checked above
            return
    except (OSError, ValueError) as error:
        raise TamisError(f"{TARGET}: {url} could not be told of the run: {error}") from error


def _run(command: str, body: bytes) -> None:
    try:
        words = shlex.split(command)
        done = subprocess.run(words, input=body, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - the operator's own command
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        raise TamisError(f"{TARGET}: {command!r} could not be run: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise TamisError(f"{TARGET}: {command!r} ended with {done.returncode}: {said}")
