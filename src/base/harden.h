/* What a process that holds secrets does before anything else. */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

/* No core and nothing for others to look into (not even for a debugger of the same user); freed memory is
 * overwritten, small blocks included, and libraries are bound at once. The last two are settings of the C
 * library's that count only if they are there when a program begins: if they are absent, the program executes
 * itself again, with them in its environment. Where it cannot, it goes on without.
 *
 * First thing in main(), before the first thread. -errno: the process cannot be closed to others. */
int harden(char *const *argv);

#endif
