#pragma once
#include <cstddef>
#include <cstdint>

enum framesize_t { FRAMESIZE_QVGA, FRAMESIZE_VGA, FRAMESIZE_SVGA, FRAMESIZE_XGA, FRAMESIZE_HD, FRAMESIZE_UXGA };
enum { LEDC_TIMER_0, LEDC_CHANNEL_0, PIXFORMAT_JPEG, CAMERA_FB_IN_PSRAM, CAMERA_FB_IN_DRAM, CAMERA_GRAB_WHEN_EMPTY };
constexpr int ESP_OK = 0;

struct camera_config_t {
    int pin_pwdn, pin_reset, pin_xclk, pin_sccb_sda, pin_sccb_scl, pin_d7, pin_d6, pin_d5, pin_d4, pin_d3, pin_d2, pin_d1,
        pin_d0, pin_vsync, pin_href, pin_pclk, xclk_freq_hz, ledc_timer, ledc_channel, pixel_format, frame_size,
        jpeg_quality, fb_count, fb_location, grab_mode;
};
struct camera_fb_t {
    uint8_t* buf;
    size_t len;
    size_t width, height;
};
struct sensor_t {
    int (*set_framesize)(sensor_t*, framesize_t);
    int (*set_quality)(sensor_t*, int);
};
int esp_camera_init(const camera_config_t*);
sensor_t* esp_camera_sensor_get();
camera_fb_t* esp_camera_fb_get();
void esp_camera_fb_return(camera_fb_t*);
