/* Reading a schema into a grammar. libxml2 has found it to be one already, so nothing here looks for mistakes: what is not plainly
 * known is marked as outside. */
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/xml/grammar.h"
#include "lib/xml/xml.h"

#define XSD "http://www.w3.org/2001/XMLSchema"
#define FILES 32
#define URIS 64
#define FACETS 64
#define PARTS 256

struct schema_file {
	const char *path, *uri;
	const struct xml_node *root;
};

struct known {              /* what has been read, or is being read: types refer to one another */
	const struct xml_node *node;
	void *thing;
	struct known *next;
};

struct reader {
	struct grammar *grammar;
	struct arena *arena;    /* of the trees */
	struct schema_file files[FILES];
	size_t file_count;
	struct known *known;
};

/* ---- nodes ---- */

static bool is_xsd(const struct xml_node *node, const char *name)
{
	return text_equal(node->uri, XSD) && text_equal(node->name, name);
}

/* No attribute of XSD's but these, separated by blanks. Those of other namespaces are notes for somebody else. */
static bool has_only(const struct xml_node *node, const char *names)
{
	for (const struct xml_attribute *a = node->attributes; a; a = a->next) {
		size_t n = strlen(a->name);
		const char *at = *a->uri ? NULL : strstr(names, a->name);
		while (at && ((at > names && at[-1] != ' ') || (at[n] && at[n] != ' ')))
			at = strstr(at + 1, a->name);
		if (!*a->uri && !at)
			return false;
	}
	return true;
}

/* The first child, or the next sibling, that is no annotation. */
static const struct xml_node *past_notes(const struct xml_node *node)
{
	while (node && is_xsd(node, "annotation"))
		node = node->next;
	return node;
}

static size_t occurs(const struct xml_node *node, const char *attribute)
{
	const char *text = xml_attribute(node, attribute);
	return !text ? 1 : text_equal(text, "unbounded") ? SIZE_MAX : strtoul(text, NULL, 10);
}

/* What a "prefix:name" of the schema means. */
static bool resolve(const struct xml_node *node, const char *name, const char **uri_r, const char **local_r)
{
	const xmlNode *inside = node->inside;
	char prefix[64] = "";
	size_t n = strcspn(name, ":");
	*local_r = name[n] ? name + n + 1 : name;
	if (name[n] && n < sizeof prefix)
		memcpy(prefix, name, n);
	const xmlNs *ns = n < sizeof prefix ? xmlSearchNs(inside->doc, (xmlNode *)node->inside, name[n] ? (const xmlChar *)prefix : NULL) : NULL;
	*uri_r = ns && ns->href ? (const char *)ns->href : "";
	return **uri_r != '\0';
}

static const struct xml_node *global_find(const struct reader *r, const char *kind, const char *uri, const char *name)
{
	for (size_t i = 0; i < r->file_count; i++)
		for (const struct xml_node *node = text_equal(r->files[i].uri, uri) ? r->files[i].root->child : NULL; node; node = node->next)
			if (is_xsd(node, kind) && text_equal(xml_attribute(node, "name"), name))
				return node;
	return NULL;
}

static const char *uri_of(const struct reader *r, const struct xml_node *node)
{
	while (node->parent)
		node = node->parent;
	for (size_t i = 0; i < r->file_count; i++)
		if (r->files[i].root == node)
			return r->files[i].uri;
	return "";
}

static size_t uri_index(const struct reader *r, const char *uri)
{
	size_t i = 0;
	while (i < r->grammar->uri_count && !text_equal(r->grammar->uris[i], uri))
		i++;
	return i;
}

static void *known_find(const struct reader *r, const struct xml_node *node)
{
	const struct known *known = r->known;
	while (known && known->node != node)
		known = known->next;
	return known ? known->thing : NULL;
}

static void *known_add(struct reader *r, const struct xml_node *node, size_t size)
{
	struct known *known = arena_alloc(r->arena, sizeof *known);
	*known = (struct known){ node, arena_alloc(r->grammar->arena, size), r->known };
	r->known = known;
	return known->thing;
}

/* ---- simple types ---- */

static const struct simple *builtin(struct reader *r, const char *name)
{
	static const struct {
		const char *name;
		enum simple_kind kind;
	} kinds[] = { { "string", SIMPLE_STRING }, { "token", SIMPLE_TOKEN }, { "decimal", SIMPLE_DECIMAL }, { "positiveInteger", SIMPLE_POSITIVE },
		      { "nonNegativeInteger", SIMPLE_NATURAL } };
	struct simple *out = arena_alloc(r->grammar->arena, sizeof *out);
	out->is_outside = true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_equal(kinds[i].name, name)) {
			out->kind = kinds[i].kind;
			out->is_outside = false;
		}
	return out;
}

