"""Numbers of cases, what a desk may enter, and what the post tells of a result on its way."""

import threading
from datetime import timedelta

import pytest

from app.domain.cases import CASE_CODE, PostalState
from app.domain.errors import DomainError, Forbidden, InvalidInput, InvalidState, NotFound
from app.usecases import cases, post
from app.usecases.post import PostalNews
from tests.scenarios import flows
from tests.service import House, actor


def service_id(house: House) -> str:
    with house.open_work(read_only=True) as work:
        found = work.services.of_procedure("P04", "stttt")
        assert found is not None
        return found.id


def test_codes_are_numbered_per_agency_and_day(house: House) -> None:
    codes = [flows.enter(house).code for _ in range(2)]
    house.clock.pass_(days=1)
    codes.append(flows.enter(house).code)
    assert all(CASE_CODE.fullmatch(code) for code in codes)
    heads = [code.rpartition("-")[0] for code in codes]
    assert heads == ["000.00.02.H60-261116", "000.00.02.H60-261116", "000.00.02.H60-261117"]
    numbers = [int(code.rpartition("-")[2]) for code in codes]
    assert numbers[1] == numbers[0] + 1
    assert numbers[2] == 1


def test_a_case_entered_after_midnight_here_is_of_the_new_day(one_house: House) -> None:
    one_house.clock.at = one_house.clock.at.replace(hour=17, minute=30)  # 00:30 in the province
    assert "-261117-" in flows.enter(one_house).code


