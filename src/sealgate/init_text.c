#include "sealgate/init.h"

static const char settings_example[] =
	"# Sealgate's settings; sealgate.yaml(5) has all of them. File names are from this file's folder.\n"
	"# Fill in what stands in <angle brackets>, then run: sealgate check --config sealgate.yaml\n"
	"gateway:\n"
	"  name: <your company>            # the party that runs the gateway\n"
	"  eori: <your EORI number>\n"
	"  country: <two letters>\n"
	"  uri: https://<your host>/       # names this gateway; the source of its webhooks\n"
	"  language: en\n"
	"  contact:                        # who answers for reports, day and night\n"
	"    role: duty\n"
	"    name: Duty desk\n"
	"    phone: \"<+31...>\"\n"
	"    mail: <duty@your.example>\n"
	"    language: en\n"
	"\n"
	"listen:\n"
	"  address: 127.0.0.1\n"
	"  port: 8440\n"
	"  certificate: tls/gateway.pem    # made by sealgate init, for localhost; put your own here\n"
	"  key: tls/gateway.key\n"
	"\n"
	"store: data\n"
	"agreements: agreements\n"
	"tokens: tokens                    # sealgate token make writes it\n"
	"\n"
	"# Whom the gateway deals with. Journeys name them; API keys belong to them.\n"
	"parties:\n"
	"  provider-1: { title: \"<your telematics provider>\" }\n"
	"  terminal-1: { title: \"<your terminal>\" }\n"
	"  carrier-1: { title: \"<a carrier>\", smdg: \"<its SMDG code>\" }\n"
	"\n"
	"providers:\n"
	"  tracker-1:\n"
	"    party: provider-1\n"
	"    mapping: providers/native     # or another folder of mappings/providers\n"
	"    interval: 6h                  # how often its devices report at rest\n"
	"    # signature: { scheme: timestamped, secret: secrets/tracker-1 }\n"
	"\n"
	"# webhooks:\n"
	"#   private_hosts: [ hooks.internal.example ]   # names that may have a private address\n";

const char init_agreement_example[] =
	"# The agreement with one peer; sealgate-agreement(5) has every setting. It takes part once it is named *.yaml.\n"
	"profile: wco-dms\n"
	"purpose: bilateral                # sandbox, bilateral or production\n"
	"basis:                            # nothing is disclosed without one, and every disclosure records it\n"
	"  kind: contract                  # contract, data_act_request, statute or consent\n"
	"  reference: \"<where it is written down>\"\n"
	"  granted_by: \"<who granted it>\"\n"
	"  from: 2026-01-01\n"
	"  # until: 2027-01-01\n"
	"country: <two letters>\n"
	"agency: \"<name of the authority>\"\n"
	"language: en\n"
	"kinds: [ integrity-report, assurance, withdrawal ]\n"
	"severity: low                     # findings below it are not reported\n"
	"# fields: [ position, device, seal, call, references, contact, evidence, readings ]   # all, where it is not said\n"
	"\n"
	"signing:\n"
	"  form: detached\n"
	"  key: ../keys/gateway.key\n"
	"  certificate: ../keys/gateway.pem   # have it certified by a CA that the peer trusts\n"
	"answers:\n"
	"  signed: true\n"
	"  anchors: <CA certificates of the peer's signer, PEM>\n"
	"  # signer: CN=<the peer's name in its certificate>\n"
	"\n"
	"rest:\n"
	"  url: https://<the peer's host>\n"
	"  authorization:\n"
	"    grant: client_credentials\n"
	"    token_url: https://<the peer's host>/oauth/token\n"
	"    client_id: <client id>\n"
	"    client_secret: ../secrets/client-secret\n"
	"  # push: { token: ../secrets/push-token }      # the peer pushes answers to /customs/<this file's name>/notifications\n"
	"  pull: { path: /notifications/unpulled, every: 1m }\n";

static const char *folder_line(struct arena *arena, const char *name, const char *folder)
{
	return folder ? arena_printf(arena, "%s: \"%s\"\n", name, folder) : "";
}

const char *init_settings_example_text(struct arena *arena, const struct init_folders *folders)
{
	return arena_printf(arena, "%s%s%s%s", settings_example, folders->mappings || folders->schemas ? "\n# where the gateway is not installed\n" : "",
	                    folder_line(arena, "mappings", folders->mappings), folder_line(arena, "schemas", folders->schemas));
}

