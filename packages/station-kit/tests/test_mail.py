"""Mail goes to a real server, over TLS where it says so; what fails is told without password and user."""

import ipaddress
import logging
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from station_kit.environment import Secret
from station_kit.mail import MailNotSent, MailServer, MailServerAway, is_address, mail_server, one_line, send_mail
from station_kit.testing import free_port
from station_kit.testing import mail as serving
from station_kit.testing.mail import MailBox

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of 127.0.0.1, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path_factory.mktemp("tls") / "here.pem"
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(secret + made.public_bytes(pem))
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def letter() -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"] = "anna@station.example", "Ärger am Stand"
    message.set_content("Somebody came.\n.\nAnd went.")
    return message


def server(box: MailBox, security: str = "none", password: str | None = None) -> MailServer:
    secret = Secret(password) if password else None
    return MailServer("127.0.0.1", box.port, security, "pi@station.example", "camera" if password else "", secret)


def test_a_message_arrives_whole() -> None:
    with serving.mail_server(MailBox()) as box:
        send_mail(server(box), letter())
    [got] = box.got
    found = message_from_bytes(got.content, policy=default)
    assert got.to == ["anna@station.example"]
    assert (found["Subject"], found["From"]) == ("Ärger am Stand", "pi@station.example")
    assert found.get_content().splitlines()[0] == "Somebody came."


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_with_tls_even_the_login_cannot_be_read(tls: ssl.SSLContext, security: str) -> None:
    box = MailBox(tls=tls, starttls=security == "starttls", logins={"camera": PASSWORD}, need_login=True)
    with serving.mail_server(box):
        send_mail(server(box, security, PASSWORD), letter())
    [got] = box.got
    assert (got.secure, got.user) == (True, "camera")


def test_a_server_without_starttls_gets_neither_password_nor_message() -> None:
    box = MailBox(logins={"camera": PASSWORD})
    with serving.mail_server(box), pytest.raises(MailServerAway, match="does not offer STARTTLS"):
        send_mail(server(box, "starttls", PASSWORD), letter())
    assert not box.got and not any("AUTH" in line for line in box.heard)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(tls: ssl.SSLContext, security: str) -> None:
    box = MailBox(tls=tls, starttls=security == "starttls", logins={"camera": PASSWORD})
    with serving.mail_server(box), pytest.raises(MailServerAway, match="could not prove who it is"):
        send_mail(server(box, security, PASSWORD), letter())
    assert not box.got and not any("AUTH" in line for line in box.heard)


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_refused_and_repeated_nowhere(
    tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    box = MailBox(tls=tls, starttls=True, logins={"camera": "another"})
    with serving.mail_server(box), pytest.raises(MailNotSent) as refused:
        send_mail(server(box, "starttls", PASSWORD), letter())
    assert refused.value.message == "the mail server refused the user (535)"
    told = repr(refused.value) + str(refused.value) + caplog.text + "".join(capfd.readouterr())
    assert PASSWORD not in told and "camera" not in told
    assert refused.value.__cause__ is None and refused.value.__suppress_context__
    assert PASSWORD not in repr(server(box, "starttls", PASSWORD))


def test_nobody_there_an_unknown_name_and_refused_recipients_are_told_apart() -> None:
    with pytest.raises(MailServerAway, match="refused the connection"):
        send_mail(MailServer("127.0.0.1", free_port(), "none", "a@b"), letter())
    with pytest.raises(MailServerAway, match="name of the mail server is not known"):
        send_mail(MailServer("mail.invalid", 25, "none", "a@b"), letter())
    unknown = letter()
    unknown.replace_header("To", "nobody@station.example")
    with serving.mail_server(MailBox()) as box:
        with pytest.raises(MailNotSent, match="refused every recipient"):
            send_mail(server(box), unknown)
        box.data_status = 552
        with pytest.raises(MailNotSent, match="answered 552"):
            send_mail(server(box), letter())


def test_the_environment_sets_it_up_and_its_mistakes_are_named(tmp_path: Path) -> None:
    (tmp_path / "smtp_password").write_text(f"{PASSWORD}\n")
    problems: list[str] = []
    told = {"NOTICE_SMTP": "mail.example", "NOTICE_MAIL_FROM": "pi@station.example", "NOTICE_SMTP_USER": "camera"}
    told |= {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert mail_server({}, problems) is None and not problems
    found = mail_server(told, problems)
    assert found == MailServer("mail.example", 587, "starttls", "pi@station.example", "camera", Secret(PASSWORD))
    for wrong, says in (
        ({"NOTICE_SMTP": "mail.example:99999"}, "no HOST or HOST:PORT"),
        ({"NOTICE_SMTP_SECURITY": "ssl"}, "none of starttls"),
        ({"NOTICE_MAIL_FROM": "pi"}, "'pi' of the notices' mail"),
        ({"CREDENTIALS_DIRECTORY": ""}, "No secret smtp_password"),
        ({"NOTICE_SMTP_SECURITY": "none"}, "readable on its way"),
    ):
        problems = []
        assert mail_server(told | wrong, problems) is None
        assert says in problems[0] and PASSWORD not in problems[0]
    here = told | {"NOTICE_SMTP": "127.0.0.1:2525", "NOTICE_SMTP_SECURITY": "none"}
    assert mail_server(here, problems) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.example", True), ("a@@b", False), ("@b", False), ("a@", False), ("a b@c", False), ("a@b,c@d", False),
        ("a@b\nBcc:c", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_is_one_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected


@pytest.mark.parametrize("text", ["=?utf-8?q?=0D=0AReply-To:_evil?=", "a\r\nReply-To: evil", "a\x85Reply-To: evil"])
def test_what_people_wrote_makes_no_header(text: str) -> None:
    message = EmailMessage()
    message["Subject"] = one_line(text)
    assert message_from_bytes(message.as_bytes(), policy=default).keys() == ["Subject"]


def test_an_address_that_a_header_would_decode_is_none() -> None:
    assert not is_address("=?utf-8?q?a=0D=0AX:_y?=@stand.example")
