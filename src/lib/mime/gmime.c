/* The second reader: GMime, on a stream of our own that shows the Content-Type of HTTP as a header in front of the blob, and a
 * line end behind it: without one GMime misplaces the end of the last part, though RFC 2046 asks for none. */
#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "lib/mime/inside.h"

/* ---- a GMimeStream over a blob ---- */

struct blob_stream {
	GMimeStream parent;
	const struct blob *blob;
	const char *head;      /* shown in front of the blob */
	gint64 head_size, tail_size;
	struct error *error;   /* where a failing read leaves its words */
	bool *failed;
};
struct blob_stream_class {
	GMimeStreamClass parent_class;
};

static GType stream_type;

static gint64 stream_whole(const GMimeStream *stream)
{
	const struct blob_stream *s = (const struct blob_stream *)stream;
	return s->head_size + (gint64)s->blob->size + s->tail_size;
}

static gint64 stream_end(const GMimeStream *stream)
{
	return stream->bound_end >= 0 ? stream->bound_end : stream_whole(stream);
}

static ssize_t stream_read(GMimeStream *stream, char *room, size_t size)
{
	struct blob_stream *s = (struct blob_stream *)stream;
	gint64 at = stream->position, left = stream_end(stream) - at, tail = s->head_size + (gint64)s->blob->size;
	if (left <= 0)
		return 0;
	size = (gint64)size < left ? size : (size_t)left;
	gint64 region = at < s->head_size ? s->head_size - at : at < tail ? tail - at : left;
	size = (gint64)size < region ? size : (size_t)region;
	if (at < s->head_size) {
		memcpy(room, s->head + at, size);
	} else if (at >= tail) {
		memcpy(room, &"\r\n"[at - tail], size);
	} else if (blob_read(s->blob, (size_t)(at - s->head_size), room, size, s->error) < 0) {
		*s->failed = true;
		return -1;
	}
	stream->position += (gint64)size;
	return (ssize_t)size;
}

static gboolean stream_eos(GMimeStream *stream)
{
	return stream->position >= stream_end(stream);
}

static int stream_reset(GMimeStream *stream)
{
	stream->position = stream->bound_start;
	return 0;
}

static gint64 stream_seek(GMimeStream *stream, gint64 offset, GMimeSeekWhence whence)
{
	gint64 from = whence == GMIME_STREAM_SEEK_SET ? 0 : whence == GMIME_STREAM_SEEK_CUR ? stream->position : stream_end(stream);
	gint64 to = from + offset;
	if (to < stream->bound_start || to > stream_end(stream))
		return -1;
	return stream->position = to;
}

static gint64 stream_tell(GMimeStream *stream)
{
	return stream->position;
}

static gint64 stream_length(GMimeStream *stream)
{
	return stream_end(stream) - stream->bound_start;
}

static int stream_nothing(GMimeStream *stream)
{
	(void)stream;
	return 0;
}

static ssize_t stream_write(GMimeStream *stream, const char *octets, size_t size)
{
	(void)stream, (void)octets, (void)size;
	return -1;
}

static GMimeStream *stream_substream(GMimeStream *stream, gint64 start, gint64 end)
{
	const struct blob_stream *from = (const struct blob_stream *)stream;
	struct blob_stream *s = (struct blob_stream *)g_object_new(stream_type, NULL);
	g_mime_stream_construct(&s->parent, start, end);
	s->blob = from->blob;
	s->head = from->head;
	s->head_size = from->head_size;
	s->tail_size = from->tail_size;
	s->error = from->error;
	s->failed = from->failed;
	return &s->parent;
}

static void class_init(void *klass, void *data)
{
	GMimeStreamClass *c = klass;
	(void)data;
	c->read = stream_read;
	c->write = stream_write;
	c->flush = c->close = stream_nothing;
	c->eos = stream_eos;
	c->reset = stream_reset;
	c->seek = stream_seek;
	c->tell = stream_tell;
	c->length = stream_length;
	c->substream = stream_substream;
}

static void library_init(void)
{
	g_mime_init();
	/* Classes come into being with their first object, under locks of GLib's own: here, before there are threads that use them. */
	g_type_ensure(GMIME_TYPE_PART);
	g_type_ensure(GMIME_TYPE_MULTIPART);
	g_type_class_ref(GMIME_TYPE_PART);
	g_type_class_ref(GMIME_TYPE_MULTIPART);
	const GTypeInfo info = { .class_size = sizeof(struct blob_stream_class), .class_init = class_init, .instance_size = sizeof(struct blob_stream) };
	stream_type = g_type_register_static(GMIME_TYPE_STREAM, "SealgateBlobStream", &info, 0);
}

/* ---- comparing ---- */

struct hearing {
	const char *first;  /* what GMime had to say first */
	gint64 at;
};

