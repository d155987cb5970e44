/* sandbox: a customs risk system for those who onboard: takes declarations over REST as the published contract of a real customs
 * service has it, checks signature and schema itself, judges what stands in them, and answers, well or badly as it is told.
 *
 *   routes.c  HTTP on the server's threads: headers, tokens, addresses; what is lodged goes to the clerk
 *   intake.c  the clerk looks at it: signature, schema, repeats; keeps it; the judge decides
 *   answer.c  what was decided becomes signed responses
 *   outbox.c  they are pushed, or pulled
 */
#ifndef SEALGATE_SANDBOX_SANDBOX_H
#define SEALGATE_SANDBOX_SANDBOX_H

#include "sandbox/setup.h"

struct sandbox;

/* Fails with BAD_CONFIG, BAD_KEY, BAD_CERTIFICATE, IO. `setup` must outlive it. */
int sandbox_start(const struct setup *setup, struct sandbox **sandbox_r, struct error *error) must_use;
/* Answers the requests that are under way; answers that wait are lost. */
void sandbox_stop(struct sandbox **sandbox);
uint16_t sandbox_port(const struct sandbox *sandbox);

#endif
