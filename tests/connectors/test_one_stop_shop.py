"""The one-stop connector against the real sandbox, on good days and bad ones."""

import threading
from dataclasses import replace

import pytest

from app.domain.connectors import BusinessError, Call, PermanentFailure, TemporaryFailure
from app.outbound.http import Rejected
from app.outbound.signatures import read_keys
from connectors.one_stop_shop import NATIONAL_STATUSES, OneStopShop
from tests.connectors.questions import a_publication, a_status


def test_a_published_service_stands_on_the_portal(one_stop, shop, key):
    question = a_publication(key)
    answer = shop.call(question)
    service = next(
        service
        for service in one_stop.admin("GET", "/ledger")["services"]
        if service["service_code"] == question.parameters["service_code"]
    )
    assert service["service_id"] == answer["service_id"]
    assert service["checksum"] == question.parameters["checksum"]
    assert answer["accepted_at"].endswith("+00:00")


def test_asking_again_has_no_second_effect(one_stop, shop, key):
    question = a_publication(key)
    assert [shop.call(question) for _ in range(5)] == [shop.call(question)] * 5
    assert one_stop.request_of(key)["received"] == 6
    assert len(one_stop.effects_of(key)) == 1


def test_twelve_at_once_have_one_effect(one_stop, shop, key):
    question, answers = a_publication(key), []
    threads = [
        threading.Thread(target=lambda: answers.append(shop.call(question))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    assert all(answer == answers[0] for answer in answers)
    assert len(one_stop.effects_of(key)) == 1


@pytest.mark.parametrize(
    ("mode", "failure", "effects"),
    [
        ("error500", TemporaryFailure, 0),
        ("down", TemporaryFailure, 0),
        ("lost_answer", TemporaryFailure, 1),
        ("slow", TemporaryFailure, 1),
        ("nonsense", PermanentFailure, 1),
    ],
)
def test_a_fault_is_named_and_a_repeat_is_harmless(one_stop, key, mode, failure, effects):
    session = one_stop.session(read_seconds=0.5)
    shop, question = OneStopShop(session), a_publication(key)
    one_stop.misbehave(mode, count=1, seconds=1.5)
    with pytest.raises(failure):
        shop.call(question)
    assert len(one_stop.effects_of(key)) == effects
    assert shop.call(question)["service_id"]
    assert len(one_stop.effects_of(key)) == 1
    session.close()


@pytest.mark.parametrize("seed", range(6))
def test_no_kind_of_nonsense_is_believed(one_stop, shop, key, seed):
    one_stop.misbehave("nonsense", seed=seed)
    with pytest.raises(PermanentFailure, match="không đúng quy ước"):
        shop.call(a_publication(key))


def test_done_already_under_our_key_is_success(one_stop, shop, key):
    one_stop.misbehave("duplicate", count=1)
    question = a_publication(key)
    answer = shop.call(question)
    assert answer == shop.call(question)
    assert len(one_stop.effects_of(key)) == 1


def test_a_storm_of_faults_ends_in_one_publication(one_stop, key):
    session = one_stop.session()
    shop, question, tries = OneStopShop(session), a_publication(key), 0
    for mode in ("down", "lost_answer", "error500"):
        one_stop.misbehave(mode, probability=0.7, seed=11)
        for _ in range(8):
            tries += 1
            try:
                shop.call(question)
            except TemporaryFailure:
                continue
    assert tries == 24
    assert len(one_stop.effects_of(key)) == 1
    assert one_stop.request_of(key)["received"] < tries
    session.close()


def test_one_key_for_two_questions_is_refused(one_stop, shop, key):
    question = a_publication(key)
    shop.call(question)
    changed = replace(question, parameters={**question.parameters, "name": "Tên khác"})
    with pytest.raises(Rejected) as refused:
        shop.call(changed)
    assert refused.value.status == 409
    assert len(one_stop.effects_of(key)) == 1


def test_an_older_version_is_a_business_error(shop, key):
    question = a_publication(key, version=2)
    shop.call(question)
    older = a_publication(f"{key}/2", **{**question.parameters, "version": 1})
    with pytest.raises(BusinessError) as refused:
        shop.call(older)
    assert refused.value.error_code == "version_not_newer"


def test_a_refused_question_may_be_put_right_under_its_key(one_stop, shop, key):
    with pytest.raises(BusinessError, match="thủ tục"):
        shop.call(a_publication(key, procedure_code="chưa có"))
    assert shop.call(a_publication(key))["service_id"]
    assert one_stop.request_of(key)["received"] == 2


def test_a_missing_document_is_a_permanent_failure(one_stop, shop, key):
    with pytest.raises(Rejected, match="appraisal_document"):
        shop.call(a_publication(key, appraisal_document={"number": "15/STTTT-CNTT"}))
    assert one_stop.effects_of(key) == []


def test_a_withdrawn_service_is_withdrawn_once(one_stop, shop, key):
    question = a_publication(key)
    published = shop.call(question)
    withdrawal = {"service_code": question.parameters["service_code"], "reason": "Bãi bỏ thủ tục"}
    first = shop.call(Call(f"{key}/w", "withdraw_service", withdrawal))
    second = shop.call(Call(f"{key}/w2", "withdraw_service", withdrawal))
    assert first == second
    assert first["service_id"] == published["service_id"]
    assert len(one_stop.effects_of(f"{key}/w")) == 1
    assert one_stop.effects_of(f"{key}/w2") == []


def test_an_unknown_service_cannot_be_withdrawn(shop, key):
    with pytest.raises(BusinessError) as refused:
        shop.call(Call(key, "withdraw_service", {"service_code": "KHONG-CO", "reason": "x"}))
    assert refused.value.error_code == "service_unknown"


@pytest.mark.parametrize("status", list(NATIONAL_STATUSES))
def test_each_national_status_arrives_by_name(one_stop, shop, key, status):
    question = a_status(f"{key}/{status}", status=status)
    assert shop.call(question)["receipt_id"]
    told = one_stop.effects_of(question.key)[0]["content"]
    assert (told["status"], told["status_name"]) == (status, NATIONAL_STATUSES[status])


@pytest.mark.parametrize("status", [0, 11, 4.5, "4", None, float("nan")])
def test_a_status_that_does_not_exist_never_leaves(one_stop, shop, key, status):
    with pytest.raises(PermanentFailure, match="từ 1 đến 10"):
        shop.call(a_status(key, status=status))
    assert one_stop.request_of(key) is None


def test_a_status_that_comes_late_does_not_turn_time_back(one_stop, shop, key):
    code = "000.00.14.H60-190805-9999"
    shop.call(a_status(f"{key}/1", case_code=code, status=9, at="2019-08-06T08:00:00+07:00"))
    shop.call(a_status(f"{key}/2", case_code=code, status=4, at="2019-08-05T08:00:00+07:00"))
    statuses = one_stop.admin("GET", "/ledger")["case_statuses"]
    assert next(row["status"] for row in statuses if row["case_code"] == code) == 9


def test_a_returned_case_takes_no_more_statuses(shop, key):
    code = "000.00.14.H60-190805-9998"
    shop.call(a_status(f"{key}/1", case_code=code, status=10))
    with pytest.raises(BusinessError) as refused:
        shop.call(a_status(f"{key}/2", case_code=code, status=4, at="2019-08-07T08:00:00+07:00"))
    assert refused.value.error_code == "case_closed"


def test_a_stranger_is_not_served(one_stop, key):
    session = one_stop.session(keys=read_keys("demo:" + "x" * 40))
    with pytest.raises(Rejected) as refused:
        OneStopShop(session).call(a_publication(key))
    assert refused.value.status == 401
    assert one_stop.request_of(key) is None
    session.close()


def test_an_operation_that_does_not_exist(shop, key):
    with pytest.raises(PermanentFailure, match="không có thao tác"):
        shop.call(Call(key, "drop_everything", {}))
