"""Cancel, suspend, resume; start; what a diagram may not make the house do."""

import pytest

from app.domain.errors import Forbidden, InvalidInput, InvalidState, NotFound
from app.domain.instances import InstanceState, SubjectKind
from app.domain.user_tasks import TaskState
from app.usecases import deployments, instances
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.recording import start
from tests.engine import diagrams as d
from tests.scenarios import flows
from tests.service import House, actor
from tests.usecases import desk


def cancel(
    house: House, instance_id: str, reason: str = "Rút hồ sơ", by: str = "viet.admin"
) -> None:
    with house.open_work() as work:
        instances.cancel(work, actor(work, by), instance_id, reason)


def suspend(house: House, instance_id: str) -> None:
    with house.open_work() as work:
        instances.suspend(work, actor(work, "viet.admin"), instance_id)


def test_a_cancelled_instance_closes_everything_it_waited_for(house: House) -> None:
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            d.user("a", camunda__candidateGroups="specialist"),
            desk.posting(),
            d.node("intermediateCatchEvent", "c", d.on_message()),
            d.node("intermediateCatchEvent", "t", d.after("P1D")),
            d.node("parallelGateway", "j"),
            d.end(),
            *(d.chain("g", branch, "j") for branch in ("a", "call", "c", "t")),
            d.chain("s", "g"),
            d.chain("j", "e"),
            around=d.message(),
        ),
    )
    instance_id = desk.begin(house, made)
    assert desk.at(house, instance_id) == ["a", "c", "call", "t"]
    cancel(house, instance_id)
    with house.open_work(read_only=True) as work:
        states = {
            *(task.state.value for task in work.user_tasks.of_instance(instance_id)),
            *(job.state.value for job in work.jobs.of_instance(instance_id)),
            *(timer.state.value for timer in work.timers.of_instance(instance_id)),
        }
        assert states == {"cancelled"}
        assert not any(s.open for s in work.subscriptions.of_instance(instance_id))
    house.clock.pass_(days=2)
    house.work_off()
    assert house.outside["public_post"].calls == []
    ended = desk.instance(house, instance_id)
    assert (ended.state, ended.end_reason) == (InstanceState.CANCELLED, "Rút hồ sơ")
    with pytest.raises(InvalidState, match="đã bị hủy"):
        cancel(house, instance_id)


def test_a_cancellation_needs_a_reason_and_the_right_person(one_house: House) -> None:
    task = desk.task(one_house, desk.one_task(one_house))
    with pytest.raises(InvalidInput) as refusal:
        cancel(one_house, task.instance_id, "  ")
    assert list(refusal.value.fields) == ["reason"]
    for username in ("binh.leader", "uyen.auditor"):
        with pytest.raises(Forbidden):
            cancel(one_house, task.instance_id, by=username)
    assert desk.task(one_house, task.id).state is TaskState.OPEN


def test_a_cancelled_case_stops_and_its_clocks_are_taken_off(one_house: House) -> None:
    case = flows.enter(one_house)
    cancel(one_house, str(flows.reread_case(one_house, case.code).instance_id))
    assert flows.reread_case(one_house, case.code).status == "stopped"
    with one_house.open_work(read_only=True) as work:
        assert [c.state.value for c in work.clocks.of_subject("case", case.id)] == ["cancelled"]


def test_a_cancelled_registration_is_withdrawn(one_house: House) -> None:
    made = flows.register(one_house)
    cancel(one_house, str(made.instance_id))
    assert flows.reread(one_house, made).state == "withdrawn"
    flows.register(one_house)  # and another may be submitted now


def test_incidents_of_a_cancelled_instance_need_nobody_any_more(one_house: House) -> None:
    desk.unplug(one_house)
    instance_id = desk.one_call(one_house)
    one_house.work_off()
    assert desk.instance(one_house, instance_id).open_incidents == 1
    cancel(one_house, instance_id)
    [incident] = desk.incidents(one_house, instance_id)
    assert incident.resolution == "Rút hồ sơ"
    assert desk.instance(one_house, instance_id).open_incidents == 0


