"""What `--json` of each command prints, key by key: for docs/commands.md, and a test holds the commands to it. Pure.

A word is a value: `text`, `number`, `bool`, `time` (UTC, ISO 8601), `any` (an object of its own); with `?` it may be
null. A list has any number of what stands in it; a key in angle brackets stands for any number of names.
"""

import json
from typing import Any

FAILED = {"error": "text", "hint": "text", "exit_code": "number"}

_POINT = {
    **{"name": "text", "app": "text", "database": "text", "chain": "text", "seq": "number", "epoch": "number"},
    **{"host": "text", "taken_at": "time", "page_size": "number", "page_count": "number", "changed_pages": "number"},
    **{"digest": "text", "object_bytes": "number", "object_sha256": "text", "encoding": "text", "key": "text"},
}
_STORED = {
    **{"app": "text", "database": "text", "store": "text", "key": "text", "sent": "file, copied or nothing"},
    **{"taken_at": "time", "bytes": "number", "digest": "text", "sha256": "text", "epoch": "number", "host": "text"},
    "took_s": "number",
}
_ABOUT = {
    "kind": "text",
    "place": "text",
    "account": "text?",
    "used_bytes": "number?",
    "free_bytes": "number?",
}
_FIGURES = {
    **{"database": "text", "database_bytes": "number", "points": "number", "chains": "number"},
    **{"stored_bytes": "number", "full_bytes": "number", "change_bytes": "number"},
    **{"first_at": "time?", "last_at": "time?", "last": "text?"},
}
_COPIES = {
    **{"database": "text", "taken_at": "time?", "bytes": "number?", "host": "text?", "digest": "text?"},
    **{"backups": "number", "backup_bytes": "number", "last_backup": "text?", "last_backup_at": "time?"},
    **{"last_drill_at": "time?", "key": "text?", "encrypted_backups": "number"},
}
_HELD = {
    **{"store": "text", "kind": "text", "place": "text", "holds_lease": "bool", "encrypted": "bool"},
    **{"account": "text?", "used_bytes": "number?", "free_bytes": "number?", "points": "number?"},
    **{"stored_bytes": "number?", "newest_at": "time?", "databases": [_FIGURES], "copies": [_COPIES]},
    **{"error": "text?", "hint": "text?"},
}
_FREED = {
    **{"chain": "text", "entire": "bool", "points": "number", "damaged": "number", "unreferenced": "number"},
    "bytes": "number",
}
_PLAN = {
    **{"points": "number", "bytes": "number", "kept": [{"name": "text", "taken_at": "time", "why": ["text"]}]},
    **{"not_touched": {"<chain>": "text"}, "damaged_kept": {"<point>": ["text"]}, "freed": [_FREED]},
    **{"freed_points": "number", "freed_bytes": "number"},
    "copies": {
        **{"backups": "number", "drills": "number", "freed_backups": ["text"], "freed_drills": ["text"]},
        "freed_bytes": "number",
    },
}

_LISTENER = {
    **{"standing": "conflict or stranger or unseen or ours or system", "why": "text", "retired": "bool"},
    **{"protocol": "tcp or udp", "address": "text", "port": "number", "reach": "loopback or one address or everybody"},
    **{"user": "text", "pid": "number?", "program": "text", "unit": "text", "unit_of": "text", "socket_unit": "text"},
    "since": "time?",
}

_DEPLOYED = {
    **{"kind": "deploy or rollback", "app": "text", "host": "text", "result": "done, unchanged or planned"},
    **{"release": "text", "commit": "text", "before": "text", "serves": "bool", "took_s": "number"},
    **{"removed": ["text"], "warnings": ["text"], "others": ["text"]},
}

_FINDING = {
    **{"check": "text", "about": "text", "verdict": "ok or warning or failed or unknown", "evidence": "text"},
    "remedy": "text",
}