static const struct simple *simple_read(struct reader *r, const struct xml_node *node);

/* NULL: there is no simple type of this name. */
static const struct simple *simple_find(struct reader *r, const struct xml_node *node, const char *name)
{
	const char *uri, *local;
	if (!name || !resolve(node, name, &uri, &local))
		return NULL;
	if (text_equal(uri, XSD))
		return builtin(r, local);
	const struct xml_node *type = global_find(r, "simpleType", uri, local);
	return type ? simple_read(r, type) : NULL;
}

static bool facet_read(struct reader *r, const struct xml_node *facet, struct simple *out)
{
	const char *value = xml_attribute(facet, "value");
	if (!value || !has_only(facet, "value") || !text_equal(facet->uri, XSD))
		return false;
	size_t number = strtoul(value, NULL, 10);
	if (text_equal(facet->name, "enumeration") && out->value_count < FACETS)
		out->values[out->value_count++] = arena_text(r->grammar->arena, value);
	else if (text_equal(facet->name, "pattern") && out->pattern_count < FACETS)
		return (out->patterns[out->pattern_count++] = pattern_compile(r->grammar->arena, value)) != NULL;
	else if (text_equal(facet->name, "length"))
		out->least = out->most = number;
	else if (text_equal(facet->name, "minLength"))
		out->least = number;
	else if (text_equal(facet->name, "maxLength"))
		out->most = number;
	else if (text_equal(facet->name, "totalDigits"))
		out->digits = number;
	else
		return false;
	return true;
}

static const struct simple *simple_read(struct reader *r, const struct xml_node *node)
{
	struct simple *out = known_find(r, node);
	if (out)
		return out;
	out = known_add(r, node, sizeof *out);
	out->most = SIZE_MAX;
	out->values = arena_array(r->grammar->arena, FACETS, sizeof *out->values);
	out->patterns = arena_array(r->grammar->arena, FACETS, sizeof(*out->patterns));
	const struct xml_node *restriction = past_notes(node->child);
	out->base = restriction && is_xsd(restriction, "restriction") ? simple_find(r, restriction, xml_attribute(restriction, "base")) : NULL;
	out->is_outside = !out->base || !has_only(node, "name") || !has_only(restriction, "base");
	for (const struct xml_node *f = out->is_outside ? NULL : past_notes(restriction->child); f && !out->is_outside; f = past_notes(f->next))
		out->is_outside = !facet_read(r, f, out);
	return out;
}

/* ---- elements and their content ---- */

static const struct content *content_read(struct reader *r, const struct xml_node *type);

static const struct content *content_simple(struct reader *r, const struct simple *simple)
{
	struct content *out = arena_alloc(r->grammar->arena, sizeof *out);
	*out = (struct content){ .simple = simple, .is_outside = !simple || simple->is_outside };
	return out;
}

static const struct content *content_of(struct reader *r, const struct xml_node *element)
{
	const struct xml_node *own = past_notes(element->child);
	const char *name = xml_attribute(element, "type"), *uri, *local;
	if (own)
		return name || own->next ? content_simple(r, NULL) : is_xsd(own, "complexType") ? content_read(r, own)
		     : content_simple(r, is_xsd(own, "simpleType") ? simple_read(r, own) : NULL);
	const struct xml_node *type = name && resolve(element, name, &uri, &local) ? global_find(r, "complexType", uri, local) : NULL;
	return type ? content_read(r, type) : content_simple(r, simple_find(r, element, name));
}

/* A rule for a local or a global element, or for a reference to one. NULL: outside. */
static const struct element_rule *element_read(struct reader *r, const struct xml_node *node)
{
	const char *reference = xml_attribute(node, "ref"), *uri, *local;
	bool is_global = node->parent && !node->parent->parent;
	if (reference) {
		if (!has_only(node, "ref minOccurs maxOccurs") || !resolve(node, reference, &uri, &local))
			return NULL;
		const struct xml_node *global = global_find(r, "element", uri, local);
		return global ? element_read(r, global) : NULL;
	}
	if (!has_only(node, is_global ? "name type" : "name type minOccurs maxOccurs"))
		return NULL;
	struct element_rule *rule = known_find(r, node);
	if (rule)
		return rule;
	rule = known_add(r, node, sizeof *rule);
	rule->name = arena_text(r->grammar->arena, xml_attribute(node, "name"));
	rule->size = strlen(rule->name);
	rule->uri = uri_index(r, uri_of(r, node));
	rule->content = content_of(r, node);
	return rule;
}

