"""What is published is byte for byte what was appraised: the sad ways of Điều 11."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.definitions import FileSet, sha256
from app.domain.engine import SubscriptionKind
from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.instances import InstanceState
from app.domain.procedures import RegistrationState, ServiceRegistration
from app.usecases import messages, publications, registrations
from app.usecases.chronicle import THE_SYSTEM
from tests.scenarios import flows
from tests.service import House, actor

SUPPLEMENT = {"supplement_received": True, "supplement_notes": "Bản chụp rõ."}


def tamper(house: House, checksum: str, content: bytes) -> None:
    """Change stored bytes behind the service's back, as a person with the database could."""
    with house.assembly.store.database.begin() as connection:
        changed = connection.execute(
            sa.text("UPDATE files SET content = :content WHERE sha256 = :sha256"),
            {"content": content, "sha256": checksum},
        )
    assert changed.rowcount == 1


def versions(house: House, procedure: str = "P04") -> list[Any]:
    with house.open_work(read_only=True) as work:
        service = work.services.of_procedure(procedure, "stttt")
        found = work.services.versions(service.id) if service else []
        return sorted(found, key=lambda version: version.version)


def bpmn_of(made: ServiceRegistration) -> str:
    [name] = [name for name in made.files if name.endswith(".bpmn")]
    return name


def test_the_published_set_is_byte_for_byte_the_appraised_one(house: House) -> None:
    contents = flows.files(house)
    made = flows.register(house, contents=contents)
    flows.appraise(house, made)
    appraised = flows.reread(house, made).fileset_checksum
    flows.put_online(house, made)
    with house.open_work(read_only=True) as work:
        published = work.services.version_of_registration(made.id)
        assert published is not None
        definition = work.definitions.get(published.definition_id)
        deployment = work.definitions.deployment(definition.deployment_id)
        live = work.files.read_set(deployment.fileset_checksum)
    assert published.fileset_checksum == deployment.fileset_checksum == appraised
    assert live == contents
    assert FileSet.of({n: sha256(c) for n, c in live.items()}, house.clock.at).checksum == appraised
    assert definition.sha256 == sha256(contents[f"{flows.P04}.bpmn"])


def test_bytes_changed_in_the_store_are_not_published(house: House) -> None:
    made = flows.register(house)
    flows.appraise(house, made)
    house.complete(made.code, "prepare", "lan.analyst", ready="yes")
    before = versions(house)
    frozen = flows.reread(house, made)
    tamper(house, frozen.files[bpmn_of(made)], b"<definitions/>")
    with pytest.raises(InvalidState, match="mã kiểm tra"):
        house.complete(made.code, "publish", "binh.leader", publish_confirmed=True)
    assert house.task(made.code, "publish"), "nothing of the refused step was kept"
    assert flows.reread(house, made).state is RegistrationState.APPROVED
    assert [v.version for v in versions(house)] == [v.version for v in before]
    assert house.outside["one_stop_shop"].calls == []


def test_a_form_changed_in_the_store_is_not_published_either(one_house: House) -> None:
    made = flows.register(one_house)
    flows.appraise(one_house, made)
    one_house.complete(made.code, "prepare", "lan.analyst", ready="yes")
    tamper(one_house, flows.reread(one_house, made).files["case-reception.form"], b"{}")
    with pytest.raises(InvalidState, match="mã kiểm tra"):
        one_house.complete(made.code, "publish", "binh.leader", publish_confirmed=True)


@pytest.mark.parametrize("approved", [False, True])
def test_files_cannot_be_replaced_once_submitted(one_house: House, approved: bool) -> None:
    made = flows.register(one_house)
    if approved:
        flows.appraise(one_house, made)
    with one_house.open_work() as work, pytest.raises(InvalidState, match="không sửa được"):
        registrations.put_file(
            work, actor(work, "lan.analyst"), made.id, bpmn_of(made), b"<definitions/>"
        )
    with one_house.open_work() as work, pytest.raises(InvalidState, match="không sửa được"):
        registrations.remove_file(work, actor(work, "lan.analyst"), made.id, bpmn_of(made))


