"""The errors that end a command, each with the exit code of the command.

    TamisError
    ├── UsageError      2   unusable arguments or declaration
    │   ├── Busy        2   another process holds the source, the dataset, the folder
    │   ├── Forgotten   2   withdrawn on request, and not to be read again
    │   └── MissingDependency 2   an extra of the package, or another library, is not installed
    ├── HeldBack        3   a run breaks the expectations of its source
    └── StorageError    4   storage or counts are damaged, or the disk is full
        └── NewerFormat 4   written by a newer version of Tamis

What a site does wrong is no error: it is an outcome in the ledger, and the run goes on.
The message says what is wrong, where, and what to do. It may quote a site, and goes to terminals, logs,
Prefect and notifications. So it is escaped, and secrets are masked, where it is made.
"""

from output.base.escaping import shown


class TamisError(Exception):
    """Base of all errors whose message is for users."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(shown(message))


class UsageError(TamisError):
    """Error for arguments or a declaration that cannot be used."""

    exit_code = 2


class Busy(UsageError):
    """Error where another process holds what this command needs; the message names that process."""


class Forgotten(UsageError):
    """Error for a page or a record that was withdrawn on request."""


class MissingDependency(UsageError):
    """A library that this needs is not installed; the message gives the command that installs it."""


class HeldBack(TamisError):
    """Error for a run that breaks its source's expectations, so that nothing of it was published."""

    exit_code = 3


class StorageError(TamisError):
    """Error where stored files are damaged or cannot be written, or where counts that must agree do not."""

    exit_code = 4


class NewerFormat(StorageError):
    """Error for data of a newer version of Tamis, which this one would misread."""
