"""Values of any size from outside: refused or an incident by a sentence, on both databases."""

from random import Random

import pytest

from app.domain.errors import InvalidInput
from app.usecases import instances, messages
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

LONG = "".join(Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789ếữ", k=100_000))


def test_a_name_that_no_index_holds_is_refused(house: House) -> None:
    for name, key, dedup in ((LONG, "k", "1"), ("m", LONG, "2"), ("m", "k", LONG)):
        with pytest.raises(InvalidInput, match="dài quá"), house.open_work() as work:
            messages.receive(work, name, key, {}, dedup=dedup)


def test_a_key_that_no_index_holds_is_an_incident(house: House) -> None:
    waiting = d.node("intermediateCatchEvent", "a", d.on_message(lm__key="=k"))
    made = desk.deploy(
        house,
        d.process(d.start(), waiting, d.end(), d.chain("s", "a", "e"), around=d.message()),
    )
    [incident] = desk.incidents(house, desk.begin(house, made, {"k": LONG}))
    assert "dài quá 500 ký tự" in incident.message


def test_a_reason_is_no_book(one_house: House) -> None:
    instance_id, admin = desk.one_call(one_house), one_house.actor("viet.admin")
    with pytest.raises(InvalidInput, match="quá dài"), one_house.open_work() as work:
        instances.cancel(work, admin, instance_id, LONG)
    assert desk.at(one_house, instance_id) == ["call"]