static const char *warning_text(GMimeParserWarning warning)
{
	static const char *const texts[] = {
		[GMIME_WARN_DUPLICATED_HEADER] = "a header stands twice",
		[GMIME_WARN_DUPLICATED_PARAMETER] = "a parameter stands twice",
		[GMIME_WARN_UNENCODED_8BIT_HEADER] = "a header is not ASCII",
		[GMIME_WARN_INVALID_CONTENT_TYPE] = "a content type is invalid",
		[GMIME_WARN_INVALID_RFC2047_HEADER_VALUE] = "a header is wrongly encoded",
		[GMIME_WARN_MALFORMED_MULTIPART] = "the multipart is malformed",
		[GMIME_WARN_TRUNCATED_MESSAGE] = "the message is cut off",
		[GMIME_WARN_MALFORMED_MESSAGE] = "the message is malformed",
		[GMIME_CRIT_INVALID_HEADER_NAME] = "a header's name is invalid",
		[GMIME_CRIT_CONFLICTING_HEADER] = "two headers contradict each other",
		[GMIME_CRIT_CONFLICTING_PARAMETER] = "two parameters contradict each other",
		[GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY] = "the multipart has no boundary",
		[GMIME_WARN_INVALID_PARAMETER] = "a parameter is invalid",
		[GMIME_WARN_INVALID_ADDRESS_LIST] = "an address is invalid",
		[GMIME_CRIT_NESTING_OVERFLOW] = "parts are nested too deep",
		[GMIME_WARN_PART_WITHOUT_CONTENT] = "a part has no content",
		[GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT] = "a part has neither headers nor content",
	};
	return (size_t)warning < sizeof texts / sizeof *texts && texts[warning] ? texts[warning] : "something is odd";
}

static void heard(gint64 at, GMimeParserWarning warning, const char *item, void *context)
{
	struct hearing *hearing = context;
	(void)item;
	if (!hearing->first) {
		hearing->first = warning_text(warning);
		hearing->at = at;
	}
}

static bool same_part(GMimeObject *object, const struct mime_part *part, gint64 head_size)
{
	if (!GMIME_IS_PART(object))
		return false;
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	const char *id = g_mime_object_get_content_id(object);
	bool same_id = id ? part->content_id && strcmp(id, part->content_id) == 0 : !part->content_id;
	if (!stream)
		return same_id && part->size == 0;
	return same_id && stream->bound_start - head_size == (gint64)part->at && stream_end(stream) - stream->bound_start == (gint64)part->size;
}

static int compare(GMimeObject *root, const struct mime_message *message, gint64 head_size, const struct hearing *hearing, struct error *error)
{
	if (hearing->first) {
		error_set(error, ERROR_BAD_REQUEST, "a second MIME parser finds fault with the message: %s", hearing->first);
		return error_at(error, "octet %lld", (long long)(hearing->at < head_size ? 0 : hearing->at - head_size));
	}
	if (!root || !GMIME_IS_MULTIPART(root) || g_mime_multipart_get_count(GMIME_MULTIPART(root)) != (int)message->count)
		FAIL(error, BAD_REQUEST, "the message can be read in two ways: a second MIME parser sees another number of parts");
	for (size_t i = 0; i < message->count; i++)
		if (!same_part(g_mime_multipart_get_part(GMIME_MULTIPART(root), (int)i), &message->parts[i], head_size))
			FAIL(error, BAD_REQUEST, "the message can be read in two ways: a second MIME parser sees part %zu elsewhere", i + 1);
	return 0;
}

int gmime_agrees(const char *content_type, const struct blob *blob, const struct mime_message *message, struct error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, library_init);
	BUFFER_AUTO head = { 0 };
	buffer_printf(&head, "Content-Type: %s\r\n\r\n", content_type);
	bool failed = false;
	struct hearing hearing = { 0 };
	struct blob_stream *s = (struct blob_stream *)g_object_new(stream_type, NULL);
	s->blob = blob;
	s->head = buffer_text(&head);
	s->head_size = (gint64)head.size;
	s->tail_size = 2;
	s->error = error;
	s->failed = &failed;
	g_mime_stream_construct(&s->parent, 0, -1);
	GMimeParserOptions *options = g_mime_parser_options_new();
	g_mime_parser_options_set_warning_callback(options, heard, &hearing);
	g_mime_parser_options_set_parameter_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
	GMimeParser *parser = g_mime_parser_new_with_stream(&s->parent);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeObject *root = g_mime_parser_construct_part(parser, options);
	int result = failed ? -1 : compare(root, message, s->head_size, &hearing, error);
	if (root)
		g_object_unref(root);
	g_object_unref(parser);
	g_mime_parser_options_free(options);
	g_object_unref(s);
	return result;
}