def test_names_replaced_behind_the_service_change_nothing_of_what_is_published(
    one_house: House,
) -> None:
    """`files` of a registration is what one edits; the frozen set is what counts."""
    made = flows.register(one_house)
    flows.appraise(one_house, made)
    other = flows.files(one_house)[f"{flows.P04}.bpmn"].replace(b"UTF-8", b"utf-8", 1) + b"\n"
    with one_house.open_work() as work:
        sneaked = work.files.put(other, work.now())
        registration = work.registrations.lock(made.id)
        registration.files = {**registration.files, bpmn_of(made): sneaked}
    flows.put_online(one_house, made)
    with one_house.open_work(read_only=True) as work:
        published = work.services.version_of_registration(made.id)
        assert published is not None
        live = work.files.get_set(published.fileset_checksum).files
    assert published.fileset_checksum == made.fileset_checksum
    assert live[bpmn_of(made)] == made.files[bpmn_of(made)] != sneaked


def test_a_changed_set_is_appraised_anew_and_the_old_approval_is_void(one_house: House) -> None:
    made = flows.register(one_house)
    flows.appraise(one_house, made)
    first = flows.reread(one_house, made)
    one_house.complete(
        made.code,
        "prepare",
        "lan.analyst",
        ready="change_needed",
        preparation_notes="Thiếu trường.",
    )
    changed = flows.files(one_house)[f"{flows.P04}.bpmn"] + b"\n"
    with one_house.open_work() as work:
        assert not registrations.put_file(
            work, actor(work, "lan.analyst"), made.id, bpmn_of(made), changed
        )
    with one_house.open_work() as work, pytest.raises(InvalidState, match="thẩm định"):
        publications.publish(work, made.id, THE_SYSTEM)
    flows.submit(one_house, made)  # answers the open task: the set is frozen again
    second = flows.reread(one_house, made)
    assert second.round == 2
    assert second.fileset_checksum != first.fileset_checksum
    assert second.appraisal_number == ""
    published = flows.publish(one_house, made)
    assert published.state is RegistrationState.PUBLISHED
    assert versions(one_house)[-1].fileset_checksum == second.fileset_checksum


def test_publishing_twice_is_harmless(house: House) -> None:
    made = flows.register(house)
    flows.publish(house, made)
    before = versions(house)
    answers = []
    for _ in range(2):
        with house.open_work() as work:
            answers.append(publications.publish(work, made.id, THE_SYSTEM))
    assert answers[0] == answers[1]
    assert answers[0]["checksum"] == made.fileset_checksum
    assert [(v.version, v.live_to) for v in versions(house)] == [
        (v.version, v.live_to) for v in before
    ]
    house.work_off()
    told = [c for c in house.outside["one_stop_shop"].calls if c.operation == "publish_service"]
    assert len(told) == 1
    with house.open_work(read_only=True) as work:
        deployed = work.definitions.versions(flows.P04)
    assert len(deployed) == len(before)


def test_two_who_press_publish_at_once_publish_once(house: House) -> None:
    made = flows.register(house)
    flows.appraise(house, made)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def press() -> None:
        gate.wait(10)
        try:
            with house.open_work() as work:
                outcomes.append(publications.publish(work, made.id, THE_SYSTEM)["definition_id"])
        except DomainError as error:
            outcomes.append(error.code)

    pressing = [threading.Thread(target=press) for _ in range(2)]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join(30)
    [published] = [v for v in versions(house) if v.registration_id == made.id]
    assert len(outcomes) == 2
    assert published.definition_id in outcomes
    assert set(outcomes) <= {published.definition_id, "conflict", "storage_unavailable"}


def test_two_registrations_of_one_service_at_once_are_refused(one_house: House) -> None:
    first, second = flows.prepare(one_house), flows.prepare(one_house)
    flows.submit(one_house, first)
    with pytest.raises(Conflict, match=first.code):
        flows.submit(one_house, second)
    flows.publish(one_house, first)
    flows.submit(one_house, second)
    assert flows.reread(one_house, second).state is RegistrationState.SUBMITTED


