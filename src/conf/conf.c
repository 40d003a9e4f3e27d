#include "conf/conf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/directory.h"
#include "conf/field.h"
#include "conf/instance.h"
#include "conf/permissions.h"
#include "conf/profile_file.h"
#include "conf/settings.h"

struct loading {
        struct conf *conf;
        struct problems *problems;
        unsigned n_files; /* read so far */
        bool naming;      /* keep their names in `conf` */
};

struct conf *conf_free(struct conf *conf)
{
        if (!conf)
                return NULL;
        settings_clear(&conf->settings);
        catalogue_free(conf->catalogue);
        profiles_free(conf->profiles);
        for (size_t i = 0; i < conf->n_files; i++)
                free(conf->files[i]);
        free(conf->files);
        return mfree(conf);
}

static int name_file(struct conf *conf, const char *path)
{
        char **files = reallocarray(conf->files, conf->n_files + 1, sizeof(*files));

        if (!files)
                return -ENOMEM;
        conf->files = files;
        files[conf->n_files] = strdup(path);
        if (!files[conf->n_files])
                return -ENOMEM;
        conf->n_files++;
        return 0;
}

/* -ENOENT: no such file, and nothing said about it. A file that is no YAML is a problem and gives no tree. */
static int tree_load(struct loading *loading, const char *path, struct node **ret)
{
        const struct place place = { .file = path, .order = loading->n_files++ };
        int r = tree_read(&place, loading->problems, ret);

        if (r >= 0 && loading->naming)
                r = name_file(loading->conf, path);
        return r == -EBADMSG ? 0 : r;
}

/* About a file as a whole. */
static void complain(struct loading *loading, const char *path, const char *what)
{
        const struct place place = { .file = path, .order = loading->n_files };

        problem_error(loading->problems, &place, "%s", what);
}

static int settings_file_load(struct loading *loading, const char *path, bool must_exist)
{
        _cleanup_(node_freep) struct node *root = NULL;
        int r = tree_load(loading, path, &root);

        if (r == -ENOENT) {
                if (must_exist)
                        complain(loading, path, "there is no such file; name one that is there");
                return 0;
        }
        if (r < 0 || !root || (root->kind == NODE_SCALAR && *root->text == '\0'))
                return r;
        return settings_read(root, &loading->conf->settings, loading->problems);
}

static int settings_load(struct loading *loading, const char *path, const char *directory, bool must_exist)
{
        _cleanup_(listing_clear) struct listing dropins = { 0 };
        int r = settings_default(directory, &loading->conf->settings);

        if (r >= 0)
                r = instance_default(path, &loading->conf->settings);
        if (r < 0)
                return r;
        r = settings_file_load(loading, path, must_exist);
        if (r < 0)
                return r;
        r = listing_add(&dropins, path, ".d", loading->problems);
        for (size_t i = 0; r >= 0 && i < dropins.n; i++)
                r = settings_file_load(loading, dropins.list[i].path, true);
        return r;
}

/* An override of long ago hides what was learned since: it is taken, and named. */
static int catalogue_age(struct loading *loading, const struct node *own, const char *shipped)
{
        _cleanup_(problems_clearp) struct problems problems = { 0 };
        _cleanup_(node_freep) struct node *root = NULL;
        struct loading other = { .conf = loading->conf, .problems = &problems };
        int r = tree_load(&other, shipped, &root);
        const struct node *version = r == 0 && root ? node_find(root, "version") : NULL;
        const char *mine = loading->conf->catalogue->version;

        if (version && version->text && strncmp(mine, version->text, strlen("YYYY-MM-DD")) < 0)
                problem_warning(
                        loading->problems, &node_find(own, "version")->place,
                        "this catalogue (%s) is older than the built-in one (%.20s); compare them, or "
                        "take it away",
                        mine, version->text);
        return r == -ENOMEM ? r : 0;
}

