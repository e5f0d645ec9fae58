"""The errors that end a command, and the exit code each ends it with.

    TamisError
    ├── UsageError      2   unusable arguments or declaration
    │   ├── Busy        2   somebody else holds the source, the dataset, the folder
    │   ├── Forgotten   2   withdrawn on request, and not to be read again
    │   └── MissingDependency 2   an extra of the package, or another library, is not installed
    ├── HeldBack        3   a run breaks what its source expects
    └── StorageError    4   storage or counts are damaged, or the disk is full
        └── NewerFormat 4   written by a newer version of Tamis

What a site does wrong is no error: it is an outcome in the ledger, and the run goes on.
The message says what is wrong, where, and what to do. It may quote a site, and goes to terminals, logs,
Prefect and whoever is told of a failure: so it is escaped and masked where it is made.
"""

from output.base.escaping import shown


class TamisError(Exception):
    """Base of all errors that a user is meant to read."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(shown(message))


class UsageError(TamisError):
    """Arguments or a declaration that cannot be used."""

    exit_code = 2


class Busy(UsageError):
    """Somebody else holds what this command needs; the message names the holder."""


class Forgotten(UsageError):
    """What this asks for was withdrawn on request."""


class MissingDependency(UsageError):
    """A library that this needs is not installed; the message gives the command that installs it."""


class HeldBack(TamisError):
    """The run breaks its source's expectations, so nothing of it was published."""

    exit_code = 3


class StorageError(TamisError):
    """What is stored is damaged or cannot be written, or counts that must agree do not."""

    exit_code = 4


class NewerFormat(StorageError):
    """The data was written by a newer version; this one would misread it."""
