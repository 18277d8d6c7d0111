"""The picture of the fleet as JSON with stable keys: what `station status --json` and `/api/status` give. Pure."""

from station.clock import to_text
from station.watch.picture import AppPicture, Picture
from station.watch.readiness import Readiness
from station.watch.statuses import AppStatus, DatabaseStatus, HostStatus, JobSeen, LeaseSeen, PointSeen, ReplicaSeen
from station.watch.storelog import StoreNews
from station.watch.storestand import StoreStand

Json = dict[str, object]


def summary(picture: Picture) -> Json:
    """Everything that the page shows, times as UTC text, ages in seconds."""
    return {
        "fleet": picture.fleet,
        "at": to_text(picture.at),
        "apps": {app.name: _app(app) for app in picture.apps},
        "hosts": {name: _host(host) for name, host in picture.hosts.items()},
        "events": [vars(event) | {"at": to_text(event.at)} for event in picture.events],
    }


def readiness_summary(found: Readiness) -> Json:
    """The verdict and every check behind it."""
    return {
        "app": found.app,
        "verdict": found.verdict.value,
        "sentence": found.sentence,
        "loss_s": found.loss_s,
        "complete_up_to": to_text(found.complete_up_to) if found.complete_up_to else None,
        "primary": found.primary,
        "target": found.target,
        "at": to_text(found.at),
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict.value,
                "evidence": check.evidence,
                "remedy": check.remedy,
                "at": to_text(check.at) if check.at else None,
            }
            for check in found.checks
        ],
    }


def _app(app: AppPicture) -> Json:
    return {
        "title": app.title,
        "readiness": readiness_summary(app.readiness),
        "serving": app.serving,
        "port": app.port,
        "address": app.address,
        "databases": {name: _database(each) for name, each in app.databases.items()},
        "copies": {name: _database(each) for name, each in app.copies.items()},
        "store": _store(app.store),
        "stores": {each.store: _stand(each) for each in app.stores},
        "problems": [vars(problem) for problem in app.problems],
        "divergence": [vars(kept) | {"at": to_text(kept.at) if kept.at else None} for kept in app.divergence],
        "drills": {drill.database: vars(drill) | {"at": to_text(drill.at)} for drill in app.drills},
    }


def _stand(stand: StoreStand) -> Json:
    times = {name: getattr(stand, name) for name in ("taken_at", "behind_since", "sending_since")}
    return {
        "first": stand.first,
        "well": stand.well,
        "error": stand.error,
        **{name: to_text(moment) if moment else None for name, moment in times.items()},
    }


def _store(news: StoreNews) -> Json:
    view = news.view
    return {
        "age_s": news.age_s,
        "error": news.error,
        "epochs": [_lease(epoch) for epoch in view.epochs] if view else [],
        "points": len(view.points) if view else None,
        "stored_bytes": view.stored_bytes if view else None,
        "first_point_at": to_text(view.points[0].taken_at) if view and view.points else None,
        "last_point_at": to_text(view.points[-1].taken_at) if view and view.points else None,
        "unreadable": list(view.unreadable) if view else [],
    }


def _lease(lease: LeaseSeen) -> Json:
    taken_at = to_text(lease.taken_at) if lease.taken_at else None
    return {"epoch": lease.epoch, "holder": lease.holder, "taken_at": taken_at, "reason": lease.reason}


def _host(host: HostStatus) -> Json:
    return {
        "state": host.state.value,
        "at": to_text(host.at) if host.at else None,
        "age_s": host.age_s,
        "trouble": host.trouble,
        "apps": {name: _on_host(app) for name, app in host.apps.items()},
        "machine": vars(host.machine),
    }


def _on_host(app: AppStatus) -> Json:
    return {
        "role": app.role,
        "epoch": app.epoch,
        "lease_error": app.lease_error,
        "waits_for": app.waits_for,
        "units": {unit.name: vars(unit) | {"since": to_text(unit.since) if unit.since else None} for unit in app.units},
        "databases": {name: _database(each) for name, each in app.databases.items()},
        "jobs": {job.name: _job(job) for job in app.jobs},
    }


def _job(job: JobSeen) -> Json:
    times = {name: getattr(job, name) for name in ("next_at", "due", "at")}
    return vars(job) | {name: to_text(moment) if moment else None for name, moment in times.items()}


def _database(database: DatabaseStatus) -> Json:
    times = {name: getattr(database, name) for name in ("written_at", "checked_at", "proved_at")}
    return {
        "bytes": database.bytes,
        "point": _point(database.point) if database.point else None,
        "error": database.error,
        "litestream": _replica(database.litestream) if database.litestream else None,
        **{name: to_text(moment) if moment else None for name, moment in times.items()},
    }


def _replica(replica: ReplicaSeen) -> Json:
    return vars(replica) | {"newest": to_text(replica.newest) if replica.newest else None}


def _point(point: PointSeen) -> Json:
    return vars(point) | {"taken_at": to_text(point.taken_at)}
