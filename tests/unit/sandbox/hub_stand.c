#include "hub_stand.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "answer/answer.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "map/map.h"
#include "sandbox/hub.h"
#include "support/folder.h"

/* ---- the trader's side of a push ---- */

static void as_receipt(struct hub_stand *h, struct arena *arena, struct as4_incoming *in, struct buffer *out)
{
	struct as4_header header;
	struct as4_packed packed;
	struct sink sink = sink_to_buffer(out);
	as4_receipt_for(in, as4_message_id(arena, "trader.example"), NOW, &header);
	struct as4_reference first = *header.references;
	if (h->mood == TRADER_DIGEST) {
		first.digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
		header.references = &first;
	}
	if (h->mood == TRADER_ANOTHER)
		header.ref_to = "another@hub";
	must_succeed(as4_pack(arena, &h->trader, &header, NULL, 0, &sink, &packed, error));
}

static void as_error(struct hub_stand *h, struct arena *arena, enum ebms_code code, const char *ref_to, struct buffer *out)
{
	struct as4_header header;
	struct as4_packed packed;
	struct sink sink = sink_to_buffer(out);
	as4_error_for(arena, code, "as the test wants it", NULL, ref_to, as4_message_id(arena, "trader.example"), NOW, &header);
	must_succeed(as4_pack(arena, &h->trader, &header, NULL, 0, &sink, &packed, error));
}

void cut_out(struct buffer *out, const char *start, const char *end)
{
	BUFFER_AUTO left = { 0 };
	char *from = memmem(out->data, out->size, start, strlen(start));
	ck_assert_ptr_nonnull(from);
	char *to = strstr(from, end) + strlen(end);
	buffer_add(&left, out->data, (size_t)(from - out->data));
	buffer_add(&left, to, out->size - (size_t)(to - out->data));
	buffer_reset(out);
	buffer_add(out, left.data, left.size);
}

void sign_without(struct hub_stand *h, const char *start, struct buffer *out)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO value = { 0 };
	cut_out(out, start, "</ds:Reference>");
	const char *from = strstr(out->data, "<ds:SignedInfo"), *to = strstr(from, "</ds:SignedInfo>") + strlen("</ds:SignedInfo>");
	struct key_job job = { .octets = { (const uint8_t *)from, (size_t)(to - from) } };
	must_succeed(key_sign(h->trader.key, h->trader.algorithm, &job, 1, arena, error));
	text_base64(&value, job.signature);
	char *old = strstr(out->data, "<ds:SignatureValue>") + strlen("<ds:SignatureValue>");
	memcpy(old, value.data, value.size);   /* of one length */
}

