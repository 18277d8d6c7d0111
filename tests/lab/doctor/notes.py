"""Answers every request with a redirect, as an app with a login does. Standard library only."""

import os
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        told = Path(os.environ["DATA_PATH"], "status")  # what a test has it answer
        self.send_response(int(told.read_text()) if told.exists() else 302)
        self.send_header("Location", "/reports/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    db = sqlite3.connect(os.environ["DATABASE_PATH"])
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    ThreadingHTTPServer((os.environ["BIND"], int(os.environ["PORT"])), Answers).serve_forever()
