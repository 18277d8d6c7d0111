// An ESP32 with a camera hands pictures to a PiVision: what docs/devices.md says, in 4 MB of flash. See ../README.md.
#include <Arduino.h>
#include <HTTPClient.h>
#include <Preferences.h>
#include <WiFi.h>
#include <esp_system.h>

#include "board.h"
#include "cadence.h"
#include "contract.h"
#include "numbers.h"
#include "reading.h"
#include "server.h"
#include "settings.h"

constexpr char VERSION[] = "esp32-1.0";
constexpr uint32_t LOOKED_AT_MS = 1000;     // after a picture: by then the server has looked at it, and knows more
constexpr uint32_t HEARTBEAT_MS = 60000;
constexpr uint32_t NOT_LET_IN_MS = 60000;
constexpr uint32_t TOO_OLD_MS = 120000;     // a picture that waits so long makes room for one of now
constexpr uint32_t WITHOUT_CAMERA_MS = 5000;
constexpr uint32_t STUCK_MS = 15 * 60000;   // without an answer for so long it starts anew: radios get stuck

static Preferences store;
static Numbers numbers;
static Cadence cadence;
static Patience patience;
static Server server;

static camera_fb_t* waiting = nullptr;  // the picture that is not taken yet, and what is said of it
static uint64_t waitingSeq = 0;
static bool waitingBurst = false;
static uint32_t waitingSince = 0;

static bool hasPolled = false;
static Until lookedAt;           // the answer to a picture is given before anybody looks at it: ask once more
static bool asksAgain = false;
static uint32_t polledAt = 0, toldAt = 0, answeredAt = 0;
static String tag;

static void drop() {
    if (waiting != nullptr) esp_camera_fb_return(waiting);
    waiting = nullptr;
}

static int batteryMv() { return BATTERY_PIN < 0 ? 0 : static_cast<int>(analogReadMilliVolts(BATTERY_PIN)) * 2; }

static const char* resetReason() {
    switch (esp_reset_reason()) {
        case ESP_RST_POWERON:
            return "power on";
        case ESP_RST_BROWNOUT:
            return "brownout";
        case ESP_RST_SW:
            return "restart";
        case ESP_RST_PANIC:
            return "panic";
        default:
            return "other";
    }
}

// What became of a request: true when it was taken. Everything else waits, each for its time.
static bool went(const Answer& answer) {
    const uint32_t now = millis();
    if (answer.status > 0) answeredAt = now;
    switch (answer.kind) {
        case Kind::TAKEN:
            patience.went();
            return true;
        case Kind::NOT_LET_IN:
            patience.rest(now, NOT_LET_IN_MS);
            break;
        case Kind::LATER:
            patience.failed(now, answer.retryAfterMs, esp_random());
            break;
        case Kind::NEVER:
            break;
    }
    Serial.printf("refused status=%d\n", answer.status);
    return false;
}

// The command that comes with every answer.
static void obey(const String& body) {
    cadence.told(millis(), static_cast<uint32_t>(numberIn(body, SAID_BURST_MS, 0)));
    if (static_cast<long>(numberIn(body, SAID_VERSION, cadence.orders.version)) != cadence.orders.version) {
        hasPolled = false;
    }
}

static void enroll() {
    const Answer answer = server.enroll();
    if (!went(answer)) {
        if (answer.kind == Kind::NEVER) patience.rest(millis(), NOT_LET_IN_MS);
        return;
    }
    const String key = textIn(answer.body, SAID_KEY);
    store.putString("key", key);
    server.useKey(key);
    Serial.println("enrolled");
}

static void poll() {
    const Answer answer = server.configuration(tag);
    if (!went(answer)) {
        if (answer.kind == Kind::NEVER) hasPolled = true, polledAt = millis(), asksAgain = false;
        return;
    }
    hasPolled = true, polledAt = millis(), asksAgain = false;
    if (answer.tag.length() > 0) tag = answer.tag;
    if (answer.status == 304) return;
    Orders& orders = cadence.orders;
    const double fps = numberIn(answer.body, SAID_BURST_FPS, 2);
    orders.intervalMs = static_cast<uint32_t>(numberIn(answer.body, SAID_INTERVAL_MS, orders.intervalMs));
    orders.burstEveryMs = fps > 0 ? static_cast<uint32_t>(1000 / fps) : 500;
    orders.burstLastsMs = static_cast<uint32_t>(numberIn(answer.body, SAID_BURST_LASTS_MS, orders.burstLastsMs));
    orders.cooldownMs = static_cast<uint32_t>(numberIn(answer.body, SAID_COOLDOWN_MS, orders.cooldownMs));
    orders.pollMs = static_cast<uint32_t>(numberIn(answer.body, SAID_POLL_MS, orders.pollMs));
    orders.version = static_cast<long>(numberIn(answer.body, SAID_VERSION, orders.version));
    setPicture(static_cast<int>(numberIn(answer.body, SAID_WIDTH, 640)),
               static_cast<int>(numberIn(answer.body, SAID_QUALITY, 80)));
    obey(answer.body);
}

