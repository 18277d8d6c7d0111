"""Cameras that send as fast as they are answered, or at a rate; prints what they saw as one JSON object.

python bench/pivision/senders.py PLAN.json        {"url_port", "form", "keep_alive", "seconds", "rate", "clients": […]}
"""

import asyncio
import base64
import json
import sys
import time
from pathlib import Path

PATH = "/api/v1/ingest/frame"
SIZE = {"width": 640, "height": 480}


def request(plan: dict, client: dict, seq: int, image: bytes) -> bytes:
    """The bytes of one request; the form is that which the server's own clients send."""
    head = {"Host": "127.0.0.1", "X-DEVICE-KEY": client["key"]}
    if plan["form"] == "raw":
        body = image
        head |= {"Content-Type": "image/jpeg", "X-Device-Id": client["name"], "X-Seq": str(seq)}
    else:
        meta = {"device_id": client["name"], "seq": seq, "capture_ts": "2026-11-21T09:00:00Z", **SIZE}
        if plan["form"] == "multipart":
            head["Content-Type"] = "multipart/form-data; boundary=bbb"
            body = (
                b'--bbb\r\nContent-Disposition: form-data; name="meta"\r\n\r\n' + json.dumps(meta).encode()
                + b'\r\n--bbb\r\nContent-Disposition: form-data; name="image"; filename="f.jpg"\r\n'
                + b"Content-Type: image/jpeg\r\n\r\n" + image + b"\r\n--bbb--\r\n"
            )  # fmt: skip
        else:
            head["Content-Type"] = "application/json"
            body = json.dumps({**meta, "image_b64": base64.b64encode(image).decode()}).encode()
    head["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST {PATH} HTTP/1.{1 if plan['keep_alive'] else 0}\r\n{lines}\r\n".encode() + body


async def answer(reader: asyncio.StreamReader) -> int:
    """The status; the body is read to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head[9:12])


async def camera(plan: dict, client: dict, images: list[bytes], ends_s: float, seen: list[tuple[float, int]]) -> None:
    reader = writer = None
    seq, pause_s = 0, len(plan["clients"]) / plan["rate"] if plan["rate"] else 0
    due_s = time.perf_counter() + pause_s * client["place"] / len(plan["clients"])
    while time.perf_counter() < ends_s:
        if pause_s:
            await asyncio.sleep(max(0, due_s - time.perf_counter()))
            due_s += pause_s
        content = request(plan, client, client["first_seq"] + seq, images[seq % len(images)])
        seq += 1
        began_s = time.perf_counter()
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", plan["port"])
        writer.write(content)
        status = await answer(reader)
        seen.append((time.perf_counter() - began_s, status))
        if not plan["keep_alive"]:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def main(plan: dict) -> None:
    images = [path.read_bytes() for path in sorted(Path(plan["images"]).glob("*.jpg"))]
    seen: list[tuple[float, int]] = []
    began_s = time.perf_counter()
    await asyncio.gather(*(camera(plan, client, images, began_s + plan["seconds"], seen) for client in plan["clients"]))
    took_s = time.perf_counter() - began_s
    times = sorted(took for took, _ in seen)
    print(
        json.dumps(
            {
                "requests": len(seen),
                "failed": sum(status != 200 for _, status in seen),
                "per_s": len(seen) / took_s,
                "p50_ms": times[len(times) // 2] * 1000,
                "p99_ms": times[int(len(times) * 0.99)] * 1000,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
