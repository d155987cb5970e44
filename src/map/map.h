/* map: what goes in becomes what goes out, by mappings that look like the document they produce.
 *
 * A mapping is a file: an XML document's shape (to XML) or a JSON value's shape (to JSON), with {expressions} where values
 * stand; sealgate-mapping(5) is the language. Bytes and nouns in, bytes and findings out: no store, no network, no clock.
 *
 * Life: map_set_load reads and checks every mapping below a folder and compiles it; the set is frozen from then on,
 * may be used by any thread, and lives until its last reference is dropped. A mapping belongs to its set.
 * A mapping always terminates: its loops walk lists of the input, nothing recurses, and a run has a budget of steps.
 *
 * Names of mappings are folders: "messages/wco-dms/integrity-report", "answers/wco-dms/response", "providers/native". A profile
 * that writes a kind as another one does says so in its shared.json: the mapping is then found by either name.
 */
#ifndef SEALGATE_MAP_MAP_H
#define SEALGATE_MAP_MAP_H

#include "lib/base/arena.h"
#include "lib/json/json.h"
#include "lib/xml/xml.h"

struct map_set;
struct mapping;

/* One thing wrong with a set. */
struct map_problem {
	const char *file;  /* relative to the folder that was loaded */
	unsigned line;     /* 0: the file as a whole */
	const char *text;
};

struct map_problems {
	struct map_problem *items;
	size_t count;
};

#define MAP_DIGEST_SIZE 65

/* Reads mappings/{messages,answers,providers,journeys}/..., mappings/codes/ and the schemas that they name. All problems are
 * found in one go: `problems` (may be NULL) gets them, in the arena; the error (BAD_MAPPING) tells the first and how
 * many there are. Fails with IO too. On failure there is no set: the caller keeps the one it has. */
int map_set_load(const char *mappings, const char *schemas, struct arena *arena, struct map_problems *problems,
                 struct map_set **set_r, struct error *error) must_use;
struct map_set *map_set_share(struct map_set *set);  /* one more reference */
void map_set_free(struct map_set **set);             /* drops one; the last frees */
#define MAP_SET_AUTO __attribute__((cleanup(map_set_free))) struct map_set *

/* SHA-256 in lower-case hex over the names and octets of all files that the set was made of (samples and README aside):
 * equal digests give equal documents for equal inputs. */
const char *map_set_digest(const struct map_set *set);
/* Names of all mappings, sorted, NULL-terminated; borrowed. */
const char *const *map_set_names(const struct map_set *set);

/* Keeps the set's files as <folder>/<digest>/{mappings,schemas}/ unless they are there; map_set_open_kept loads them
 * again years later and checks that the digest still fits (BAD_MAPPING, NOT_FOUND). */
int map_set_keep(const char *folder, const struct map_set *set, struct error *error) must_use;
int map_set_open_kept(const char *folder, const char *digest, struct map_set **set_r, struct error *error) must_use;

const struct mapping *mapping_find(const struct map_set *set, const char *name);  /* NULL: there is none */
/* What reads a document with this root element: the mapping below `folder` ("answers/eu-hub") whose input.json declares it, else
 * the one that declares any ("*": "any"); NULL: none. *declared_r (may be NULL): it is declared by its name. */
const struct mapping *mapping_find_for(const struct map_set *set, const char *folder, const char *element, bool *declared_r);
const char *mapping_name(const struct mapping *mapping);
const char *mapping_type(const struct mapping *mapping);    /* the last part of its name: "response" */
/* The schema that the documents follow which it writes, "wco-dms/declaration.xsd"; NULL: it writes none. */
const char *mapping_schema(const struct mapping *mapping);

/* A value could not be carried as it is: the document was written all the same, and says less than the input. */
struct map_mark {
	const char *kind;     /* "shortened", "replaced", "hashed", "left_out" */
	const char *element;  /* where in the output: "/MetaData/Declaration/Submitter/Name" */
	const char *source;   /* path in the input: "gateway.name" */
	const char *text;     /* for a person */
};

struct map_marks {
	struct map_mark *items;
	size_t count;
};