SHAPES: dict[str, Any] = {
    "dev status": {
        **{"app": "text", "user": "text", "unit": "text", "active": "text", "since": "text", "port": "number"},
        **{"folder": "text", "database": "text", "bytes": "number", "origin": {"?": "any"}},
    },
    "dev copy": [
        {
            **{"database": "text", "file": "text", "point": "text", "taken_at": "time", "origin": "text"},
            **{"bytes": "number", "masked": {"<table.column>": "text"}, "rows": "number"},
            "left": {"<table.column>": "number"},
        }
    ],
    "doctor": {"hosts": [{"host": "text", "took_s": "number", "left_out": ["text"], "findings": [_FINDING]}]},
    "deploy": _DEPLOYED,
    "rollback": _DEPLOYED,
    "releases": {
        **{"app": "text", "host": "text"},
        "releases": [
            {
                **{"id": "text", "current": "bool", "commit": "text", "source": "text", "made_at": "time"},
                **{"made_by": "text", "code": "text", "venv": "text", "bytes": "number", "edited": ["text"]},
            }
        ],
    },
    "deploys": {
        "host": "text",
        "deploys": [
            {
                **{"app": "text", "kind": "deploy or rollback", "at": "time", "who": "text", "before": "text"},
                **{"to": "text", "commit": "text", "took_s": "number?", "result": "done, failed or cut"},
                **{"reason": "text", "point_at": "time?"},
            }
        ],
    },
    "audit": {"host": "text", "unseen": "number", "listeners": [_LISTENER]},
    "check-manifest": {
        **{"ok": "bool", "mistakes": ["text"], "fleet": "text", "path": "text"},
        **{"hosts": "number", "apps": "number", "stores": "number"},
    },
    "plan": {
        "host": "text",
        "changes": [{"kind": "text", "name": "text", "action": "text", "detail": ["text"], "diff": "text"}],
        "digest": "text",
    },
    "db backup": _STORED,
    "db upload": _STORED,
    "db download": {
        **{"app": "text", "database": "text", "store": "text", "key": "text", "file": "text", "taken_at": "time"},
        **{"bytes": "number", "digest": "text", "sha256": "text", "took_s": "number"},
    },
    "db drill": {
        **{"format": "number", "app": "text", "database": "text", "host": "text", "at": "time", "point": "text"},
        **{"taken_at": "time", "bytes": "number", "restore_s": "number", "check_s": "number", "took_s": "number"},
        **{"tables": "number", "rows": "number", "broken_references": "number", "fault": "text?", "passed": "bool"},
        "differences": [{"table": "text", "restored": "number?", "live": "number?"}],
    },
    "db info": {"app": "text", "stores": [_HELD]},
    "db list": {
        **{"store": "text", "path": "text", "objects": [{"name": "text", "bytes": "number"}]},
        "folders": [{"name": "text", "objects": "number", "bytes": "number"}],
    },
    "db list-backups": {
        **{"app": "text", "database": "text", "store": "text"},
        "backups": [
            {
                **{"name": "text", "app": "text?", "database": "text?", "epoch": "number?", "host": "text?"},
                **{"taken_at": "time?", "page_size": "number?", "page_count": "number?", "digest": "text?"},
                **{"wal": "bool?", "bytes": "number", "sha256": "text?", "key": "text?"},
            }
        ],
    },
    "db list-points": {"app": "text", "database": "text", "store": "text", "total": "number", "points": [_POINT]},
    "db point": {"app": "text", "host": "text", "points": {"<database>": "any?"}},
    "db prune": {
        **{"app": "text", "done": "bool", "freed_points": "number", "freed_bytes": "number"},
        "stores": {"<store>": {"databases": {"<database>": _PLAN}, "error": "text?"}},
    },
    "db restore": {
        **{"app": "text", "database": "text", "store": "text", "point": "text", "taken_at": "time", "file": "text"},
        **{"bytes": "number", "pages": "number", "digest": "text", "integrity": "text", "took_s": "number"},
    },
    "db test": {
        "ok": "bool",
        "stores": [
            {
                **{"store": "text", "ok": "bool", "about": {"?": _ABOUT}},
                "steps": [{"step": "text", "ok": "bool", "took_s": "number", "told": "text"}],
            }
        ],
    },
    "db verify": {
        **{"app": "text", "deep": "bool", "objects": "number", "unreferenced_bytes": "number"},
        "damaged": [{"store": "text", "key": "text", "problem": "text"}],
        "unreferenced": [{"store": "text", "key": "text", "bytes": "number"}],
        "stores": {
            "<store>": {
                **{"objects": "number", "damaged": "number", "unreferenced": "number"},
                **{"unreferenced_bytes": "number", "broken_references": "number", "error": "text?"},
            }
        },
    },
}


def shape_text(shape: Any) -> str:
    """The shape in lines of at most 120 characters, as JSON."""
    return "\n".join(_lines(shape, ""))


def _lines(shape: Any, indent: str) -> list[str]:
    flat = json.dumps(_shown(shape), ensure_ascii=False)
    if len(indent) + len(flat) <= 110 or isinstance(shape, str):
        return [flat]
    inner = indent + "  "
    if isinstance(shape, list):
        (first, *rest) = _lines(shape[0], indent)
        return [f"[{first}", *rest[:-1], f"{rest[-1]}]"] if rest else [f"[{first}]"]
    parts: list[str] = []
    for place, (name, each) in enumerate(_shown(shape).items()):
        first, *rest = _lines(each, inner)
        comma = "," if place < len(shape) - 1 else ""
        lines = [f"{json.dumps(name)}: {first}", *rest]
        lines[-1] += comma
        if parts and not rest and parts[-1].endswith(",") and len(parts[-1]) + len(lines[0]) < 110:
            parts[-1] += f" {lines[0]}"
        else:
            parts += [f"{inner}{lines[0]}", *lines[1:]]
    return ["{", *parts, f"{indent}}}"]


def _shown(shape: Any) -> Any:
    """Without the mark of an object that may be null."""
    if isinstance(shape, dict):
        return {"or null": _shown(shape["?"])} if "?" in shape else {key: _shown(each) for key, each in shape.items()}
    return [_shown(each) for each in shape] if isinstance(shape, list) else shape
