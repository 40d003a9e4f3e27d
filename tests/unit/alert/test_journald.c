/* journald's place is taken by a datagram socket of our own: one that reads, one that is full, one that is
 * closed, and none at all. The sending itself is a function that writes down what it was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "alert/journald.h"
#include "alert/journald_private.h"
#include "alert/probe.h"

struct world {
        char folder[32];
        struct sockaddr_un address;
        int reader;
        struct journal *journal;
};

static struct {
        int calls, result, n;
        char first[64], last[64];
} sent;

static void take(char *to, size_t size, const struct iovec *field)
{
        size_t n = MIN(size - 1, field->iov_len);

        memcpy(to, field->iov_base, n);
        to[n] = '\0';
}

static int sendv(const struct iovec *fields, int n)
{
        sent.calls++;
        sent.n = n;
        take(sent.first, sizeof(sent.first), &fields[0]);
        take(sent.last, sizeof(sent.last), &fields[n - 1]);
        return sent.result;
}

static void reader_open(struct world *world)
{
        world->reader = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_true(world->reader >= 0);
        assert_int_equal(
                bind(world->reader, (const struct sockaddr *) &world->address, sizeof(world->address)), 0);
}

/* As when journald is stopped: the name stays, nobody is behind it. */
static void reader_close(struct world *world)
{
        close(world->reader);
        world->reader = -1;
}

/* As when journald is wedged: send until the queue takes no more. Gives the number it took. */
static int reader_fill(struct world *world)
{
        int n = 0, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        while (sendto(fd, "x", 1, 0, (const struct sockaddr *) &world->address, sizeof(world->address)) == 1)
                n++;
        assert_int_equal(errno, EAGAIN);
        close(fd);
        return n;
}

static int setup(void **state)
{
        struct world *world = calloc(1, sizeof(*world));

        if (!world)
                return -1;
        memset(&sent, 0, sizeof(sent));
        snprintf(world->folder, sizeof(world->folder), "/tmp/keyvigil-test-XXXXXX");
        if (!mkdtemp(world->folder))
                return -1;
        world->address.sun_family = AF_UNIX;
        snprintf(world->address.sun_path, sizeof(world->address.sun_path), "%s/socket", world->folder);
        world->reader = -1;
        *state = world;
        return journald_new_with(world->address.sun_path, sendv, &world->journal);
}

static int teardown(void **state)
{
        struct world *world = *state;

        journald_free(world->journal);
        if (world->reader >= 0)
                close(world->reader);
        unlink(world->address.sun_path);
        rmdir(world->folder);
        free(world);
        return 0;
}

static int send_two(struct world *world)
{
        static const char *const fields[] = { "MESSAGE=one", "KEYVIGIL_KEY=acme" };

        return world->journal->send(world->journal, fields, ELEMENTSOF(fields));
}

static void test_sends_what_it_is_given(void **state)
{
        struct world *world = *state;

        reader_open(world);
        assert_int_equal(send_two(world), 0);
        assert_int_equal(sent.calls, 1);
        assert_int_equal(sent.n, 2);
        assert_string_equal(sent.first, "MESSAGE=one");
        assert_string_equal(sent.last, "KEYVIGIL_KEY=acme");
}

static void test_nobody_there(void **state)
{
        struct world *world = *state;

        assert_int_equal(send_two(world), -EAGAIN);
        assert_int_equal(sent.calls, 0);
}

static void test_stopped_and_started_again(void **state)
{
        struct world *world = *state;

        reader_open(world);
        assert_int_equal(send_two(world), 0);
        reader_close(world);
        assert_int_equal(send_two(world), -EAGAIN);
        unlink(world->address.sun_path);
        reader_open(world);
        assert_int_equal(send_two(world), 0);
        assert_int_equal(sent.calls, 2);
}

static void test_wedged_never_blocks(void **state)
{
        struct world *world = *state;
        char byte;

        reader_open(world);
        assert_true(reader_fill(world) > 0);
        assert_int_equal(send_two(world), -EAGAIN);
        assert_int_equal(sent.calls, 0);

        /* The kernel calls a queue full at one above its limit and wakes waiting writers below it. */
        while (recv(world->reader, &byte, 1, MSG_DONTWAIT) == 1)
                ;
        assert_int_equal(send_two(world), 0);
}

static void test_probing_leaves_nothing(void **state)
{
        struct world *world = *state;
        char byte;

        reader_open(world);
        int before = dup(world->reader);
        for (int i = 0; i < 100; i++)
                assert_int_equal(probe_socket(world->address.sun_path), 0);
        int after = dup(world->reader);
        assert_int_equal(after, before + 1);
        close(before);
        close(after);
        assert_int_equal(recv(world->reader, &byte, 1, MSG_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
}

static void test_results(void **state)
{
        static const struct {
                int library, ours;
        } table[] = {
                { 0, 0 },
                { 1, 0 },
                { -EINVAL, -EINVAL },
                { -EMSGSIZE, -EMSGSIZE },
                { -E2BIG, -E2BIG },
                { -ECONNREFUSED, -EAGAIN },
                { -ENOENT, -EAGAIN },
                { -ENOMEM, -EAGAIN },
                { -ENOBUFS, -EAGAIN },
                { -EMFILE, -EAGAIN },
                { -EPERM, -EAGAIN },
        };
        struct world *world = *state;

        reader_open(world);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                sent.result = table[i].library;
                assert_int_equal(send_two(world), table[i].ours);
        }
}

static void test_refuses_what_is_no_entry(void **state)
{
        struct world *world = *state;
        struct journal *journal = world->journal;
        static char huge[200 * 1024];
        const char *many[65], *field;

        reader_open(world);
        for (size_t i = 0; i < ELEMENTSOF(many); i++)
                many[i] = "A=b";
        assert_int_equal(journal->send(journal, many, 64), 0);
        assert_int_equal(journal->send(journal, many, 65), -E2BIG);
        assert_int_equal(journal->send(journal, many, 0), -EINVAL);

        memset(huge, 'x', sizeof(huge) - 1);
        huge[1] = '=';
        field = huge;
        assert_int_equal(journal->send(journal, &field, 1), -E2BIG);
        field = "NOTHING";
        assert_int_equal(journal->send(journal, &field, 1), -EINVAL);
        field = "MESSAGE=a\nPRIORITY=0";
        assert_int_equal(journal->send(journal, &field, 1), -EINVAL);
        assert_int_equal(sent.calls, 1);
}

static void test_path_too_long(void **state)
{
        char path[200];

        (void) state;
        memset(path, 'x', sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        assert_int_equal(probe_socket(path), -ENAMETOOLONG);
}

static void test_new_and_free(void **state)
{
        struct journal *journal = NULL;

        (void) state;
        assert_null(journald_free(NULL));
        assert_int_equal(journald_new(&journal), 0);
        assert_non_null(journal);
        assert_null(journald_free(journal));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_sends_what_it_is_given),    TEST(test_nobody_there),
                TEST(test_stopped_and_started_again), TEST(test_wedged_never_blocks),
                TEST(test_probing_leaves_nothing),    TEST(test_results),
                TEST(test_refuses_what_is_no_entry),  cmocka_unit_test(test_path_too_long),
                cmocka_unit_test(test_new_and_free),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
