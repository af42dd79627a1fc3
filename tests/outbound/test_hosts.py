"""Where a connector may go: encodings of loopback, private ranges, and names that change."""

import pytest

from app.domain.connectors import PermanentFailure
from app.outbound.hosts import AllowedHosts, RefusedAddress, resolve
from tests.outbound.partner import asking, serving


@pytest.fixture(scope="module")
def inside():
    with serving() as server:
        yield server


@pytest.fixture
def secret_server(inside):
    inside.heard.clear()
    return inside


def resolving_to(*addresses):
    return lambda host, port: list(addresses)


ENCODINGS = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "0.0.0.0",
    "[::]",
    "１２７.0.0.1",
    "127。0。0。1",
]


@pytest.mark.parametrize("host", ENCODINGS)
def test_loopback_is_refused_in_every_spelling(secret_server, host):
    with (
        asking(f"http://{host}:{secret_server.port}", "partner.example") as session,
        pytest.raises(PermanentFailure),
    ):
        session.post("/", {}, key="k")
    assert secret_server.heard == []


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1"]
)
def test_a_listed_name_does_not_open_loopback(secret_server, host):
    with (
        asking(f"http://{host}:{secret_server.port}", host) as session,
        pytest.raises(RefusedAddress, match="nội bộ"),
    ):
        session.post("/", {}, key="k")
    assert secret_server.heard == []


def test_loopback_is_reached_when_its_network_is_listed(secret_server):
    with asking(
        f"http://localhost:{secret_server.port}",
        "localhost",
        "127.0.0.0/8",
        ports={"resolver": resolving_to("127.0.0.1")},
    ) as session:
        assert session.post("/", {}, key="k") == {}
    assert len(secret_server.heard) == 1


def test_a_name_that_is_not_listed_is_refused_whatever_its_address(secret_server):
    with (
        asking(f"http://localhost:{secret_server.port}", "127.0.0.0/8", "::1") as session,
        pytest.raises(RefusedAddress, match="danh sách"),
    ):
        session.post("/", {}, key="k")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.5",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:5",
        "2002:7f00:1::",
        "2002:a00:5::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_addresses_inside_are_refused_behind_a_listed_name(address):
    hosts = AllowedHosts(["partner.example"], resolving_to(address))
    with pytest.raises(RefusedAddress, match="nội bộ"):
        hosts.addresses("partner.example", 443, encrypted=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed_behind_a_listed_name(address):
    hosts = AllowedHosts(["Partner.Example."], resolving_to(address))
    assert hosts.addresses("partner.example", 443, encrypted=True) == [address]


def test_one_bad_address_among_good_ones_refuses_all():
    hosts = AllowedHosts(["partner.example"], resolving_to("8.8.8.8", "10.0.0.5"))
    with pytest.raises(RefusedAddress):
        hosts.addresses("partner.example", 443, encrypted=True)


@pytest.mark.parametrize("address", ["10.20.1.1", "::ffff:10.20.1.1"])
def test_the_state_network_is_reached_when_listed(address):
    hosts = AllowedHosts(["lgsp.example", "10.20.0.0/16"], resolving_to(address))
    assert hosts.addresses("lgsp.example", 80, encrypted=False) == [address]


def test_another_private_network_is_still_refused():
    hosts = AllowedHosts(["lgsp.example", "10.20.0.0/16"], resolving_to("10.21.0.1"))
    with pytest.raises(RefusedAddress):
        hosts.addresses("lgsp.example", 443, encrypted=True)


@pytest.mark.parametrize("listed", [["partner.example"], ["partner.example", "8.8.8.0/24"]])
def test_plain_http_never_goes_to_the_internet(listed):
    hosts = AllowedHosts(listed, resolving_to("8.8.8.8"))
    with pytest.raises(RefusedAddress, match="https"):
        hosts.addresses("partner.example", 80, encrypted=False)


def test_an_address_may_be_the_host_when_listed():
    hosts = AllowedHosts(["10.20.0.0/16"], resolving_to("10.20.1.1"))
    assert hosts.addresses("10.20.1.1", 443, encrypted=True) == ["10.20.1.1"]
    with pytest.raises(RefusedAddress, match="danh sách"):
        hosts.addresses("8.8.8.8", 443, encrypted=True)


class Rebinding:
    """A name whose address is public when first asked and loopback ever after."""

    def __init__(self, *addresses):
        self.addresses, self.asked = list(addresses), 0

    def __call__(self, host, port):
        self.asked += 1
        return [self.addresses[min(self.asked, len(self.addresses)) - 1]]


def test_the_address_that_was_checked_is_the_one_that_is_used(secret_server):
    """The second answer would be refused: it is never asked for."""
    rebinding = Rebinding("127.0.0.1", "10.0.0.5")
    with asking(
        f"http://partner.example:{secret_server.port}",
        "partner.example",
        "127.0.0.1",
        ports={"resolver": rebinding},
    ) as session:
        session.post("/", {}, key="k")
    assert rebinding.asked == 1
    assert secret_server.heard[0][1]["Host"] == f"partner.example:{secret_server.port}"


def test_a_name_that_turns_inside_is_refused(secret_server):
    rebinding = Rebinding("8.8.8.8", "127.0.0.1")
    hosts = AllowedHosts(["partner.example"], rebinding)
    assert hosts.addresses("partner.example", 443, encrypted=True) == ["8.8.8.8"]
    with (
        asking(
            f"https://partner.example:{secret_server.port}",
            "partner.example",
            ports={"resolver": rebinding},
        ) as session,
        pytest.raises(RefusedAddress),
    ):
        session.post("/", {}, key="k")
    assert secret_server.heard == []


def test_the_next_address_is_tried_when_the_first_does_not_answer(secret_server):
    with asking(
        f"http://partner.example:{secret_server.port}",
        "partner.example",
        "127.0.0.0/8",
        "::1",
        ports={"resolver": resolving_to("::1", "127.0.0.1")},
    ) as session:
        assert session.post("/", {}, key="k") == {}


def test_a_proxy_of_the_environment_is_not_used(secret_server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with asking(f"http://127.0.0.1:{secret_server.port}", "127.0.0.1") as session:
        assert session.post("/", {}, key="k") == {}


def test_the_system_resolver_names_each_address_once():
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]
