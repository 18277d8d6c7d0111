"""Whoever sends a form slowly holds up nobody else, and what arrives whole is taken as ever."""

import asyncio
import http.client
import json
import socket
import time
from contextlib import ExitStack, closing

import pytest

from pivision.testing.live import make_live
from pivision.web.app import LARGEST_REQUEST_BYTES
from pivision.web.arriving import Arriving

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SLOW = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 900\r\n\r\nname="


@pytest.fixture
def live(tmp_path):
    return make_live(tmp_path)


def test_as_many_as_there_are_threads_send_slowly_and_pages_are_answered(live):
    with live.running(), ExitStack() as open_:
        for _ in range(12):
            client = open_.enter_context(closing(socket.create_connection(("127.0.0.1", live.port), timeout=20)))
            client.sendall(SLOW % FORM["Content-Type"].encode())
        time.sleep(0.3)  # each has its head read
        with closing(http.client.HTTPConnection("127.0.0.1", live.port, timeout=5)) as page:
            page.request("GET", "/sign-in")
            assert page.getresponse().status == 200
        answer = live.ask("POST", "/sign-in", b"name=anna&password=x", FORM)
        assert answer.status == 400  # it arrived, without the form's token
        much = live.ask(
            "POST",
            "/sign-in",
            b"x" * (LARGEST_REQUEST_BYTES + 1),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert much.status == 413


def asked(body, *, hangs=False, length=None, **limits):
    """What an application that gives its body back answers to this one, in pieces of two bytes."""
    sent = []

    async def echo(_scope, receive, send):
        message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})

    pieces = [body[place : place + 2] for place in range(0, len(body), 2)]

    async def receive():
        if not pieces:
            await asyncio.sleep(30)
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces) or hangs}

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", str(len(body) if length is None else length).encode())]
    app = Arriving(echo, 10, **limits)
    asyncio.run(app({"type": "http", "headers": headers}, receive, send))
    assert app._bodies._held == 0
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def test_a_body_arrives_whole_or_not_at_all():
    assert asked(b"name=anna!") == (200, b"name=anna!")
    assert asked(b"more than ten bytes") == (200, b"")  # which the application refuses by its length
    status, words = asked(b"name", hangs=True, length=9, within_s=0.05)
    assert (status, json.loads(words)["code"]) == (408, "too_slow")
