/* set: what a map_set is made of. Not for other folders. */
#ifndef SEALGATE_MAP_SET_H
#define SEALGATE_MAP_SET_H

#include "map/document.h"
#include "map/tree.h"

struct mapping {
	const char *name;           /* "messages/wco-dms/integrity-report" */
	const char *file;           /* "messages/wco-dms/integrity-report/document.xml" */
	struct document *document;  /* to XML, or */
	struct tree *tree;          /* to JSON */
	const struct json *shape;   /* its input.json; NULL: none */
};

#endif
