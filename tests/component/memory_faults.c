/* memory_faults [STEP]: every STEPth allocation (1) of each module fails in turn, by the preloaded fault_memory.so: once, and from there on. Each
 * try has a process of its own. It must end with a result, with an error that is told, or by die() with its words (arena.h says
 * so of lost memory); never by a signal, in silence, or not at all. Writes TAP lines without numbers. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "as4/package.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/config/config.h"
#include "lib/json/json.h"
#include "lib/mime/gzip.h"
#include "lib/mime/mime.h"
#include "lib/xml/xml.h"
#include "sign/sign.h"

#define SEEDS SOURCE_DIR "/tests/fuzz/seeds/"
#define NOW INT64_C(2051222400000)
#define DOCUMENT "<a:x xmlns:a=\"urn:a\" b=\"1\"><a:y>text</a:y></a:x>"
#define NO_TRY 2               /* what a child ends with whose N was beyond the last allocation */
#define UNTOLD 3               /* an error without a code or words */
#define CHILD_SECONDS 20

static long (*fault_allocation)(long at, bool all);
static struct bytes seed;
static struct signer *signer;
static struct certificate *anchors;
static char files[3][256];     /* key, certificate, configuration */

/* ---- the modules ---- */

static int json_run(struct arena *arena, struct error *error)
{
	struct json *root;
	TRY(json_parse(arena, seed, NULL, &root, error));
	json_to_text(arena, json_clone(arena, root), JSON_CANONICAL);
	return 0;
}

static int xml_run(struct arena *arena, struct error *error)
{
	BUFFER_AUTO out = { 0 };
	struct xml_document *document;
	TRY(xml_parse(arena, seed, NULL, &document, error));
	return xml_canonical(document, document->root, NULL, &out, error);
}

static int schema_run(struct arena *arena, struct error *error)
{
	struct xml_schema *schema = NULL;
	struct xml_document *document;
	TRY(xml_schema_open(files[2], &schema, error));
	int result = xml_parse(arena, bytes_of_text(DOCUMENT), NULL, &document, error);
	if (result == 0)
		result = xml_schema_check(schema, document, error);
	xml_schema_free(&schema);
	return result;
}

static int mime_run(struct arena *arena, struct error *error)
{
	struct mime_message *message;
	const char *end = memchr(seed.data, '\n', seed.size);
	struct bytes body = { (const uint8_t *)end + 1, seed.size - (size_t)(end + 1 - (const char *)seed.data) };
	struct blob blob = blob_of_bytes(&body);
	return mime_parse(arena, arena_text_n(arena, (const char *)seed.data, (size_t)(end - (const char *)seed.data)), &blob, 0, &message, error);
}

static int zipped(const struct bytes *in, struct buffer *out, struct error *error)
{
	struct sink sink = sink_to_buffer(out);
	struct gzip *gzip = gzip_new(&sink);
	int result = gzip_add(gzip, *in, error) < 0 ? -1 : gzip_end(gzip, error);
	gzip_free(&gzip);
	return result;
}

static int gzip_run(struct arena *arena, struct error *error)
{
	BUFFER_AUTO packed = { 0 };
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	(void)arena;
	TRY(zipped(&seed, &packed, error));
	struct gunzip *gunzip = gunzip_new(1 << 20, 0, &sink);
	int result = gunzip_add(gunzip, buffer_bytes(&packed), error) < 0 ? -1 : gunzip_end(gunzip, error);
	gunzip_free(&gunzip);
	return result;
}

static int config_run(struct arena *arena, struct error *error)
{
	struct config_problems problems = { .arena = arena };
	struct config_node *root;
	if (config_read(&problems, SEEDS "config/gateway", &root) == 0)
		return 0;
	FAIL(error, BAD_CONFIG, "%s", problems.count ? problems.items[0].text : "");
}

static int certificate_run(struct arena *arena, struct error *error)
{
	struct certificate *read;
	(void)arena;
	TRY(certificate_open(SOURCE_DIR "/tests/fuzz/anchor.pem", &read, error));
	certificate_free(&read);
	return 0;
}

static int signer_run(struct arena *arena, struct error *error)
{
	SIGNER_AUTO own = NULL;
	(void)arena;
	return signer_open(files[0], files[1], false, &own, error);
}

static int sign_run(struct arena *arena, struct error *error)
{
	BUFFER_AUTO out = { 0 };
	(void)arena;
	TRY(sign_detached(signer, bytes_of_text(DOCUMENT), "x.xml", NOW, &out, error));
	return sign_enveloped(signer, bytes_of_text(DOCUMENT), NOW, &out, error);
}

static int verify_run(struct arena *arena, struct error *error)
{
	struct verdict verdict;
	return verify_detached(arena, bytes_of_text(DOCUMENT), seed, anchors, NULL, NOW, &verdict, error);
}

static int as4_run(struct arena *arena, struct error *error)
{
	struct as4_incoming *in;
	enum ebms_code code = EBMS_NONE;
	const char *end = memchr(seed.data, '\n', seed.size);
	struct bytes body = { (const uint8_t *)end + 1, seed.size - (size_t)(end + 1 - (const char *)seed.data) };
	struct blob blob = blob_of_bytes(&body);
	return as4_open(arena, arena_text_n(arena, (const char *)seed.data, (size_t)(end - (const char *)seed.data)), &blob, NULL, &in, &code, error);
}