@pytest.mark.postgres
def test_many_desks_at_once_number_without_gap_or_double(
    postgres_province: str, tmp_path: object
) -> None:
    from tests.service import make_house

    house = make_house(postgres_province, tmp_path)  # type: ignore[arg-type]
    entered: list[str] = []
    faults: list[BaseException] = []
    gate = threading.Barrier(4)

    def desk() -> None:
        try:
            gate.wait(20)
            for _ in range(3):
                with house.open_work() as work:
                    typed = flows.with_papers(work, "chi.reception", "stttt", flows.APPLICATION)
                    who = actor(work, "chi.reception")
                    entered.append(cases.enter(work, who, service, typed).code)
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            faults.append(error)

    service = service_id(house)
    first = int(flows.enter(house).code.rpartition("-")[2])
    threads = [threading.Thread(target=desk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    house.assembly.store.close()
    assert faults == []
    numbers = sorted(int(code.rpartition("-")[2]) for code in entered)
    assert numbers == list(range(first + 1, first + 13))


def test_a_refused_entry_uses_no_number(one_house: House) -> None:
    before = flows.enter(one_house)
    with pytest.raises(InvalidInput) as refusal:
        flows.enter(one_house, {**flows.APPLICATION, "owner_name": ""})
    assert "owner_name" in refusal.value.fields
    after = flows.enter(one_house)
    assert int(after.code[-4:]) == int(before.code[-4:]) + 1


@pytest.mark.parametrize(
    "username", ["oanh.reception", "giang.specialist", "viet.admin", "yen.citizen"]
)
def test_only_the_desk_of_the_agency_enters(one_house: House, username: str) -> None:
    with one_house.open_work() as work, pytest.raises(Forbidden):
        cases.enter(work, actor(work, username), service_id(one_house), flows.APPLICATION)


def test_a_case_of_another_agency_does_not_exist(one_house: House) -> None:
    case = flows.enter(one_house)
    with one_house.open_work(read_only=True) as work:
        assert cases.visible(work, actor(work, "giang.specialist"), case.code).id == case.id
        for username in ("oanh.reception", "quyen.specialist", "tam.vendor"):
            with pytest.raises(NotFound):
                cases.visible(work, actor(work, username), case.code)
        with pytest.raises(NotFound):
            cases.visible(work, actor(work, "chi.reception"), "khong-co")


def test_the_promise_of_k4_is_on_the_case_and_on_its_tasks(one_house: House) -> None:
    case = flows.enter(one_house)
    one_house.complete(case.code, "receive", "chi.reception", decision="accept")
    accepted = flows.reread_case(one_house, case.code)
    with one_house.open_work(read_only=True) as work:
        [k4] = [c for c in work.clocks.of_subject("case", case.id) if c.kind == "K4"]
    assert accepted.due_at == k4.due_at
    assert accepted.accepted_at == one_house.clock.at
    task = one_house.task(case.code, "assign")
    assert task.due_at is not None


def test_a_closed_case_moves_no_more(one_house: House) -> None:
    case = flows.enter(one_house)
    flows.process_case(one_house, case.code)
    flows.hand_over(one_house, case.code)
    with one_house.open_work() as work, pytest.raises(InvalidState):
        cases.set_status(work, case.id, "processing")
    with one_house.open_work() as work, pytest.raises(InvalidInput):
        cases.close(work, case.id, "mất")


# --- the post ---------------------------------------------------------------------------


def posted(house: House) -> str:
    """A case whose result is with the post; returns its code."""
    answer = {"item_code": "BC987654321VN", "accepted_at": "2026-11-16T09:00:00+07:00"}
    house.outside["public_post"].answers["public_post.create_order"] = answer
    case = flows.enter(house, flows.BY_POST)
    flows.process_case(house, case.code)
    assert flows.reread_case(house, case.code).status == "posting"
    return case.code


def news(
    house: House, code: str, event: str, state: PostalState, *, hours: float = 1
) -> PostalNews:
    at = house.clock.at + timedelta(hours=hours)
    return PostalNews(event, "BC987654321VN", code, state.value, state, at, "ghi chú")


def hear(house: House, told: PostalNews) -> bool:
    with house.open_work() as work:
        fresh = post.hear(work, told)
    house.work_off()
    return fresh


def test_a_delivery_told_twice_closes_the_case_once(house: House) -> None:
    code = posted(house)
    told = news(house, code, "e1", PostalState.DELIVERED)
    assert hear(house, told)
    assert not hear(house, told)
    assert flows.reread_case(house, code).status == "done"
    with house.open_work(read_only=True) as work:
        [order] = work.postal_orders.of_case(flows.reread_case(house, code).id)
    assert [event["event_id"] for event in order.events] == ["e1"]


def test_events_out_of_order_count_once_and_end_as_they_ended(house: House) -> None:
    code = posted(house)
    assert hear(house, news(house, code, "e3", PostalState.DELIVERED, hours=30))
    assert hear(house, news(house, code, "e1", PostalState.COLLECTED, hours=1))
    assert hear(house, news(house, code, "e2", PostalState.IN_TRANSIT, hours=5))
    with house.open_work(read_only=True) as work:
        [order] = work.postal_orders.of_case(flows.reread_case(house, code).id)
    assert order.state is PostalState.DELIVERED
    assert [event["event_id"] for event in order.events] == ["e1", "e2", "e3"]
    assert flows.reread_case(house, code).status == "done"


def test_what_the_post_could_not_deliver_waits_at_the_desk(one_house: House) -> None:
    code = posted(one_house)
    hear(one_house, news(one_house, code, "e1", PostalState.RETURNED))
    assert flows.reread_case(one_house, code).status == "releasing"
    assert hear(one_house, news(one_house, code, "e2", PostalState.DELIVERED))
    assert flows.reread_case(one_house, code).status == "releasing", "the end was told already"
    flows.hand_over(one_house, code)
    assert flows.reread_case(one_house, code).status == "done"


def test_the_post_may_speak_before_its_own_answer(house: House) -> None:
    """Its answer to our order was lost; the event says that the order was taken."""
    house.outside["public_post"].answers["public_post.create_order"] = {
        "item_code": "BC987654321VN",
        "accepted_at": "2026-11-16T09:00:00+07:00",
    }
    case = flows.enter(house, flows.BY_POST)
    assert hear(house, news(house, case.code, "e1", PostalState.DELIVERED))
    flows.process_case(house, case.code)
    assert flows.reread_case(house, case.code).status == "done"
    with house.open_work(read_only=True) as work:
        [order] = work.postal_orders.of_case(case.id)
    assert order.state is PostalState.DELIVERED


def test_an_item_of_no_case_of_ours_is_refused(one_house: House) -> None:
    with pytest.raises(NotFound):
        hear(one_house, news(one_house, "khong-co", "e1", PostalState.DELIVERED))


def test_a_post_that_refuses_the_address_gives_the_result_to_the_desk(one_house: House) -> None:
    from app.domain.connectors import BusinessError

    descriptor = next(
        d for d in one_house.assembly.service.connectors.descriptors() if d.name == "public_post"
    )
    [operation] = [o for o in descriptor.operations if o.name == "create_order"]
    code = next(iter(operation.errors or {}))
    case = flows.enter(one_house, flows.BY_POST)
    one_house.outside["public_post"].script = [BusinessError(code, "Không phát được.")]
    try:
        flows.process_case(one_house, case.code)
    except DomainError as error:
        pytest.fail(error.message)
    assert one_house.task(case.code, "hand_over")
    assert flows.reread_case(one_house, case.code).status == "releasing"
