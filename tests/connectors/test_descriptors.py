"""The descriptors that diagrams rely on, and the registry with the real connectors behind it."""

from pathlib import Path

import pytest

from app.domain.cases import CaseStatus
from app.domain.connectors import Call, PermanentFailure, Postponed, TemporaryFailure
from app.domain.people import AgencyPart
from app.domain.procedures import ServiceLevel
from app.outbound.registry import Registry
from app.outbound.signatures import read_keys
from app.usecases.house import OPERATIONS, TOPIC_PREFIX
from connectors.one_stop_shop import OneStopShop
from connectors.public_post import PostalEventKind, PublicPost
from connectors.sandbox import DEMO_KEYS
from connectors.sandbox.faults import Faults
from connectors.sandbox.ledger import Ledger
from connectors.sandbox.one_stop_shop import OneStopSystem
from connectors.sandbox.public_post import PostSystem
from tests.connectors.questions import a_publication, a_status, an_order

FOLDER = Path(__file__).parents[2] / "connectors"


@pytest.fixture(scope="module")
def registry():
    return Registry(FOLDER, {})


def operation(registry, topic):
    name, _, wanted = topic.partition(".")
    descriptor = next(each for each in registry.descriptors() if each.name == name)
    return next(each for each in descriptor.operations if each.name == wanted)


def choices(registry, topic, parameter, *, among="parameters"):
    declared = getattr(operation(registry, topic), among)
    return set(next(each.choices for each in declared if each.name == parameter))


def test_the_house_describes_exactly_what_it_does(registry):
    described = {topic for topic in registry.topics() if topic.startswith(TOPIC_PREFIX)}
    assert described == {TOPIC_PREFIX + name for name in OPERATIONS}


def test_choices_agree_with_the_domain(registry):
    assert choices(registry, "lien_mach.case_status", "status") == set(CaseStatus)
    assert choices(registry, "lien_mach.notify", "to") == set(AgencyPart)
    assert choices(registry, "one_stop_shop.publish_service", "level") == set(ServiceLevel)
    assert choices(registry, "public_post.track", "state", among="results") == {
        "registered",
        "cancelled",
        *PostalEventKind,
    }


def test_everything_a_person_sees_has_a_label(registry):
    for descriptor in registry.descriptors():
        for each in descriptor.operations:
            shown = [each.label, *(p.label for p in (*each.parameters, *each.results))]
            assert all(text[0].isupper() for text in shown), shown


@pytest.mark.parametrize(
    ("kind", "more"),
    [(OneStopSystem, {}), (PostSystem, {"callback_url": None, "auto_deliver": None})],
)
def test_every_operation_has_a_sandbox(registry, kind, more):
    system = kind(Ledger(None, kind.TABLES), Faults(), read_keys(DEMO_KEYS), **more)
    descriptor = next(each for each in registry.descriptors() if each.name == kind.name)
    offered = {name for name, _ in system.operations().values()}
    system.ledger.close()
    assert offered == {each.name for each in descriptor.operations}


def test_the_whole_way_through_the_registry(one_stop, post, key):
    sessions = one_stop.session(), post.session()
    registry = Registry(
        FOLDER,
        {
            "one_stop_shop": OneStopShop(sessions[0]),
            "public_post": PublicPost(sessions[1], customer_code="TQG"),
        },
    )
    published = registry.call("one_stop_shop.publish_service", a_publication(f"{key}/1"))
    assert set(published) == {"service_id", "accepted_at"}
    reported = registry.call("one_stop_shop.report_status", a_status(f"{key}/2"))
    assert set(reported) == {"receipt_id", "accepted_at"}
    ordered = registry.call("public_post.create_order", an_order(f"{key}/3"))
    tracked = registry.call(
        "public_post.track", Call(f"{key}/4", "track", {"item_code": ordered["item_code"]})
    )
    assert tracked == {"state": "registered", "events": []}
    assert registry.is_outside("public_post.track")
    assert not registry.is_outside("lien_mach.notify")
    for session in sessions:
        session.close()


def test_a_dead_partner_opens_the_breaker_of_that_partner_only(start_sandbox, post, key):
    dead = start_sandbox("one_stop_shop")
    dead.stop()
    sessions = dead.session(), post.session()
    registry = Registry(
        FOLDER,
        {
            "one_stop_shop": OneStopShop(sessions[0]),
            "public_post": PublicPost(sessions[1], customer_code="TQG"),
        },
    )
    question = a_publication(key)
    for _ in range(5):
        with pytest.raises(TemporaryFailure) as failed:
            registry.call("one_stop_shop.publish_service", question)
        assert not isinstance(failed.value, Postponed)
    with pytest.raises(Postponed) as postponed:
        registry.call("one_stop_shop.publish_service", question)
    assert 0 < postponed.value.retry_after <= 30
    assert registry.open_breakers() == {"one_stop_shop"}
    assert registry.call("public_post.create_order", an_order(key))["item_code"]
    for session in sessions:
        session.close()


def test_an_unconfigured_connector_is_a_permanent_failure(registry, key):
    with pytest.raises(PermanentFailure, match="chưa được cấu hình"):
        registry.call("public_post.create_order", an_order(key))
