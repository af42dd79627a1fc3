"""The life of a legal clock."""

from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendars import Calendar, DayCounting, Unit
from app.domain.clocks import (
    CLOCK_RULES,
    Clock,
    ClockKind,
    ClockState,
    Level,
)
from app.domain.durations import Duration
from app.domain.errors import InvalidInput, InvalidState
from app.domain.explanations import Explanation
from app.outbound.public_holidays import vietnam_exceptions
from tests.domain.calendar_samples import at, calendars, closed, instants, read, so_many

VIETNAM = Calendar("vn", "Lịch chung", exceptions=vietnam_exceptions(range(2018, 2028)))
MONDAY = "2023-04-10 09:20"


def a_clock(kind=ClockKind.K1, started_at=MONDAY, calendar=VIETNAM, **terms) -> Clock:
    return Clock.start(
        id="c1",
        kind=kind,
        subject_kind="registration",
        subject_id="r1",
        calendar=calendar,
        started_at=at(started_at),
        **terms,
    )


def processing(days=10, started_at=MONDAY, **terms) -> Clock:
    return a_clock(ClockKind.K4, started_at, duration=so_many(days, "working_day"), **terms)


def whats(clock: Clock) -> list[str]:
    return [row["what"] for row in clock.history]


# --- the table


def test_every_clock_of_the_regulation_has_its_rule():
    assert set(CLOCK_RULES) == set(ClockKind)
    assert len(ClockKind) == 15
    for rule in CLOCK_RULES.values():
        assert rule.name_vi
        assert rule.starts_vi
        assert rule.stops_vi
        assert "Đ" in rule.source
        assert rule.warn_lead > 0


@pytest.mark.parametrize(
    ("kind", "started_at", "due"),
    [
        (ClockKind.K1, MONDAY, "2023-04-19 17:00"),
        (ClockKind.K2, MONDAY, "2023-04-24 17:00"),
        (ClockKind.K3, "2023-04-10 17:10", "2023-04-11 17:00"),
        (ClockKind.K3, "2023-04-10 12:15", "2023-04-11 12:00"),
        (ClockKind.K5, "2023-04-10 16:00", "2023-04-11 08:30"),
        (ClockKind.K6, "2023-04-08 16:00", "2023-04-10 09:30"),
        (ClockKind.K7, MONDAY, "2023-04-13 17:00"),
        (ClockKind.K8, MONDAY, "2023-04-17 17:00"),
        (ClockKind.K9, MONDAY, "2023-04-24 17:00"),
        (ClockKind.K10, "2023-04-09 02:00", "2023-04-09 03:00"),
        (ClockKind.K12, "2023-04-10 14:59", "2023-04-10 17:00"),
        (ClockKind.K12, "2023-04-10 15:30", "2023-04-11 07:30"),
        (ClockKind.K13, MONDAY, "2023-04-13 17:00"),
    ],
)
def test_each_clock_has_the_length_of_its_article(kind, started_at, due):
    clock = a_clock(kind, started_at)
    assert read(clock.due_at) == due
    assert clock.original_due_at == clock.due_at
    assert clock.explanation.text.startswith(f"{CLOCK_RULES[kind].event_vi} lúc")
    assert clock.counting_from <= clock.warn_at < clock.due_at
    assert clock.state is ClockState.RUNNING
    assert clock.is_open


@pytest.mark.parametrize(
    ("kind", "event", "due"),
    [
        (ClockKind.K14, "2023-04-24 17:00", "2023-04-21 17:00"),  # 23/4 is a Sunday
        (ClockKind.K15, "2023-04-17 20:00", "2023-04-14 17:00"),
    ],
)
def test_a_clock_ahead_of_an_event_ends_before_it(kind, event, due):
    clock = a_clock(kind, ahead_of=at(event))
    assert clock.due_at == at(due)
    assert clock.counting_from == at(MONDAY)
    assert clock.warn_at < clock.due_at
    with pytest.raises(InvalidState):
        clock.pause(at("2023-04-11 09:00"))
    with pytest.raises(InvalidState):
        clock.restart(at("2023-04-11 09:00"), VIETNAM)
    changed = clock.recompute(
        VIETNAM.with_exceptions(closed("2023-04-21"), closed("2023-04-14")), at(MONDAY)
    )
    assert changed.changed
    assert clock.due_at < changed.old_due
    assert clock.counting_from == at(MONDAY)