def test_two_submissions_in_the_same_second_leave_one(house: House) -> None:
    drafts = [flows.prepare(house), flows.prepare(house)]
    gate = threading.Barrier(2)

    def send(made: ServiceRegistration) -> None:
        gate.wait(10)
        try:
            with house.open_work() as work:
                registrations.submit(work, actor(work, "lan.analyst"), made.id)
        except DomainError:
            return

    sending = [threading.Thread(target=send, args=(made,)) for made in drafts]
    for thread in sending:
        thread.start()
    for thread in sending:
        thread.join(30)
    states = sorted(flows.reread(house, made).state for made in drafts)
    assert states == [RegistrationState.DRAFT, RegistrationState.SUBMITTED]


def test_an_incomplete_registration_says_field_by_field_what_is_missing(one_house: House) -> None:
    with one_house.open_work() as work:
        who = actor(work, "lan.analyst")
        made = registrations.create(work, who, "stttt", "P04")
    with one_house.open_work() as work, pytest.raises(InvalidInput) as refusal:
        registrations.submit(work, actor(work, "lan.analyst"), made.id)
    assert set(refusal.value.fields) >= {
        "document_number",
        "document_date",
        "announcement_number",
        "process_approval_number",
        "files",
    }
    assert flows.reread(one_house, made).state is RegistrationState.DRAFT


def test_an_agency_says_first_what_its_diagram_needs_of_it(one_house: House) -> None:
    made = flows.prepare(one_house)
    ordering = b'<definitions><serviceTask camunda:topic="public_post.create_order"/></definitions>'
    with one_house.open_work() as work:
        agency = work.agencies.get(made.agency_id)
        agency.identification_code, agency.address, agency.phone = None, "", ""
    with one_house.open_work() as work:
        registration = work.registrations.get(made.id)
        plain = {name: sha for name, sha in registration.files.items() if name.endswith(".form")}
        registration.files = plain
        assert registrations.missing(work, registration)["agency"] == [
            "Cơ quan chưa có mã định danh. Hãy báo quản trị hệ thống bổ sung."
        ]
        registration.files = {**plain, "p.bpmn": work.files.put(ordering, work.now())}
        assert registrations.missing(work, registration)["agency"] == [
            "Cơ quan chưa có mã định danh, địa chỉ, điện thoại. Hãy báo quản trị hệ thống bổ sung."
        ]
    with one_house.open_work() as work:
        agency = work.agencies.get(made.agency_id)
        agency.identification_code, agency.address, agency.phone = "H60.04", "Phố 1", "0207"
        assert "agency" not in registrations.missing(work, work.registrations.get(made.id))


def test_a_set_with_errors_cannot_be_submitted(one_house: House) -> None:
    contents = flows.files(one_house)
    broken = contents[f"{flows.P04}.bpmn"].replace(b'"specialist"', b'"khong_co_vai_tro"')
    made = flows.prepare(one_house, contents={**contents, f"{flows.P04}.bpmn": broken})
    with pytest.raises(InvalidInput) as refusal:
        flows.submit(one_house, made)
    assert any("khong_co_vai_tro" in text for text in refusal.value.fields["files"])


# --- versions and cases -----------------------------------------------------------------


def test_a_new_version_takes_what_waits_and_leaves_what_was_accepted(house: House) -> None:
    waiting, accepted = flows.enter(house), flows.enter(house)
    house.complete(accepted.code, "receive", "chi.reception", decision="accept")
    old = versions(house)[-1]
    with house.open_work(read_only=True) as work:
        before = {c.code: work.cases.get(c.id).instance_id for c in (waiting, accepted)}
    flows.publish(house, flows.register(house))
    new = versions(house)[-1]
    assert new.version == old.version + 1

    moved, kept = flows.reread_case(house, waiting.code), flows.reread_case(house, accepted.code)
    with house.open_work(read_only=True) as work:
        fresh = work.instances.get(str(moved.instance_id))
        left = work.instances.get(str(before[waiting.code]))
        same = work.instances.get(str(kept.instance_id))
        clocks = work.clocks.of_subject("case", moved.id)
    assert (moved.service_version, fresh.definition_id) == (new.version, new.definition_id)
    assert left.state is InstanceState.CANCELLED
    assert left.end_reason == f"Chuyển sang phiên bản {new.version}"
    assert (kept.service_version, same.definition_id) == (old.version, old.definition_id)
    assert kept.instance_id == before[accepted.code]
    # One K3 that still runs, and none left over without an instance.
    assert [c.kind.value for c in clocks if c.is_open] == ["K3"]

    for code in (waiting.code, accepted.code):
        if code == waiting.code:
            flows.process_case(house, code)
        else:
            _finish_accepted(house, code)
        flows.hand_over(house, code)
        assert flows.reread_case(house, code).status == "done"
    assert versions(house)[0].live_to is not None


