"""Keeping secrets out of what is shown: a value becomes a short hash, so that a change shows without it. Pure.

Of the hash four digits are shown: two values that differ show it, and nobody finds a value by trying.
"""

import hashlib
import re

_NAME = (
    r"[A-Za-z0-9_.-]*(?:pass|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|webhook)[A-Za-z0-9_.-]*"
)
_VALUE = r"""'[^']*'|"[^"]*"|[^\s,;"']+"""
_NAMED = re.compile(rf"(?i)\b({_NAME})(\s*[=:]\s*|\s+(?==))({_VALUE})")
_OPTION = re.compile(rf"(?i)(--?{_NAME})(\s+)({_VALUE})")
_ASSIGNED = re.compile(rf"""(?i)^(\s*(?:export\s+)?(?:Environment=)?["']?{_NAME})=(.+)$""")
_IN_ADDRESS = re.compile(r"(://[^\s/:@]*:)([^\s/@]+)@")
_LINE = re.compile(r"^(\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*)=(.*)$")
_OURS = ("LoadCredential=", "credentials=")


def hidden(line: str, *, secret: bool) -> str:
    """The line as it may be shown. Of a `secret` file no value is, whatever its name."""
    if secret:
        found = _LINE.match(line)
        if found:
            return f"{found[1]}={short(found[2])}"
        return line if not line.strip() or line.lstrip().startswith("#") else short(line)
    if line.lstrip().startswith(_OURS):  # it names a file
        return line
    assigned = _ASSIGNED.match(line)
    if assigned:
        return f"{assigned[1]}={short(assigned[2])}"
    line = _IN_ADDRESS.sub(lambda found: f"{found[1]}{short(found[2])}@", line)
    return _NAMED.sub(_named, _OPTION.sub(_named, line))


def short(value: str) -> str:
    return f"(hidden, #{hashlib.sha256(value.encode()).hexdigest()[:4]})"


def _named(found: re.Match[str]) -> str:
    return found[0] if _is_path(found[3]) else f"{found[1]}{found[2]}{short(found[3])}"


def _is_path(value: str) -> bool:
    return value.strip("\"'").startswith(("/etc/", "/run/", "/var/", "%d/"))
