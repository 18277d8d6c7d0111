#pragma once
#include <Arduino.h>
class Preferences {
   public:
    bool begin(const char*, bool) { return true; }
    String getString(const char* name, const char* otherwise);
    size_t putString(const char* name, const String& value);
    uint64_t getULong64(const char* name, uint64_t otherwise);
    size_t putULong64(const char* name, uint64_t value);
};
