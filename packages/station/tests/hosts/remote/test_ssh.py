"""What ssh says when it does not get through, in words that help; and whom it asks for."""

import pytest

from station.hosts.remote.ssh import Place, program, unreached

PI = Place("pi-ctv", "pi-ctv.tail", "daseme")


@pytest.mark.parametrize(
    ("said", "why", "hint"),
    [
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", "another key", "-R"),
        ("No ED25519 host key is known.\nHost key verification failed.", "not known here", "ssh daseme@pi-ctv.tail"),
        ("daseme@pi-ctv.tail: Permission denied (publickey).", "nobody is let in as daseme", "ssh-copy-id"),
        ("ssh: Could not resolve hostname pi-ctv.tail", "nobody knows the name", "--address"),
        ("ssh: connect to host pi-ctv.tail port 22: Connection refused", "no ssh server", "enable --now ssh"),
        ("ssh: connect to host pi-ctv.tail port 22: No route to host", "No route to host", "Is it on"),
        ("", "said nothing", "Is it on"),
    ],
)
def test_why_a_host_was_not_reached_is_said_with_what_to_do(said: str, why: str, hint: str) -> None:
    error = unreached(PI, said)
    assert why in error.message
    assert hint in error.hint
    assert error.exit_code == 11


def test_the_command_for_ssh_can_be_another() -> None:
    assert program({"STATION_SSH": "ssh -F '/my files/config'"}) == ["ssh", "-F", "/my files/config"]
    assert program({}) == ["ssh"]
