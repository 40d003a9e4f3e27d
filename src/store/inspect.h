/* Look at a database without SQLite, so that nothing is touched. */
#ifndef STORE_INSPECT_H
#define STORE_INSPECT_H

/* 1: a database of ours that this program understands; 0: there is none (no file, or an empty one);
 * -ENOTSUP: newer, or not ours; -EUCLEAN: no database at all; other -errno. */
int database_inspect(const char *path, char **ret_why);

/* What to say of a version that is not ours. Gives -ENOTSUP. */
int database_too_new(const char *path, int version, char **ret_why);

#endif
