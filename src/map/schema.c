/* The order of elements, their lengths and WCO numbers, read from the XSDs of our own (schemas/): sequences of elements,
 * named and nested types. What else XML Schema can say is said to be not understood, so that no check is lost silently. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "map/document.h"

#define XSD "http://www.w3.org/2001/XMLSchema"
#define NUMBERS "urn:sealgate:wco:1"  /* attribute on xs:element: the WCO number */
#define FILES 16
#define DEPTH 32

struct loader {
	struct arena *arena;
	const struct schema_files *files;
	struct {
		const char *path, *uri;
		const struct source_node *root;
	} loaded[FILES];
	size_t count;
	struct error *error;
};

static bool is_xsd(const struct source_node *node, const char *name)
{
	return node->name && text_equal(node->uri, XSD) && text_equal(node->name, name);
}

static const struct source_node *xsd_child(const struct source_node *node, const char *name)
{
	for (const struct source_node *n = node ? node->child : NULL; n; n = n->next)
		if (is_xsd(n, name))
			return n;
	return NULL;
}

static int file_load(struct loader *l, const char *path)
{
	for (size_t i = 0; i < l->count; i++)
		if (text_equal(l->loaded[i].path, path))
			return 0;
	const char *text = l->files->read(l->files->of, path);
	if (!text)
		FAIL(l->error, BAD_MAPPING, "there is no schema \"%s\"", path);
	if (l->count == FILES)
		FAIL(l->error, BAD_MAPPING, "schema \"%s\" imports too many files", path);
	struct source_node *root;
	if (source_read(l->arena, text, &root, l->error) < 0)
		return error_during(l->error, "schema \"%s\"", path);
	const char *uri = source_value(root, "", "targetNamespace");
	l->loaded[l->count].path = path;
	l->loaded[l->count].uri = uri ? uri : "";
	l->loaded[l->count++].root = root;
	const char *slash = strrchr(path, '/');
	for (const struct source_node *n = root->child; n; n = n->next) {
		const char *place = is_xsd(n, "import") || is_xsd(n, "include") ? source_value(n, "", "schemaLocation") : NULL;
		if (place)
			TRY(file_load(l, arena_printf(l->arena, "%.*s%s", (int)(slash ? slash + 1 - path : 0), path, place)));
	}
	return 0;
}

/* Local names are enough: the names of types and of root elements are unique among the files of one schema. */
static const struct source_node *declared(const struct loader *l, const char *what, const char *qname, const char **uri_r)
{
	const char *colon = strchr(qname, ':'), *name = colon ? colon + 1 : qname;
	for (size_t i = 0; i < l->count; i++)
		for (const struct source_node *n = l->loaded[i].root->child; n; n = n->next)
			if (is_xsd(n, what) && text_equal(source_value(n, "", "name"), name)) {
				*uri_r = l->loaded[i].uri;
				return n;
			}
	return NULL;
}

static size_t length_of_simple(const struct loader *l, const struct source_node *type)
{
	const struct source_node *restriction = xsd_child(type, "restriction");
	if (!restriction)
		return 0;
	const char *base = source_value(restriction, "", "base"), *uri;
	const struct source_node *length = xsd_child(restriction, "maxLength");
	if (!length)
		length = xsd_child(restriction, "length");
	if (length)
		return strtoul(source_value(length, "", "value"), NULL, 10);
	const struct source_node *of = base ? declared(l, "simpleType", base, &uri) : NULL;
	return of && of != type ? length_of_simple(l, of) : 0;
}

static void attributes_of(struct loader *l, const struct source_node *node, struct schema_element *out)
{
	for (const struct source_node *n = node->child; n; n = n->next)
		if (is_xsd(n, "attribute")) {
			const char **names = arena_array(l->arena, out->attribute_count + 1, sizeof *names);
			if (out->attribute_count)
				memcpy(names, out->attributes, out->attribute_count * sizeof *names);
			names[out->attribute_count++] = arena_printf(l->arena, "%s%s", text_equal(source_value(n, "", "use"), "required") ? "!" : "",
			                                             source_value(n, "", "name"));
			out->attributes = names;
		}
}

