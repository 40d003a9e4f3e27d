/* No copy of a key stays behind. */
#include "asker.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/harden.h"
#include "world.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

/* So many consecutive characters of a key are part of a key. */
#define WINDOW   12
#define KEY_SIZE 107
#define MASK     0x55

/* The key as it may lie about in this process: masked. */
static char masked[KEY_SIZE];

static struct secret *make_key(void)
{
        struct secret *key = secret_new(KEY_SIZE);

        assert_non_null(key);
        assert_int_equal(getrandom(key->bytes, KEY_SIZE, 0), KEY_SIZE);
        for (size_t i = 0; i < KEY_SIZE; i++) {
                key->bytes[i] = (char) ('A' + (unsigned char) key->bytes[i] % 26);
                masked[i] = (char) (key->bytes[i] ^ MASK);
        }
        return key;
}

static bool is_part_of_key(const volatile char *bytes, size_t from)
{
        for (size_t i = 0; i < WINDOW; i++)
                if ((bytes[i] ^ MASK) != masked[from + i])
                        return false;
        return true;
}

static unsigned count_in(const volatile char *begin, const volatile char *end)
{
        unsigned n = 0;

        for (; begin + WINDOW <= end; begin++)
                for (size_t from = 0; from + WINDOW <= KEY_SIZE; from += WINDOW)
                        n += is_part_of_key(begin, from);
        return n;
}

/* How many parts of the key lie in this process's own writable memory. */
static unsigned count_in_memory(void)
{
        FILE *maps = fopen("/proc/self/maps", "re");
        unsigned long begin, end;
        char line[512], modes[8];
        unsigned n = 0;

        assert_non_null(maps);
        while (fgets(line, sizeof(line), maps))
                if (sscanf(line, "%lx-%lx %7s", &begin, &end, modes) == 3 && strncmp(modes, "rw-p", 4) == 0)
                        n += count_in((const char *) begin, (const char *) end);
        fclose(maps);
        return n;
}

static void serve(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes))
                peer_answer(fd, "401 Unauthorized", "", "{}");
}

static void setup_key(struct asker *asker)
{
        secret_free(asker->key);
        asker->key = make_key();
}

/* Ask with each method; how many parts of the key are left then. */
static unsigned parts_left_by_answers(struct asker *asker)
{
        struct request request;

        setup_key(asker);
        asker_serve(asker, serve);
        for (int method = METHOD_GET; method <= METHOD_DELETE; method++) {
                request = asker_request(asker, (enum method) method, "/v1/customers/x");
                asker_start(asker, &request);
                assert_true(count_in_memory() > KEY_SIZE / WINDOW); /* the asker's, and the transport's */
                asker_await(asker, 1);
                assert_int_equal(asker->last.status, 401);
        }
        asker->key = secret_free(asker->key);
        return count_in_memory();
}

static void the_key_goes_with_the_answer(void **state)
{
        assert_int_equal(parts_left_by_answers(*state), 0);
}

/* No claim: what lazy binding leaves depends on the processor, and on what was asked of the binder before. */
static void what_lazy_binding_leaves(void **state)
{
        print_message("bound lazily, %u parts of the key are left\n", parts_left_by_answers(*state));
}

static void the_key_goes_when_cancelled(void **state)
{
        struct asker *asker = *state;
        struct request request;

        setup_key(asker);
        asker_serve(asker, serve);
        request = asker_request(asker, METHOD_GET, "/");
        for (int turns = 0; turns < 5; turns++) {
                struct call *call = asker_start(asker, &request);

                for (int i = 0; i < turns; i++)
                        assert_true(sd_event_run(asker->event, 0) >= 0);
                if (asker->answers == 0)
                        asker->transport->cancel(asker->transport, call);
                asker->answers = 0;
        }
        asker->key = secret_free(asker->key);
        assert_int_equal(count_in_memory(), 0);
}

static void serve_echo(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes))
                peer_answer(fd, "401 Unauthorized", "", notes->last);
}

/* An answer may repeat the key; its memory is the transport's until the next request. */
static void the_key_goes_from_the_answer_too(void **state)
{
        struct asker *asker = *state;

        setup_key(asker);
        asker_serve(asker, serve_echo);
        assert_non_null(strstr(asker_get(asker, "/")->body, "Bearer "));
        explicit_bzero(asker->last.body, sizeof(asker->last.body));
        asker->key = secret_free(asker->key);
        assert_int_equal(count_in_memory(), 0);
}

/* Over HTTP/2 the request passes through nghttp2 and TLS, which take their memory from the C library. */
static void the_key_goes_over_http2_too(void **state)
{
        struct asker *asker = *state;
        char ca_file[128];
        struct world world;
        unsigned left = 0;
        int served;

        setup_key(asker);
        world_make(&world);
        served = world_serve_nginx(&world, "http2", "return 401 '{}';");
        if (served) {
                snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", world.dir);
                asker->options.ca_file = ca_file;
                asker_point_at(asker, "https", "127.0.0.1", world.port);
                asker_connect(asker);
                for (int i = 0; i < 3; i++)
                        assert_int_equal(asker_get(asker, "/")->status, 401);
                asker->key = secret_free(asker->key);
                left = count_in_memory();
        }
        world_end(&world);
        if (!served)
                skip();
        assert_int_equal(left, 0);
}

/* What the daemon sets for itself (base/harden.h): freed memory is overwritten, small blocks included. */
#define TUNABLES "glibc.malloc.perturb=85:glibc.malloc.tcache_count=0"

#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)

/* As this program was linked: at once as the daemon is, or lazily, which shows what that guards against. */
static int run_unguarded(void)
{
        const struct CMUnitTest tests[] = { TEST(what_lazy_binding_leaves) };

        return cmocka_run_group_tests_name("memory, bound lazily", tests, NULL, NULL);
}

static int run_guarded(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_key_goes_with_the_answer),
                TEST(the_key_goes_when_cancelled),
                TEST(the_key_goes_from_the_answer_too),
                TEST(the_key_goes_over_http2_too),
        };

        return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}

/* Whatever else the C library was told stays: a processor may be tried without what it has. */
static int begin_again(char **argv)
{
        const char *others = getenv("GLIBC_TUNABLES");
        char text[1024];

        snprintf(text, sizeof(text), "%s%s" TUNABLES, others ? others : "", others ? ":" : "");
        setenv("GLIBC_TUNABLES", text, true);
        execv("/proc/self/exe", argv);
        return 99;
}

int main(int argc, char **argv)
{
        const char *name = strrchr(argv[0], '/'), *tunables = getenv("GLIBC_TUNABLES");

        (void) argc;
#ifdef SANITIZED
        return 77; /* its shadow cannot be searched, and it keeps what was freed */
#endif
        if (!tunables || !strstr(tunables, TUNABLES))
                return begin_again(argv);
        if (name && strstr(name, "lazy") && !getenv("LD_BIND_NOW") && run_unguarded() != 0)
                return EXIT_FAILURE;
        return harden(argv) < 0 ? 99 : run_guarded(); /* as the programs do */
}
