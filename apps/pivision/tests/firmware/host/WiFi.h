#pragma once
constexpr int WL_CONNECTED = 3;
constexpr int WIFI_STA = 1;
struct HostWiFi {
    void mode(int) {}
    void setAutoReconnect(bool) {}
    void begin(const char*, const char*) {}
    int status() { return WL_CONNECTED; }
    int RSSI() { return -55; }
};
extern HostWiFi WiFi;
