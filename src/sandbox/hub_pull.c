/* Pulls (eDelivery AS4 1.15, 1.5.5): the oldest message that nobody has pulled, or whose receipt did not come in time. Its states:
 *
 *   1  open, no try                     3  open, due later
 *   2  open, tried, due                 4  done or refused          5  failed (EBMS:0301)
 */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

static int authorise(struct hub_intake *in)
{
	const char *mpc = in->in->header.pull_mpc;
	in->peer = mpc ? hub_peer_of_mpc(in->hub, mpc) : NULL;
	if (!in->peer)
		HUB_REFUSE(in, VALUE_NOT_RECOGNIZED, PULL_CHANNEL, "channel \"%.160s\" is not known; each peer pulls from its own", mpc ? mpc : "(none)");
	if (as4_accept(in->in, &in->peer->mode, hub_time(in->hub), &in->code, &in->error) == 0)
		return 0;
	struct as4_mode mode = in->peer->mode;
	struct error ignored;
	enum ebms_code code;
	mode.signer = NULL;
	(void)hub_refuse_as(in, true);
	if (as4_accept(in->in, &mode, hub_time(in->hub), &code, &ignored) == 0)
		in->rule = HUB_PULL_SIGNER;
	return -1;
}

static struct outgoing *oldest(struct hub *hub, const char *peer)
{
	int64_t now = clock_mono_ms();
	for (struct outgoing *o = ledger_first_outgoing(hub->ledger); o; o = o->next)
		if (o->pulled && o->state == OUTGOING_OPEN && o->due <= now && o->tries < hub->setup->tries && text_equal(o->peer, peer))
			return o;
	return NULL;
}

static void note(const struct hub_intake *in, const char *what, const struct outgoing *o, enum scenario scenario)
{
	struct json *line = hub_line(in, what);
	json_set_text(in->arena, line, "pull", in->in->header.message_id);
	json_set_text(in->arena, line, "message", o ? o->message_id : NULL);
	json_set_text(in->arena, line, "action", o ? o->action : NULL);
	if (scenario != SCENARIO_GOOD)
		json_set_text(in->arena, line, "scenario", scenario_name(scenario));
	ledger_note(in->hub->ledger, in->arena, line);
}

static void hand_out(struct hub_intake *in, struct outgoing *o)
{
	struct hub *hub = in->hub;
	struct error error = { 0 };
	const char *content_type;
	struct bytes octets;
	enum scenario scenario = hub_spoil_which(hub);
	bool good = ledger_get(hub->ledger, in->arena, arena_printf(in->arena, "out/%s.mime", o->name), &content_type, &octets, &error) == 0 &&
	            (scenario == SCENARIO_GOOD || hub_spoil(hub, in->arena, in->peer, o, scenario, &content_type, &octets, &error) == 0);
	if (!good) {
		log_error("as4", o->message_id, "a message cannot be handed out: %s", error.text);
		http_answer(in->request, 500, NULL, (struct bytes){ 0 });
		return;
	}
	note(in, "sent", o, scenario);
	o->due = clock_mono_ms() + hub->setup->retry_every_ms;
	o->spoiled = scenario == SCENARIO_GOOD ? NULL : scenario_name(scenario);
	log_info("as4", o->message_id, "%s %s was pulled by %s", o->action, o->message_id, o->peer);
	hub_answer_octets(in, content_type, octets);
	hub_look(hub, o->due);
}

void hub_pull(struct hub_intake *in)
{
	if (authorise(in) < 0) {
		ledger_note(in->hub->ledger, in->arena, hub_line(in, "refused"));
		hub_answer_error(in);
		return;
	}
	struct outgoing *o = oldest(in->hub, in->peer->setup->name);
	if (o) {
		hand_out(in, o);
		return;
	}
	note(in, "empty-pull", NULL, SCENARIO_GOOD);
	in->code = EBMS_EMPTY_CHANNEL;
	error_set(&in->error, ERROR_NOT_FOUND, "there is nothing to pull from channel \"%s\"", in->peer->setup->mpc);
	hub_answer_error(in);
}