static int catalogue_load(struct loading *loading, const char *directory, const char *data)
{
        _cleanup_free_ char *own = NULL, *shipped = NULL;
        _cleanup_(node_freep) struct node *root = NULL;
        const char *path;

        if (path_join(directory, "permissions.yaml", &own) < 0 ||
            path_join(data, "permissions.yaml", &shipped) < 0)
                return -ENOMEM;
        size_t errors = loading->problems->n_errors;
        int r = tree_load(loading, path = own, &root);
        if (r == -ENOENT)
                r = tree_load(loading, path = shipped, &root);
        if (r == -ENOENT)
                complain(loading, path,
                         "there is no such file; install keyvigil anew, or set " CONF_DATADIR_VARIABLE);
        else if (r == 0 && !root && loading->problems->n_errors == errors)
                complain(loading, path, "the file is empty; fill it or take it away");
        if (r < 0 || !root)
                return r == -ENOENT ? 0 : r;
        r = permissions_read(root, loading->problems, &loading->conf->catalogue);
        if (r < 0)
                return r == -EBADMSG ? 0 : r;
        if (path == own && (r = catalogue_age(loading, root, shipped)) < 0)
                return r;
        return catalogue_set_version(loading->conf->catalogue, loading->conf->settings.stripe.api_version);
}

static int profile_load(struct loading *loading, const struct listed *file)
{
        struct profiles *profiles = loading->conf->profiles;
        _cleanup_(node_freep) struct node *root = NULL;
        size_t errors = loading->problems->n_errors;
        int r = tree_load(loading, file->path, &root);

        if (r == -ENOENT || (r == 0 && !root && loading->problems->n_errors == errors)) {
                complain(loading, file->path, "the file is empty; fill it or take it away");
                return 0;
        }
        if (r < 0 || !root)
                return r;
        r = profile_read(root, file->name, loading->conf->catalogue, loading->problems,
                         &profiles->list[profiles->n]);
        profiles->n += r == 0;
        return r == -EBADMSG ? 0 : r;
}

static int profiles_load(struct loading *loading, const char *data)
{
        _cleanup_(listing_clear) struct listing files = { 0 };

        loading->conf->profiles = calloc(1, sizeof(struct profiles));
        if (!loading->conf->profiles)
                return -ENOMEM;
        if (!loading->conf->catalogue) /* its problems come first: without it every label is unknown */
                return 0;
        int r = listing_add(&files, data, "/profiles", loading->problems);
        if (r == 0)
                r = listing_add(&files, loading->conf->settings.profiles_dir, "", loading->problems);
        if (r < 0)
                return r;
        loading->conf->profiles->list = calloc(files.n + 1, sizeof(struct profile *));
        if (!loading->conf->profiles->list)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < files.n; i++)
                r = profile_load(loading, &files.list[i]);
        return r;
}

static int load_all(struct loading *loading, const char *path)
{
        const char *data = secure_getenv(CONF_DATADIR_VARIABLE);
        _cleanup_free_ char *directory = NULL;
        int r = path_directory(path ? path : CONF_PATH, &directory);

        if (!data || *data == '\0')
                data = PKGDATADIR;
        if (r == 0)
                r = settings_load(loading, path ? path : CONF_PATH, directory, path != NULL);
        if (r >= 0)
                r = catalogue_load(loading, directory, data);
        return r < 0 ? r : profiles_load(loading, data);
}

int conf_load(const char *path, struct conf **ret, struct problems *problems)
{
        _cleanup_(conf_freep) struct conf *conf = calloc(1, sizeof(*conf));
        struct loading loading = { .conf = conf, .problems = problems, .naming = true };

        if (!conf)
                return -ENOMEM;
        int r = load_all(&loading, path);
        if (r < 0)
                return r;
        if (problems->n_errors > 0)
                return -EINVAL;
        *ret = TAKE(conf);
        return 0;
}

int conf_load_settings(const char *path, struct settings *ret)
{
        struct problems problems = { 0 };
        struct conf conf = { 0 };
        struct loading loading = { .conf = &conf, .problems = &problems };
        _cleanup_free_ char *directory = NULL;
        int r = path_directory(path ? path : CONF_PATH, &directory);

        if (r == 0)
                r = settings_load(&loading, path ? path : CONF_PATH, directory, path != NULL);
        problems_clear(&problems);
        if (r < 0) {
                settings_clear(&conf.settings);
                return r;
        }
        *ret = conf.settings;
        return 0;
}
