/* What an instance is called decides where its files are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "conf/instance.h"
#include "conf/settings.h"

#define FOLDER SYSCONFDIR "/keyvigil/"

static void a_name_leads_to_a_file(void **state)
{
        static const char *const bad[] = { "",
                                           "-a",
                                           "East",
                                           "a/b",
                                           "..",
                                           "a.b",
                                           "keyvigil",
                                           "permissions",
                                           "a b",
                                           "e\xc3\xa4",
                                           "aaaaaaaaaabbbbbbbbbbccccccccccddd" };
        char *path = NULL;

        (void) state;
        assert_int_equal(instance_path("east-2", &path), 0);
        assert_string_equal(path, FOLDER "east-2.yaml");
        free(path);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(instance_path(bad[i], &path), -EINVAL);
}

static void its_defaults_are_its_own(void **state)
{
        struct settings settings = { 0 };

        (void) state;
        assert_int_equal(settings_default(FOLDER, &settings), 0);
        assert_int_equal(instance_default(FOLDER "east.yaml", &settings), 0);
        assert_string_equal(settings.state_dir, "/var/lib/keyvigil-east");
        assert_string_equal(settings.control.socket, "/run/keyvigil-east/control.sock");
        assert_string_equal(settings.control.read_socket, "");
        settings_clear(&settings);
}

static void other_files_are_nobodys(void **state)
{
        static const char *const paths[] = { FOLDER "keyvigil.yaml",
                                             FOLDER "permissions.yaml",
                                             FOLDER ".yaml",
                                             FOLDER "east.yaml.d/a.yaml",
                                             "/tmp/east.yaml",
                                             "east.yaml",
                                             "" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                struct settings settings = { 0 };

                assert_int_equal(settings_default(FOLDER, &settings), 0);
                assert_int_equal(instance_default(paths[i], &settings), 0);
                assert_string_equal(settings.state_dir, "/var/lib/keyvigil");
                assert_string_equal(settings.control.socket, "/run/keyvigil/control.sock");
                settings_clear(&settings);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_name_leads_to_a_file),
                cmocka_unit_test(its_defaults_are_its_own),
                cmocka_unit_test(other_files_are_nobodys),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
