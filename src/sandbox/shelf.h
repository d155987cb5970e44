/* shelf: the folder that keeps everything received and sent, one file each, so that anybody can look at it and check it with
 * tools of their own.
 *
 *   <reference>.xml            what was lodged          <reference>.sig.xml            its detached signature
 *   <reference>-answer.xml     the first answer to it   <reference>-answer.sig.xml     its signature, where it has one
 *   <reference>-answer-2.xml   the second, and so on
 *   refused-<conversation>.xml, .sig.xml, .txt          what was refused at once, and why
 */
#ifndef SEALGATE_SANDBOX_SHELF_H
#define SEALGATE_SANDBOX_SHELF_H

#include "lib/base/bytes.h"

/* Writes <folder>/<name>.xml, and <name>.sig.xml where there is a signature. Fails with IO. */
int shelf_put(const char *folder, const char *name, struct bytes document, struct bytes signature, struct error *error) must_use;
/* What was refused. A failure is logged: the refusal is more important. */
void shelf_put_refused(const char *folder, const char *conversation, struct bytes document, struct bytes signature, const char *why);

#endif
