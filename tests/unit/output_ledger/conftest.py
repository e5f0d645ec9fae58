from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from output.ledger import Ledger

POSTGRES = os.environ.get("TAMIS_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger: in a file, and in a schema of its own where TAMIS_TEST_POSTGRES names a server."""
    if request.param == "sqlite":
        made = Ledger(tmp_path / "ledger.sqlite")
        yield made
        made.close()
        return
    if not POSTGRES:
        pytest.skip("TAMIS_TEST_POSTGRES names no PostgreSQL database, postgresql+psycopg://user@host/name")
    schema = f"tamis_{uuid.uuid4().hex}"
    admin = create_engine(POSTGRES)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
    made = Ledger(url.render_as_string(hide_password=False))
    yield made
    made.close()
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()