static int element_of(struct loader *l, const struct source_node *node, const char *uri, unsigned depth, struct schema_element *out);

static int complex_of(struct loader *l, const struct source_node *type, const char *uri, unsigned depth, struct schema_element *out)
{
	attributes_of(l, type, out);
	const struct source_node *simple = xsd_child(type, "simpleContent"), *sequence = xsd_child(type, "sequence");
	if (simple) {
		const struct source_node *extension = xsd_child(simple, "extension");
		const char *base = extension ? source_value(extension, "", "base") : NULL, *at;
		if (!base)
			FAIL(l->error, BAD_MAPPING, "schema: simple content is written as an extension");
		attributes_of(l, extension, out);
		const struct source_node *of = declared(l, "simpleType", base, &at);
		out->max_length = of ? length_of_simple(l, of) : 0;
		return 0;
	}
	out->holds_elements = true;
	for (const struct source_node *n = sequence ? sequence->child : NULL; n; n = n->next)
		out->child_count += n->name && !is_xsd(n, "annotation");
	out->children = arena_array(l->arena, out->child_count + 1, sizeof *out->children);
	struct schema_element *child = out->children;
	for (const struct source_node *n = sequence ? sequence->child : NULL; n; n = n->next) {
		if (!n->name || is_xsd(n, "annotation"))
			continue;
		if (!is_xsd(n, "element"))
			FAIL(l->error, BAD_MAPPING, "schema: a sequence of elements is understood, xs:%s in it is not", n->name);
		TRY(element_of(l, n, uri, depth + 1, child++));
	}
	return 0;
}

static unsigned occurs(const struct source_node *node, const char *name)
{
	const char *value = source_value(node, "", name);
	return !value ? 1 : text_equal(value, "unbounded") ? 0 : (unsigned)strtoul(value, NULL, 10);
}

static int element_of(struct loader *l, const struct source_node *node, const char *uri, unsigned depth, struct schema_element *out)
{
	if (depth > DEPTH)
		FAIL(l->error, BAD_MAPPING, "schema: types stand too deep in one another");
	const char *reference = source_value(node, "", "ref");
	out->least = occurs(node, "minOccurs");
	out->most = occurs(node, "maxOccurs");
	if (reference && !(node = declared(l, "element", reference, &uri)))
		FAIL(l->error, BAD_MAPPING, "schema: there is no element \"%s\"", reference);
	out->name = source_value(node, "", "name");
	out->uri = uri;
	out->wco = source_value(node, NUMBERS, "number");
	const char *type = source_value(node, "", "type");
	const struct source_node *complex = xsd_child(node, "complexType"), *simple = xsd_child(node, "simpleType");
	if (type && !(complex = declared(l, "complexType", type, &uri)) && !(simple = declared(l, "simpleType", type, &uri)) &&
	    !text_starts(type, "xs:"))
		FAIL(l->error, BAD_MAPPING, "schema: there is no type \"%s\"", type);
	if (complex)
		return complex_of(l, complex, uri, depth, out);
	out->max_length = simple ? length_of_simple(l, simple) : 0;
	return 0;
}

int schema_load(struct arena *arena, const struct schema_files *files, const char *path, struct schema_element **root_r,
                struct error *error)
{
	struct loader l = { .arena = arena, .files = files, .error = error };
	TRY(file_load(&l, path));
	const struct source_node *root = xsd_child(l.loaded[0].root, "element");
	if (!root)
		FAIL(error, BAD_MAPPING, "schema \"%s\" declares no element", path);
	*root_r = arena_alloc(arena, sizeof **root_r);
	return element_of(&l, root, l.loaded[0].uri, 0, *root_r);
}

const struct schema_element *schema_child(const struct schema_element *parent, const char *uri, const char *name)
{
	for (size_t i = 0; i < parent->child_count; i++)
		if (text_equal(parent->children[i].name, name) && text_equal(parent->children[i].uri, uri))
			return &parent->children[i];
	return NULL;
}