/* Anything of one namespace. */
static bool any_read(struct reader *r, const struct xml_node *node, struct particle *out)
{
	const char *uri = xml_attribute(node, "namespace");
	struct grammar *grammar = r->grammar;
	if (!has_only(node, "namespace processContents minOccurs maxOccurs") || !text_equal(xml_attribute(node, "processContents"), "skip") ||
	    text_empty(uri) || *uri == '#' || strpbrk(uri, " \t\n") || grammar->uri_count == URIS)
		return false;
	struct element_rule *rule = arena_alloc(grammar->arena, sizeof *rule);
	*rule = (struct element_rule){ .uri = uri_index(r, uri), .content = &grammar_free_content };
	if (rule->uri == grammar->uri_count)
		grammar->uris[grammar->uri_count++] = arena_text(grammar->arena, uri);
	out->elements = arena_array(grammar->arena, 1, sizeof(*out->elements));
	out->elements[out->count++] = rule;
	return true;
}

/* An element, or a choice between elements, or anything of a namespace. */
static bool particle_read(struct reader *r, const struct xml_node *node, struct particle *out)
{
	bool is_choice = is_xsd(node, "choice");
	const struct element_rule *elements[PARTS];
	*out = (struct particle){ .least = occurs(node, "minOccurs"), .most = occurs(node, "maxOccurs") };
	if (is_xsd(node, "any"))
		return any_read(r, node, out);
	if (!is_choice && !is_xsd(node, "element"))
		return false;
	if (is_choice && !has_only(node, "minOccurs maxOccurs"))
		return false;
	for (const struct xml_node *e = is_choice ? past_notes(node->child) : node; e; e = is_choice ? past_notes(e->next) : NULL) {
		if (!is_xsd(e, "element") || out->count == PARTS || (is_choice && (occurs(e, "minOccurs") != 1 || occurs(e, "maxOccurs") != 1)) ||
		    !(elements[out->count] = element_read(r, e)))
			return false;
		out->count++;
	}
	out->elements = arena_array(r->grammar->arena, out->count + 1, sizeof(*out->elements));
	memcpy(out->elements, elements, out->count * sizeof *elements);
	return out->count > 0;
}

static bool model_read(struct reader *r, const struct xml_node *node, struct content *out)
{
	bool is_sequence = is_xsd(node, "sequence");
	size_t room = 1;
	if (is_sequence && !has_only(node, ""))
		return false;
	for (const struct xml_node *n = node->child; n; n = n->next)
		room++;
	out->particles = arena_array(r->grammar->arena, room, sizeof *out->particles);
	if (!is_sequence)
		return is_xsd(node, "choice") && particle_read(r, node, &out->particles[out->particle_count++]);
	for (const struct xml_node *n = past_notes(node->child); n; n = past_notes(n->next))
		if (!particle_read(r, n, &out->particles[out->particle_count++]))
			return false;
	return true;
}

static bool attributes_read(struct reader *r, const struct xml_node *node, struct content *out)
{
	out->attributes = arena_array(r->grammar->arena, GRAMMAR_ATTRIBUTES, sizeof *out->attributes);
	for (; node; node = past_notes(node->next)) {
		const char *name = xml_attribute(node, "name"), *use = xml_attribute(node, "use");
		if (is_xsd(node, "anyAttribute"))
			continue;  /* of what it lets in, nothing is known */
		if (!is_xsd(node, "attribute") || !name || !has_only(node, "name type use") || past_notes(node->child) ||
		    out->attribute_count == GRAMMAR_ATTRIBUTES || text_equal(use, "prohibited"))
			return false;
		const struct simple *type = simple_find(r, node, xml_attribute(node, "type"));
		if (!type)
			return false;
		out->attributes[out->attribute_count++] = (struct attribute_rule){ .name = arena_text(r->grammar->arena, name), .size = strlen(name),
			.type = type, .is_required = text_equal(use, "required") };
	}
	return true;
}

