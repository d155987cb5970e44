/* setup: what sandbox.yaml says. Rows of lib/config are the only list of settings. */
#ifndef SEALGATE_SANDBOX_SETUP_H
#define SEALGATE_SANDBOX_SETUP_H

#include "lib/config/config.h"
#include "sandbox/hub_setup.h"
#include "sandbox/scenario.h"

struct setup {
	struct arena *arena;
	const char *address, *certificate_file, *key_file;   /* certificate NULL: plain HTTP, on loopback only */
	uint16_t port;
	struct {
		const char *name, *country, *office, *phone, *place_code, *place_name;
	} authority;
	const char *signing_key, *signing_certificate;
	bool signing_legacy;
	const char *trust;            /* CA certificates of those who report */
	const char *clients;          /* file of OAuth2 clients */
	const char *push_url;         /* NULL: answers wait to be pulled */
	const char *push_token;       /* file */
	const char *push_ca;
	const char *const *push_private_hosts;
	const char *documents;        /* folder */
	bool documents_as_tar;        /* one archive instead of a file for each */
	const char *schemas;          /* folder */
	bool clock_of_documents;
	int answer_after_ms;
	struct scenarios scenarios;
	const struct hub_setup *hub;  /* NULL: none is played */
};

/* NULL: there are problems, in `problems` (whose arena outlives this). */
struct setup *setup_load(const char *path, struct config_problems *problems);
void setup_free(struct setup **setup);

extern const struct config_row setup_rows[];
extern const size_t setup_row_count;

#endif
