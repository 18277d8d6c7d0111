"""Without a setting no daemon is asked."""

from typing import Any


def test_tailscale_lets_nobody_in_unless_it_was_switched_on(visitor: Any) -> None:
    form = {"csrf_token": visitor.token()}
    peer = {"REMOTE_ADDR": "100.64.0.7", "REMOTE_PORT": "41234"}
    assert visitor.client.post("/sign-in/tailscale", data=form, environ_overrides=peer).status_code == 403