static bool complex_read(struct reader *r, const struct xml_node *type, struct content *out)
{
	const struct xml_node *first = past_notes(type->child);
	if (!has_only(type, "name"))
		return false;
	if (!first || is_xsd(first, "attribute"))
		return attributes_read(r, first, out);
	if (!is_xsd(first, "simpleContent"))
		return model_read(r, first, out) && attributes_read(r, past_notes(first->next), out);
	const struct xml_node *extension = past_notes(first->child);
	if (!extension || !is_xsd(extension, "extension") || !has_only(extension, "base") || !has_only(first, "") || first->next || extension->next)
		return false;
	out->simple = simple_find(r, extension, xml_attribute(extension, "base"));
	return out->simple && attributes_read(r, past_notes(extension->child), out);
}

static const struct content *content_read(struct reader *r, const struct xml_node *type)
{
	struct content *out = known_find(r, type);
	if (out)
		return out;
	out = known_add(r, type, sizeof *out);
	out->is_outside = !complex_read(r, type, out);
	return out;
}

/* ---- files ---- */

static bool file_open(struct reader *r, const char *path, const char *uri);

static bool neighbour_open(struct reader *r, const char *path, const struct xml_node *node, const char *uri)
{
	const char *location = xml_attribute(node, "schemaLocation"), *slash = strrchr(path, '/');
	if (!location || strpbrk(location, "/:%") || !uri)
		return false;
	return file_open(r, slash ? arena_printf(r->arena, "%.*s/%s", (int)(slash - path), path, location) : location, uri);
}

static bool globals_are_known(struct reader *r, const char *path, const struct xml_node *root, const char *uri)
{
	for (const struct xml_node *node = past_notes(root->child); node; node = past_notes(node->next)) {
		if (is_xsd(node, "import")) {
			if (!has_only(node, "namespace schemaLocation") || !neighbour_open(r, path, node, xml_attribute(node, "namespace")))
				return false;
		} else if (is_xsd(node, "include")) {
			if (!has_only(node, "schemaLocation") || !neighbour_open(r, path, node, uri))
				return false;
		} else if (!is_xsd(node, "element") && !is_xsd(node, "complexType") && !is_xsd(node, "simpleType")) {
			return false;
		}
	}
	return true;
}

/* uri NULL: whatever it says. A namespace that comes from two imports is not known; files of one include each other. */
static bool file_open(struct reader *r, const char *path, const char *uri)
{
	BUFFER_AUTO octets = { 0 };
	struct xml_document *document;
	struct error ignored = { 0 };
	for (size_t i = 0; i < r->file_count; i++)
		if (text_equal(r->files[i].path, path))
			return text_equal(r->files[i].uri, uri);
	if (r->file_count == FILES || file_read(path, &octets, &ignored) < 0 ||
	    xml_parse(r->arena, buffer_bytes(&octets), NULL, &document, &ignored) < 0)
		return false;
	const struct xml_node *root = document->root;
	const char *own = xml_attribute(root, "targetNamespace");
	if (!is_xsd(root, "schema") || !has_only(root, "targetNamespace elementFormDefault version id") || text_empty(own) ||
	    !text_equal(xml_attribute(root, "elementFormDefault"), "qualified") || (uri && !text_equal(uri, own)))
		return false;
	r->files[r->file_count++] = (struct schema_file){ path, own, root };
	if (uri_index(r, own) == r->grammar->uri_count)
		r->grammar->uris[r->grammar->uri_count++] = arena_text(r->grammar->arena, own);
	return globals_are_known(r, path, root, own);
}

struct grammar *grammar_open(const char *path)
{
	ARENA_AUTO arena = arena_new();
	struct grammar *grammar = calloc(1, sizeof *grammar);
	if (!grammar)
		die("out of memory");
	grammar->arena = arena_new();
	grammar->uris = arena_array(grammar->arena, URIS, sizeof *grammar->uris);
	grammar->roots = arena_array(grammar->arena, PARTS, sizeof(*grammar->roots));
	struct reader *r = arena_alloc(arena, sizeof *r);
	*r = (struct reader){ .grammar = grammar, .arena = arena };
	if (!file_open(r, path, NULL)) {
		grammar_free(&grammar);
		return NULL;
	}
	for (const struct xml_node *node = r->files[0].root->child; node && grammar->root_count < PARTS; node = node->next) {
		const struct element_rule *rule = is_xsd(node, "element") ? element_read(r, node) : NULL;
		if (rule)
			grammar->roots[grammar->root_count++] = rule;
	}
	return grammar;
}

void grammar_free(struct grammar **grammar)
{
	if (!*grammar)
		return;
	arena_free(&(*grammar)->arena);
	free(*grammar);
	*grammar = NULL;
}
