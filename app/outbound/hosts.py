"""Which machines a connector may reach: names from settings, addresses checked and pinned."""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Sequence

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from app.domain.connectors import PermanentFailure

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class RefusedAddress(PermanentFailure):
    """The settings do not allow this connector to go there; nothing was sent."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver. Raises socket.gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AllowedHosts:
    """The allow-list of one connector.

    An entry is a host name, an address or a network in CIDR form. A host is reachable if its name
    is listed or it is an address in a listed network, and if *every* address it resolves to is
    either public or in a listed network: so loopback and the private ranges of the state network
    must be listed. Plain HTTP goes to listed private addresses only.
    """

    def __init__(self, entries: Sequence[str], resolver: Resolver = resolve) -> None:
        self._names: set[str] = set()
        self._networks: list[Network] = []
        self._resolver = resolver
        for entry in entries:
            try:
                self._networks.append(ipaddress.ip_network(entry.strip("[]")))
            except ValueError:
                self._names.add(_plain(entry))

    def addresses(self, host: str, port: int, *, encrypted: bool) -> list[str]:
        """Resolve `host` once and return what may be connected to.

        Raises RefusedAddress, or socket.gaierror where the name has no address.
        """
        self._require_listed(host)
        found = self._resolver(host.strip("[]"), port)
        for text in found:
            self._require_reachable(host, ipaddress.ip_address(text), encrypted=encrypted)
        return list(found)

    def _require_listed(self, host: str) -> None:
        if _plain(host) in self._names:
            return
        try:
            literal = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            literal = None
        if literal is None or not self._contains(_innermost(literal)):
            raise RefusedAddress(
                f"Máy chủ “{host}” không có trong danh sách được phép gọi. "
                "Hãy kiểm tra cấu hình kết nối."
            )

    def _require_reachable(self, host: str, address: Address, *, encrypted: bool) -> None:
        target = _innermost(address)
        listed = self._contains(target)
        if not listed and (target.is_multicast or not target.is_global):
            raise RefusedAddress(
                f"Máy chủ “{host}” trỏ tới địa chỉ nội bộ {address} chưa được phép. "
                "Hãy kiểm tra cấu hình kết nối."
            )
        if not encrypted and not (listed and (target.is_private or target.is_loopback)):
            raise RefusedAddress(
                f"Máy chủ “{host}” ở ngoài mạng nội bộ nên phải gọi bằng https. "
                "Hãy kiểm tra cấu hình kết nối."
            )

    def _contains(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


class GuardedAdapter(HTTPAdapter):
    """Transport of requests that connects only to addresses which `hosts` has just checked.

    The name is resolved once for each connection and the socket is opened to that very address:
    a name that changes its address between check and use gains nothing.
    """

    def __init__(self, hosts: AllowedHosts) -> None:
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = _guarded_pools(hosts)


def _guarded_pools(hosts: AllowedHosts) -> dict[str, type[HTTPConnectionPool]]:
    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, super()._new_conn, hosts, encrypted=False)

    class EncryptedConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, super()._new_conn, hosts, encrypted=True)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = EncryptedConnection

    return {"http": PlainPool, "https": EncryptedPool}


def _connect(
    connection: HTTPConnection,
    open_socket: Callable[[], socket.socket],
    hosts: AllowedHosts,
    *,
    encrypted: bool,
) -> socket.socket:
    """Open the socket to a checked address; TLS still verifies the name that was asked for."""
    name = connection.host
    try:
        addresses = hosts.addresses(name, connection.port, encrypted=encrypted)
    except socket.gaierror as error:
        raise NameResolutionError(name, connection, error) from error
    failure: Exception | None = None
    try:
        for address in addresses:
            connection.host = address
            try:
                return open_socket()
            except (ConnectTimeoutError, NewConnectionError) as error:
                failure = error
    finally:
        connection.host = name
    raise failure or NewConnectionError(connection, f"{name} has no address")


def _innermost(address: Address) -> Address:
    """Unwrap an IPv4 address that travels inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return next(_embedded(address), address)


def _embedded(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    low_half_is_v4 = address in _NAT64 or (address in _V4_COMPATIBLE and int(address) > 1)
    if low_half_is_v4:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _plain(host: str) -> str:
    return host.strip().rstrip(".").lower()
