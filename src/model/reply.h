/* reply: what an answer to a question of customs may consist of. */
#ifndef SEALGATE_MODEL_REPLY_H
#define SEALGATE_MODEL_REPLY_H

#include "lib/json/json.h"

/* One answer (IE3R02, as inferred from the public tables): so many files, so many pieces of text with so many characters. */
#define REPLY_FILES 9
#define REPLY_TEXTS 99
#define REPLY_TEXT 512
/* All parts of a message, the document included: ICS2 takes 20 MB of them, compressed (ICS2 ICD 4.2.6). */
#define REPLY_OCTETS ((size_t)20000000)

/* "application/pdf" or "image/jpeg", by what the file begins with; NULL: neither, and ICS2 takes no other (ICS2 ICD 4.2.5). */
const char *reply_file_type(struct bytes octets);
/* NULL: it can be a file's name; else what is wrong with it. */
const char *reply_name_fault(const char *name);
/* An array of pieces that are short enough, cut behind a blank where there is one. */
struct json *reply_pieces(struct arena *arena, const char *text);

#endif