const char *init_settings_text(struct arena *arena, const struct init_ports *ports, const struct init_folders *folders)
{
	return arena_printf(arena,
		"# A gateway for trying out, on this machine alone; made by sealgate init --demo. sealgate.yaml(5) has all settings.\n"
		"gateway:\n"
		"  name: Example Port Gateway\n"
		"  eori: NL123456789\n"
		"  country: NL\n"
		"  uri: https://localhost:%d/\n"
		"  language: en\n"
		"  contact: { role: duty, name: Duty desk, phone: \"+31101234567\", mail: duty@port.example, language: en }\n"
		"\n"
		"listen:\n"
		"  address: 127.0.0.1\n"
		"  port: %d\n"
		"  certificate: tls/gateway.pem\n"
		"  key: tls/gateway.key\n"
		"  public_url: https://localhost:%d\n"
		"\n"
		"store: data\n"
		"agreements: agreements\n"
		"tokens: tokens\n"
		"%s%s"
		"\n"
		"parties:\n"
		"  provider-1: { title: Example Trackers }\n"
		"  terminal-1: { title: Example Terminal }\n"
		"  carrier-1: { title: Example Line, smdg: SGT }\n"
		"  broker-1: { title: Example Customs Broker }\n"
		"  port-1: { title: Example Port Security }\n"
		"  auditor-1: { title: Example Auditor }\n"
		"  admin-1: { title: Gateway Operator }\n"
		"\n"
		"providers:\n"
		"  tracker-1:\n"
		"    party: provider-1\n"
		"    mapping: providers/schenker-tracker\n"
		"    interval: 6h\n"
		"\n"
		"webhooks:\n"
		"  private_hosts: [ localhost ]    # receivers on this machine\n"
		"  first: 500ms\n"
		"  longest: 10s\n"
		"\n"
		"outgoing:\n"
		"  ca: tls/ca.pem\n",
		ports->gateway, ports->gateway, ports->gateway, folder_line(arena, "mappings", folders->mappings),
		folder_line(arena, "schemas", folders->schemas));
}

const char *init_agreement_text(struct arena *arena, const struct init_ports *ports)
{
	return arena_printf(arena,
		"# The agreement with the sandbox customs system; sealgate-agreement(5) has every setting.\n"
		"profile: wco-dms\n"
		"purpose: sandbox\n"
		"basis:\n"
		"  kind: consent\n"
		"  reference: demonstration on one machine\n"
		"  granted_by: whoever ran sealgate init\n"
		"  from: 2015-01-01\n"
		"country: US\n"
		"agency: Sandbox customs\n"
		"language: en\n"
		"kinds: [ integrity-report, assurance, withdrawal ]\n"
		"\n"
		"signing:\n"
		"  key: ../keys/gateway.key\n"
		"  certificate: ../keys/gateway.pem\n"
		"answers:\n"
		"  signed: true\n"
		"  anchors: ../keys/ca.pem\n"
		"  signer: CN=Sandbox customs\n"
		"\n"
		"rest:\n"
		"  url: https://localhost:%d\n"
		"  ca: ../tls/ca.pem\n"
		"  private_hosts: [ localhost ]\n"
		"  authorization:\n"
		"    grant: client_credentials\n"
		"    token_url: https://localhost:%d/oauth/token\n"
		"    authorize_url: https://localhost:%d/oauth/authorize   # for grant: authorization_code\n"
		"    client_id: sealgate-demo\n"
		"    client_secret: ../secrets/client-secret\n"
		"    scope: write:customs-declaration\n"
		"  push: { token: ../secrets/push-token }\n"
		"\n"
		"retry: { first: 500ms, longest: 10s }\n"
		"breaker: { failures: 5, open: 3s }\n",
		ports->sandbox, ports->sandbox, ports->sandbox);
}

const char *init_sandbox_text(struct arena *arena, const struct init_ports *ports, const struct init_folders *folders)
{
	return arena_printf(arena,
		"# The sandbox customs system; sealgate-sandbox(8) has every setting.\n"
		"listen:    { address: 127.0.0.1, port: %d, certificate: tls/sandbox.pem, key: tls/sandbox.key }\n"
		"authority: { name: Sandbox customs, country: US, office: US002704, phone: \"+13105550100\", place_code: USLAXCES, place_name: Examination station }\n"
		"signing:   { key: keys/customs.key, certificate: keys/customs.pem, legacy: false }\n"
		"trust:     keys/ca.pem\n"
		"clients:   secrets/sandbox-clients\n"
		"push:      { url: \"https://localhost:%d/customs/sandbox/notifications\", token: secrets/push-token, ca: tls/ca.pem, private_hosts: [ localhost ] }\n"
		"documents: customs\n"
		"clock:     document\n"
		"scenario:  good\n"
		"%s%s",
		ports->sandbox, ports->gateway, folder_line(arena, "schemas", folders->schemas), init_hub_text(arena, ports));
}

/* A path between single quotes of the shell. */
static const char *quoted(struct arena *arena, const char *folder, const char *name)
{
	BUFFER_AUTO out = { 0 };
	buffer_add_char(&out, '\'');
	for (const char *p = folder; *p; p++)
		if (*p == '\'')
			buffer_add_text(&out, "'\\''");
		else
			buffer_add_char(&out, *p);
	buffer_printf(&out, "/%s'", name);
	return arena_text(arena, buffer_text(&out));
}

const char *init_env_text(struct arena *arena, const char *folder, const struct init_ports *ports)
{
	return arena_printf(arena,
		"# For the shell: . ./env\n"
		"export SEALGATE_URL='https://localhost:%d'\n"
		"export SEALGATE_KEY_FILE=%s\n"
		"export SEALGATE_CA=%s\n"
		"export SEALGATE_CONFIG=%s\n",
		ports->gateway, quoted(arena, folder, "api-keys/admin-1.key"), quoted(arena, folder, "tls/ca.pem"), quoted(arena, folder, "sealgate.yaml"));
}
