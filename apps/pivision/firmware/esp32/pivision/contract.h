// Every word that goes over the wire: docs/devices.md. A test holds them against what the server reads and answers.
#pragma once

constexpr char PATH_ENROLL[] = "/api/v1/device/enroll";
constexpr char PATH_FRAME[] = "/api/v1/ingest/frame";
constexpr char PATH_HEARTBEAT[] = "/api/v1/ingest/heartbeat";
constexpr char PATH_CONFIG[] = "/api/v1/device/config";

constexpr char HEADER_KEY[] = "X-Device-Key";
constexpr char HEADER_DEVICE[] = "X-Device-Id";
constexpr char HEADER_BOOT[] = "X-Boot-Id";
constexpr char HEADER_SEQ[] = "X-Seq";
constexpr char HEADER_WIDTH[] = "X-Width";
constexpr char HEADER_HEIGHT[] = "X-Height";
constexpr char HEADER_BURST[] = "X-Burst";
constexpr char HEADER_RSSI[] = "X-Rssi";
constexpr char HEADER_BATTERY[] = "X-Battery-Mv";
constexpr char HEADER_VERSION[] = "X-Fw-Version";

constexpr char TELL_DEVICE[] = "device_id";
constexpr char TELL_CODE[] = "code";
constexpr char TELL_RSSI[] = "rssi";
constexpr char TELL_BATTERY[] = "battery_mv";
constexpr char TELL_VERSION[] = "fw_version";
constexpr char TELL_HEAP[] = "free_heap";
constexpr char TELL_UPTIME[] = "uptime_s";
constexpr char TELL_RESET[] = "reset_reason";
constexpr char TELL_SPOOL[] = "spool_depth";

constexpr char SAID_KEY[] = "key";
constexpr char SAID_VERSION[] = "config_version";
constexpr char SAID_BURST_MS[] = "burst_ms";
constexpr char SAID_INTERVAL_MS[] = "capture_interval_ms";
constexpr char SAID_BURST_FPS[] = "burst_fps";
constexpr char SAID_BURST_LASTS_MS[] = "burst_duration_ms";
constexpr char SAID_COOLDOWN_MS[] = "burst_cooldown_ms";
constexpr char SAID_POLL_MS[] = "config_poll_interval_ms";
constexpr char SAID_QUALITY[] = "jpeg_quality";
constexpr char SAID_WIDTH[] = "width";
