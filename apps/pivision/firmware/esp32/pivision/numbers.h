// Numbers for pictures that only rise, whatever happens to the power: 1000 are reserved at each write to the flash.
#pragma once
#include <Arduino.h>
#include <Preferences.h>
#include <esp_random.h>

class Numbers {
   public:
    // After a power cut it goes on behind what was reserved: some numbers are left out, none comes twice.
    void begin(Preferences& store) {
        store_ = &store;
        life_ = store.getString("life", "");
        reserved_ = last_ = store.getULong64("reserved", 0);
        if (life_.length() == 0) {  // a new camera, or one that was erased: the server tells its numbers apart
            char text[17];
            snprintf(text, sizeof text, "%08lx%08lx", static_cast<unsigned long>(esp_random()),
                     static_cast<unsigned long>(esp_random()));
            life_ = text;
            reserved_ = last_ = 0;
            store.putString("life", life_);
        }
    }

    // 0 when it could not be reserved: then nothing is sent under it.
    uint64_t next() {
        if (last_ >= reserved_) {
            if (store_->putULong64("reserved", last_ + BLOCK) == 0) return 0;
            reserved_ = last_ + BLOCK;
        }
        return ++last_;
    }

    const String& life() const { return life_; }

   private:
    static constexpr uint64_t BLOCK = 1000;
    Preferences* store_ = nullptr;
    String life_;
    uint64_t reserved_ = 0, last_ = 0;
};
