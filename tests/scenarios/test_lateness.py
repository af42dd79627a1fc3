"""Late appraisal and late publishing are seen, once each, by those who have to act."""

from app.domain.clocks import ClockState
from app.domain.durations import Duration
from app.domain.people import Notice
from app.usecases import clocks
from tests.scenarios import flows
from tests.service import House


def advance(house: House, value: int, unit: str, agency: str = "stttt") -> None:
    with house.open_work(read_only=True) as work:
        calendar = work.calendars.for_agency(agency)
    house.clock.at = calendar.due(house.clock.at, Duration.of(value, unit)).at
    house.work_off()


def heard(house: House, code: str) -> dict[str, list[Notice]]:
    """Notices about one subject, by username."""
    with house.open_work(read_only=True) as work:
        return {
            user.username: found
            for user in work.users.all()
            if (found := [n for n in work.notices.page(user.id, 1, 200).items if code in n.text])
        }


def titles(house: House, code: str, username: str, start: str) -> list[str]:
    given = heard(house, code).get(username, [])
    return [notice.title for notice in given if notice.title.startswith(start)]


def test_a_late_appraisal_is_told_to_leaders_appraisers_and_the_provider(one_house: House) -> None:
    made = flows.register_p10(one_house)  # of Sở GTVT, appraised by Sở TT&TT
    advance(one_house, 8, "working_day")
    late = {
        username: titles(one_house, made.code, username, "Quá hạn")
        for username in heard(one_house, made.code)
    }
    assert late["an.appraiser"] == ["Quá hạn: Thẩm định, chuẩn hóa dịch vụ công"]
    assert late["binh.leader"] == ["Quá hạn: Thẩm định, chuẩn hóa dịch vụ công"]
    assert "chi.reception" not in late
    assert "giang.specialist" not in late
    assert "quyen.specialist" not in late


def test_each_is_told_once_however_often_the_clock_ticks(house: House) -> None:
    made = flows.register_p10(house)
    advance(house, 8, "working_day")
    for _ in range(3):
        clocks.tick(house.open_work)
    assert len(titles(house, made.code, "an.appraiser", "Quá hạn")) == 1


def test_the_warning_comes_before_the_due_day(one_house: House) -> None:
    made = flows.register_p10(one_house)
    advance(one_house, 4, "working_day")
    assert not titles(one_house, made.code, "an.appraiser", "Sắp đến hạn")
    advance(one_house, 2, "working_day")
    assert titles(one_house, made.code, "an.appraiser", "Sắp đến hạn")
    assert not titles(one_house, made.code, "an.appraiser", "Quá hạn")


def test_late_publishing_is_told_to_the_agency_and_the_portal_manager(one_house: House) -> None:
    made = flows.register_p10(one_house)
    flows.appraise(one_house, made)
    advance(one_house, 11, "working_day")
    late = {
        username
        for username in heard(one_house, made.code)
        if titles(one_house, made.code, username, "Quá hạn")
    }
    assert late >= {"nga.leader", "phuc.head", "minh.analyst", "an.appraiser", "binh.leader"}
    assert "lan.analyst" not in late
    assert "oanh.reception" not in late


def test_oversight_lists_what_is_late_and_forgets_it_when_it_is_done(one_house: House) -> None:
    made = flows.register_p10(one_house)
    advance(one_house, 8, "working_day")
    with one_house.open_work(read_only=True) as work:
        everywhere = work.clocks.overdue_page(None, 1, 50)
        at_sttt = work.clocks.overdue_page(frozenset({"stttt"}), 1, 50)
        at_sgtvt = work.clocks.overdue_page(frozenset({"sgtvt"}), 1, 50)
    assert made.id in [clock.subject_id for clock in everywhere.items]
    assert everywhere.total == len(everywhere.items)
    # K1 is Sở TT&TT's own duty: it is late there, whoever registered (Đ11.2a).
    assert made.id in [clock.subject_id for clock in at_sttt.items]
    assert made.id not in [clock.subject_id for clock in at_sgtvt.items]
    flows.appraise(one_house, made)
    with one_house.open_work(read_only=True) as work:
        after = work.clocks.overdue_page(None, 1, 50)
        done = work.clocks.of_subject("registration", made.id)
    assert made.id not in [clock.subject_id for clock in after.items]
    assert {clock.kind.value: clock.state for clock in done} == {
        "K1": ClockState.MISSED,
        "K2": ClockState.RUNNING,
    }


def test_a_task_shows_the_clock_it_goes_by(one_house: House) -> None:
    made = flows.register_p10(one_house)
    task = one_house.task(made.code, "formal_check")
    with one_house.open_work(read_only=True) as work:
        [clock] = work.clocks.of_subject("registration", made.id)
    assert (task.due_at, task.due_source) == (clock.due_at, "K1")
