/* API keys: the file, and what is kept of it in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit/inside.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/key.h"

static int roles_read(const char *text, unsigned *roles_r, struct error *error)
{
	*roles_r = 0;
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, ",");
		char name[32] = { 0 };
		enum role role;
		memcpy(name, at, n < sizeof name - 1 ? n : sizeof name - 1);
		if (!role_find(name, &role))
			FAIL(error, BAD_CONFIG, "there is no role \"%s\"; known are provider, terminal, carrier, broker, security, officer, auditor, admin", name);
		*roles_r |= 1u << role;
		at += n + (at[n] == ',');
	}
	return 0;
}

static int line_read(char *line, struct token *token, struct error *error)
{
	char *fields[6] = { 0 }, *save = NULL;
	for (int i = 0; i < 6; i++)
		fields[i] = strtok_r(i ? NULL : line, " \t", &save);
	if (!fields[5] || strlen(fields[3]) != DIGEST_HEX_SIZE - 1)
		FAIL(error, BAD_CONFIG, "a line has six fields: id party roles sha256 made until");
	*token = (struct token){ .id = fields[0], .party = fields[1], .digest = fields[3], .made = fields[4], .until = CLOCK_NONE };
	TRY(roles_read(fields[2], &token->roles, error));
	return text_equal(fields[5], "-") ? 0 : clock_parse(fields[5], &token->until, error);
}

static int tokens_read(const char *path, struct arena *arena, struct token **tokens_r, size_t *count_r, struct error *error)
{
	char *text;
	size_t room = 1, count = 0;
	unsigned number = 0;
	struct stat about;
	if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))  /* a pipe would be waited for, and everybody with it */
		FAIL(error, BAD_CONFIG, "\"%s\" is no file", path);
	TRY(file_read_text(path, arena, &text, error));
	for (const char *p = text; *p; p++)
		room += *p == '\n';
	struct token *tokens = arena_array(arena, room, sizeof *tokens);
	for (char *line; (line = strsep(&text, "\n"));) {
		number++;
		if (!*line || *line == '#')
			continue;
		if (line_read(line, &tokens[count++], error) < 0)
			return error_at(error, "%s:%u", path, number);
		tokens[count - 1].line = number;
	}
	*tokens_r = tokens;
	*count_r = count;
	return 0;
}

static void forget(struct admission *a)
{
	if (a->count)
		log_error("tokens", NULL, "\"%s\" is gone: no key is in force", a->path);
	arena_free(&a->arena);
	a->count = 0;
}

/* Lock held. A file that cannot be read leaves what was read before; one that is gone leaves no key. */
static void refresh(struct admission *a)
{
	struct stat now;
	struct error error = { 0 };
	if (stat(a->path, &now) < 0) {
		if (errno == ENOENT)
			forget(a);
		return;
	}
	if (a->arena && now.st_mtim.tv_sec == a->changed.tv_sec && now.st_mtim.tv_nsec == a->changed.tv_nsec && now.st_size == a->size &&
	    now.st_ino == a->file)
		return;
	struct arena *arena = arena_new();
	struct token *tokens;
	size_t count;
	a->changed = now.st_mtim;
	a->size = now.st_size;
	a->file = now.st_ino;
	if (tokens_read(a->path, arena, &tokens, &count, &error) < 0) {
		log_error("tokens", NULL, "%s: %s; the keys read before stay in force", error.place, error.text);
		arena_free(&arena);
		return;
	}
	arena_free(&a->arena);
	a->arena = arena;
	a->tokens = tokens;
	a->count = count;
}

void tokens_close(struct admission *a)
{
	arena_free(&a->arena);
	pthread_mutex_destroy(&a->lock);
	free(a->path);
}

int tokens_open(struct admission *a, const char *path, struct error *error)
{
	if (!(a->path = strdup(path)))
		die("out of memory");
	must(pthread_mutex_init(&a->lock, NULL) == 0);
	if (!file_exists(path))
		return 0;  /* none yet: everybody is refused until there are some */
	ARENA_AUTO arena = arena_new();
	struct token *read;
	size_t count;
	return tokens_read(path, arena, &read, &count, error);
}

bool tokens_find(struct admission *a, struct arena *arena, const char *key, int64_t now, struct caller *caller_r)
{
	const char *secret = strchr(key, '_');
	bool found = false;
	if (!secret)
		return false;
	char digest[DIGEST_HEX_SIZE];
	digest_sha256_hex(bytes_of_text(secret + 1), digest);
	must(pthread_mutex_lock(&a->lock) == 0);
	refresh(a);
	for (size_t i = 0; i < a->count && !found; i++) {
		const struct token *t = &a->tokens[i];
		bool same = strlen(t->id) == (size_t)(secret - key) && strncmp(t->id, key, strlen(t->id)) == 0;
		found = same && secret_equal(bytes_of_text(t->digest), bytes_of_text(digest)) && (t->until == CLOCK_NONE || now < t->until);
		if (found)
			*caller_r = (struct caller){ arena_text(arena, t->party), t->roles, arena_text(arena, t->id) };
	}
	must(pthread_mutex_unlock(&a->lock) == 0);
	return found;
}

