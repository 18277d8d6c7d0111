"""How the machine is doing, sampled in the background so that asking never waits."""

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Lock, Thread

import psutil

EVERY_S = 5.0
IDLE_AFTER_S = 120.0  # nobody has asked for that long: stop sampling until somebody does

Sample = Mapping[str, object]
_MB = 1024 * 1024
_GB = 1024 * _MB


class Machine:
    """The newest sample of CPU, memory, disk, temperature and network of this host."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._stopped = Event()
        self._sample: Sample | None = None
        self._asked_at = 0.0
        self._running = False

    def latest(self) -> Sample:
        """A sample at most some seconds old. Only the very first call takes one itself; it does not sleep either."""
        with self._lock:
            self._asked_at = time.monotonic()
            if self._sample is None:
                self._sample = take_sample(self._folder)
            if not self._running:
                self._running = True
                Thread(target=self._keep_sampling, name="machine", daemon=True).start()
            return self._sample

    def stop(self) -> None:
        """End the sampling."""
        self._stopped.set()

    def _keep_sampling(self) -> None:
        while not self._stopped.wait(EVERY_S):
            sample = take_sample(self._folder)
            with self._lock:
                self._sample = sample
                if time.monotonic() - self._asked_at > IDLE_AFTER_S:
                    break
        with self._lock:
            self._running = False
            self._sample = None


def take_sample(folder: Path) -> Sample:
    """What the kernel says now; `folder` lies on the disk that is asked about. CPU is since the last sample."""
    memory, disk, network = psutil.virtual_memory(), psutil.disk_usage(str(folder)), psutil.net_io_counters()
    uptime = int(time.time() - psutil.boot_time())
    return {
        "system": {
            "cpu_percent": psutil.cpu_percent(interval=None),
            "memory_percent": memory.percent,
            "memory_used_mb": round(memory.used / _MB, 1),
            "memory_total_mb": round(memory.total / _MB, 1),
            "disk_percent": disk.percent,
            "disk_used_gb": round(disk.used / _GB, 2),
            "disk_total_gb": round(disk.total / _GB, 2),
            "temperature": _temperature(),
            "load_average": [round(load, 2) for load in psutil.getloadavg()],
            "uptime_seconds": uptime,
            "uptime_formatted": uptime_words(uptime),
        },
        "network": {
            "bytes_sent": network.bytes_sent,
            "bytes_recv": network.bytes_recv,
            "packets_sent": network.packets_sent,
            "packets_recv": network.packets_recv,
        },
    }


def uptime_words(seconds: int) -> str:
    """`3d 4h 5m`."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    return f"{days}d {hours}h {rest // 60}m"


def _temperature() -> float:
    """Of the hottest processor sensor, in degrees Celsius; 0 where there is none."""
    sensors = psutil.sensors_temperatures()
    named = [sensors[name] for name in ("cpu_thermal", "coretemp", "k10temp", "soc_thermal") if name in sensors]
    readings = [reading.current for group in named or sensors.values() for reading in group]
    return max(readings, default=0.0)
