"""Run the emulator by hand: `python -m dropbox_emulator --port 8443`. Ctrl-C ends it."""

import argparse
import json
import shlex
import signal
import tempfile
import threading
from pathlib import Path

from dropbox_emulator.account import SPACE_BYTES
from dropbox_emulator.emulator import Emulator


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dropbox_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; any free one without it")
    parser.add_argument("--folder", type=Path, help="where data and certificate go; a temporary one without it")
    parser.add_argument("--space-bytes", type=int, default=SPACE_BYTES, help="how much the account may hold")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dropbox-emulator-") as temporary:
        folder = chosen.folder or Path(temporary)
        with Emulator(folder, port=chosen.port, space_bytes=chosen.space_bytes) as emulator:
            _tell(emulator, folder)
            ended = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda got, frame: ended.set())
            ended.wait()


def _tell(emulator: Emulator, folder: Path) -> None:
    """Everything that a client needs, ready to be pasted."""
    tokens = emulator.tokens
    env_file = folder / "dropbox.env"
    env_file.touch(mode=0o600)
    env_file.write_text(
        f"DROPBOX_APP_KEY={tokens.app_key}\nDROPBOX_APP_SECRET={tokens.app_secret}\n"
        f"DROPBOX_REFRESH_TOKEN={tokens.refresh_token}\n"
    )
    token = {
        "access_token": tokens.issue(),
        "token_type": "bearer",
        "refresh_token": tokens.refresh_token,
        "expiry": "2099-01-01T00:00:00Z",
    }
    config = folder / "rclone.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"[emulated]\ntype = dropbox\nclient_id = {tokens.app_key}\nclient_secret = {tokens.app_secret}\n"
        f"token = {json.dumps(token)}\n"
    )
    here = shlex.quote(str(folder))
    print(f"a store of kind dropbox:  credentials = {env_file}  proxy = {emulator.proxy}  ca = {emulator.ca_file}")
    print(
        f"HTTPS_PROXY={emulator.proxy} rclone --config {here}/rclone.conf --ca-cert {here}/ca.pem lsl emulated:",
        flush=True,
    )


if __name__ == "__main__":
    main()
