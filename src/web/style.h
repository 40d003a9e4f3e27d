/* The one style of all pages; PAGE_STYLE_HASH in web/page.h is of these very bytes. Within web/ only. */
#ifndef WEB_STYLE_H
#define WEB_STYLE_H

extern const char page_style[];

#endif