def test_nobody_works_on_a_suspended_instance(one_house: House) -> None:
    task = desk.task(one_house, desk.one_task(one_house))
    suspend(one_house, task.instance_id)
    with pytest.raises(InvalidState, match="tạm dừng"):
        desk.complete(one_house, task.id, "giang.specialist", finding="x")
    with pytest.raises(InvalidState, match="tạm dừng"):
        suspend(one_house, task.instance_id)
    with one_house.open_work() as work:
        instances.resume(work, actor(work, "viet.admin"), task.instance_id)
    done = desk.complete(one_house, task.id, "giang.specialist", finding="x")
    assert done.state is TaskState.COMPLETED
    with one_house.open_work() as work, pytest.raises(InvalidState):
        instances.resume(work, actor(work, "viet.admin"), task.instance_id)


def test_a_suspended_instance_can_be_cancelled(one_house: House) -> None:
    task = desk.task(one_house, desk.one_task(one_house))
    suspend(one_house, task.instance_id)
    cancel(one_house, task.instance_id)
    assert desk.instance(one_house, task.instance_id).state is InstanceState.CANCELLED


def test_history_tells_every_step_without_gaps(one_house: House) -> None:
    task = desk.task(one_house, desk.one_task(one_house))
    suspend(one_house, task.instance_id)
    with one_house.open_work() as work:
        instances.resume(work, actor(work, "viet.admin"), task.instance_id)
    desk.complete(one_house, task.id, "giang.specialist", finding="x")
    told = desk.history(one_house, task.instance_id)
    assert [entry.seq for entry in told] == list(range(1, len(told) + 1))
    assert [entry.kind for entry in told] == ["start", "suspend", "resume", "complete"]


def test_a_suspended_version_takes_nothing_new(one_house: House) -> None:
    made = desk.deploy(
        one_house,
        d.straight(d.user("a", camunda__candidateGroups="specialist"), identifiers=("a",)),
    )
    running = desk.begin(one_house, made)
    with one_house.open_work() as work:
        deployments.suspend_definition(work, actor(work, "viet.admin"), made.id)
    with pytest.raises(InvalidState, match="tạm dừng nhận hồ sơ mới"):
        desk.begin(one_house, made)
    desk.complete(one_house, desk.open_task(one_house, running).id, "giang.specialist")
    with one_house.open_work() as work:
        deployments.activate_definition(work, actor(work, "viet.admin"), made.id)
    desk.begin(one_house, made)


def test_an_instance_needs_a_name_and_a_definition(one_house: House) -> None:
    made = desk.deploy(one_house, d.straight(d.script("a", "x = 1"), identifiers=("a",)))
    with pytest.raises(InvalidInput):
        desk.begin(one_house, made, key="")
    made.id = "khong-co"
    with pytest.raises(NotFound):
        desk.begin(one_house, made)


def test_a_loop_of_the_house_without_an_exit_is_refused(one_house: House) -> None:
    """Operations of the house run inside the step: a circle of them must not hang the service."""
    notify = d.external(
        "n",
        d.mapping({"to": "provider", "title": "Lặp"}),
        topic="lien_mach.notify",
    )
    made = desk.deploy(
        one_house,
        d.process(
            d.start(),
            d.node("exclusiveGateway", "g"),
            notify,
            d.end(),
            d.chain("s", "g"),
            d.flow("g", "n", "true"),
            d.flow("g", "e", "false"),
            d.chain("n", "g"),
        ),
    )
    with one_house.open_work(read_only=True) as work:
        [found] = work.registrations.of_procedure("P02", "stttt")
    with pytest.raises(InvalidState, match="lặp vô hạn"), one_house.open_work() as work:
        start(
            work,
            made.id,
            {},
            Cause(THE_SYSTEM, "start"),
            agency_id="stttt",
            business_key="L-1",
            subject=(SubjectKind.REGISTRATION, found.id),
        )
    with one_house.open_work(read_only=True) as work:
        assert work.instances.by_business_key("L-1") == []