def test_a_length_or_an_event_that_is_missing_is_asked_for():
    for kind in (ClockKind.K4, ClockKind.K11):
        with pytest.raises(InvalidInput):
            a_clock(kind)
    with pytest.raises(InvalidInput):
        a_clock(ClockKind.K14)
    with pytest.raises(InvalidInput):
        a_clock(ClockKind.K1, ahead_of=at("2023-04-24 17:00"))


def test_a_procedure_chooses_length_counting_and_cut_off():
    from_the_hour = processing(2, counting=DayCounting.FROM_THE_HOUR)
    assert read(from_the_hour.due_at) == "2023-04-12 09:20"
    later = a_clock(ClockKind.K12, "2023-04-10 15:30", cut_off=time(16))
    assert read(later.due_at) == "2023-04-10 17:00"


def test_the_warning_takes_at_most_half_of_the_time():
    assert read(a_clock(ClockKind.K1).warn_at) == "2023-04-18 07:30"
    assert read(processing(1, "2023-04-10 07:30").warn_at) == "2023-04-11 07:30"
    assert read(a_clock(ClockKind.K10, "2023-04-09 02:00").warn_at) == "2023-04-09 02:30"
    zero = a_clock(ClockKind.K3, duration=so_many(0, "working_hour"))
    assert zero.warn_at == zero.due_at


# --- stopping


@pytest.mark.parametrize(
    ("stopped_at", "state", "words"),
    [
        ("2023-04-18 17:00", ClockState.MET, "Trước hạn"),
        ("2023-04-19 17:00", ClockState.MET, "Đúng hạn"),
        ("2023-04-20 09:30", ClockState.MISSED, "Quá hạn 2 giờ"),
        ("2023-04-24 08:00", ClockState.MISSED, "Quá hạn 2 ngày"),
    ],
)
def test_stopping_judges(stopped_at, state, words):
    clock = a_clock()
    clock.stop(at(stopped_at))
    assert clock.state is state
    assert clock.stopped_at == at(stopped_at)
    assert not clock.is_open
    assert clock.remaining(at("2023-12-01 08:00"), VIETNAM).text == words


def test_a_stopped_clock_accepts_nothing_more():
    for end in (
        lambda clock: clock.stop(at(MONDAY)),
        lambda clock: clock.cancel(at(MONDAY), "rút"),
    ):
        clock = processing()
        end(clock)
        for ask in (
            lambda clock=clock: clock.stop(at(MONDAY)),
            lambda clock=clock: clock.cancel(at(MONDAY), "rút"),
            lambda clock=clock: clock.pause(at(MONDAY)),
            lambda clock=clock: clock.resume(at(MONDAY), VIETNAM),
            lambda clock=clock: clock.restart(at(MONDAY), VIETNAM),
            lambda clock=clock: clock.reschedule(at(MONDAY), at("2023-06-01 17:00"), "đo lại"),
            lambda clock=clock: clock.mark_overdue(at("2023-06-01 17:00")),
            lambda clock=clock: clock.mark_warned(at("2023-06-01 17:00")),
            lambda clock=clock: clock.recompute(VIETNAM, at(MONDAY)),
        ):
            with pytest.raises(InvalidState, match="Giải quyết hồ sơ"):
                ask()
        assert len(clock.history) == 1


# --- pausing


def test_a_pause_gives_back_exactly_the_working_time_that_was_left():
    clock = processing(5)  # due Monday 17/4 17:00
    clock.pause(at("2023-04-12 10:00"), "chờ nộp lệ phí")
    assert clock.remaining(at("2023-05-12 10:00"), VIETNAM).text == "Tạm dừng"
    clock.resume(at("2023-04-28 16:00"), VIETNAM, "đã nộp")
    # left: 5.5 h of Wednesday and three days; 1 h on 28/4, then from 4/5 on
    assert read(clock.due_at) == "2023-05-09 12:00"
    assert clock.state is ClockState.RUNNING
    assert read(clock.original_due_at) == "2023-04-17 17:00"
    assert clock.explanation.text.startswith("Tiếp tục tính lúc 16:00 thứ Sáu 28/4/2023")
    assert whats(clock) == ["paused", "resumed"]
    assert clock.history[1]["old_due"] == at("2023-04-17 17:00").isoformat()
    assert clock.history[1]["new_due"] == clock.due_at.isoformat()
    assert clock.history[1]["reason"] == "đã nộp"


