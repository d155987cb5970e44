/* What was decided becomes responses: written, signed (or not, or wrongly), kept, handed to the outbox. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/inside.h"
#include "sandbox/response.h"
#include "sandbox/shelf.h"

#define BETWEEN_MS 300    /* two answers to one declaration */
#define LATE_MS 1500      /* scenario out-of-order-answers */
#define REPEAT_MS 500     /* scenario duplicate-answers */

/* 32 hexadecimal digits, as the published samples have it. */
static const char *number_make(struct arena *arena)
{
	uint8_t random[16];
	BUFFER_AUTO hex = { 0 };
	entropy_fill(random, sizeof random);
	text_hex(&hex, (struct bytes){ random, sizeof random });
	return arena_text(arena, buffer_text(&hex));
}

static int answer_sign(const struct sandbox *s, struct bytes document, const char *name, int64_t now, struct buffer *out, struct error *error)
{
	const struct scenarios *scenarios = &s->setup->scenarios;
	ARENA_AUTO arena = arena_new();
	if (scenarios->on[SCENARIO_UNSIGNED_ANSWERS])
		return 0;
	return sign_detached(scenarios->on[SCENARIO_WRONGLY_SIGNED] ? s->stranger : s->signer, document, arena_printf(arena, "%s.xml", name), now, out, error);
}

static int answer_one(struct sandbox *s, struct lodged *lodged, const struct response *response, int in_ms, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO document = { 0 };
	BUFFER_AUTO signature = { 0 };
	const char *name = arena_printf(arena, lodged->answers ? "%s-answer-%d" : "%s-answer", lodged->reference, lodged->answers + 1);
	response_write(s->setup, response, &document);
	TRY(answer_sign(s, buffer_bytes(&document), name, response->issued, &signature, error));
	TRY(shelf_put(s->shelf, name, buffer_bytes(&document), buffer_bytes(&signature), error));
	lodged->answers++;
	struct posting posting = { .client = lodged->client, .conversation = lodged->conversation, .name = name, .document = buffer_bytes(&document),
		                   .signature = buffer_bytes(&signature), .in_ms = in_ms };
	outbox_add(s->outbox, &posting);
	if (s->setup->scenarios.on[SCENARIO_DUPLICATE_ANSWERS]) {
		posting.in_ms += REPEAT_MS;
		outbox_add(s->outbox, &posting);
	}
	return 0;
}

void answer_send(struct sandbox *s, struct lodged *lodged, const struct declaration *d, const struct decision *decision, const char *const *functions,
                 size_t count)
{
	ARENA_AUTO arena = arena_new();
	const struct scenarios *scenarios = &s->setup->scenarios;
	bool reversed = scenarios->on[SCENARIO_OUT_OF_ORDER], about_another = d->kind == LODGED_WITHDRAWAL || d->kind == LODGED_ARRIVAL;
	int first = s->setup->answer_after_ms + (reversed && s->declarations % 2 == 0 ? LATE_MS : 0);
	s->declarations++;
	if (scenarios->on[SCENARIO_NO_ANSWER])
		return;
	for (size_t i = 0; i < count; i++) {
		struct error error = { 0 };
		struct response response = { .function = functions[i], .number = number_make(arena), .issued = sandbox_time(s) + (int64_t)i * 1000,
			                     .reference = lodged->reference, .id = about_another && d->id ? d->id : lodged->id,
			                     .container = d->container, .document_count = d->document_count, .arrives = declaration_arrival(arena, d), .decision = decision };
		int after = (int)(reversed ? count - 1 - i : i) * BETWEEN_MS;
		if (answer_one(s, lodged, &response, first + after, &error) < 0)
			log_error("answer", lodged->reference, "an answer to %s is lost: %s", lodged->reference, error.text);
	}
}

/* ---- a key that nobody has certified ---- */

static int stranger_write(const struct setup *setup, const char *folder, struct arena *arena, struct signer **signer_r, struct error *error)
{
	KEY_AUTO ca_key = NULL;
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	const char *key_file = file_path(arena, folder, "key.pem"), *leaf_file = file_path(arena, folder, "leaf.pem");
	struct certificate_order authority = { .name = "Nobody's CA", .is_authority = true, .from = 0, .until = INT64_C(4102444800000) };
	struct certificate_order order = { .name = setup->authority.name, .country = setup->authority.country, .from = 0, .until = authority.until };
	TRY(key_make("p256", &ca_key, error));
	TRY(key_make("p256", &key, error));
	TRY(certificate_make(&authority, ca_key, NULL, NULL, &ca, error));
	TRY(certificate_make(&order, key, ca, ca_key, &leaf, error));
	TRY(key_write(key, key_file, error));
	TRY(certificate_write(leaf, leaf_file, error));
	return signer_open(key_file, leaf_file, false, signer_r, error);
}

int stranger_make(const struct setup *setup, struct signer **signer_r, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	char folder[] = "/tmp/sealgate-sandbox-XXXXXX";
	if (!mkdtemp(folder))
		FAIL(error, IO, "cannot make a temporary folder for the key of scenario wrongly-signed-answers");
	int result = stranger_write(setup, folder, arena, signer_r, error);
	unlink(file_path(arena, folder, "key.pem"));
	unlink(file_path(arena, folder, "leaf.pem"));
	rmdir(folder);
	return result;
}
