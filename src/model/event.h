/* event: one thing that happened, canonical (message guide, "the canonical event").
 *
 * event_read takes the shape in which it comes in, checks it and makes the canonical form; measured numbers stay the
 * decimal text they came as. Every pointer belongs to the arena. `json` is the canonical form without what the gateway
 * adds; two events have the same content where event_digest is the same.
 */
#ifndef SEALGATE_MODEL_EVENT_H
#define SEALGATE_MODEL_EVENT_H

#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/json/json.h"
#include "model/geo.h"

enum event_type {
#define EVENT_TYPE(name, text) EVENT_##name,
#include "model/event_type.def"
#undef EVENT_TYPE
	EVENT_TYPES
};

enum fix_source { FIX_NONE, FIX_GNSS, FIX_CELL, FIX_WIFI, FIX_BLE, FIX_MANUAL, FIX_DECLARED };

struct fix {
	enum fix_source source;      /* FIX_NONE: no position */
	const char *lat, *lon;       /* decimal text, degrees */
	struct geo_point point;
	const char *accuracy;        /* decimal text, metres; NULL: not said */
	double accuracy_m;           /* as used: 100 m where a GNSS fix says none, 10 km for a cell */
	int64_t time;                /* of the fix, ms; the event's where it says none */
};

struct reading {
	const char *kind, *value, *unit;  /* unit: UNECE Rec 20, NULL for a state */
};

struct event {
	const char *id;              /* the provider's */
	enum event_type type;
	const char *provider_code;
	int64_t time;                /* device time, ms */
	const char *time_text;       /* as written */
	const char *container;       /* NULL: only the device is known */
	bool container_checked;      /* ISO 6346 with the right check digit, or another scheme */
	const char *device, *device_model;
	int64_t interval_ms;         /* reporting interval that the event states; 0: not */
	int64_t sequence;            /* CLOCK_NONE: not said */
	struct fix fix;
	const char *place;
	const struct reading *readings;
	size_t reading_count;
	const char *seal_number, *seal_condition, *seal_by;
	bool late, is_signed;
	const char *retracts;
	struct json *json;
};

/* `now`: events more than five minutes in the future are refused. Errors: BAD_FIELD, MISSING_FIELD, with the member in
 * error.field as a JSON pointer. */
int event_read(struct arena *arena, struct json *in, int64_t now, struct event *event_r, struct error *error) must_use;
/* Of what is stored (canonical already): no check of time. */
int event_load(struct arena *arena, const char *content, struct event *event_r, struct error *error) must_use;
void event_digest(const struct event *event, char out[static DIGEST_HEX_SIZE]);

const char *event_type_name(enum event_type type);
bool event_type_find(const char *name, enum event_type *type_r);
const char *fix_source_name(enum fix_source source);
bool fix_is_proof(const struct fix *fix);  /* of a place: a GNSS fix, or what a person says; never a cell */
const char *event_reading(const struct event *event, const char *kind);  /* its value, NULL: none */
/* Identifier of a row of a feed that has none: the same row gives the same id. */
char *event_derive_id(struct arena *arena, const char *device, const char *time, const char *kind, const char *value);

#endif
