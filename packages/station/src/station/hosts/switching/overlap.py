"""The overlap: old and new release serve on one socket while the app's own unit is started anew. Nobody waits.

For apps that can run twice on one database and whose new release changes no schema. Databases are not brought back when
it fails: both releases wrote to them.
"""

import time

from station.hosts.switching.faults import reached
from station.hosts.switching.held import try_out
from station.hosts.switching.journal import Phase
from station.hosts.switching.work import Work


def switch_overlap(work: Work) -> None:
    """Bring the new release to serve. What is raised has to be undone."""
    began = time.monotonic()
    work.permit_trials()
    try_out(work)
    work.tell(f"the new release is healthy beside the old one: {time.monotonic() - began:.1f} s")
    work.note(Phase.PROVEN)
    processes = work.processes
    processes.start([processes.overlap])
    work.gate.up(processes.overlap)
    reached("both")
    work.point_to(work.journal.new)
    reached("linked")
    processes.stop([processes.gate])
    processes.start([processes.gate])
    work.gate.public()
    reached("started")
    processes.stop([processes.overlap])
    processes.stop(processes.others)
    processes.start(processes.others)
    work.gate.settled(processes.all)
    reached("settled")
