/* The demonstration's hub: an AS4 peer as ICS2 is one, which takes our reports besides. */
#include "sealgate/init.h"

const char *init_hub_agreement_text(struct arena *arena, const struct init_ports *ports)
{
	return arena_printf(arena,
		"# The agreement with the sandbox hub, over AS4 in the manner of ICS2; sealgate-agreement(5) has every setting.\n"
		"profile: eu-hub\n"
		"channel: as4\n"
		"purpose: sandbox\n"
		"basis:\n"
		"  kind: consent\n"
		"  reference: demonstration on one machine\n"
		"  granted_by: whoever ran sealgate init\n"
		"  from: 2015-01-01\n"
		"country: US\n"
		"agency: Sandbox hub\n"
		"language: en\n"
		"kinds: [ integrity-report, assurance, withdrawal, reply ]\n"
		"\n"
		"signing:\n"
		"  key: ../keys/gateway-as4.key\n"
		"  certificate: ../keys/gateway-as4.pem\n"
		"answers:\n"
		"  anchors: ../keys/ca.pem\n"
		"  signer: CN=Sandbox hub\n"
		"\n"
		"as4:\n"
		"  preset: ics2\n"
		"  url: https://localhost:%d/as4\n"
		"  self: { id: NL123456789 }\n"
		"  peer: { id: hub-sandbox }       # no party of ICS2: that would take a report for a false filing\n"
		"  domain: gateway.example\n"
		"  tls: { ca: ../tls/ca.pem, private_hosts: [ localhost ] }\n"
		"\n"
		"retry: { first: 500ms, longest: 10s }\n"
		"breaker: { failures: 5, open: 3s }\n",
		ports->sandbox);
}

const char *init_hub_text(struct arena *arena, const struct init_ports *ports)
{
	return arena_printf(arena,
		"hub:\n"
		"  party: { id: hub-sandbox }\n"
		"  signing: { key: keys/hub.key, certificate: keys/hub.pem }\n"
		"  trust: keys/ca.pem\n"
		"  retry: { every: 1s, tries: 100 }\n"
		"  peers:\n"
		"    gateway: { party: { id: NL123456789 }, signer: CN=Example Port Gateway, url: \"https://localhost:%d/as4\",\n"
		"      ca: tls/ca.pem, private_hosts: [ localhost ] }\n",
		ports->gateway);
}
