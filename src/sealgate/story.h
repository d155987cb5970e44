/* story: what happened to a container, as a person follows it: event, finding, message, customs' answer, webhook. */
#ifndef SEALGATE_SEALGATE_STORY_H
#define SEALGATE_SEALGATE_STORY_H

#include "sealgate/gateway.h"

/* `container`: the answer of GET /v1/containers/{number}. */
int story_write(struct gateway *gateway, const struct json *container, struct error *error) must_use;

#endif