/* Two that write the file at once would lose one of two keys, or bring one back. The lock lies beside it: the file itself is replaced. */
static int tokens_lock(const char *tokens, int *fd_r, struct error *error)
{
	BUFFER_AUTO name = { 0 };
	buffer_printf(&name, "%s.lock", tokens);
	*fd_r = open(buffer_text(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd_r < 0 || flock(*fd_r, LOCK_EX) < 0) {
		int why = errno;
		if (*fd_r >= 0)
			close(*fd_r);
		FAIL(error, IO, "\"%s\" cannot be locked: %s", buffer_text(&name), strerror(why));
	}
	return 0;
}

static int token_add(const char *tokens, const char *party, unsigned roles, int64_t until, struct arena *arena, const char **key_r, struct error *error)
{
	uint8_t id[6], secret[32];
	char now[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE], digest[DIGEST_HEX_SIZE];
	BUFFER_AUTO id_text = { 0 };
	BUFFER_AUTO secret_text = { 0 };
	BUFFER_AUTO file = { .ceiling = 16 << 20 };
	BUFFER_AUTO names = { 0 };
	if (!*party || party[strcspn(party, " \t\r\n#")] || !roles)
		FAIL(error, BAD_FIELD, "a key belongs to a party (a name without blanks) and has at least one role");
	entropy_fill(id, sizeof id);
	entropy_fill(secret, sizeof secret);
	text_hex(&id_text, (struct bytes){ id, sizeof id });
	text_base64url(&secret_text, (struct bytes){ secret, sizeof secret });
	digest_sha256_hex(buffer_bytes(&secret_text), digest);
	if (file_exists(tokens))
		TRY(file_read(tokens, &file, error));
	else
		buffer_add_text(&file, "# API keys of the gateway: id party roles sha256-of-secret made until\n");
	for (int r = 0; r < ROLES; r++)
		if (roles & (1u << r))
			buffer_printf(&names, "%s%s", names.size ? "," : "", role_name((enum role)r));
	buffer_printf(&file, "%s %s %s %s %s %s\n", buffer_text(&id_text), party, buffer_text(&names), digest, clock_format(clock_real_ms(), now),
	              until == CLOCK_NONE ? "-" : clock_format(until, end));
	TRY(file_write(tokens, buffer_bytes(&file), 0600, error));
	*key_r = arena_printf(arena, "sgk_%s_%s", buffer_text(&id_text), buffer_text(&secret_text));
	return 0;
}

static int token_drop(const char *tokens, const char *id, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO kept = { .ceiling = 16 << 20 };
	char *text;
	bool found = false;
	TRY(file_read_text(tokens, arena, &text, error));
	for (char *line; (line = strsep(&text, "\n"));) {
		bool it = text_starts(line, id) && line[strlen(id)] == ' ';
		found |= it;
		if (!it && *line)
			buffer_printf(&kept, "%s\n", line);
	}
	if (!found)
		FAIL(error, NOT_FOUND, "\"%s\" has no key \"%s\"", tokens, id);
	return file_write(tokens, buffer_bytes(&kept), 0600, error);
}

int token_make(const char *tokens, const char *party, unsigned roles, int64_t until, struct arena *arena, const char **key_r, struct error *error)
{
	int fd;
	TRY(tokens_lock(tokens, &fd, error));
	int result = token_add(tokens, party, roles, until, arena, key_r, error);
	close(fd);
	return result;
}

int token_revoke(const char *tokens, const char *id, struct error *error)
{
	int fd;
	TRY(tokens_lock(tokens, &fd, error));
	int result = token_drop(tokens, id, error);
	close(fd);
	return result;
}

int token_list(const char *path, struct arena *arena, struct token_view **views_r, size_t *count_r, struct error *error)
{
	struct token *tokens = NULL;
	*count_r = 0;
	if (file_exists(path))
		TRY(tokens_read(path, arena, &tokens, count_r, error));
	struct token_view *views = arena_array(arena, *count_r + 1, sizeof *views);
	for (size_t i = 0; i < *count_r; i++)
		views[i] = (struct token_view){ tokens[i].id, tokens[i].party, tokens[i].made, tokens[i].roles, tokens[i].until, tokens[i].line };
	*views_r = views;
	return 0;
}