@settings(deadline=None, max_examples=40)
@given(calendars(), instants, st.integers(1, 30), st.integers(0, 10**7), st.integers(0, 10**7))
def test_working_time_spent_running_is_the_same_with_and_without_a_pause(
    calendar, start, days, until_pause, pause
):
    clock = Clock.start(
        id="c",
        kind=ClockKind.K4,
        subject_kind="case",
        subject_id="x",
        calendar=calendar,
        started_at=start,
        duration=Duration(days, Unit.WORKING_DAY),
    )
    whole = calendar.working_hours_between(start, clock.due_at)
    paused_at = min(start + timedelta(seconds=until_pause), clock.due_at)
    clock.pause(paused_at)
    resumed_at = paused_at + timedelta(seconds=pause)
    clock.resume(resumed_at, calendar)
    before = calendar.working_hours_between(start, paused_at)
    after = calendar.working_hours_between(resumed_at, clock.due_at)
    assert before + after == whole


def test_a_pause_of_days_of_the_calendar_and_of_plain_hours():
    clock = a_clock(ClockKind.K4, duration=so_many(15, "calendar_day"))  # due 25/4
    clock.pause(at("2023-04-12 10:00"))
    clock.resume(at("2023-04-14 10:00"), VIETNAM)
    assert read(clock.due_at) == "2023-04-27 17:00"
    urgent = a_clock(ClockKind.K4, duration=so_many(24, "hour"))
    urgent.pause(at("2023-04-10 10:20"))
    urgent.resume(at("2023-04-12 10:20"), VIETNAM)
    assert read(urgent.due_at) == "2023-04-13 09:20"


def test_what_was_late_when_paused_stays_late():
    clock = a_clock()
    clock.mark_overdue(at("2023-04-20 08:00"))
    clock.pause(at("2023-04-20 09:00"))
    clock.resume(at("2023-05-09 09:00"), VIETNAM)
    assert read(clock.due_at) == "2023-04-19 17:00"
    assert clock.overdue_since == at("2023-04-20 08:00")


def test_a_paused_clock_is_judged_by_the_pause():
    clock = a_clock()
    clock.pause(at("2023-04-12 10:00"))
    with pytest.raises(InvalidState):
        clock.pause(at("2023-04-12 10:00"))
    with pytest.raises(InvalidState):
        clock.mark_overdue(at("2023-06-12 10:00"))
    clock.stop(at("2023-06-12 10:00"))
    assert clock.state is ClockState.MET
    assert clock.remaining(at("2023-07-12 10:00"), VIETNAM).text == "Trước hạn"


def test_a_running_clock_does_not_resume():
    with pytest.raises(InvalidState):
        a_clock().resume(at("2023-04-12 10:00"), VIETNAM)


# --- counting again


@pytest.mark.parametrize("paused", [True, False])
def test_restarting_counts_the_whole_time_again(paused):
    clock = processing(5)
    clock.mark_warned(at("2023-04-14 10:00"))
    if paused:
        clock.pause(at("2023-04-17 10:00"))
    clock.restart(at("2023-04-24 10:00"), VIETNAM, "bổ sung đủ")
    assert read(clock.due_at) == "2023-05-04 17:00"
    assert clock.state is ClockState.RUNNING
    assert clock.warned_at is None
    assert clock.started_at == at(MONDAY)
    assert clock.counting_from == at("2023-04-24 10:00")
    assert clock.explanation.text.startswith("Tính lại từ đầu lúc 10:00 thứ Hai 24/4/2023")


def test_restarting_forgives_lateness():
    clock = processing(1)
    clock.mark_overdue(at("2023-04-12 08:00"))
    clock.restart(at("2023-04-12 09:00"), VIETNAM)
    assert clock.overdue_since is None


# --- rescheduling


def test_a_new_date_is_promised_once_and_a_day_ahead():
    clock = processing()  # due 24/4 17:00
    clock.reschedule(at("2023-04-23 23:00"), at("2023-04-27 17:00"), "chờ xác minh")
    assert read(clock.due_at) == "2023-04-27 17:00"
    assert clock.reschedule_count == 1
    assert read(clock.original_due_at) == "2023-04-24 17:00"
    assert clock.warn_at > at("2023-04-23 23:00")
    assert "Hẹn lại đến 17:00 thứ Năm 27/4/2023: chờ xác minh." in clock.explanation.text
    with pytest.raises(InvalidState, match="1 lần"):
        clock.reschedule(at("2023-04-24 08:00"), at("2023-05-27 17:00"), "chờ nữa")
    assert read(clock.due_at) == "2023-04-27 17:00"


