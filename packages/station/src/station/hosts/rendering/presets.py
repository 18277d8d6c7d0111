"""How closely a service is shut in: a preset, and declared exceptions from it, each with its reason. Pure.

Every preset scores at most 2.0 in `systemd-analyze security`, with any of the exceptions; a test holds that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Settings = dict[str, tuple[str, ...]]

SHUT_IN: Mapping[str, tuple[str, ...]] = {
    "NoNewPrivileges": ("yes",),
    "CapabilityBoundingSet": ("",),
    "AmbientCapabilities": ("",),
    "ProtectSystem": ("strict",),
    "ProtectHome": ("yes",),
    "PrivateTmp": ("yes",),
    "PrivateDevices": ("yes",),
    "PrivateUsers": ("yes",),
    "PrivateMounts": ("yes",),
    "ProtectProc": ("invisible",),
    "ProcSubset": ("pid",),
    "ProtectClock": ("yes",),
    "ProtectHostname": ("yes",),
    "ProtectKernelLogs": ("yes",),
    "ProtectKernelModules": ("yes",),
    "ProtectKernelTunables": ("yes",),
    "ProtectControlGroups": ("yes",),
    "RestrictAddressFamilies": ("AF_UNIX AF_INET AF_INET6",),
    "RestrictNamespaces": ("yes",),
    "RestrictRealtime": ("yes",),
    "RestrictSUIDSGID": ("yes",),
    "LockPersonality": ("yes",),
    "MemoryDenyWriteExecute": ("yes",),
    "RemoveIPC": ("yes",),
    "SystemCallArchitectures": ("native",),
    "SystemCallFilter": ("@system-service", "~@privileged @resources"),
    "SystemCallErrorNumber": ("EPERM",),
    "KeyringMode": ("private",),
    "UMask": ("0027",),
}
"""What no web page, worker or job of a Python app needs. It was tried with uvicorn, SQLite, OpenCV and numpy."""


@dataclass(frozen=True)
class Concession:
    """What an app may do that the preset forbids: settings that are changed, and some that come in addition."""

    about: str
    changed: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: str = ""


_DEVICES = {"PrivateDevices": "no", "PrivateUsers": "no", "DevicePolicy": "closed"}

CONCESSIONS: Mapping[str, Concession] = {
    "camera": Concession(
        "opens cameras, and hears when one is plugged in",
        _DEVICES | {"RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK"},
        {"DeviceAllow": ("char-video4linux rw", "char-media rw", "char-dma_heap rw")},
        group="video",
    ),
    "cpu-placement": Concession(
        "chooses its processors and its priority itself", {"SystemCallFilter": "@system-service\n~@privileged"}
    ),
    "executable-memory": Concession("makes code while it runs", {"MemoryDenyWriteExecute": "no"}),
    "gpio": Concession("reads and drives pins", _DEVICES, {"DeviceAllow": ("char-gpiochip rw",)}, group="gpio"),
    "machine-figures": Concession("reads the machine's figures in /proc", {"ProcSubset": "all"}),
}


def shut_in(needs: Mapping[str, str], **other: tuple[str, ...]) -> list[str]:
    """The lines of a service's hardening: comments with the reason of each exception first. `other` comes in place."""
    settings: Settings = dict(SHUT_IN)
    comments = []
    for need, reason in sorted(needs.items()):
        its = CONCESSIONS[need]
        what = ", ".join([*its.changed, *its.added])
        comments.append(f"# {need}: it {its.about} ({what}). {reason}")
        settings |= {name: tuple(value.split("\n")) for name, value in its.changed.items()}
        for name, values in its.added.items():
            settings[name] = (*settings.get(name, ()), *values)
    groups = groups_of(needs)
    if groups:
        settings["SupplementaryGroups"] = (" ".join(groups),)
    settings |= other
    return [*comments, *(f"{name}={value}" for name, values in settings.items() for value in values)]


def groups_of(needs: Iterable[str]) -> list[str]:
    """The groups that own the devices of these exceptions."""
    return sorted({CONCESSIONS[need].group for need in needs} - {""})
