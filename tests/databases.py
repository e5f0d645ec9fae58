"""Databases for one test: a SQLite file, or a schema of its own where TAMIS_TEST_POSTGRES names a server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

BOTH = ("sqlite", "postgresql")


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The path or URL of a database of that kind with nothing in it, for as long as it is held."""
    if kind == "sqlite":
        yield str(folder / "ledger.sqlite")
        return
    server = os.environ.get("TAMIS_TEST_POSTGRES", "")
    if not server:
        pytest.skip("TAMIS_TEST_POSTGRES names no PostgreSQL database, postgresql+psycopg://user@host/name")
    schema = f"tamis_{uuid.uuid4().hex}"
    admin = create_engine(server)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()
