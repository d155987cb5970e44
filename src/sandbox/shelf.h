/* shelf: the folder that keeps everything received and sent, so that anybody can look at it and check it with tools of their own.
 *
 *   <reference>.xml            what was lodged          <reference>.sig.xml            its detached signature
 *   <reference>-answer.xml     the first answer to it   <reference>-answer.sig.xml     its signature, where it has one
 *   <reference>-answer-2.xml   the second, and so on
 *   refused-<conversation>.xml, .sig.xml, .txt          what was refused at once, and why
 *
 * Each is a file; or, for runs of many thousands, whose files would cost more than all the rest, an entry of one tar archive (POSIX
 * ustar) that each start begins and that grows by one write for each document with its signature: <start>-<process>.tar. It
 * is whole after each write; the two blocks of zeros at its end come with shelf_close.
 */
#ifndef SEALGATE_SANDBOX_SHELF_H
#define SEALGATE_SANDBOX_SHELF_H

#include "lib/base/bytes.h"

struct shelf;

/* Makes the folder. Fails with IO. The clerk's alone after that. */
int shelf_open(const char *folder, bool as_tar, struct shelf **shelf_r, struct error *error) must_use;
void shelf_close(struct shelf **shelf);

/* Keeps <name>.xml, and <name>.sig.xml where there is a signature. Fails with IO. */
int shelf_put(struct shelf *shelf, const char *name, struct bytes document, struct bytes signature, struct error *error) must_use;
/* What was refused. A failure is logged: the refusal is more important. */
void shelf_put_refused(struct shelf *shelf, const char *conversation, struct bytes document, struct bytes signature, const char *why);

#endif
