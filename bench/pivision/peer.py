"""The stand-in for document 003's server: ThreadingHTTPServer, HTTP/1.0, JSON with base64, a file and a commit a frame.

As durable as ours: each picture is synced with its folder, each commit with synchronous FULL, in WAL or with the
journal that SQLite has by default. It checks a key, and answers what the document's clients expect; no more is done.

    python bench/pivision/peer.py FOLDER PORT wal|delete
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = "pattern-key"
SCHEMA = """
CREATE TABLE IF NOT EXISTS captures (id INTEGER PRIMARY KEY, device_id TEXT, seq INTEGER, capture_ts TEXT,
    received_ts TEXT, width INTEGER, height INTEGER, path TEXT, sha256 TEXT, status TEXT, UNIQUE (device_id, seq));
CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, type TEXT, capture_id INTEGER, status TEXT, created TEXT);
"""


def connect(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "peer.db", timeout=30)
    db.execute("PRAGMA synchronous = FULL")
    return db


def store(folder: Path, frame: dict[str, object], image: bytes) -> tuple[int, str]:
    """A file, synced with its folder; then rows of capture and job in a transaction."""
    received = datetime.now(UTC).isoformat()
    path = folder / "staging" / f"{frame['device_id']}-{frame['seq']}.jpg"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    os.write(fd, image)
    os.fsync(fd)
    os.close(fd)
    fd = os.open(path.parent, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
    db = connect(folder)
    try:
        with db:
            capture = db.execute(
                "INSERT INTO captures (device_id, seq, capture_ts, received_ts, width, height, path, sha256, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued')",
                (
                    frame["device_id"], frame["seq"], frame["capture_ts"], received, frame["width"], frame["height"],
                    str(path), hashlib.sha256(image).hexdigest(),
                ),
            ).lastrowid  # fmt: skip
            db.execute(
                "INSERT INTO jobs (type, capture_id, status, created) VALUES ('analyze_frame', ?, 'queued', ?)",
                (capture, received),
            )
    finally:
        db.close()
    assert capture is not None
    return capture, received


class Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        if not hmac.compare_digest(self.headers.get("X-DEVICE-KEY", ""), KEY):
            self.answer(401, {"ok": False})
            return
        frame = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number, received = store(self.folder, frame, base64.b64decode(frame["image_b64"]))
        self.answer(200, {"ok": True, "frame_id": number, "received_ts": received})

    def answer(self, status: int, body: dict[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    Handler.folder = Path(sys.argv[1])
    (Handler.folder / "staging").mkdir(exist_ok=True)
    with sqlite3.connect(Handler.folder / "peer.db") as made:
        made.execute({"wal": "PRAGMA journal_mode = WAL", "delete": "PRAGMA journal_mode = DELETE"}[sys.argv[3]])
        made.executescript(SCHEMA)
    Server(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
