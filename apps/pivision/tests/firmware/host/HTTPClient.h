#pragma once
#include <Arduino.h>

#include <map>

class HTTPClient {
   public:
    void setReuse(bool) {}
    void setTimeout(uint16_t) {}
    bool begin(const String& url);
    void end() {}
    void collectHeaders(const char* names[], size_t many);
    void addHeader(const String& name, const String& value);
    String header(const char* name);
    String getString() { return body_; }
    int GET() { return ask("GET", nullptr, 0); }
    int POST(const String& body) { return ask("POST", body.c_str(), body.length()); }
    int POST(uint8_t* body, size_t length) { return ask("POST", reinterpret_cast<char*>(body), length); }

   private:
    int ask(const char* method, const char* body, size_t length);
    std::string host_, port_, path_, request_, body_;
    std::map<std::string, std::string> collected_;
};