@pytest.mark.parametrize(
    ("asked_at", "new_due", "reason", "refusal"),
    [
        ("2023-04-24 07:30", "2023-04-27 17:00", "chờ xác minh", InvalidState),
        ("2023-04-20 07:30", "2023-04-24 17:00", "chờ xác minh", InvalidInput),
        ("2023-04-20 07:30", "2023-04-27 17:00", "  ", InvalidInput),
    ],
)
def test_a_promise_that_breaks_the_rule_is_refused(asked_at, new_due, reason, refusal):
    clock = processing()
    with pytest.raises(refusal):
        clock.reschedule(at(asked_at), at(new_due), reason)
    assert (clock.reschedule_count, clock.history) == (0, [])


def test_most_clocks_are_not_rescheduled():
    with pytest.raises(InvalidState, match="không được hẹn lại"):
        a_clock().reschedule(at(MONDAY), at("2023-04-27 17:00"), "bận")


# --- warning and running over


def test_a_clock_warns_and_runs_over_once():
    clock = a_clock()
    with pytest.raises(InvalidState):
        clock.mark_warned(clock.warn_at - timedelta(seconds=1))
    with pytest.raises(InvalidState):
        clock.mark_overdue(clock.due_at)
    assert clock.mark_warned(clock.warn_at)
    assert not clock.mark_warned(clock.due_at)
    assert clock.mark_overdue(clock.due_at + timedelta(seconds=1))
    assert not clock.mark_overdue(clock.due_at + timedelta(days=1))
    assert clock.overdue_since == clock.due_at + timedelta(seconds=1)
    assert whats(clock) == ["warned", "overdue"]
    assert clock.state is ClockState.RUNNING


# --- the holiday table changes


def test_a_new_free_day_moves_what_is_open():
    clock = a_clock()
    clock.mark_warned(at("2023-04-18 07:30"))
    again = VIETNAM.with_exceptions(closed("2023-04-13", "bão số 1"))
    outcome = clock.recompute(again, at("2023-04-18 08:00"), "nghỉ bão")
    assert (outcome.changed, read(outcome.old_due), read(outcome.new_due)) == (
        True,
        "2023-04-19 17:00",
        "2023-04-20 17:00",
    )
    assert clock.due_at == outcome.new_due
    assert clock.warned_at is None
    assert "13/4 (bão số 1)" in clock.explanation.text
    assert clock.history[-1] == {
        "at": at("2023-04-18 08:00").isoformat(),
        "what": "recomputed",
        "reason": "nghỉ bão",
        "old_due": outcome.old_due.isoformat(),
        "new_due": outcome.new_due.isoformat(),
    }
    assert not clock.recompute(again, at("2023-04-18 09:00")).changed
    assert len(clock.history) == 2


def test_a_clock_that_was_late_by_the_old_table_is_late_no_more():
    clock = a_clock()
    clock.mark_overdue(at("2023-04-20 08:00"))
    clock.recompute(VIETNAM.with_exceptions(closed("2023-04-19")), at("2023-04-20 09:00"))
    assert clock.overdue_since is None
    assert read(clock.due_at) == "2023-04-20 17:00"


def test_a_resumed_clock_is_measured_from_its_resumption():
    clock = processing(5)
    clock.pause(at("2023-04-12 17:00"))
    clock.resume(at("2023-04-24 07:30"), VIETNAM)
    assert read(clock.due_at) == "2023-04-26 17:00"
    earlier = VIETNAM.with_exceptions(closed("2023-04-11"))
    assert not clock.recompute(earlier, at("2023-04-25 08:00")).changed
    later = VIETNAM.with_exceptions(closed("2023-04-26"))
    assert clock.recompute(later, at("2023-04-25 08:00")).changed
    assert read(clock.due_at) == "2023-04-27 17:00"
    assert clock.explanation.text.startswith("Tiếp tục tính")


