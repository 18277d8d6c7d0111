// The sketch as a Linux program: `ESP_HOME=folder ./camera`, until it is ended.
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "pivision.ino"

HostSerial Serial;
HostChip ESP;
HostWiFi WiFi;

static std::string place(const std::string& name) { return std::string(std::getenv("ESP_HOME")) + "/" + name; }

std::string hostFile(const char* name) {
    std::ifstream file(place(name), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

static size_t keep(const char* name, const std::string& value) {
    const std::string path = place(std::string("flash-") + name);
    std::ofstream(path + ".new", std::ios::binary) << value;
    return std::rename((path + ".new").c_str(), path.c_str()) == 0 ? value.size() : 0;
}

static int speed() {  // how many of its seconds are one of ours
    static const char* told = std::getenv("ESP_SPEED");
    return told == nullptr ? 1 : std::atoi(told);
}

uint32_t millis() {
    static const auto began = std::chrono::steady_clock::now();
    const auto since = std::chrono::steady_clock::now() - began;
    return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count() * speed());
}
void delay(uint32_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms) / speed()); }
void pinMode(int, int) {}
int digitalRead(int pin) { return hostFile(("pin-" + std::to_string(pin)).c_str()).empty() ? 0 : HIGH; }
uint32_t analogReadMilliVolts(int) { return 1900; }
bool psramFound() { return true; }
uint32_t esp_random() {
    static std::random_device source;
    return source();
}

String Preferences::getString(const char* name, const char* otherwise) {
    const std::string found = hostFile((std::string("flash-") + name).c_str());
    return found.empty() ? String(otherwise) : String(found);
}
size_t Preferences::putString(const char* name, const String& value) { return keep(name, value.c_str()); }
uint64_t Preferences::getULong64(const char* name, uint64_t otherwise) {
    const std::string found = hostFile((std::string("flash-") + name).c_str());
    return found.empty() ? otherwise : std::stoull(found);
}
size_t Preferences::putULong64(const char* name, uint64_t value) { return keep(name, std::to_string(value)); }

int esp_camera_init(const camera_config_t*) { return ESP_OK; }
static int setSize(sensor_t*, framesize_t size) {
    keep("size", std::to_string(size));
    return 0;
}
static int setQuality(sensor_t*, int quality) {
    keep("quality", std::to_string(quality));
    return 0;
}
sensor_t* esp_camera_sensor_get() {
    static sensor_t sensor = {setSize, setQuality};
    return &sensor;
}
camera_fb_t* esp_camera_fb_get() {  // a JPEG of 64x48, with a comment that no other picture has
    static int taken = 0;
    const std::string jpeg = hostFile("picture.jpg"), text = std::to_string(esp_random()) + "-" + std::to_string(taken++);
    if (jpeg.empty()) return nullptr;
    const std::string comment = {'\xff', '\xfe', '\0', static_cast<char>(text.size() + 2)};
    const std::string whole = jpeg.substr(0, 2) + comment + text + jpeg.substr(2);
    auto* frame = new camera_fb_t{new uint8_t[whole.size()], whole.size(), 64, 48};
    std::memcpy(frame->buf, whole.data(), whole.size());
    return frame;
}
void esp_camera_fb_return(camera_fb_t* frame) {
    delete[] frame->buf;
    delete frame;
}

bool HTTPClient::begin(const String& url) {
    const std::string text = url.c_str();
    const auto host = text.find("//") + 2, port = text.find(':', host), path = text.find('/', host);
    host_ = text.substr(host, port - host), port_ = text.substr(port + 1, path - port - 1), path_ = text.substr(path);
    request_.clear(), body_.clear(), collected_.clear();
    return true;
}
void HTTPClient::collectHeaders(const char* names[], size_t many) {
    for (size_t each = 0; each < many; each++) collected_[names[each]] = "";
}
void HTTPClient::addHeader(const String& name, const String& value) {
    request_ += std::string(name.c_str()) + ": " + value.c_str() + "\r\n";
}
String HTTPClient::header(const char* name) { return collected_[name]; }

int HTTPClient::ask(const char* method, const char* body, size_t length) {
    sockaddr_in to = {};
    to.sin_family = AF_INET, to.sin_port = htons(static_cast<uint16_t>(std::stoi(port_)));
    inet_pton(AF_INET, host_.c_str(), &to.sin_addr);
    const int line = socket(AF_INET, SOCK_STREAM, 0);
    const timeval patience = {15, 0};
    setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string text = std::string(method) + " " + path_ + " HTTP/1.1\r\nHost: " + host_ + "\r\nConnection: close\r\n" + request_;
    if (body != nullptr) text += "Content-Length: " + std::to_string(length) + "\r\n";
    text += "\r\n";
    if (body != nullptr) text.append(body, length);
    std::string said;
    if (connect(line, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
        for (size_t sent = 0; sent < text.size();) {
            const auto more = send(line, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (more <= 0) break;
            sent += static_cast<size_t>(more);
        }
        char part[4096];
        for (ssize_t got; (got = recv(line, part, sizeof part, 0)) > 0;) said.append(part, static_cast<size_t>(got));
    }
    close(line);
    const auto head = said.find("\r\n\r\n");
    if (head == std::string::npos) return -1;
    body_ = said.substr(head + 4);
    std::istringstream lines(said.substr(0, head));
    std::string first, each;
    std::getline(lines, first);
    while (std::getline(lines, each)) {
        const auto colon = each.find(": ");
        for (auto& [name, value] : collected_) {
            if (colon == name.size() && strncasecmp(each.c_str(), name.c_str(), colon) == 0) {
                value = each.substr(colon + 2, each.find('\r') - colon - 2);
            }
        }
    }
    return std::stoi(first.substr(9, 3));
}

int main() {
    setup();
    for (;;) loop();
}
