// The server as the camera sees it: one connection that is kept, and answers in four kinds.
#pragma once
#include <Arduino.h>
#include <HTTPClient.h>

#include "contract.h"
#include "settings.h"

enum class Kind { TAKEN, NEVER, LATER, NOT_LET_IN };  // NEVER: the same request will never be taken

struct Answer {
    Kind kind = Kind::LATER;
    int status = 0;
    uint32_t retryAfterMs = 0;
    String body, tag;
};

class Server {
   public:
    void begin() {
        http_.setReuse(true);
        http_.setTimeout(15000);
    }

    bool hasKey() const { return key_.length() > 0; }
    void useKey(const String& key) { key_ = key; }

    Answer enroll() {
        open(PATH_ENROLL);
        http_.addHeader("Content-Type", "application/json");
        const String body =
            String("{\"") + TELL_DEVICE + "\":\"" + DEVICE + "\",\"" + TELL_CODE + "\":\"" + CODE + "\"}";
        return finish(http_.POST(body));
    }

    Answer heartbeat(const String& body) {
        open(PATH_HEARTBEAT);
        http_.addHeader("Content-Type", "application/json");
        return finish(http_.POST(body));
    }

    // Status 304: what `tag` said is still right.
    Answer configuration(const String& tag) {
        open(String(PATH_CONFIG) + "?" + TELL_DEVICE + "=" + DEVICE);
        if (tag.length() > 0) http_.addHeader("If-None-Match", tag);
        return finish(http_.GET());
    }

    // `about` adds what there is to say of the picture.
    template <typename About>
    Answer frame(uint8_t* jpeg, size_t length, About about) {
        open(PATH_FRAME);
        http_.addHeader("Content-Type", "image/jpeg");
        http_.addHeader(HEADER_DEVICE, DEVICE);
        about(http_);
        return finish(http_.POST(jpeg, length));
    }

   private:
    void open(const String& path) {
        static const char* wanted[] = {"Retry-After", "ETag"};
        http_.begin(String(SERVER) + path);
        http_.collectHeaders(wanted, 2);
        if (hasKey()) http_.addHeader(HEADER_KEY, key_);
    }

    Answer finish(int status) {
        Answer answer;
        answer.status = status;
        if (status > 0) {  // below: nobody answered
            answer.body = http_.getString();
            answer.tag = http_.header("ETag");
            answer.retryAfterMs = static_cast<uint32_t>(http_.header("Retry-After").toInt()) * 1000U;
        }
        http_.end();
        answer.kind = kindOf(status);
        return answer;
    }

    static Kind kindOf(int status) {
        switch (status) {
            case 401:
            case 403:
                return Kind::NOT_LET_IN;
            case 400:
            case 409:
            case 411:
            case 413:
            case 415:
            case 422:
                return Kind::NEVER;
            default:
                return status == 304 || (status >= 200 && status < 300) ? Kind::TAKEN : Kind::LATER;
        }
    }

    HTTPClient http_;
    String key_;
};
