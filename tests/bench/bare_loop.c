/* What throughput is measured against: libcurl's multi interface on sd-event, and nothing else. The same
 * number of requests in flight as the one that is compared, each with a header of its own; the answer is
 * counted and dropped. No limits, no clean-up, no care. With a RATE, so many requests a second are started,
 * each by a timer of its own, as a watch does that has time; else as many as there are places for.
 *
 * bare_loop URL CA_FILE REQUESTS IN_FLIGHT [RATE] */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include "report.h"

struct bare {
        CURLM *multi;
        sd_event *event;
        sd_event_source *timer, *ended, *pace;
        uint64_t step; /* microseconds between two requests; 0: as fast as it goes */
        long wanted, started, done, answered;
        struct slot *idle; /* that have nothing to ask before their time */
};

struct slot {
        struct bare *bare;
        struct slot *next;
        CURL *easy;
        struct curl_slist *headers;
};

static size_t on_body(char *bytes, size_t size, size_t n, void *userdata)
{
        (void) bytes;
        (void) userdata;
        return size * n;
}

static void slot_start(struct slot *slot)
{
        struct bare *bare = slot->bare;
        char line[160];

        snprintf(line, sizeof(line), "Authorization: Bearer rk_test_51%0*ld", REPORT_KEY_DIGITS,
                 bare->started++);
        curl_slist_free_all(slot->headers);
        slot->headers = curl_slist_append(NULL, line);
        curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
        curl_multi_add_handle(bare->multi, slot->easy);
}

static void slot_rest(struct slot *slot)
{
        slot->next = slot->bare->idle;
        slot->bare->idle = slot;
}

static int on_pace(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct bare *bare = userdata;
        struct slot *slot = bare->idle;

        if (slot && bare->started < bare->wanted) {
                bare->idle = slot->next;
                slot_start(slot);
        }
        return sd_event_source_set_time(source, usec + bare->step);
}

static int on_ended(sd_event_source *source, void *userdata)
{
        struct bare *bare = userdata;
        CURLMsg *message;
        int left;

        (void) source;
        while ((message = curl_multi_info_read(bare->multi, &left))) {
                CURL *easy = message->easy_handle;
                struct slot *slot = NULL;
                long status = 0;

                bare->answered += message->data.result == CURLE_OK;
                curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
                curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
                curl_multi_remove_handle(bare->multi, easy);
                if (++bare->done == bare->wanted)
                        return sd_event_exit(bare->event, 0);
                if (bare->step > 0)
                        slot_rest(slot);
                else if (bare->started < bare->wanted)
                        slot_start(slot);
        }
        return 0;
}

static int bare_act(struct bare *bare, curl_socket_t fd, int events)
{
        int running;

        if (curl_multi_socket_action(bare->multi, fd, events, &running) != CURLM_OK)
                return sd_event_exit(bare->event, -1);
        return sd_event_source_set_enabled(bare->ended, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void) source;
        return bare_act(userdata, fd,
                        (revents & EPOLLIN ? CURL_CSELECT_IN : 0) |
                                (revents & EPOLLOUT ? CURL_CSELECT_OUT : 0));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void) source;
        (void) usec;
        return bare_act(userdata, CURL_SOCKET_TIMEOUT, 0);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socketp)
{
        struct bare *bare = userdata;
        sd_event_source *source = socketp;
        uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

        (void) easy;
        if (what == CURL_POLL_REMOVE)
                sd_event_source_disable_unref(source);
        else if (source)
                sd_event_source_set_io_events(source, events);
        else if (sd_event_add_io(bare->event, &source, fd, events, on_io, bare) < 0)
                return -1;
        curl_multi_assign(bare->multi, fd, what == CURL_POLL_REMOVE ? NULL : source);
        return 0;
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *userdata)
{
        struct bare *bare = userdata;

        (void) multi;
        if (timeout_ms < 0)
                return sd_event_source_set_enabled(bare->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
        sd_event_source_set_time_relative(bare->timer, (uint64_t) timeout_ms * 1000);
        return sd_event_source_set_enabled(bare->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

static void bare_setup(struct bare *bare)
{
        curl_global_init(CURL_GLOBAL_ALL);
        bare->multi = curl_multi_init();
        sd_event_default(&bare->event);
        sd_event_add_time(bare->event, &bare->timer, CLOCK_MONOTONIC, 0, 1, on_timer, bare);
        sd_event_source_set_enabled(bare->timer, SD_EVENT_OFF);
        sd_event_add_defer(bare->event, &bare->ended, on_ended, bare);
        sd_event_source_set_enabled(bare->ended, SD_EVENT_OFF);
        curl_multi_setopt(bare->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
        curl_multi_setopt(bare->multi, CURLMOPT_SOCKETDATA, bare);
        curl_multi_setopt(bare->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
        curl_multi_setopt(bare->multi, CURLMOPT_TIMERDATA, bare);
        curl_multi_setopt(bare->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
}

static void bare_pace(struct bare *bare, long rate)
{
        bare->step = 1000000 / (uint64_t) rate;
        sd_event_add_time_relative(bare->event, &bare->pace, CLOCK_MONOTONIC, bare->step, 1, on_pace, bare);
        sd_event_source_set_enabled(bare->pace, SD_EVENT_ON);
}

static void slot_new(struct bare *bare, const char *url, const char *ca_file)
{
        struct slot *slot = calloc(1, sizeof(*slot));

        slot->bare = bare;
        slot->easy = curl_easy_init();
        curl_easy_setopt(slot->easy, CURLOPT_URL, url);
        curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
        curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(slot->easy, CURLOPT_CAINFO, ca_file);
        curl_easy_setopt(slot->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(slot->easy, CURLOPT_PIPEWAIT, 1L);
        curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
        if (bare->step > 0)
                slot_rest(slot);
        else
                slot_start(slot);
}

int main(int argc, char **argv)
{
        struct bare bare = { 0 };
        struct report report;
        long in_flight;

        if (argc != 5 && argc != 6) {
                fprintf(stderr, "usage: %s URL CA_FILE REQUESTS IN_FLIGHT [RATE]\n", argv[0]);
                return 2;
        }
        bare.wanted = strtol(argv[3], NULL, 10);
        in_flight = strtol(argv[4], NULL, 10);
        bare_setup(&bare);
        if (argc == 6 && strtol(argv[5], NULL, 10) > 0)
                bare_pace(&bare, strtol(argv[5], NULL, 10));
        report_begin(&report);
        for (long i = 0; i < in_flight; i++)
                slot_new(&bare, argv[1], argv[2]);
        sd_event_loop(bare.event);
        report_end(&report, bare.answered, bare.wanted);
        return bare.answered == bare.wanted ? 0 : 1;
}
