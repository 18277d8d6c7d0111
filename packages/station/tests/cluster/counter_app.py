"""A tiny hosted app for the tests: POST / adds a row and answers with its number, GET / counts, GET /health answers.

`counter_app.py serve` runs it, `make-and-serve` makes an empty database before, `fill N` makes one with N rows. A file
SICK among its credentials makes it unhealthy.
"""

import os
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from station_kit.sqlitefile import open_database, transaction

DATABASE = Path(os.environ["DATABASE_PATH"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            sick = Path(os.environ["CREDENTIALS_DIRECTORY"], "SICK").exists()
            return self._answer(503 if sick else 200, "sick" if sick else "ok")
        with closing(open_database(DATABASE, read_only=True)) as db:
            rows = [row[0] for row in db.execute("SELECT what FROM entries ORDER BY id")]
        return self._answer(200, "\n".join([os.environ["HOST_NAME"], *rows]))

    def do_POST(self):
        what = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with closing(open_database(DATABASE)) as db, transaction(db):
            number = db.execute("INSERT INTO entries (what) VALUES (?)", [what]).lastrowid
        self._answer(200, str(number))

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def fill(count):
    with closing(open_database(DATABASE)) as db, transaction(db):
        db.execute("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, what TEXT NOT NULL)")
        db.executemany("INSERT INTO entries (what) VALUES (?)", [[f"row {number}"] for number in range(count)])
    sys.stdout.write(f"{count} rows written\n")


def serve():
    sys.stdout.write("serving\n")
    ThreadingHTTPServer.allow_reuse_address = True
    ThreadingHTTPServer((os.environ["BIND"], int(os.environ["PORT"])), Handler).serve_forever()


if __name__ == "__main__":
    {
        "fill": lambda: fill(int(sys.argv[2])),
        "make-and-serve": lambda: (fill(0), serve()),
        "serve": serve,
    }[sys.argv[1]]()
