#include "sandbox/refusal.h"

#include "lib/xml/xml.h"

void refusal_answer(struct http_request *request, int status, const char *code, const char *message, const char *detail_code, const char *detail)
{
	BUFFER_AUTO out = { 0 };
	buffer_printf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<errorResponse><code>%s</code><message>", code);
	xml_escape_text(&out, message);
	buffer_add_text(&out, "</message>");
	if (detail) {
		buffer_printf(&out, "<errors><error><code>%s</code><message>", detail_code);
		xml_escape_text(&out, detail);
		buffer_add_text(&out, "</message></error></errors>");
	}
	buffer_add_text(&out, "</errorResponse>\n");
	http_answer_owned(request, status, "application/xml", &out);
}
