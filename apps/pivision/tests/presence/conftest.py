"""A model of a few bytes that answers the same box whatever it is shown: ONNX written by hand."""

import json
import struct

import pytest

PERSON = (0.0, 1.0, 0.9, 0.25, 0.25, 0.5, 0.75)  # picture, label, score, left, top, right, bottom
SIZE = 8


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def blob(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def tensor(name, shape, values):
    dims = b"".join(number(1, each) for each in shape)
    return dims + number(2, 1) + blob(8, name) + blob(9, struct.pack(f"<{len(values)}f", *values))


def value_info(name, shape):
    dims = b"".join(blob(1, number(1, each)) for each in shape)
    return blob(1, name) + blob(2, blob(1, number(1, 1) + blob(2, dims)))


def node(kind, inputs, output, attributes=b""):
    return b"".join(blob(1, each) for each in inputs) + blob(2, output) + blob(3, output) + blob(4, kind) + attributes


def whole(name, value):
    return blob(5, blob(1, name) + number(3, value) + number(20, 2))


def onnx(answer):
    """Flatten, then Gemm with weights of nothing: what is left is its bias."""
    pixels = 3 * SIZE * SIZE
    graph = (
        blob(1, node("Flatten", ["x"], "flat", whole("axis", 1)))
        + blob(1, node("Gemm", ["flat", "w", "b"], "y", whole("transB", 1)))
        + blob(2, "fixed")
        + blob(5, tensor("w", (len(answer), pixels), [0.0] * (len(answer) * pixels)))
        + blob(5, tensor("b", (len(answer),), answer))
        + blob(11, value_info("x", (1, 3, SIZE, SIZE)))
        + blob(12, value_info("y", (1, len(answer))))
    )
    return number(1, 7) + blob(7, graph) + blob(8, blob(1, "") + number(2, 11))


@pytest.fixture
def make_model(tmp_path):
    """Its file; `make_model(answer, **said_beside_it)`."""

    def make(answer=PERSON, **beside):
        file = tmp_path / "model.onnx"
        file.write_bytes(onnx(answer))
        beside = {"layout": "ssd", "person": 1, "width": SIZE, "height": SIZE, **beside}
        file.with_suffix(".json").write_text(json.dumps(beside))
        return file

    return make
