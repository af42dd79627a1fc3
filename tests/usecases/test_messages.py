"""Messages, signals, timers: early, twice, out of order; each wakes its token exactly once."""

from datetime import timedelta
from typing import Any

from app.domain.engine import SubscriptionKind
from app.domain.instances import InstanceState
from app.domain.waiting import TimerState
from app.usecases import instances, messages, timers
from app.usecases.recorders import MESSAGE_LIFE
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk


def send(house: House, name: str, key: str | None, dedup: str, **payload: Any) -> bool:
    with house.open_work() as work:
        return messages.receive(work, name, key, payload, dedup=dedup)


def waiting_for(house: House, *, first: str = "", name: str = "m", key: str = "HS-1") -> str:
    """An instance that waits for a message, after a user task if `first` names one."""
    parts = [d.user(first, camunda__candidateGroups="specialist")] if first else []
    catch = d.node("intermediateCatchEvent", "c", d.on_message(name))
    order = (first, "c") if first else ("c",)
    made = desk.deploy(house, d.straight(*parts, catch, identifiers=order, around=d.message(name)))
    return desk.begin(house, made, key=key)


def test_a_message_wakes_the_token_that_waits_by_name_and_key(house: House) -> None:
    mine, other = waiting_for(house), waiting_for(house, key="HS-2")
    assert send(house, "m", "HS-1", "1", note="đã phát")
    house.work_off()
    assert desk.instance(house, mine).state is InstanceState.COMPLETED
    assert desk.variables(house, mine)["note"] == "đã phát"
    assert desk.at(house, other) == ["c"]


def test_a_message_that_came_early_is_kept_until_its_token_waits(house: House) -> None:
    instance_id = waiting_for(house, first="a")
    send(house, "m", "HS-1", "1", note="sớm")
    house.work_off()
    assert desk.at(house, instance_id) == ["a"]
    desk.complete(house, desk.open_task(house, instance_id).id, "giang.specialist")
    house.work_off()
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert desk.variables(house, instance_id)["note"] == "sớm"


def test_the_same_message_twice_counts_once(house: House) -> None:
    first, second = waiting_for(house), waiting_for(house)
    assert send(house, "m", "HS-1", "evt-1")
    assert not send(house, "m", "HS-1", "evt-1")
    house.work_off()
    assert not send(house, "m", "HS-1", "evt-1")
    house.work_off()
    states = [desk.instance(house, i).state for i in (first, second)]
    assert states == [InstanceState.COMPLETED, InstanceState.ACTIVE], "one message, one token"


def test_two_messages_are_taken_in_the_order_they_came(house: House) -> None:
    catch = [d.node("intermediateCatchEvent", f"c{i}", d.on_message()) for i in (1, 2)]
    made = desk.deploy(house, d.straight(*catch, identifiers=("c1", "c2"), around=d.message()))
    send(house, "m", "HS-1", "a", seen="một")
    house.clock.pass_(seconds=1)
    send(house, "m", "HS-1", "b", seen="hai")
    instance_id = desk.begin(house, made)
    house.work_off()
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert desk.variables(house, instance_id)["seen"] == "hai"
    taken = [e.element for e in desk.history(house, instance_id) if e.kind == "message"]
    assert taken == ["c1", "c2"]


def test_a_message_nobody_wanted_in_time_is_not_used_later(one_house: House) -> None:
    send(one_house, "m", "HS-1", "1")
    one_house.clock.at += MESSAGE_LIFE + timedelta(seconds=1)
    instance_id = waiting_for(one_house)
    one_house.work_off()
    assert desk.at(one_house, instance_id) == ["c"]


def test_a_suspended_instance_takes_no_message_until_it_goes_on(one_house: House) -> None:
    instance_id = waiting_for(one_house)
    with one_house.open_work() as work:
        instances.suspend(work, actor(work, "viet.admin"), instance_id)
    send(one_house, "m", "HS-1", "1")
    one_house.work_off()
    assert desk.at(one_house, instance_id) == ["c"]
    with one_house.open_work() as work:
        instances.resume(work, actor(work, "viet.admin"), instance_id)
    one_house.work_off()
    assert desk.instance(one_house, instance_id).state is InstanceState.COMPLETED


def test_a_cancelled_instance_waits_for_nothing(one_house: House) -> None:
    instance_id = waiting_for(one_house)
    with one_house.open_work() as work:
        instances.cancel(work, actor(work, "viet.admin"), instance_id, "Rút")
    with one_house.open_work(read_only=True) as work:
        assert not work.subscriptions.waiting(SubscriptionKind.MESSAGE, "m", "HS-1")