static void beat() {
    String body = String("{\"") + TELL_DEVICE + "\":\"" + DEVICE + "\"";
    body += String(",\"") + TELL_RSSI + "\":" + String(static_cast<int>(WiFi.RSSI()));
    if (BATTERY_PIN >= 0) body += String(",\"") + TELL_BATTERY + "\":" + String(batteryMv());
    body += String(",\"") + TELL_VERSION + "\":\"" + VERSION + "\"";
    body += String(",\"") + TELL_HEAP + "\":" + String(static_cast<unsigned long>(ESP.getFreeHeap()));
    body += String(",\"") + TELL_UPTIME + "\":" + String(static_cast<unsigned long>(millis() / 1000));
    body += String(",\"") + TELL_RESET + "\":\"" + resetReason() + "\"";
    body += String(",\"") + TELL_SPOOL + "\":" + String(waiting == nullptr ? 0 : 1) + "}";
    const Answer answer = server.heartbeat(body);
    toldAt = millis();
    if (went(answer)) obey(answer.body);
}

// A new picture, with a number that none had before.
static void take() {
    const uint32_t now = millis();
    camera_fb_t* found = esp_camera_fb_get();
    const uint64_t seq = found == nullptr ? 0 : numbers.next();
    if (seq == 0) {
        if (found != nullptr) esp_camera_fb_return(found);
        Serial.println("no picture");
        patience.rest(now, WITHOUT_CAMERA_MS);
        return;
    }
    waiting = found, waitingSeq = seq, waitingSince = now, waitingBurst = cadence.isBursting(now);
    cadence.sent(now);
}

// The picture that waits: again with the same number until it is taken, which makes twice once.
static void send() {
    const Answer answer = server.frame(waiting->buf, waiting->len, [](HTTPClient& http) {
        http.addHeader(HEADER_BOOT, numbers.life());
        http.addHeader(HEADER_SEQ, String(static_cast<unsigned long long>(waitingSeq)));
        http.addHeader(HEADER_WIDTH, String(static_cast<int>(waiting->width)));
        http.addHeader(HEADER_HEIGHT, String(static_cast<int>(waiting->height)));
        http.addHeader(HEADER_BURST, waitingBurst ? "1" : "0");
        http.addHeader(HEADER_RSSI, String(static_cast<int>(WiFi.RSSI())));
        http.addHeader(HEADER_VERSION, VERSION);
        if (BATTERY_PIN >= 0) http.addHeader(HEADER_BATTERY, String(batteryMv()));
    });
    if (went(answer)) {
        toldAt = millis();
        obey(answer.body);
        drop();
        asksAgain = !cadence.isBursting(toldAt);
        lookedAt.set(toldAt, LOOKED_AT_MS);
    } else if (answer.kind == Kind::NEVER || millis() - waitingSince > TOO_OLD_MS) {
        drop();
    }
}

static void connect() {
    WiFi.mode(WIFI_STA);
    WiFi.setAutoReconnect(true);
    WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
}

void setup() {
    Serial.begin(115200);
    if (PIR_PIN >= 0) pinMode(PIR_PIN, INPUT);
    store.begin("pivision", false);
    numbers.begin(store);
    server.begin();
    server.useKey(KEY[0] != '\0' ? String(KEY) : store.getString("key", ""));
    if (!beginCamera()) {
        Serial.println("no camera");
        delay(WITHOUT_CAMERA_MS);
        ESP.restart();
    }
    connect();
    answeredAt = millis();
}

void loop() {
    const uint32_t now = millis();
    if (PIR_PIN >= 0 && digitalRead(PIR_PIN) == HIGH) cadence.moved(now);
    if (now - answeredAt > STUCK_MS) ESP.restart();
    if (WiFi.status() != WL_CONNECTED || !patience.isOver(now)) {
        delay(20);
    } else if (!server.hasKey()) {
        enroll();
    } else if (!hasPolled || now - polledAt >= cadence.orders.pollMs || (asksAgain && !lookedAt.isAhead(now))) {
        poll();
    } else if (waiting != nullptr) {
        send();
    } else if (cadence.isDue(now)) {
        take();
    } else if (now - toldAt >= HEARTBEAT_MS || toldAt == 0) {
        beat();
    } else {
        delay(10);
    }
}
