// The parts of Arduino and of the ESP32's libraries that the sketch uses, for a Linux machine: real time, real sockets,
// files in $ESP_HOME for the flash, the camera, the pins. Only for the test of the sketch.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

constexpr int HIGH = 1;
constexpr int INPUT = 1;

class String {
   public:
    String(const char* text = "") : text_(text) {}
    String(std::string text) : text_(std::move(text)) {}
    explicit String(int number) : text_(std::to_string(number)) {}
    explicit String(unsigned long number) : text_(std::to_string(number)) {}
    explicit String(unsigned long long number) : text_(std::to_string(number)) {}
    const char* c_str() const { return text_.c_str(); }
    unsigned int length() const { return static_cast<unsigned int>(text_.size()); }
    char charAt(unsigned int at) const { return text_[at]; }
    int indexOf(const String& part, unsigned int from = 0) const {
        const auto at = text_.find(part.text_, from);
        return at == std::string::npos ? -1 : static_cast<int>(at);
    }
    String substring(unsigned int from, unsigned int to) const { return text_.substr(from, to - from); }
    long toInt() const { return std::atol(text_.c_str()); }
    String& operator+=(const String& more) {
        text_ += more.text_;
        return *this;
    }
    friend String operator+(String one, const String& other) { return one += other; }
    friend bool operator==(const String& one, const String& other) { return one.text_ == other.text_; }

   private:
    std::string text_;
};

uint32_t millis();
void delay(uint32_t ms);
void pinMode(int pin, int mode);
int digitalRead(int pin);
uint32_t analogReadMilliVolts(int pin);
bool psramFound();

struct HostSerial {
    void begin(unsigned long) {}
    void println(const char* text) { std::printf("%s\n", text), std::fflush(stdout); }
    template <typename... Values>
    void printf(const char* format, Values... values) { std::printf(format, values...), std::fflush(stdout); }
};
extern HostSerial Serial;

struct HostChip {
    uint32_t getFreeHeap() { return 123456; }
    void restart() { std::exit(3); }
};
extern HostChip ESP;

std::string hostFile(const char* name);  // what lies in $ESP_HOME under that name