/* Runs a mapping to XML. Appends the document to `out`: exclusive canonical XML without comments (RFC 3741), UTF-8, no XML
 * declaration, no line feed at the end. On failure `out` is as it was. What can fail: MISSING_FIELD (a required value),
 * BAD_FIELD (a value that the filters or the schema's length refuse), TOO_LARGE; error.field is the path in the input,
 * error.place the file and line of the mapping. `marks` may be NULL; its items live in the arena. */
int map_to_xml(const struct mapping *mapping, const struct json *input, struct arena *arena, struct buffer *out,
               struct map_marks *marks, struct error *error) must_use;

/* Runs a mapping to JSON; the tree lives in the arena. Fails as map_to_xml. */
int map_to_json(const struct mapping *mapping, const struct json *input, struct arena *arena, struct json **root_r,
                struct map_marks *marks, struct error *error) must_use;

/* One element of a list that could not be written. */
struct map_refusal {
	size_t index;        /* of the null that stands in its place */
	struct error error;
};

struct map_refusals {
	struct map_refusal *items;
	size_t count;
};

struct map_traces;

/* Runs a mapping whose root is a list, where one bad element must not cost the others: an element that cannot be written is
 * refused by itself, and its index and why are told in `refusals` (in the arena). Fails, as map_to_json, where the list itself
 * cannot be walked or the budget is spent; any other mapping gives its one value. `traces` (NULL: not wanted) tells where what
 * was written comes from, as map_explain does. */
int map_to_list(const struct mapping *mapping, const struct json *input, struct arena *arena, struct json **root_r,
                struct map_refusals *refusals, struct map_traces *traces, struct error *error) must_use;

/* A document from outside as an input of this mapping. The root is an object with the document element as its one member; a mapping
 * for documents of any name declares "@element" beside it, and is told the name there.
 *
 *  - An element that holds elements becomes an object, with its attributes as members "@name"; one that holds text alone becomes
 *    text without blanks at its ends, and its attributes stand beside it as "Name@attribute". One that holds nothing is left out.
 *  - An element is a list where the mapping's input.json declares one, however often it occurs; where nothing is declared, if it
 *    occurs more than once. One that is declared single and occurs again adds nothing: a schema refuses that before.
 *  - Names are local names. Where input.json says at its root  "xmlns:od": "text: urn:..."  an element of that namespace inside
 *    one of another namespace is called "od:Name": it is told apart from a neighbour that has the same local name.
 *
 * Lives in the arena. */
struct json *map_input_from_xml(const struct mapping *mapping, const struct xml_node *root, struct arena *arena);

/* Where a written element comes from. */
struct map_trace {
	const char *element;  /* "/MetaData/Declaration/AdditionalInformation[2]/StatementCode", or a JSON pointer */
	const char *pointer;  /* WCO path with occurrence numbers: "42A/03A(2)/226", of the nearest element that has a WCO number; NULL: none */
	const char *wco;      /* "226" (an element) or "03A" (a class), where it has none that of the one around it (DateTimeString); NULL: none */
	const char *source;   /* paths in the input, joined by ", "; "" for fixed text */
	const char *filters;  /* the expressions as written in the mapping; "" for fixed text */
	const char *value;    /* as written, unescaped; NULL for an element that holds elements */
	const char *file;     /* of the mapping */
	unsigned line;
};

struct map_traces {
	struct map_trace *items;  /* in document order */
	size_t count;
};

/* Runs a mapping again and tells the origin of everything that it writes. Fails as map_to_xml. */
int map_explain(const struct mapping *mapping, const struct json *input, struct arena *arena, struct map_traces *traces,
                struct error *error) must_use;
/* The row that a WCO pointer leads to ("42A/67A/28A/31B(1)/159", a step without number counts as 1); NULL: none. */
const struct map_trace *map_traces_find(const struct map_traces *traces, const char *pointer);
/* The row of an element that was written, by its name in `element`; NULL: none. */
const struct map_trace *map_traces_find_element(const struct map_traces *traces, const char *element);

#endif
