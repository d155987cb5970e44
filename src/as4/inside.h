/* inside: what the files of as4 share. */
#ifndef SEALGATE_AS4_INSIDE_H
#define SEALGATE_AS4_INSIDE_H

#include "as4/package.h"
#include "lib/crypto/digest.h"
#include "lib/mime/mime.h"

/* ---- envelope: SOAP 1.2 ---- */

struct envelope {
	struct xml_document *document;
	const struct xml_node *messaging, *security, *body;  /* security NULL: none */
};
int envelope_read(struct arena *arena, struct bytes octets, struct envelope *envelope_r, struct fault *fault) must_use;
/* messaging, security: slices; body_id: wsu:Id of the empty Body. */
void envelope_write(struct bytes messaging, struct bytes security, const char *body_id, struct buffer *out);
void body_write(const char *body_id, struct buffer *out);   /* the slice that is signed */

/* ---- content: the digest of an attachment, SwA Profile 1.1, 5.4 ---- */

struct content {
	enum { CONTENT_RAW, CONTENT_TEXT, CONTENT_XML } form;
	unsigned bits;
	struct digest *digest;
	struct buffer xml;
	bool after_cr;
};
#define CONTENT_AUTO __attribute__((cleanup(content_clear))) struct content
void content_begin(struct content *content, const char *mime_type, unsigned bits);
struct sink content_sink(struct content *content);
/* Base64 of the digest. Fails with BAD_XML. */
int content_end(struct content *content, struct arena *arena, const char **digest_r, struct error *error) must_use;
void content_clear(struct content *content);

unsigned digest_bits(const char *method);  /* by its URI; 0: not taken */
const char *digest_text(struct arena *arena, unsigned bits, struct bytes octets);

/* ---- parts of an incoming message ---- */

struct part {
	struct as4_part shown;
	const struct mime_part *mime;
	const char *type;                       /* of the content, before it was encrypted */
	const struct as4_reference *reference;  /* that signs it */
};

struct as4_inside {
	struct arena *arena;
	const struct blob *blob;
	struct envelope envelope;
	const struct mime_message *mime;        /* NULL: SOAP alone */
	struct part *parts;                     /* in the order of PayloadInfo */
	struct part **by_cid;                   /* sorted */
	size_t count;
	const struct as4_mode *mode;            /* once accepted */
	uint8_t key[CIPHER_KEY_SIZE];           /* of the encrypted parts */
};
struct part *part_of_uri(const struct as4_inside *inside, const char *uri);  /* by "cid:..."; NULL: none */
/* The part's content as it was signed (deciphered, still packed), into the sink. */
int part_stream(const struct as4_inside *inside, const struct part *part, const struct sink *sink, struct fault *fault) must_use;

/* ---- security ---- */

/* Appends the wsse:Security of a message: signature over these references (Messaging, Body, attachments in this order),
 * in front of it `encryption`, elements that were written before. */
int security_write(struct arena *arena, const struct as4_mode *mode, const struct as4_reference *references, struct bytes encryption,
                   struct buffer *out, struct error *error) must_use;
/* Appends EncryptedKey and one EncryptedData for each of the cids; makes the key. `types` as they were before. */
int encryption_write(struct arena *arena, const struct as4_mode *mode, const struct as4_part_info *parts, uint8_t key[static CIPHER_KEY_SIZE],
                     struct buffer *out, struct error *error) must_use;

/* Takes out the key, ties each EncryptedData to its part. */
int encryption_read(struct as4_inside *inside, const struct as4_mode *mode, struct fault *fault) must_use;
/* Screens and verifies the signature; all of Messaging, Body and the parts must be covered. */
int security_read(struct as4_incoming *incoming, const struct as4_mode *mode, int64_t now, struct fault *fault) must_use;
/* The certificates that a signature names. */
struct token {
	struct certificate *chain;  /* leaf first */
	struct bytes octets;        /* what stood for them */
	bool trusted;               /* remembered as trusted at this time */
};
int token_read(struct as4_inside *inside, const struct as4_mode *mode, const struct xml_node *key_info, int64_t now, struct token *token_r,
               struct fault *fault) must_use;
const struct xml_node *only_child(const struct xml_node *parent, const char *uri, const char *name);  /* NULL: none, or not the only one */
const char *security_id(const struct xml_node *node);   /* wsu:Id; NULL: none */

#endif
