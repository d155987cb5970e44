/* hub_rules: what the hub holds a peer to, with the clause that asks for it; and which rule a refused message has broken. */
#ifndef SEALGATE_SANDBOX_HUB_RULES_H
#define SEALGATE_SANDBOX_HUB_RULES_H

#include "as4/ebms.h"
#include "lib/base/arena.h"

enum hub_rule {
	HUB_NO_RULE,
#define HUB_RULE(name, slug, kind, clause, asked, todo) HUB_##name,
#include "sandbox/hub_rules.def"
#undef HUB_RULE
	HUB_RULES
};

struct hub_rule_row {
	const char *slug, *clause, *asked, *todo;
	bool refuses;
};
const struct hub_rule_row *hub_rule_row(enum hub_rule rule);   /* not HUB_NO_RULE */
enum hub_rule hub_rule_find(const char *slug);                 /* HUB_NO_RULE: none */

/* Which rule a message has broken that the as4 tool refused: it is taken apart once more, by other code, as far as that goes.
 * `opened`: as4_open has taken it. `algorithms`: bits, as agreed. */
enum hub_rule hub_examine(const char *content_type, struct bytes octets, bool opened, unsigned algorithms, enum ebms_code code,
                          const struct error *error);

#endif