def test_a_paused_clock_is_measured_again_and_stays_paused():
    clock = processing(5)
    clock.pause(at("2023-04-12 17:00"))
    assert clock.recompute(VIETNAM.with_exceptions(closed("2023-04-14")), at(MONDAY)).changed
    assert clock.state is ClockState.PAUSED
    assert read(clock.due_at) == "2023-04-18 17:00"


def test_a_promised_date_stays_as_promised():
    clock = processing()
    clock.reschedule(at("2023-04-20 08:00"), at("2023-04-27 17:00"), "chờ xác minh")
    outcome = clock.recompute(VIETNAM.with_exceptions(closed("2023-04-25")), at(MONDAY))
    assert not outcome.changed
    assert read(clock.due_at) == "2023-04-27 17:00"


# --- in words


@pytest.mark.parametrize(
    ("now", "text", "level"),
    [
        ("2023-04-10 09:20", "Còn 7 ngày", Level.OK),
        ("2023-04-14 09:20", "Còn 3 ngày", Level.OK),
        ("2023-04-18 07:30", "Còn 2 ngày", Level.SOON),
        ("2023-04-18 10:00", "Còn 1 ngày", Level.SOON),
        ("2023-04-18 17:00", "Còn 1 ngày", Level.SOON),
        ("2023-04-19 08:00", "Đến hạn hôm nay", Level.TODAY),
        ("2023-04-19 13:30", "Còn 3 giờ", Level.TODAY),
        ("2023-04-19 16:35", "Còn 25 phút", Level.TODAY),
        ("2023-04-19 17:00", "Đến hạn hôm nay", Level.TODAY),
        ("2023-04-19 17:01", "Vừa quá hạn", Level.OVERDUE),
        ("2023-04-20 07:50", "Quá hạn 20 phút", Level.OVERDUE),
        ("2023-04-20 12:30", "Quá hạn 4 giờ", Level.OVERDUE),
        ("2023-04-22 12:30", "Quá hạn 2 ngày", Level.OVERDUE),
    ],
)
def test_what_is_left_is_worded(now, text, level):
    found = a_clock().remaining(at(now), VIETNAM)
    assert (found.text, found.level) == (text, level)


@pytest.mark.parametrize(
    ("kind", "started_at", "now", "text", "level"),
    [
        (ClockKind.K3, "2023-04-10 09:20", "2023-04-10 16:00", "Còn 2 giờ", Level.SOON),
        (ClockKind.K12, "2023-04-10 16:00", "2023-04-10 18:00", "Đến hạn 07:30 thứ Ba", Level.SOON),
        (ClockKind.K10, "2023-04-09 02:00", "2023-04-09 02:10", "Còn 50 phút", Level.TODAY),
        (ClockKind.K10, "2023-04-09 02:00", "2023-04-09 08:00", "Quá hạn 5 giờ", Level.OVERDUE),
        (ClockKind.K10, "2023-04-09 02:00", "2023-04-11 08:00", "Quá hạn 2 ngày", Level.OVERDUE),
    ],
)
def test_short_clocks_are_worded_in_their_own_hours(kind, started_at, now, text, level):
    found = a_clock(kind, started_at).remaining(at(now), VIETNAM)
    assert (found.text, found.level) == (text, level)


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("2023-04-10 09:20", "Còn 15 ngày"),
        ("2023-04-22 10:00", "Còn 3 ngày"),
        ("2023-04-24 18:00", "Còn 23 giờ"),
        ("2023-05-01 17:30", "Quá hạn 6 ngày"),
    ],
)
def test_days_of_the_calendar_are_worded_as_such(now, text):
    clock = a_clock(ClockKind.K4, duration=so_many(15, "calendar_day"))
    assert clock.remaining(at(now), VIETNAM).text == text


def test_a_cancelled_clock_says_so():
    clock = a_clock()
    clock.cancel(at("2023-04-12 10:00"), "rút hồ sơ")
    assert clock.remaining(at("2023-04-12 10:00"), VIETNAM).text == "Đã hủy"
    assert clock.history[-1]["reason"] == "rút hồ sơ"


def test_an_explanation_survives_json():
    explanation = a_clock().explanation
    assert Explanation.from_json(explanation.to_json()) == explanation
    assert Explanation().text == ""
    for broken in ([{"kind": "start"}], [{"kind": "why", "text": ""}], [1]):
        with pytest.raises(InvalidInput):
            Explanation.from_json(broken)
