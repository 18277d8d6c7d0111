"""An MQTT broker: events, what each camera sees now, pictures, and Home Assistant's discovery."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from pivision.telling.messages import Message
from pivision.telling.subscribers import Broker
from pivision.telling.webhook import NotTold
from station_kit.environment import Secret

WAIT_S = 10.0
_AT_LEAST_ONCE = 1
_CONNECT_STATE = {"camera_offline": {"start": "OFF", "end": "ON"}, "camera_online": {"start": "ON"}}


class Line:
    """A connection to a broker that comes back by itself; `pivision/status` says whether the appliance is there."""

    def __init__(self, name: str, broker: Broker, password: Secret | None) -> None:
        self.broker = broker
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"pivision-{name}")
        if broker.user:
            self._client.username_pw_set(broker.user, password.reveal() if password else None)
        if broker.tls:
            self._client.tls_set()
        self._client.will_set(f"{broker.topic}/status", "offline", qos=_AT_LEAST_ONCE, retain=True)
        self._is_up = False

    def open(self, cameras: Iterable[sqlite3.Row]) -> None:
        """Connect, and say what there is. NotTold when the broker is away or does not let us in."""
        if self._is_up and self._client.is_connected():
            return
        self.close()
        try:
            self._client.connect(self.broker.host, self.broker.port, keepalive=30)
            self._client.loop_start()
            self._publish(f"{self.broker.topic}/status", "online")
            for camera in cameras:
                self._introduce(camera)
        except (OSError, ValueError) as why:
            self.close()
            reason = why.strerror if isinstance(why, OSError) and why.strerror else type(why).__name__
            raise NotTold(f"{self.broker.host} not told: {reason}") from None
        except NotTold:
            self.close()
            raise
        self._is_up = True

    def tell(self, about: Message, picture: bytes | None) -> None:
        """The event, and what it changes. NotTold when the broker did not take it in time."""
        base = f"{self.broker.topic}/{about.device}"
        if about.kind == "interaction_detected":
            self._publish(f"{base}/visit", "ON" if about.moment == "start" else "OFF")
        state = _CONNECT_STATE.get(about.kind, {}).get(about.moment)
        if state is not None:
            self._publish(f"{base}/connected", state)
        if picture is not None:
            self._publish(f"{base}/picture", picture)
        self._publish(f"{base}/last_event", about.summary)
        self._publish(f"{base}/event", about.to_json(), retain=False)  # last: whoever waits for it finds the rest

    def close(self) -> None:
        """Say that we go, and go."""
        if self._is_up and self._client.is_connected():
            self._client.publish(f"{self.broker.topic}/status", "offline", _AT_LEAST_ONCE, retain=True)
        self._is_up = False
        self._client.disconnect()
        self._client.loop_stop()

    def _introduce(self, camera: sqlite3.Row) -> None:
        base = f"{self.broker.topic}/{camera['name']}"
        self._publish(f"{base}/connected", "ON" if camera["online"] else "OFF")
        self._publish(f"{base}/visit", "ON" if camera["visited"] else "OFF")
        if self.broker.discovery:
            for kind, part, config in _discovered(self.broker, camera["name"], camera["title"]):
                topic = f"{self.broker.discovery}/{kind}/pivision_{_id(camera['name'])}/{part}/config"
                self._publish(topic, json.dumps(config))

    def _publish(self, topic: str, content: str | bytes, *, retain: bool = True) -> None:
        sent = self._client.publish(topic, content, _AT_LEAST_ONCE, retain)
        try:
            sent.wait_for_publish(WAIT_S)
        except (ValueError, RuntimeError) as why:
            raise NotTold(f"{self.broker.host} not told: {type(why).__name__}") from None
        if not sent.is_published():
            raise NotTold(f"{self.broker.host} not told: it took nothing within {WAIT_S:g} s, or lets nobody in")


def _discovered(broker: Broker, name: str, title: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Each entity of a camera: its kind, its own part of the topic, and what Home Assistant wants to know."""
    base, number = f"{broker.topic}/{name}", _id(name)
    common = {
        "availability_topic": f"{broker.topic}/status",
        "device": {"identifiers": [f"pivision_{number}"], "name": title, "manufacturer": "PiVision"},
    }
    entities = {
        ("binary_sensor", "visit"): {"name": "Visit", "device_class": "occupancy", "state_topic": f"{base}/visit"},
        ("binary_sensor", "connected"): {
            "name": "Connected",
            "device_class": "connectivity",
            "state_topic": f"{base}/connected",
        },
        ("sensor", "last_event"): {
            "name": "Last event",
            "state_topic": f"{base}/last_event",
            "json_attributes_topic": f"{base}/event",
        },
        ("image", "picture"): {"name": "Picture", "image_topic": f"{base}/picture", "content_type": "image/jpeg"},
    }
    return [
        (kind, part, {**common, **about, "unique_id": f"pivision_{number}_{part}"})
        for (kind, part), about in entities.items()
    ]


def _id(name: str) -> str:
    """A name as Home Assistant takes it in a topic."""
    return name.replace(".", "_")