def test_a_message_starts_the_flow_that_begins_with_it(house: House) -> None:
    made = desk.deploy(
        house,
        d.process(
            d.start("s", d.on_message("moi")),
            d.user("a", camunda__candidateGroups="specialist"),
            d.end(),
            d.chain("s", "a", "e"),
            around=d.message("moi"),
        ),
    )
    send(house, "moi", "HS-9", "1", agency_id="stttt", fee=5)
    send(house, "moi", "HS-9", "1", agency_id="stttt", fee=5)
    house.work_off()
    with house.open_work(read_only=True) as work:
        [started] = work.instances.by_business_key("HS-9")
    assert started.definition_id == made.id
    assert started.agency_id == "stttt"
    assert desk.at(house, started.id) == ["a"]


def test_a_starting_message_of_no_agency_of_ours_starts_nothing(one_house: House) -> None:
    desk.deploy(
        one_house,
        d.process(
            d.start("s", d.on_message("moi")), d.end(), d.chain("s", "e"), around=d.message("moi")
        ),
    )
    send(one_house, "moi", "HS-9", "1", agency_id="khong-co")
    one_house.work_off()
    with one_house.open_work(read_only=True) as work:
        assert work.instances.by_business_key("HS-9") == []


def test_a_thrown_message_reaches_the_flow_that_waits(house: House) -> None:
    waiting = waiting_for(house)
    thrown = desk.deploy(
        house,
        d.straight(
            d.node("intermediateThrowEvent", "t", d.on_message()),
            identifiers=("t",),
            around=d.message(),
        ).replace(b'id="p"', b'id="q"'),
    )
    desk.begin(house, thrown)
    house.work_off()
    assert desk.instance(house, waiting).state is InstanceState.COMPLETED


def test_a_signal_wakes_everyone_who_waits_now(house: House) -> None:
    waiting = desk.deploy(
        house,
        d.straight(
            d.node("intermediateCatchEvent", "c", d.on_signal()),
            identifiers=("c",),
            around=d.signal(),
        ),
    )
    ids = [desk.begin(house, waiting, key=f"HS-{i}") for i in (1, 2)]
    thrown = desk.deploy(
        house,
        d.straight(
            d.node("intermediateThrowEvent", "t", d.on_signal()),
            identifiers=("t",),
            around=d.signal(),
        ).replace(b'id="p"', b'id="q"'),
    )
    desk.begin(house, thrown)
    house.work_off()
    assert {desk.instance(house, i).state for i in ids} == {InstanceState.COMPLETED}
    late = desk.begin(house, waiting, key="HS-3")
    house.work_off()
    assert desk.at(house, late) == ["c"]


# --- timers -----------------------------------------------------------------------------


def with_reminder(house: House, duration: str = "PT1H") -> str:
    """A task with an interrupting timer at its edge."""
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            d.user("a", camunda__candidateGroups="specialist"),
            d.boundary("late", "a", d.after(duration)),
            d.user("b", camunda__candidateGroups="unit_head"),
            d.end(),
            d.end("e2"),
            d.chain("s", "a", "e"),
            d.chain("late", "b", "e2"),
        ),
    )
    return desk.begin(house, made)


def test_a_timer_fires_when_its_time_comes_and_only_once(house: House) -> None:
    instance_id = with_reminder(house)
    house.work_off()
    assert desk.at(house, instance_id) == ["a"]
    house.clock.pass_(minutes=59)
    house.work_off()
    assert desk.at(house, instance_id) == ["a"]
    house.clock.pass_(minutes=1)
    house.work_off()
    assert desk.at(house, instance_id) == ["b"]
    with house.open_work(read_only=True) as work:
        [timer] = work.timers.of_instance(instance_id)
    assert timer.state is TimerState.FIRED
    timers.fire(house.open_work, timer.id)
    assert len(desk.open_tasks(house, instance_id, "b")) == 1


def test_a_timer_of_a_task_that_is_done_does_not_fire(house: House) -> None:
    instance_id = with_reminder(house)
    desk.complete(house, desk.open_task(house, instance_id).id, "giang.specialist")
    house.clock.pass_(hours=2)
    house.work_off()
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    with house.open_work(read_only=True) as work:
        assert [t.state for t in work.timers.of_instance(instance_id)] == [TimerState.CANCELLED]


def test_a_timer_before_its_time_does_nothing(one_house: House) -> None:
    instance_id = with_reminder(one_house)
    with one_house.open_work(read_only=True) as work:
        [timer] = work.timers.of_instance(instance_id)
    timers.fire(one_house.open_work, timer.id)
    assert desk.at(one_house, instance_id) == ["a"]


def test_a_timer_of_a_suspended_instance_fires_after_its_resumption(house: House) -> None:
    instance_id = with_reminder(house)
    with house.open_work() as work:
        instances.suspend(work, actor(work, "viet.admin"), instance_id)
    house.clock.pass_(hours=2)
    house.work_off()
    assert desk.at(house, instance_id) == ["a"]
    with house.open_work() as work:
        instances.resume(work, actor(work, "viet.admin"), instance_id)
    house.work_off()
    assert desk.at(house, instance_id) == ["b"]
