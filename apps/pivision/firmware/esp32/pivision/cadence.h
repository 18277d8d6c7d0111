// When the next picture is due: by the clock while nothing happens, quickly while something does. All in milliseconds
// since the start; differences are right also when the counter begins again after 49 days.
#pragma once
#include <Arduino.h>

// What the server wants; until it was asked, the appliance's own defaults.
struct Orders {
    long version = -1;
    uint32_t intervalMs = 30000;
    uint32_t burstEveryMs = 500;
    uint32_t burstLastsMs = 15000;
    uint32_t cooldownMs = 60000;
    uint32_t pollMs = 15000;
};

// A moment that lies ahead, or none.
class Until {
   public:
    void set(uint32_t now, uint32_t much) { from_ = now, much_ = much; }
    bool isAhead(uint32_t now) const { return now - from_ < much_; }

   private:
    uint32_t from_ = 0, much_ = 0;
};

class Cadence {
   public:
    Orders orders;

    // The server wants pictures quickly for so long; 0: it does not.
    void told(uint32_t now, uint32_t burstMs) { server_.set(now, burstMs); }

    // The motion sensor says that something moves. After a burst of our own comes a rest: a curtain, a cat.
    void moved(uint32_t now) {
        if (own_.isAhead(now) || !rest_.isAhead(now)) {
            own_.set(now, orders.burstLastsMs);
            rest_.set(now, orders.burstLastsMs + orders.cooldownMs);
        }
    }

    bool isBursting(uint32_t now) const { return own_.isAhead(now) || server_.isAhead(now); }

    bool isDue(uint32_t now) const {
        return !hasSent_ || now - sent_ >= (isBursting(now) ? orders.burstEveryMs : orders.intervalMs);
    }

    void sent(uint32_t now) { sent_ = now, hasSent_ = true; }

   private:
    Until own_, rest_, server_;
    uint32_t sent_ = 0;
    bool hasSent_ = false;
};

// How long to wait after failures: 1, 2, 4 … 120 s, by chance up to half of it less, and no less than was asked for.
class Patience {
   public:
    void failed(uint32_t now, uint32_t askedMs, uint32_t chance) {
        const uint32_t most = failures_ < 7 ? 1000U << failures_ : 120000U;
        failures_++;
        const uint32_t wait = most - chance % (most / 2);
        wait_.set(now, wait > askedMs ? wait : askedMs);
    }
    void rest(uint32_t now, uint32_t much) { wait_.set(now, much); }
    void went() { failures_ = 0, wait_.set(0, 0); }
    bool isOver(uint32_t now) const { return !wait_.isAhead(now); }

   private:
    uint32_t failures_ = 0;
    Until wait_;
};