static char *copied(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void look_into(struct hub_stand *h, struct arena *arena, const struct http_request *request, struct pushed_in *in, struct as4_incoming **incoming)
{
	struct error error;
	enum ebms_code code = EBMS_NONE;
	BUFFER_AUTO document = { 0 };
	struct sink sink = sink_to_buffer(&document);
	struct bytes octets = request->body;
	*in = (struct pushed_in){ .octets = memcpy(malloc(octets.size + 1), octets.data, octets.size), .size = octets.size, .at = clock_mono_ms(),
		                  .content_type = strdup(http_request_header(request, "Content-Type")) };
	struct as4_mode mode = h->trader;
	mode.collaboration.service = "eu_ics2_c2t";
	mode.collaboration.action = NULL;
	mode.tokens = 1u << AS4_TOKEN_PKIPATH;
	mode.must_compress = true;
	if (take_octets(arena, &mode, in->content_type, octets, incoming, &code, &error) < 0 || as4_part_read(*incoming, 0, &sink, &code, &error) < 0)
		in->refused = code;
	in->id = copied((*incoming)->header.message_id);
	in->ref_to = copied((*incoming)->header.ref_to);
	in->conversation = copied((*incoming)->header.user.collaboration.conversation);
	in->action = copied((*incoming)->header.user.collaboration.action);
	in->document = copied(buffer_text(&document));
}

static void trader_take(void *context, struct http_request *request)
{
	struct hub_stand *h = context;
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO out = { 0 };
	struct as4_incoming *incoming;
	struct pushed_in in;
	look_into(h, arena, request, &in, &incoming);
	pthread_mutex_lock(&h->stand.lock);
	enum trader mood = h->moody > 0 ? h->mood : TRADER_RIGHT;
	if (in.refused && !h->careless)
		as_error(h, arena, in.refused, in.id, &out);
	else if (in.refused)
		mood = TRADER_SILENT;
	else if (mood == TRADER_ERROR || mood == TRADER_HINT)
		as_error(h, arena, EBMS_OTHER, in.id, &out);
	else if (mood != TRADER_SILENT && mood != TRADER_HTML)
		as_receipt(h, arena, incoming, &out);
	if (!in.refused && (mood == TRADER_UNSIGNED || mood == TRADER_HINT))
		cut_out(&out, "<wsse:Security ", "</wsse:Security>");
	if (!in.refused && mood == TRADER_NO_BODY_SIGNED)
		sign_without(h, "<ds:Reference URI=\"#body-", &out);
	if (!in.refused && h->moody > 0 && --h->moody == 0)
		h->mood = TRADER_RIGHT;
	ck_assert_uint_lt(h->count, HUB_RECEIVED_MOST);
	h->pushed[h->count++] = in;
	pthread_cond_broadcast(&h->stand.more);
	pthread_mutex_unlock(&h->stand.lock);
	if (mood == TRADER_HTML)
		http_answer(request, 502, "text/html", bytes_of_text("<html>Bad gateway</html>"));
	else
		http_answer(request, 200, "application/soap+xml; charset=UTF-8", buffer_bytes(&out));
}

/* ---- life ---- */

static void files_make(struct hub_stand *h)
{
	struct stand *s = &h->stand;
	must_succeed(key_write(h->peers.hub.key, stand_file(s, "hub.key"), error));
	must_succeed(certificate_write(h->peers.hub.chain, stand_file(s, "hub.pem"), error));
	must_succeed(certificate_write(h->peers.root, stand_file(s, "root.pem"), error));
}

void hub_up(struct hub_stand *h, const char *scenario, const char *keys, bool push, const char *peer)
{
	struct stand *s = &h->stand;
	struct http_server_config server = { .port = 0, .body_limit = (size_t)8 << 20 };
	struct http_client_config client = { .ca_file = NULL };
	BUFFER_AUTO more = { 0 };
	*h = (struct hub_stand){ .stand = { .arena = arena_new(), .folder = "/tmp/sealgate-test-XXXXXX", .lock = PTHREAD_MUTEX_INITIALIZER,
		                            .more = PTHREAD_COND_INITIALIZER } };
	log_open_plain("check", LOG_LEVEL_NONE);
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	s->problems.arena = s->arena;
	peers_make(&h->peers, keys);
	h->trader = h->peers.at_trader;
	files_make(h);
	must_succeed(http_server_start(&server, trader_take, h, &s->receiver, error));
	must_succeed(http_client_open(&client, &s->client, error));
	buffer_printf(&more, "clock: document\nanswer_after: 10ms\nhub:\n  party: { id: sti-taxud }\n  signing: { key: hub.key, certificate: hub.pem }\n"
	              "  trust: root.pem\n  retry: { every: 200ms, tries: 3, receipt_within: 1s }\n  peers:\n"
	              "    trader: { party: { id: NL123456789 }, signer: CN=NL123456789%s", *peer ? ", " : "");
	buffer_add_text(&more, peer);
	if (!strstr(peer, "accept"))
		buffer_printf(&more, ", accept: [ %s ]", text_starts(keys, "rsa") ? "rsa-sha256" : "ecdsa-sha256");
	if (push)
		buffer_printf(&more, ", url: \"http://127.0.0.1:%u/as4\", private_hosts: [ 127.0.0.1 ]", (unsigned)http_server_port(s->receiver));
	buffer_add_text(&more, " }\n    other: { party: { id: NL999 }, signer: CN=NL999, accept: [ ecdsa-sha256 ] }\n");
	struct http_server *receiver = s->receiver;
	s->receiver = NULL;  /* the answers of the REST side are not pushed */
	s->setup = setup_load(stand_write(s, scenario, buffer_text(&more), false), &s->problems);
	s->receiver = receiver;
	if (!s->setup)
		ck_abort_msg("%s: %s", s->problems.items[0].place, s->problems.items[0].text);
	must_succeed(sandbox_start(s->setup, &s->sandbox, error));
}

void hub_again(struct hub_stand *h)
{
	sandbox_stop(&h->stand.sandbox);
	must_succeed(sandbox_start(h->stand.setup, &h->stand.sandbox, error));
}

void hub_down(struct hub_stand *h)
{
	struct stand *s = &h->stand;
	sandbox_stop(&s->sandbox);
	setup_free(&s->setup);
	http_client_close(&s->client);
	http_server_stop(&s->receiver);
	for (size_t i = 0; i < h->count; i++) {
		struct pushed_in *p = &h->pushed[i];
		free(p->octets), free(p->content_type), free(p->id), free(p->action), free(p->document), free(p->ref_to), free(p->conversation);
	}
	peers_clear(&h->peers);
	folder_remove(&s->folder);
	arena_free(&s->arena);
}

/* ---- sending ---- */

void report_begin(struct hub_stand *h, const char *action, struct as4_header *header)
{
	as4_user_begin(&h->trader, header);
	header->message_id = as4_message_id(h->stand.arena, "trader.example");
	header->time = NOW;
	header->user.collaboration.service = "urn:sealgate:integrity";
	header->user.collaboration.service_type = NULL;
	header->user.collaboration.action = action;
}

void reply_begin(struct hub_stand *h, struct as4_header *header)
{
	report_begin(h, "IE3R02", header);
	header->user.collaboration.service = "eu_ics2_t2c";
	header->user.collaboration.service_type = "eu-customs-service-type";
}

void letter_to_hub(struct hub_stand *h, const struct as4_header *header, const char *document, struct letter *l)
{
	struct bytes *octets = arena_alloc(h->stand.arena, sizeof *octets);
	*octets = bytes_of_text(document);
	struct blob *blob = arena_alloc(h->stand.arena, sizeof *blob);
	*blob = blob_of_bytes(octets);
	struct as4_payload payload = { .cid = "document@trader", .mime_type = "application/xml", .character_set = "utf-8", .content = blob };
	must_succeed(letter_pack(h->stand.arena, &h->trader, header, &payload, 1, l, error));
}

struct http_outcome post(struct hub_stand *h, const char *content_type, struct bytes octets)
{
	static const char *const hosts[] = { "127.0.0.1", NULL };
	struct http_outcome outcome;
	struct http_header headers[] = { { "Content-Type", content_type } };
	struct http_call call = { .method = "POST", .url = arena_printf(h->stand.arena, "http://127.0.0.1:%u/as4", (unsigned)sandbox_port(h->stand.sandbox)),
		                  .headers = headers, .n_headers = 1, .body = octets, .private_hosts = hosts, .plain_hosts = hosts, .total_ms = 5000 };
	(void)!http_client_call(h->stand.client, &call, h->stand.arena, &outcome, NULL);
	return outcome;
}

struct http_outcome send_letter(struct hub_stand *h, const struct letter *l)
{
	return post(h, l->packed.content_type, buffer_bytes(&l->octets));
}

struct as4_incoming *answer_of(struct hub_stand *h, const struct http_outcome *o)
{
	struct as4_incoming *in;
	enum ebms_code code;
	ck_assert_int_eq(o->fate, HTTP_ANSWERED);
	ck_assert_int_eq(o->status, 200);
	const char *type = http_header_find(o->headers, o->n_headers, "Content-Type");
	must_succeed(take_octets(h->stand.arena, &h->trader, type, o->body, &in, &code, error));
	ck_assert(in->verified);
	return in;
}

void expect_receipt(struct hub_stand *h, const struct http_outcome *o, const struct letter *l)
{
	struct as4_incoming *in = answer_of(h, o);
	enum ebms_code code;
	if (in->header.kind == AS4_ERROR)
		ck_abort_msg("%s: %s", in->header.errors->code, in->header.errors->description);
	must_succeed(as4_receipt_check(&in->header, l->header.message_id, l->packed.references, &code, error));
}

void expect_error(struct hub_stand *h, const struct http_outcome *o, enum ebms_code code)
{
	const struct as4_incoming *in = answer_of(h, o);
	ck_assert_int_eq(in->header.kind, AS4_ERROR);
	if (!text_equal(in->header.errors->code, ebms_row(code)->code))
		ck_abort_msg("%s, not %s: %s", in->header.errors->code, ebms_row(code)->code, in->header.errors->description);
	ck_assert_str_eq(in->header.errors->severity, ebms_row(code)->is_failure ? "failure" : "warning");
}

void deliver_document(struct hub_stand *h, const struct as4_header *header, const char *document)
{
	LETTER(l);
	letter_to_hub(h, header, document, &l);
	struct http_outcome o = send_letter(h, &l);
	expect_receipt(h, &o, &l);
}

struct http_outcome pull(struct hub_stand *h, const struct as4_mode *mode, const char *mpc)
{
	LETTER(l);
	struct as4_header header = { .kind = AS4_PULL, .message_id = as4_message_id(h->stand.arena, "trader.example"), .time = NOW, .pull_mpc = mpc };
	must_succeed(letter_pack(h->stand.arena, mode, &header, NULL, 0, &l, error));
	return send_letter(h, &l);
}

/* ---- what came of it ---- */

static bool wait_pushed_ms(struct hub_stand *h, size_t count, int ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (until.tv_nsec / 1000000 + ms) / 1000;
	until.tv_nsec = (until.tv_nsec / 1000000 + ms) % 1000 * 1000000;
	pthread_mutex_lock(&h->stand.lock);
	while (h->count < count && pthread_cond_timedwait(&h->stand.more, &h->stand.lock, &until) == 0)
		continue;
	bool there = h->count >= count;
	pthread_mutex_unlock(&h->stand.lock);
	return there;
}

void wait_pushed(struct hub_stand *h, size_t count)
{
	if (!wait_pushed_ms(h, count, 8000))
		ck_abort_msg("%zu messages were pushed, not %zu", h->count, count);
}

void expect_no_more_pushed(struct hub_stand *h, size_t count, int ms)
{
	if (wait_pushed_ms(h, count + 1, ms))
		ck_abort_msg("%zu messages were pushed, not %zu", h->count, count);
}

struct json *notices_of(struct hub_stand *h, const char *document)
{
	struct arena *arena = h->stand.arena;
	struct map_problems problems = { 0 };
	struct map_set *set;
	struct validator *validator;
	struct json *notices;
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, &problems, &set, error));
	must_succeed(validator_open(SOURCE_DIR "/schemas", &validator, error));
	must_succeed(answer_read(set, validator, "eu-hub", false, bytes_of_text(document), arena, &notices, NULL, error));
	validator_free(&validator);
	map_set_free(&set);
	return notices;
}

