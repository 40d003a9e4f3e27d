/* Whole worlds, each from its seed, against what is true in them. */
#include <string.h>
#include <time.h>

#include "check.h"
#include "world.h"

static unsigned worlds_to_run(void)
{
        const char *text = getenv("KEYVIGIL_WORLDS");

        return text ? (unsigned) strtoul(text, NULL, 10) : long_form() ? 2000 : 100;
}

static void print_features(const unsigned *worlds)
{
        for (int i = 0; i < _FEATURE_MAX; i++)
                fprintf(stderr, "%5u worlds had: %s%s\n", worlds[i],
                        i >= FEATURE_ODD_NONE ? "merchants who are answered " : "",
                        feature_text((enum feature) i));
}

static bool run_one(uint64_t seed, unsigned *worlds)
{
        struct plan plan;

        plan_make(&plan, seed);
        if (getenv("KEYVIGIL_VERBOSE"))
                story_tell(stderr, &plan, &(struct breach){ .law = -1 });
        clock_t begun = clock();
        struct world *world = world_new(&plan);
        bool good = world_run(world);
        struct breach breach = world->breach;

        breach.at -= world->began;
        story_entries(world, breach.told, sizeof(breach.told));
        if (getenv("KEYVIGIL_VERBOSE"))
                fprintf(stderr, "seed %llu: %zu keys, %llu requests, %zu entries, %.2f s: %s\n",
                        (unsigned long long) seed, plan.keys, (unsigned long long) world->sim->requests,
                        world->sim->n_entries, (double) (clock() - begun) / CLOCKS_PER_SEC,
                        good ? "good" : breach.text);
        if (getenv("KEYVIGIL_JOURNAL"))
                story_journal(stderr, world);
        for (int i = 0; i < _FEATURE_MAX; i++)
                worlds[i] += world->seen[i] > 0;
        world_free(world);
        if (good)
                return true;
        fprintf(stderr, "--- broken: %s\n", law_text((enum law) breach.law));
        story_tell(stderr, &plan, &breach);
        if (!getenv("KEYVIGIL_NOSHRINK")) {
                plan_shrink(&plan, &breach);
                fprintf(stderr, "--- the shortest that was found:\n");
                story_tell(stderr, &plan, &breach);
        }
        return false;
}

static void every_world_keeps_the_laws(void **state)
{
        static unsigned worlds[_FEATURE_MAX];
        unsigned broken = 0, stop_after = getenv("KEYVIGIL_BROKEN") ? 1000000 : 1;
        uint64_t seed = first_seed(), end = seed + worlds_to_run();

        (void) state;
        fprintf(stderr, "worlds of the seeds %llu to %llu\n", (unsigned long long) seed,
                (unsigned long long) end - 1);
        for (; seed < end && broken < stop_after; seed++)
                broken += !run_one(seed, worlds);
        print_features(worlds);
        assert_int_equal(broken, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_world_keeps_the_laws),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
