/* client_inside: what client.c (queue, pools, loop), transfer_new.c (a call as it is given) and transfer.c (one call on libcurl) share. Not for
 * other folders. */
#ifndef SEALGATE_LIB_HTTP_CLIENT_INSIDE_H
#define SEALGATE_LIB_HTTP_CLIENT_INSIDE_H

#include <curl/curl.h>

#include "lib/http/client.h"

struct pool;

/* One call. The queue's while it waits, the loop's while it runs. */
struct transfer {
	struct transfer *next;
	struct pool *pool;
	struct arena *arena;
	struct http_call call;       /* texts copied, defaults filled in */
	const char *host;
	bool private_allowed;
	bool plain;                  /* http:// */
	http_done_fn *done;
	void *context;
	int64_t given_ms;

	CURL *easy;
	struct curl_slist *lines;
	char message[CURL_ERROR_SIZE];
	char address[64];
	uint64_t bytes_out;
	int sends;                   /* how often libcurl was about to send */
	bool refused;                /* an address was */
	bool resend;                 /* libcurl was about to send again, and was stopped */
	bool too_large;
	bool head_done;              /* of the final answer */
	size_t head_bytes;
	struct http_header *headers;
	size_t n_headers;
	struct buffer body;
	size_t source_at;            /* octets of the source that libcurl has taken */
	struct error stream_error;   /* it could not be read, or the answer could not be spooled */
};

/* Checks and copies; the arena is the transfer's. */
struct transfer *transfer_new(const struct http_call *call, struct error *error);
void transfer_free(struct transfer **transfer);
const char *transfer_pool(const struct transfer *transfer);
/* The handle, ready to be added; its connections come from `share`. Fails with BAD_KEY or BAD_FIELD. */
int transfer_begin(struct transfer *transfer, const struct http_client_config *config, CURLSH *share, struct error *error) must_use;
/* Sets the outcome from how libcurl ended, and calls done. */
enum http_fate transfer_end(struct transfer *transfer, CURLcode code);
/* Ended by us: `error` tells why. */
enum http_fate transfer_abandon(struct transfer *transfer, const struct error *error);

#endif