const char *notice_kinds(struct hub_stand *h, const char *document)
{
	BUFFER_AUTO kinds = { 0 };
	for (struct json_iter it = json_iter(notices_of(h, document)); json_next(&it);)
		buffer_printf(&kinds, "%s%s", kinds.size ? " " : "", json_path_text(it.value, "kind"));
	return arena_text(h->stand.arena, buffer_text(&kinds));
}

const char *reply_to(struct hub_stand *h, const char *mrn, const char *reference, const char *file)
{
	return arena_printf(h->stand.arena, "<IE3R02 xmlns=\"urn:wco:datamodel:eu:ics2:2\"><documentIssueDate><DateTime>2016-02-03T08:00:00Z</DateTime></documentIssueDate>"
	                    "<MRN>%s</MRN><responsibleMemberState><country>NL</country></responsibleMemberState><declarant><identificationNumber>NL123456789"
	                    "</identificationNumber></declarant><referralResponseDetails><referralRequestReference>%s</referralRequestReference>"
	                    "<additionalInformation><text>The depot opened it.</text></additionalInformation>%s%s%s</referralResponseDetails></IE3R02>", mrn, reference,
	                    file ? "<binaryFile><identification>" : "", file ? file : "", file ? "</identification><filename>a.pdf</filename><MIME>application/pdf"
	                    "</MIME></binaryFile>" : "");
}

