"""Which commands there are: where each is defined, and the one line that help shows for it.."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """The module and the name of a command in it, and its line in help; a test compares that with the command."""

    target: str
    help: str


GROUPS: Mapping[str, Mapping[str, Entry]] = {
    "Whether you are safe": {
        "status": Entry("station.cli.status:status", "Say whether you are safe, and what every host does."),
        "doctor": Entry(
            "station.cli.doctor:doctor", "Look at everything that can be wrong with this host, and say what mends it."
        ),
        "audit": Entry(
            "station.cli.audit:audit",
            "Show who listens on every port of this machine, and whether the manifest allows it.",
        ),
        "failover": Entry("station.cli.switch:failover", "Make a standby the primary; the old one may be dead."),
        "failback": Entry("station.cli.switch:failback", "Give the app back to its own primary, without loss."),
    },
    "Databases and their copies": {
        "db": Entry("station.cli.db:db", "Restore points, portable copies and drills of an app's databases."),
        "store": Entry("station.cli.store:store", "Stores, where the copies go: set one up anew that is gone."),
        "key": Entry("station.cli.keys:key", "Keys of encrypted stores: make, renew, print and check them."),
    },
    "Releases of an app": {
        "deploy": Entry(
            "station.cli.deploy:deploy", "Bring a new release of an app to this machine and make it serve."
        ),
        "rollback": Entry("station.cli.rollback:rollback", "Make an earlier release of an app serve again."),
        "releases": Entry("station.cli.releases:releases", "List the releases of an app on this machine."),
        "deploys": Entry("station.cli.deploys:deploys", "Show what was deployed on this machine, and how it ended."),
        "recover": Entry("station.cli.recover:recover", "End a deploy that was cut, forward or back."),
    },
    "Machines, on each of them": {
        "plan": Entry("station.cli.plan:plan", "Show what would change on a machine: files, users, folders, units."),
        "apply": Entry("station.cli.apply:apply", "Make this machine what the manifest says it is."),
        "drift": Entry("station.cli.drift:drift", "Show what somebody changed by hand since the last apply."),
        "remove": Entry("station.cli.remove:remove", "Take an app off this machine."),
        "renew": Entry(
            "station.cli.renew:renew", "Restart what still runs an older Control Station than is installed."
        ),
    },
    "Machines, from a laptop": {
        "bootstrap": Entry("station.cli.bootstrap:bootstrap", "Make a blank machine a host, from here, over ssh."),
        "push": Entry("station.cli.remote:push", "Bring the manifests to the hosts."),
        "bundle": Entry("station.cli.bundle:bundle", "Pack all that hosts need, to install them without a network."),
        "ssh-config": Entry("station.cli.ssh_config:ssh_config", "Print what belongs into ~/.ssh/config."),
    },
    "Trying and developing": {
        "up": Entry("station.cli.up:up", "Run the whole fleet here, in the foreground."),
        "dev": Entry("station.cli.dev:dev", "A developer's own instance of an app, with a database of its own."),
        "check-manifest": Entry(
            "station.cli.manifest:check_manifest", "Check the fleet's manifest and name every mistake."
        ),
        "completion": Entry("station.cli.completion:completion", "Print the completion script of a shell."),
    },
}

INTERNAL: Mapping[str, Entry] = {
    "serve": Entry("station.cli.serve:serve", "Serve the Control Station page."),
    "agent": Entry("station.cli.agent:agent", "Run one host."),
    "guard": Entry("station.cli.guard:guard", "Say by the exit code whether this host may run an app's processes now."),
    "alert": Entry(
        "station.cli.alert:alert",
        "Tell that a unit has failed: which, why, its last lines, and when it is tried again.",
    ),
    "check": Entry(
        "station.cli.check:check", "Look whether all is well on this host, and tell somebody of what has changed."
    ),
    "points": Entry("station.cli.loops:points", "Take restore points of an app, again and again."),
    "mirror": Entry("station.cli.loops:mirror", "Keep the standby's copy of an app fresh."),
    "job": Entry("station.cli.job:job", "Do one job of an app that was due at a set time."),
    "litestream": Entry(
        "station.cli.litestream_loop:litestream", "Run Litestream for an app, and watch how far its replica is."
    ),
    "datasette-copy": Entry(
        "station.cli.datasette_copy:datasette_copy", "Make a new copy of an app's databases for Datasette."
    ),
}
"""What only units call; help does not list them."""

SHOWN: Mapping[str, Entry] = {name: entry for group in GROUPS.values() for name, entry in group.items()}
COMMANDS: dict[str, Entry] = {**SHOWN, **INTERNAL}
