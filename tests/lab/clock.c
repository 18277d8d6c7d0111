/* A clock that is off by what /etc/clock says, for the one process that loads it: hosts of the lab share one clock. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long off(void) {
    char text[32] = {0};
    int fd = open("/etc/clock", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    long found = read(fd, text, sizeof text - 1) > 0 ? atol(text) : 0;
    close(fd);
    return found;
}

int clock_gettime(clockid_t id, struct timespec *to) {
    int ended = (int)syscall(SYS_clock_gettime, id, to);
    if (ended == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) to->tv_sec += off();
    return ended;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    to->tv_sec = now.tv_sec;
    to->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}
