"""A mail server for tests, on a free port of loopback: with TLS, STARTTLS and a login where they are wanted."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mail:
    """What was handed in: who to, and the whole message."""

    to: list[str]
    content: bytes
    secure: bool
    user: str


@dataclass
class MailBox:
    """A server's port, what it got, and how it answers. Whoever is called nobody@ is refused as a recipient."""

    port: int = 0
    got: list[Mail] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # every line but those of messages
    logins: dict[str, str] = field(default_factory=dict)  # user: password; empty: no login is offered
    tls: ssl.SSLContext | None = None
    starttls: bool = False  # offered, with `tls`; else the connection begins with it
    data_status: int = 250
    need_login: bool = False


@contextmanager
def mail_server(box: MailBox) -> Iterator[MailBox]:
    """Serve until the block ends."""

    class Session(_Session):
        taken = box

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = False
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


class _Session(socketserver.StreamRequestHandler):
    """As much SMTP as a client needs."""

    taken: MailBox
    timeout = 20

    def setup(self) -> None:
        self.secure, self.user, self.to = False, "", list[str]()
        super().setup()
        if self.taken.tls is not None and not self.taken.starttls:
            self._encrypt()

    def handle(self) -> None:
        try:
            self._say("220 ready")
            while (line := self.rfile.readline()) and self._answer(line.decode().strip()):
                pass
        except (OSError, ValueError):  # the client did not like us: it is its right
            return

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            return
        finally:
            self.connection.close()  # the encrypted one: socketserver knows the plain one only

    def _answer(self, line: str) -> bool:
        """Whether the session goes on."""
        self.taken.heard.append(line)
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                self._greet()
            case "STARTTLS":
                self._say("220 go on")
                self._encrypt()
            case "AUTH":
                self._log_in(rest)
            case "RCPT":
                self._take_recipient(rest)
            case "DATA":
                self._take_message()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                refused = verb.upper() == "MAIL" and self.taken.need_login and not self.user
                self._say("530 log in first" if refused else "250 ok")
        return True

    def _greet(self) -> None:
        offers = ["here"]
        if self.taken.starttls and not self.secure:
            offers.append("STARTTLS")
        if self.taken.logins:
            offers.append("AUTH PLAIN")
        for place, offer in enumerate(offers, start=1):
            self._say(f"250{' ' if place == len(offers) else '-'}{offer}")

    def _log_in(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        if self.taken.logins.get(user) != password:
            self._say(f"535 {user} with {password} is wrong")  # as rude as a server may be
            return
        self.user = user
        self._say("235 ok")

    def _take_recipient(self, rest: str) -> None:
        address = rest.partition("<")[2].rstrip(">")
        if address.startswith("nobody@"):
            self._say("550 unknown")
            return
        self.to.append(address)
        self._say("250 ok")

    def _take_message(self) -> None:
        self._say("354 go on")
        content = b"".join(iter(self.rfile.readline, b".\r\n"))
        if self.taken.data_status == 250:
            self.taken.got.append(Mail(self.to, content, self.secure, self.user))
        self.to = []
        self._say("250 ok" if self.taken.data_status == 250 else f"{self.taken.data_status} no")

    def _encrypt(self) -> None:
        assert self.taken.tls is not None
        self.connection = self.taken.tls.wrap_socket(self.connection, server_side=True)
        self.connection.settimeout(self.timeout)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.secure = True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
