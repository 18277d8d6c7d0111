"""Where something that listens is found by a browser or a probe on the same machine. Pure."""

LOOPBACK = "127.0.0.1"


def reachable(bind: str) -> str:
    """The host name that reaches one who listens on that address."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(bind, bind)


def address(bind: str, port: int | None) -> str:
    """The address a person opens."""
    host = reachable(bind)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
