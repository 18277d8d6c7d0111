// What this camera is told before it is flashed. Nothing else has to be changed.
#pragma once

constexpr char WIFI_NAME[] = "the stand's network";
constexpr char WIFI_PASSWORD[] = "its password";

constexpr char SERVER[] = "http://pi-vision:8080";  // no slash at the end
constexpr char DEVICE[] = "stand";                  // as it was added: pivision devices add stand

// One of the two: a code, which is exchanged once for a key that stays in the camera; or a key that was made by hand.
constexpr char CODE[] = "";
constexpr char KEY[] = "";

constexpr int PIR_PIN = -1;      // a motion sensor, high while something moves; -1: none
constexpr int BATTERY_PIN = -1;  // half of the battery's voltage, by two equal resistors; -1: none