def _finish_accepted(house: House, code: str) -> None:
    house.complete(code, "assign", "dung.head", specialist="giang.specialist")
    house.complete(
        code,
        "assess",
        "giang.specialist",
        findings="Đủ.",
        proposal="approve",
        draft_result="Dự thảo.",
    )
    house.complete(code, "review", "dung.head", review_outcome="ok")
    house.complete(
        code,
        "sign",
        "binh.leader",
        signature_outcome="sign",
        result_number="35/GXN-STTTT",
        result_date="16/11/2026",
    )
    house.complete(code, "stamp", "khanh.clerk", register_number="36", register_date="16/11/2026")


def test_a_case_moved_to_a_new_version_keeps_the_legal_start_of_its_clock(one_house: House) -> None:
    """K3 runs from the submission (Đ12.2a): publishing a version gives the desk no new 8 hours."""
    case = flows.enter(one_house)
    with one_house.open_work(read_only=True) as work:
        [before] = work.clocks.of_subject("case", case.id)
    one_house.clock.pass_(hours=2)
    flows.publish(one_house, flows.register(one_house))
    with one_house.open_work(read_only=True) as work:
        [running] = [c for c in work.clocks.of_subject("case", case.id) if c.is_open]
    assert running.kind == before.kind
    assert running.due_at == before.due_at


def test_a_guided_case_moved_to_a_new_version_can_be_guided_again_and_accepted(
    one_house: House,
) -> None:
    case = flows.enter(one_house)
    guidance = {"decision": "guide", "guidance": "Chụp lại.", "guided_by": ["phone"]}
    one_house.complete(case.code, "receive", "chi.reception", **guidance)
    flows.publish(one_house, flows.register(one_house))
    assert flows.reread_case(one_house, case.code).status == "new"
    one_house.complete(case.code, "receive", "chi.reception", **guidance)
    told = [
        c.parameters["case_code"]
        for c in one_house.outside["one_stop_shop"].calls
        if c.operation == "report_status"
    ]
    assert told[-1] == case.code
    one_house.complete(case.code, "supplement_at_desk", "chi.reception", **SUPPLEMENT)
    one_house.complete(case.code, "receive", "chi.reception", decision="accept")
    assert flows.reread_case(one_house, case.code).status == "processing"


def test_the_one_stop_system_is_told_what_was_published(one_house: House) -> None:
    made = flows.register(one_house)
    flows.publish(one_house, made)
    [call] = [
        c for c in one_house.outside["one_stop_shop"].calls if c.operation == "publish_service"
    ]
    live = versions(one_house)[-1]
    assert call.parameters["checksum"] == made.fileset_checksum
    assert call.parameters["version"] == live.version
    assert call.parameters["appraisal_document"] == {"number": "9/TĐ", "date": "2026-11-16"}
    assert call.parameters["announcement_document"]["number"] == "177/QĐ-UBND"


def test_a_message_that_nobody_waits_for_stays(one_house: House) -> None:
    with one_house.open_work() as work:
        assert messages.receive(work, "post_delivered", "khong-co", {}, dedup="x1")
    one_house.work_off()
    with one_house.open_work(read_only=True) as work:
        assert not work.subscriptions.waiting(
            SubscriptionKind.MESSAGE, "post_delivered", "khong-co"
        )
        kept = work.inbox.waiting("post_delivered", "khong-co", one_house.clock.at)
    assert kept is not None
    assert kept.correlated_at is None
