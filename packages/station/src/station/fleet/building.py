"""From manifests as written, found right, to the values that everyone uses. Pure."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path

from station.fleet.machine import SERVER, SERVER_NEEDS, Datasette, Deploy, Dev, Files, Job, Mount, Source, Team
from station.fleet.model import (
    App,
    Control,
    Daily,
    Fleet,
    Health,
    Host,
    Keep,
    Litestream,
    Points,
    Process,
    StoreSpec,
)
from station.fleet.paths import Database
from station.fleet.written import FleetFile, WrittenApp
from station.fleet.written_app import AppFile, Need, WrittenDeploy, WrittenJob, WrittenProcess, WrittenSource
from station.fleet.written_host import WrittenHost
from station.fleet.written_store import WrittenStore

LOOK_EVERY_S = {"directory": 1.0, "sftp": 2.0, "s3": 5.0, "dropbox": 10.0}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def build_fleet(path: Path, written: FleetFile, apps: Mapping[str, AppFile]) -> Fleet:
    """The fleet of an absolute `path`; `apps` has the manifest of each of its apps. Both have passed every check."""
    folder = path.parent
    return Fleet(
        name=written.name,
        path=path,
        control=Control(written.control.host, written.control.port, written.control.bind),
        hosts={name: _host(name, host, written, folder) for name, host in written.hosts.items()},
        stores={name: _store(name, store, folder) for name, store in written.stores.items()},
        apps={name: _app(app, apps[name], written.time_zone, folder) for name, app in written.apps.items()},
        time_zone=written.time_zone,
        team=Team(written.team.group, tuple(written.team.members)),
    )


def _host(name: str, host: WrittenHost, fleet: FleetFile, folder: Path) -> Host:
    return Host(
        name,
        folder=(folder / host.folder).resolve() if host.folder else Path("/"),
        address=host.address or "",
        data={
            one: Path(app.files.data) for one, app in fleet.apps.items() if app.files.data and name in _hosts_of(app)
        },
        retire=tuple(host.retire),
        mounts={
            one: Mount(mount.share, Path(mount.at), mount.app, mount.writable, tuple(mount.options))
            for one, mount in host.mounts.items()
        },
        check_every_s=host.check_every_s,
    )


def _hosts_of(app: WrittenApp) -> tuple[str, ...]:
    return (app.primary, *app.standby)


def _store(name: str, written: WrittenStore, folder: Path) -> StoreSpec:
    def file(path: str | None) -> Path | None:
        return folder / path if path else None

    there = Path(written.path or ".")
    return StoreSpec(
        name,
        written.kind,
        (folder / there).resolve() if written.kind == "directory" else there,
        credentials=file(written.credentials),
        proxy=written.proxy or "",
        ca_file=file(written.ca),
        bucket=written.bucket or "",
        endpoint=written.endpoint or "",
        region=written.region or "",
        server=written.server or "",
        port=written.port or 22,
        user=written.user or "",
        private_key=file(written.private_key),
        known_hosts=file(written.known_hosts),
        key_file=file(written.encryption_key),
        every_s=written.every_s,
        look_every_s=written.look_every_s or LOOK_EVERY_S[written.kind],
        upload_kib_s=written.upload_kib_s,
    )


def _app(mine: WrittenApp, own: AppFile, zone: str | None, folder: Path) -> App:
    commands = {name: tuple(command) for name, command in own.commands.items()}
    processes = {name: _process(name, process, mine.ports.get(name)) for name, process in own.processes.items()}
    extra = {name: Process(name, commands[command]) for name, command in mine.processes.items()}
    return App(
        name=own.name,
        title=own.title or own.name,
        bind=mine.bind,
        primary=mine.primary,
        standby=tuple(mine.standby),
        stores=tuple(mine.stores),
        points=Points(**mine.points.model_dump()),
        first_run=commands[mine.first_run] if mine.first_run else None,
        processes=processes | extra,
        databases={
            name: Database(name, its.file, its.env, {column: str(kind) for column, kind in its.mask.items()})
            for name, its in own.databases.items()
        },
        secrets=dict(own.secrets),
        commands=commands,
        first_admin=own.first_admin,
        keep=Keep(**mine.keep.model_dump(), zone=zone or "UTC"),
        copy=_copy(mine, zone),
        drill=Daily(_time(mine.drill.at), zone, _weekday(mine.drill.day)) if mine.drill else None,
        litestream=Litestream(**mine.litestream.model_dump()) if mine.litestream else None,
        log=folder / mine.log if mine.log else None,
        user=mine.user or "",
        services=dict(mine.services),
        environment=dict(mine.environment),
        files=_files(mine),
        jobs={name: _job(name, job) for name, job in own.jobs.items()},
        source=_source(mine.source or own.source, processes),
        deploy=_deploy(own.deploy, commands),
        datasette=_datasette(mine),
        dev=_dev(own.name, mine),
    )


def _source(its: WrittenSource | None, processes: Mapping[str, Process]) -> Source | None:
    if its is None:
        return None
    served = any(process.command[0] == SERVER for process in processes.values())
    extra = (*its.extra, *(SERVER_NEEDS if served else ()))
    return Source(its.git or "", its.branch, its.folder or "", its.lock or "", its.package or "", extra)


def _deploy(its: WrittenDeploy, commands: Mapping[str, tuple[str, ...]]) -> Deploy:
    named = {"before": its.hooks.before, "after": its.hooks.after, "failed": its.hooks.failed}
    return Deploy(
        its.switch,
        tuple(its.imports),
        commands[its.migrate] if its.migrate else None,
        its.keep,
        {moment: commands[name] for moment, name in named.items() if name},
    )


def _files(mine: WrittenApp) -> Files:
    its = mine.files
    code, venv, data = (Path(path) if path else None for path in (its.code, its.venv, its.data))
    return Files(code, venv, data, its.data_path or "")


def _job(name: str, its: WrittenJob) -> Job:
    at = _time(its.at) if its.at else None
    return Job(
        name, tuple(its.command), at, _weekday(its.day), its.every_s, its.jitter_s, its.timeout_s, _reasons(its.needs)
    )


def _datasette(mine: WrittenApp) -> Datasette | None:
    if mine.datasette is None:
        return None
    return Datasette(**mine.datasette.model_dump() | {"host": mine.datasette.host or [*mine.standby, mine.primary][0]})


def _dev(app: str, mine: WrittenApp) -> Dev | None:
    its = mine.dev
    if its is None:
        return None
    return Dev(its.user, its.port, Path(its.folder or f"/home/{its.user}/dev/{app}"), its.service or f"{app}-dev")


def _copy(mine: WrittenApp, zone: str | None) -> Daily | None:
    if mine.portable is None:
        return None
    stores = tuple(mine.portable.stores) or tuple(mine.stores)
    return Daily(_time(mine.portable.at), zone, jitter_s=mine.portable.jitter_s, stores=stores)


def _time(at: str) -> time:
    return time.fromisoformat(at)


def _weekday(day: str | None) -> int | None:
    return WEEKDAYS.index(day) if day is not None else None


def _process(name: str, written: WrittenProcess, other_port: int | None) -> Process:
    its = written.health
    health = Health(its.path, its.status, its.within_s) if its is not None else None
    return Process(
        name,
        tuple(written.command),
        other_port or written.port,
        health,
        preset=written.preset or "",
        needs=_reasons(written.needs),
        notify=written.notify,
        socket=written.socket,
    )


def _reasons(needs: Mapping[Need, str]) -> dict[str, str]:
    return {str(need): why for need, why in needs.items()}
