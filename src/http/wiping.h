/* Memory for libcurl that is wiped when given back: it builds the request, key and all, in buffers of its
 * own. glibc's M_PERTURB does not reach blocks below 1 KiB, which its per-thread cache takes before that. */
#ifndef HTTP_WIPING_H
#define HTTP_WIPING_H

/* curl_global_init() with such memory; to be paired with curl_global_cleanup(). Without effect on the memory
 * if libcurl was initialised in this process already. -ENOMEM: libcurl would not. */
int wiping_init(void);

#endif
