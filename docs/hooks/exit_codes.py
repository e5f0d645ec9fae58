"""The reference of exit codes and errors, from the tree of exceptions."""

from __future__ import annotations

from collections.abc import Iterator

from docs.hooks.markdown import code, prose, table
from output.base.errors import TamisError

CODES = {
    0: "Done. Pages that are refused, deferred, gone, rejected or unchanged are part of the work.",
    1: "Done, but something failed: a page, or a file that cannot be read. Also a defect of Tamis.",
    2: "The arguments or a declaration cannot be used.",
    3: "The run breaks its source's expectations. Nothing of it is published.",
    4: "Storage is damaged or full, or counts that must agree do not.",
    130: "Interrupted. The same command continues, or starts again where it fetches nothing.",
}
_HEAD = """\
# Exit codes and errors

Every command ends with one of these codes. An error is one line on standard error that names what is wrong,
where, and what to do.
"""
_ERRORS = """\
## Errors

What a site does wrong is not an error: it is an outcome in the ledger, and the run goes on. The exceptions
below end a command.
"""


def page() -> str:
    """Return the page: the codes, then the exceptions that end a command."""
    codes = table(["Code", "Meaning"], [[str(number), text] for number, text in CODES.items()])
    rows = [[code(error.__name__), str(error.exit_code), prose(error.__doc__)] for error in errors()]
    return "\n\n".join([_HEAD, codes, _ERRORS, table(["Exception", "Code", "Meaning"], rows)]) + "\n"


def errors(base: type[TamisError] = TamisError) -> Iterator[type[TamisError]]:
    """Every exception that a user is meant to read, parents first, that the tree's own module defines."""
    yield base
    for error in base.__subclasses__():
        if error.__module__ == TamisError.__module__:
            yield from errors(error)
