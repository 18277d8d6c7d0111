// Values out of the server's JSON, without a library: its names are few, and none of them stands in a text.
#pragma once
#include <Arduino.h>

// Where the value of that name begins; -1 when it is not there.
inline int valueOf(const String& json, const char* name) {
    int at = json.indexOf(String("\"") + name + "\":");
    if (at < 0) return -1;
    at += static_cast<int>(strlen(name)) + 3;
    while (at < static_cast<int>(json.length()) && json.charAt(at) == ' ') at++;
    return at;
}

inline double numberIn(const String& json, const char* name, double otherwise) {
    const int at = valueOf(json, name);
    if (at < 0) return otherwise;
    char* end = nullptr;
    const double found = strtod(json.c_str() + at, &end);
    return end == json.c_str() + at ? otherwise : found;
}

inline String textIn(const String& json, const char* name) {
    const int at = valueOf(json, name);
    if (at < 0 || json.charAt(at) != '"') return "";
    const int end = json.indexOf("\"", at + 1);
    return end < 0 ? String("") : json.substring(at + 1, end);
}
