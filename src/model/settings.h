/* What the operator decided: keyvigil.yaml in memory. conf/ fills it, everybody reads it, nobody changes it.
 */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/usec.h"
#include "model/receiver.h"

/* More waits in `confirm` than this are refused. */
#define CONFIRM_MAX 8

enum cleanup {
        CLEANUP_DELETE,
        CLEANUP_REPORT, /* everything but the DELETE */
        CLEANUP_OFF,
};

/* Strings are owned by the settings, never NULL; "" where the file may leave something empty. */
struct settings {
        char *state_dir;
        struct {
                char *api_base; /* without a slash at its end */
                char *ca_file;
                char *proxy;
                char *api_version;
                usec_t timeout;
                unsigned concurrency;
                unsigned rate; /* per second */
                unsigned account_concurrency;
                unsigned account_rate; /* per second */
        } stripe;
        struct {
                usec_t pulse;
                usec_t full;
                usec_t excess;
                usec_t confirm[CONFIRM_MAX];
                size_t n_confirm; /* at least 1 */
                usec_t unverified_after;
        } checks;
        struct {
                enum cleanup cleanup;
                usec_t scan;
                usec_t scan_all;
                usec_t grace;
        } coupons;
        struct {
                usec_t due;
                usec_t overlap;
        } rotation;
        struct {
                usec_t keep;
        } history;
        struct {
                char *socket;
                char *read_socket; /* "": none */
        } control;
        struct {
                char *metrics; /* ADDRESS:PORT of the numbers; "": none */
                char *pages;   /* a socket's path, or ADDRESS:PORT, of what shows names; "": none */
                char **hosts;  /* Host headers that are answered */
                size_t n_hosts;
        } web;
        struct {
                struct receiver *receivers;
                size_t n;
        } notify;
        char *profiles_dir;
};

#endif