static const struct module {
	const char *name;
	int (*run)(struct arena *arena, struct error *error);
	const char *seed;
	bool glib;             /* GLib cannot say a word without memory: one allocation fails, never all */
} modules[] = {
	{ "lib/json: a journey is read, copied and written", json_run, SEEDS "event/journey", false },
	{ "lib/xml: a document is read and made canonical", xml_run, SEEDS "answer/wco-dms.response-control", false },
	{ "lib/xml: a schema is read, a document held against it", schema_run, NULL, false },
	{ "lib/mime: a message is taken apart", mime_run, SEEDS "as4/user-p256", true },
	{ "lib/mime: a document is packed and unpacked", gzip_run, SEEDS "answer/wco-dms.response-control", false },
	{ "lib/config: a configuration is read", config_run, NULL, false },
	{ "lib/crypto: a certificate is read", certificate_run, NULL, false },
	{ "sign: key and certificate are read", signer_run, NULL, false },
	{ "sign: a document is signed in both forms", sign_run, NULL, false },
	{ "sign: a signature is checked", verify_run, SEEDS "signature/p256.detached.xml", false },
	{ "as4: a message is opened", as4_run, SEEDS "as4/user-p256", true },
};

/* ---- a try in a process of its own ---- */

static _Noreturn void child(const struct module *module, long at, bool all)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	alarm(CHILD_SECONDS);
	fault_allocation(at, all);
	int result = module->run(arena, &error);
	long had = fault_allocation(0, false);
	if (result < 0 && (error.code == ERROR_NONE || !*error.text))
		_exit(UNTOLD);
	if (result < 0)
		fprintf(stderr, "%s\n", error.text);
	_exit(had < at ? NO_TRY : 0);
}

/* True: as it must be. *ends_r: there is no Nth allocation. */
static bool try(const struct module *module, long at, bool all, FILE *said, bool *ends_r)
{
	char words[2048] = "";
	int status;
	rewind(said);
	(void)!ftruncate(fileno(said), 0);
	pid_t pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		dup2(fileno(said), 2);
		child(module, at, all);
	}
	must(waitpid(pid, &status, 0) == pid);
	ssize_t n = pread(fileno(said), words, sizeof words - 1, 0);
	words[n > 0 ? n : 0] = '\0';
	*ends_r = WIFEXITED(status) && WEXITSTATUS(status) == NO_TRY;
	if (*ends_r || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE && (strstr(words, "out of memory") || strstr(words, "\"what\":\"die\"")))
		return true;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP && strstr(words, "failed to allocate"))
		return true;  /* GLib, below GMime: its way of ending a process, with its own words */
	printf("allocation %ld%s: %s %d: %.300s\n", at, all ? " and all behind it" : "", WIFSIGNALED(status) ? "signal" : "code",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), words);
	return false;
}

static size_t module_run(const struct module *module, long step, FILE *said)
{
	BUFFER_AUTO octets = { 0 };
	size_t bad = 0;
	long at = 1;
	struct error error = { 0 };
	if (module->seed && file_read(module->seed, &octets, &error) < 0)
		die("%s", error.text);
	seed = buffer_bytes(&octets);
	for (bool ends = false; !ends; at += step)
		for (int all = 0; all < (module->glib ? 1 : 2) && !ends; all++)
			bad += !try(module, at, all, said, &ends);
	printf("%s - %s, %ld allocations\n", bad || at <= 1 + step ? "not ok" : "ok", module->name, at - step - 1);
	return bad;
}

static void files_make(const char *folder)
{
	struct certificate_order order = { .name = "memory", .from = NOW - 86400000, .until = NOW + 86400000 };
	struct certificate *own;
	struct key *key;
	struct error e = { 0 }, *error = &e;
	static const char schema[] = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:a\" elementFormDefault=\"qualified\">"
		"<xs:element name=\"x\"><xs:complexType><xs:sequence><xs:element name=\"y\" type=\"xs:string\"/></xs:sequence>"
		"<xs:attribute name=\"b\" type=\"xs:int\"/></xs:complexType></xs:element></xs:schema>";
	snprintf(files[0], sizeof files[0], "%s/key", folder);
	snprintf(files[1], sizeof files[1], "%s/pem", folder);
	snprintf(files[2], sizeof files[2], "%s/xsd", folder);
	if (key_make("p256", &key, error) < 0 || certificate_make(&order, key, NULL, NULL, &own, error) < 0 || key_write(key, files[0], error) < 0 ||
	    certificate_write(own, files[1], error) < 0 || file_write(files[2], bytes_of_text(schema), 0600, error) < 0 ||
	    signer_open(files[0], files[1], false, &signer, error) < 0 || certificate_open(SOURCE_DIR "/tests/fuzz/anchor.pem", &anchors, error) < 0)
		die("%s", e.text);
}

int main(int argc, char **argv)
{
	size_t bad = 0;
	*(void **)&fault_allocation = dlsym(RTLD_DEFAULT, "fault_allocation");
	if (!fault_allocation || argc < 2) {
		fprintf(stderr, "usage: LD_PRELOAD=fault_memory.so memory_faults FOLDER [STEP]\n");
		return 2;
	}
	log_open("memory", 2, LOG_LEVEL_INFO);
	files_make(argv[1]);
	char path[300];
	snprintf(path, sizeof path, "%s/said", argv[1]);
	FILE *said = fopen(path, "w+");
	must(said);
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		bad += module_run(&modules[i], argc > 2 ? atol(argv[2]) : 1, said);
		fflush(stdout);
	}
	fclose(said);
	return bad > 0;
}
