/* refusal: <errorResponse>, as the published contract's error.xsd has it. */
#ifndef SEALGATE_SANDBOX_REFUSAL_H
#define SEALGATE_SANDBOX_REFUSAL_H

#include "lib/http/server.h"

/* `detail_code`, `detail` (both or none): one <error> within. Ends the owner's use of the request. */
void refusal_answer(struct http_request *request, int status, const char *code, const char *message, const char *detail_code, const char *detail);

#endif