const char *between(struct hub_stand *h, const char *text, const char *start, const char *end)
{
	const char *from = strstr(text, start);
	ck_assert_ptr_nonnull(from);
	from += strlen(start);
	const char *to = strstr(from, end);
	ck_assert_ptr_nonnull(to);
	return arena_text_n(h->stand.arena, from, (size_t)(to - from));
}

/* ---- the journal ---- */

static char *journal(struct hub_stand *h)
{
	char *text;
	must_succeed(file_read_text(stand_file(&h->stand, "hub/journal.jsonl"), h->stand.arena, &text, error));
	return text;
}

bool journal_has(struct hub_stand *h, const char *one, const char *two)
{
	char *at = journal(h);
	for (char *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		if (strstr(at, one) && strstr(at, two))
			return true;
	}
	return false;
}

void wait_journal(struct hub_stand *h, const char *one, const char *two)
{
	for (int i = 0; i < 400; i++, usleep(20000))
		if (journal_has(h, one, two))
			return;
	ck_abort_msg("the journal has no line with %s and %s", one, two);
}

size_t journal_count(struct hub_stand *h, const char *piece)
{
	size_t count = 0;
	for (const char *at = journal(h); (at = strstr(at, piece)); at++)
		count++;
	return count;
}

const char *report_text(struct hub_stand *h)
{
	BUFFER_AUTO out = { 0 };
	must_succeed(hub_report(h->stand.setup->hub, &out, error));
	return arena_text(h->stand.arena, buffer_text(&out));
}
