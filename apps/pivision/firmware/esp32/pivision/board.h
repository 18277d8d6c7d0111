// The camera module's pins: AI-Thinker ESP32-CAM. For another board take its numbers from the esp32 package's example
// CameraWebServer/camera_pins.h.
#pragma once
#include <Arduino.h>
#include <esp_camera.h>

// VGA at first; the server says what it wants, up to UXGA where the board has the memory for it.
inline bool beginCamera() {
    camera_config_t pins = {};
    pins.pin_pwdn = 32, pins.pin_reset = -1, pins.pin_xclk = 0;
    pins.pin_sccb_sda = 26, pins.pin_sccb_scl = 27;
    pins.pin_d7 = 35, pins.pin_d6 = 34, pins.pin_d5 = 39, pins.pin_d4 = 36;
    pins.pin_d3 = 21, pins.pin_d2 = 19, pins.pin_d1 = 18, pins.pin_d0 = 5;
    pins.pin_vsync = 25, pins.pin_href = 23, pins.pin_pclk = 22;
    pins.xclk_freq_hz = 20000000;
    pins.ledc_timer = LEDC_TIMER_0, pins.ledc_channel = LEDC_CHANNEL_0;
    pins.pixel_format = PIXFORMAT_JPEG;
    pins.frame_size = psramFound() ? FRAMESIZE_UXGA : FRAMESIZE_SVGA;  // buffers are made for the largest
    pins.jpeg_quality = 12;
    pins.fb_count = 1;
    pins.fb_location = psramFound() ? CAMERA_FB_IN_PSRAM : CAMERA_FB_IN_DRAM;
    pins.grab_mode = CAMERA_GRAB_WHEN_EMPTY;
    if (esp_camera_init(&pins) != ESP_OK) return false;
    sensor_t* sensor = esp_camera_sensor_get();
    sensor->set_framesize(sensor, FRAMESIZE_VGA);
    return true;
}

// The largest size that is not wider than asked for; the sensor's quality goes the other way, from 63 to 10.
inline void setPicture(int width, int quality) {
    static const struct {
        int width;
        framesize_t size;
    } sizes[] = {{1600, FRAMESIZE_UXGA}, {1280, FRAMESIZE_HD},  {1024, FRAMESIZE_XGA},
                 {800, FRAMESIZE_SVGA},  {640, FRAMESIZE_VGA}, {320, FRAMESIZE_QVGA}};
    sensor_t* sensor = esp_camera_sensor_get();
    for (const auto& each : sizes) {
        if (each.width > width && each.size != FRAMESIZE_QVGA) continue;
        if (each.width > 800 && !psramFound()) continue;
        sensor->set_framesize(sensor, each.size);
        break;
    }
    sensor->set_quality(sensor, 63 - quality * 53 / 100);
}
