#include <stdlib.h>
#include <string.h>

#include "admit/admit.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"

#define SECRETS 4

static bool hmac_is(struct bytes secret, struct bytes what, const char *hex)
{
	uint8_t mac[32];
	BUFFER_AUTO text = { 0 };
	hmac_sha256(secret, what, mac);
	text_hex(&text, (struct bytes){ mac, sizeof mac });
	return secret_equal(buffer_bytes(&text), bytes_of_text(hex));
}

/* Every secret that is in force may have signed. All are tried, so that the time tells nothing. */
static bool any_is(const struct bytes *secrets, size_t count, struct bytes what, const char *hex)
{
	bool good = false;
	for (size_t i = 0; i < count; i++)
		good |= hmac_is(secrets[i], what, hex);
	return good;
}

static const char *part(struct arena *arena, const char *value, const char *name)
{
	for (const char *at = value; *at;) {
		size_t n = strcspn(at, ",");
		if (text_starts(at, name))
			return arena_text_n(arena, at + strlen(name), n - strlen(name));
		at += n + (at[n] == ',');
		at += strspn(at, " ");
	}
	return NULL;
}

static int check_time(const struct provider *provider, const char *text, int64_t now, struct error *error)
{
	int64_t seconds;
	if (!text || text_integer(text, 0, INT64_C(99999999999999), &seconds, error) < 0)
		FAIL(error, BAD_SIGNATURE, "the signature has no time in seconds since 1970");
	int64_t at = seconds > INT64_C(99999999999) ? seconds : seconds * 1000;
	if (llabs((long long)(now - at)) > provider->tolerance_ms)
		FAIL(error, BAD_SIGNATURE, "the signature's time is more than %lld seconds from now: sign again", (long long)(provider->tolerance_ms / 1000));
	return 0;
}

static int check_timestamped(const struct provider *provider, struct arena *arena, const struct bytes *secrets, size_t count, const char *value,
                             const char *time_header, struct bytes body, int64_t now, struct error *error)
{
	const char *mac = value ? part(arena, value, "v1=") : NULL, *time = value ? part(arena, value, "t=") : NULL;
	if (!mac)
		FAIL(error, BAD_SIGNATURE, "header \"%s\" must hold v1=<hexadecimal HMAC-SHA-256>", provider->header);
	bool own = time != NULL;
	time = own ? time : time_header;
	TRY(check_time(provider, time, now, error));
	BUFFER_AUTO what = { 0 };
	if (own)
		buffer_printf(&what, "%s.", time);
	else
		buffer_printf(&what, "v1:%s:", time);
	buffer_add(&what, body.data, body.size);
	if (!any_is(secrets, count, buffer_bytes(&what), mac))
		FAIL(error, BAD_SIGNATURE, "the signature does not fit the body and the agreed secret");
	return 0;
}

int admit_signature(const struct provider *provider, const char *(*header)(const void *of, const char *name), const void *of, struct bytes body,
                    int64_t now, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct bytes secrets[SECRETS];
	size_t count;
	if (provider->scheme == SIGNATURE_NONE)
		return 0;
	TRY(secrets_read(provider->secret_file, arena, secrets, SECRETS, &count, error));
	if (provider->scheme == SIGNATURE_TIMESTAMPED)
		return check_timestamped(provider, arena, secrets, count, header(of, provider->header), header(of, provider->time_header), body, now, error);
	const char *value = header(of, "Notification-Signature");
	if (!text_starts(value, "sha256="))
		FAIL(error, BAD_SIGNATURE, "header \"Notification-Signature\" must hold sha256=<hexadecimal HMAC-SHA-256 of the body>");
	if (!any_is(secrets, count, body, value + 7))
		FAIL(error, BAD_SIGNATURE, "the signature does not fit the body and the agreed secret");
	return 0;
}
