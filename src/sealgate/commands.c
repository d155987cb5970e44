/* The table of commands. */
#include "sealgate/command.h"

#include "lib/base/text.h"

static const struct option_row gateway_options[] = {
	{ "url", "URL", "of the gateway; else SEALGATE_URL" },
	{ "key-file", "FILE", "file of the API key; else SEALGATE_KEY_FILE, or the key in SEALGATE_KEY" },
	{ "ca", "FILE", "CA certificates of the gateway, PEM; else SEALGATE_CA, else the system's" },
	{ 0 },
};
static const struct option_row config_options[] = {
	{ "config", "FILE", "the configuration; else SEALGATE_CONFIG, else the installed sealgate.yaml" },
	{ 0 },
};
static const struct option_row json_options[] = {
	{ "json", NULL, "JSON for scripts; lists as one thing a line" },
	{ 0 },
};
static const struct option_row help_options[] = {
	{ "help", NULL, "say what the command does and which options it takes" },
	{ 0 },
};

#define SHOWS (ASKS_GATEWAY | GIVES_JSON)
#define LISTS(noun, what) "Lists the latest " noun " that the caller may see, the newest last." what

const struct command commands[] = {
	{ "init", "DIR", 1, 1, 0, "make a configuration with keys and certificates",
	  "Writes a commented sealgate.yaml and an example agreement to fill in. With --demo, everything that a gateway and the sandbox need to talk to each "
	  "other on this machine. Nothing is ever overwritten; private keys and secrets are readable by their owner alone.", init_options, command_init },
	{ "check", "", 0, 0, ASKS_CONFIG | GIVES_JSON, "say everything that is wrong with a configuration",
	  "Reads settings, agreements, mappings, schemas, keys, certificates, secrets and tokens, and tells every problem with file and line. Warnings alone "
	  "do not make it fail.", check_options, command_check },
	{ "token", "make|list|revoke [ID]", 1, 2, ASKS_CONFIG | GIVES_JSON, "make, list and revoke API keys",
	  "make --party NAME --role ROLE[,ROLE] prints a new key, once: only its digest is kept. list shows what there is. revoke ID takes one away; the "
	  "gateway notices by itself.", token_options, command_token },
	{ "authorize", "PEER", 1, 1, SHOWS, "let the gateway act at a peer (OAuth2 authorization code)",
	  "Prints the address that a person opens to agree, takes the code, or the whole address that the browser was sent to, and hands it to the gateway.",
	  authorize_options, command_authorize },
	{ "ping", "PEER", 1, 1, SHOWS, "send an AS4 peer a test message",
	  "Says whether a receipt came that holds; else what happened. The exit code is 1 without one.", NULL, command_ping },
	{ "send", "FILE", 1, 1, SHOWS, "post events",
	  "The file holds one event, an array, or one event a line; - is the standard input. With --provider, the payload as that provider sends it, through "
	  "its mapping.", send_options, command_send },
	{ "play", "", 0, 0, ASKS_GATEWAY, "play a recorded voyage in fast time",
	  "For a gateway that was started with --play-clock. Registers the journey, pairs the tracker, then posts one row after the other in order of device "
	  "time with the gateway's clock moved along, each when everything that the one before led to is done. A gateway that is killed and started again "
	  "meanwhile is waited for.", play_options, command_play },
	{ "try", "[FILE]", 0, 1, ASKS_GATEWAY | ASKS_CONFIG | GIVES_JSON, "dry runs: what would be made of it",
	  "Events and a journey become the document that would be sent, signature aside; --provider makes events of a payload, --answer notices of a customs "
	  "answer; --message makes a message of the gateway again with the mappings here, and compares. Nothing is stored or sent.", try_options, command_try },
	{ "explain", "[MESSAGE]", 0, 1, SHOWS | ASKS_CONFIG, "where each element of a message comes from",
	  "A table of element, WCO number, source in the mapping's input, filters and value. With --input, of a file, without a gateway.", explain_options,
	  command_explain },
	{ "verify", "FILE", 1, 1, GIVES_JSON, "who signed a document, and when",
	  "The signature is in the document, or beside it (--signature). The signer's certificate must lead to one of --trust and hold at the time of "
	  "signing. The exit code is 1 where the signature is not valid.", verify_options, command_verify },
	{ "events", "", 0, 0, SHOWS, "list events", LISTS("events", ""), list_options, command_events },
	{ "findings", "", 0, 0, SHOWS, "list what the rules found", LISTS("findings", ""), list_options, command_findings },
	{ "messages", "", 0, 0, SHOWS, "list messages to customs", LISTS("messages", ""), list_options, command_messages },
	{ "notices", "", 0, 0, SHOWS, "list what customs wants", LISTS("notices", ""), list_options, command_notices },
	{ "documents", "", 0, 0, SHOWS, "list what customs sent", LISTS("documents", " Refused ones and those that could not be tied are among them."),
	  list_options, command_documents },
	{ "show", "ID|CONTAINER", 1, 1, SHOWS, "show one thing, or the whole story of a container",
	  "Of a container's number: event, finding, message, customs answer and webhook as a table, times in UTC. With --document or --signature the exact "
	  "octets of a message or a customs document.", show_options, command_show },
	{ "resend", "MESSAGE", 1, 1, SHOWS, "send a message again, now, with the same id and octets", NULL, NULL, command_resend },
	{ "withdraw", "MESSAGE", 1, 1, SHOWS, "take a report back", "Writes a withdrawal to the same peer. Never once a control, question or do-not-load "
	  "stands: then a further report says that the first one was retracted.", withdraw_options, command_withdraw },
	{ "acknowledge", "NOTICE", 1, 1, SHOWS, "say that somebody has taken a notice up", NULL, NULL, command_acknowledge },
	{ "reply", "NOTICE", 1, 1, SHOWS, "answer a question of customs",
	  "With --text or --file, writes a draft; a draft before it is replaced. With --approve, somebody else lets it go: it becomes a message to the peer "
	  "that asked. With neither, shows the latest.", reply_options, command_reply },
	{ "status", "", 0, 0, SHOWS, "what is wrong, and what to do about it", "The exit code is 1 where something needs a person.", NULL, command_status },
	{ "release", "[CONTAINER]", 0, 1, SHOWS, "let go on what is held",
	  "Without an operand, delivery of a store that was restored from a backup. With a container's number, a container that is held because looking at it "
	  "failed again and again.", NULL, command_release },
	{ "subscribe", "ID", 1, 1, SHOWS, "order, test or end webhooks",
	  "Makes or changes a subscription of the caller's party. Deliveries are CloudEvents signed by Standard Webhooks; sealgate listen receives them.",
	  subscribe_options, command_subscribe },
	{ "listen", "", 0, 0, 0, "receive webhooks, verify and print them",
	  "A receiver to try subscriptions with: checks each signature (Standard Webhooks), prints a line per event, and keeps the bodies.", listen_options,
	  command_listen },
	{ "backup", "FILE", 1, 1, ASKS_CONFIG, "copy the store, also while the gateway runs",
	  "Writes a new file that only its owner may read: it holds the secrets of peers. A gateway that starts on the copy delivers nothing until it is told to.",
	  NULL, command_backup },
};
const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (text_equal(commands[i].name, name))
			return &commands[i];
	return NULL;
}

const struct option_row *command_option(const struct command *command, size_t index)
{
	const struct option_row *groups[] = { command->rows, command->groups & ASKS_GATEWAY ? gateway_options : NULL,
		                              command->groups & ASKS_CONFIG ? config_options : NULL, command->groups & GIVES_JSON ? json_options : NULL,
		                              help_options };
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (const struct option_row *row = groups[g]; row && row->name; row++)
			if (index-- == 0)
				return row;
	return NULL;
}
