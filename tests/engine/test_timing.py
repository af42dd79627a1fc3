"""Durations, cycles, cron and dates as diagrams write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.engine import WorkingDuration
from app.engine.cron import parse_cron
from app.engine.faults import Fault
from app.engine.timing import (
    Duration,
    due,
    first_due,
    next_due,
    parse_cycle,
    parse_duration,
    parse_instant,
    parse_working,
)

NOW = datetime(2026, 1, 31, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("PT30M", datetime(2026, 1, 31, 1, 30, tzinfo=UTC)),
        ("P1DT1H", datetime(2026, 2, 1, 2, 0, tzinfo=UTC)),
        ("P2W", datetime(2026, 2, 14, 1, 0, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, 1, 0, tzinfo=UTC)),
        ("P1Y", datetime(2027, 1, 31, 1, 0, tzinfo=UTC)),
        ("PT0.5H", datetime(2026, 1, 31, 1, 30, tzinfo=UTC)),
        ("-PT1H", datetime(2026, 1, 31, 0, 0, tzinfo=UTC)),
    ],
)
def test_durations(text, after):
    assert parse_duration(text).after(NOW) == after


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "5D", "P5", "PT5", "P1S", "một ngày", "P" + "9" * 40 + "D"]
)
def test_what_is_no_duration(text):
    assert parse_duration(text) is None


@given(st.integers(0, 40), st.integers(0, 400), st.integers(0, 86_000))
def test_a_duration_added_and_taken_away(months, days, seconds):
    duration = Duration(0, timedelta(days=days, seconds=seconds))
    assert duration.before(duration.after(NOW)) == NOW
    longer = Duration(months, duration.rest)
    assert longer.after(NOW) >= duration.after(NOW)


def test_working_durations():
    assert parse_working("16 working_hour") == WorkingDuration(16, "working_hour")
    assert parse_working("7 working_days") == WorkingDuration(7, "working_day")
    assert parse_working("7 ngày") is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05-01", "2026-05-01T00:00+07:00"),
        ("2026-05", "2026-05-01T00:00+07:00"),
        ("2026", "2026-01-01T00:00+07:00"),
        ("2026-05-01T08:00", "2026-05-01T08:00+07:00"),
        ("2026-05-01T08:00Z", "2026-05-01T08:00+00:00"),
    ],
)
def test_instants(text, instant):
    assert parse_instant(text) == datetime.fromisoformat(instant)


def test_no_instant():
    assert parse_instant("hôm nay") is None


def test_cycles():
    plain = parse_cycle("R3/PT1H")
    assert plain.times == 3
    assert next_due(plain, NOW) == NOW + timedelta(hours=1)
    endless = parse_cycle("R/P1D")
    assert endless.times is None
    started = parse_cycle("R2/2026-02-01T00:00Z/P1D")
    assert first_due(started, NOW) == datetime(2026, 2, 1, tzinfo=UTC)
    ending = parse_cycle("R3/PT1H/2026-02-01T12:00Z")
    assert first_due(ending, NOW) == datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "R", "R/", "R3/khi nào", "R3/PT0S", "R3/sai/P1D", "R/P1D/2026", "PT1H"]
)
def test_what_is_no_cycle(text):
    assert parse_cycle(text) is None


@pytest.mark.parametrize(
    ("text", "next_time"),
    [
        ("0 0/5 * * * ?", "2026-01-31T08:05+07:00"),
        ("0 30 7 * * ?", "2026-02-01T07:30+07:00"),
        ("0 0 8 ? * MON-FRI", "2026-02-02T08:00+07:00"),
        ("0 0 8 1 * ?", "2026-02-01T08:00+07:00"),
        ("0 0 0 29 FEB ?", "2028-02-29T00:00+07:00"),
        ("0 15,45 8 * * ? *", "2026-01-31T08:15+07:00"),
    ],
)
def test_cron(text, next_time):
    assert next_due(parse_cycle(text), NOW) == datetime.fromisoformat(next_time)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 0 8",
        "0 0 25 * * ?",
        "0 0/0 * * * ?",
        "0 0/x * * * ?",
        "0 0 8 31-1 * ?",
        "0 0 8 X * ?",
    ],
)
def test_what_is_no_cron(text):
    assert parse_cron(text) is None


def test_a_cron_that_never_comes():
    with pytest.raises(Fault):
        parse_cron("0 0 0 31 FEB ?").after(NOW)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (NOW, NOW),
        (date(2026, 5, 1), datetime.fromisoformat("2026-05-01T00:00+07:00")),
        (timedelta(hours=2), NOW + timedelta(hours=2)),
        ("PT2H", NOW + timedelta(hours=2)),
        ("2 working_day", WorkingDuration(2, "working_day")),
    ],
)
def test_due(written, found):
    assert due(written, NOW) == found


@pytest.mark.parametrize("written", ["mai", 5, None, ["P1D"]])
def test_nonsense_is_a_fault(written):
    with pytest.raises(Fault):
        due(written, NOW)
