"""The flow's own decisions; what a server makes of them is tested with a server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest

from crawlers.declaration.loading import list_sources
from flows.ingest.run import Result
from flows.schedule import schedule
from flows.schedule.server import host_limits
from flows.workspace.sources import SHIPPED
from output.base.errors import Busy, HeldBack, NewerFormat, StorageError, TamisError, UsageError
from output.base.records import RunReport
from output.release.release import Release

PREFECT_YAML = SHIPPED.parents[1] / "prefect.yaml"


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Busy("held by another"), True),
        (TamisError("the crawler ended with -9"), True),
        (UsageError("no contact"), False),
        (HeldBack("3 documents, fewer than 20"), False),
        (StorageError("disk full"), True),
        (NewerFormat("schema 9"), False),
        (TypeError("a slip of ours"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, passes: bool) -> None:
    assert schedule.is_temporary(error) is passes


@pytest.mark.parametrize(
    ("outcomes", "away"),
    [
        ((("failed: robots_unreachable", 1),), True),
        ((("failed: timeout", 2), ("failed: dns", 1)), True),
        ((("failed: timeout", 2), ("index", 1)), False),
        ((("unchanged", 4),), False),
        ((), False),
    ],
)
def test_a_scheduled_run_that_reached_nothing_is_tried_again(
    outcomes: tuple[tuple[str, int], ...], away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = RunReport("r", "gov-cn", "published", "2026-11-22T04:00:00+00:00", outcomes=outcomes)
    result = Result(report, cast(Release, None))
    monkeypatch.setattr(schedule, "ingest_source", lambda *_: result)
    source = next(source for source in list_sources([SHIPPED]) if source.id == "gov-cn")
    if away:
        with pytest.raises(TamisError, match="may be away") as raised:
            schedule.ingest_scheduled(source, Path("data"), None, None)
        assert schedule.is_temporary(raised.value)
    else:
        assert schedule.ingest_scheduled(source, Path("data"), None, None) is result


def test_sources_of_one_host_share_its_limit() -> None:
    source = next(source for source in list_sources([SHIPPED]) if source.id == "gov-cn")
    assert host_limits(source) == ["host:gov.cn"]


def test_prefect_yaml_schedules_the_shipped_sources_as_they_declare() -> None:
    text = PREFECT_YAML.read_text("utf-8")
    entry = r'- name: (\S+)\n.*?source: ([\w-]+)\}.*?cron: "([^"]+)", timezone: UTC'
    entries = re.findall(entry, text, re.DOTALL)
    declared = [(source.id, source.id, source.schedule.cron) for source in list_sources([SHIPPED])]
    assert entries == declared
    assert set(re.findall(r"entrypoint: (\S+)", text)) == {"flows/schedule/schedule.py:ingest_flow"}


def test_the_shipped_sources_take_metadata_alone_where_terms_ask() -> None:
    uses = {source.id: source.about.use for source in list_sources([SHIPPED])}
    assert uses == {
        "cac-gov-cn": "full",
        "china-copyright-and-media": "full",
        "gov-cn": "full",
        "kankanews": "metadata",
        "lawinfochina": "metadata",
    }
