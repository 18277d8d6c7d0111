"""The kernel's tables are read as they are: who takes what comes, at which address."""

import socket

import pytest

from station.hosts.listening import sockets
from station.hosts.listening.sockets import Socket, address_of, parse

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: {} {} {} 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0\n"
NOBODY, NOBODY6 = "00000000:0000", "0" * 32 + ":0000"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("0100007F", "127.0.0.1"),
        ("00000000", "0.0.0.0"),
        ("0101630A", "10.99.1.1"),
        ("0" * 32, "::"),
        ("00000000000000000000000001000000", "::1"),
        ("0000000000000000FFFF00000100007F", "127.0.0.1"),  # IPv4 as an IPv6 socket sees it
        ("B80D01200000000000000000EFBE0000", "2001:db8::beef"),
    ],
)
def test_an_address_is_what_the_kernel_wrote_in_its_own_byte_order(written: str, address: str) -> None:
    assert address_of(written) == address


def test_of_tcp_only_sockets_that_listen_take_what_comes() -> None:
    text = HEAD + ROW.format("0100007F:1F40", NOBODY, "0A") + ROW.format("0100007F:1F41", "0100007F:C000", "01")
    assert list(parse("tcp", text)) == [Socket("tcp", "127.0.0.1", 8000, 1000, 4242)]


def test_of_udp_only_sockets_that_are_connected_to_nobody_take_what_comes() -> None:
    text = HEAD + ROW.format("0" * 32 + ":14E9", NOBODY6, "07") + ROW.format("0" * 32 + ":14EA", NOBODY6, "01")
    assert list(parse("udp6", text)) == [Socket("udp", "::", 5353, 1000, 4242)]


def test_a_kernel_without_ipv6_has_less_to_read(tmp_path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(HEAD + ROW.format("00000000:0016", NOBODY, "0A"))
    assert [each.port for each in sockets.read(tmp_path)] == [22]


def test_our_own_udp_socket_is_found_here() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mine:
        mine.bind(("::1", 0))
        assert ("udp", "::1", mine.getsockname()[1]) in {
            (each.protocol, each.address, each.port) for each in sockets.read()
        }
