/* What to do about an incident, in a sentence; `journalctl -x` has the whole of it. Within web/ only. */
#ifndef WEB_REMEDY_H
#define WEB_REMEDY_H

/* NULL: nothing is known of such a kind, or nothing is to be done. */
const char *kind_remedy(const char *kind);

#endif
