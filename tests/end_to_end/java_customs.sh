#!/bin/sh
# The gateway against a customs endpoint that shares no code with it (tests/interop/java): a door opens where it may not, the
# report is verified by the JDK and xmllint, the control that comes back reaches a webhook whose signature the JDK checks.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
tap_needs java javac keytool openssl xmllint curl
sealgated=$BUILD_DIR/sealgated
[ -x "$sealgated" ] || tap_skip_all "sealgated is not built"
tap_folder
run=$TAP_FOLDER
cd "$run" || exit 99
umask 077
mkdir classes customs hooks agreements secrets tls keys api-keys
schema=$REFERENCE/wco/hmrc-cds/declaration.xsd
[ -f "$schema" ] || schema=$SOURCE_DIR/schemas/wco-dms/declaration.xsd
started=

tap_at_end()
{
	for pid in $started; do kill "$pid" 2>/dev/null; done
	for pid in $started; do wait "$pid" 2>/dev/null; done
	if ! tap_is_well; then
		for log in customs.log hooks.log gateway.log; do sed "s/^/# $log: /" "$log" 2>/dev/null | tail -n 40; done
	fi
}

# within SECONDS COMMAND...: the command succeeds before that.
within()
{
	deadline=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$deadline" ] || return 1
		sleep 0.2
	done
}

# ---- keys and certificates ----

authority()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 30 -subj "/C=NL/CN=$2" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# certificate AUTHORITY FILE SUBJECT EXTENSIONS KEY-OPTIONS...
certificate()
{
	issuer=$1 file=$2 subject=$3 extensions=$4
	shift 4
	printf 'basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n%b\n' "$extensions" >"$file.ext"
	openssl genpkey "$@" -out "$file.key" &&
		openssl req -new -key "$file.key" -subj "$subject" -out "$file.csr" &&
		openssl x509 -req -in "$file.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -days 30 -extfile "$file.ext" -out "$file.pem"
}

signing='keyUsage=critical,digitalSignature,nonRepudiation'
server='keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1'
elliptic='-algorithm EC -pkeyopt ec_paramgen_curve:P-256'
make_certificates()
{
	authority keys/ca "Reporters CA" && authority keys/customs-ca "Customs CA" && authority tls/ca "TLS CA" &&
		certificate keys/ca keys/gateway "/C=NL/O=Port/CN=Gateway seal" "$signing" $elliptic &&
		certificate keys/customs-ca keys/customs "/C=NL/O=Customs/CN=Risk desk" "$signing" -algorithm RSA -pkeyopt rsa_keygen_bits:3072 &&
		certificate tls/ca tls/gateway "/CN=localhost" "$server" $elliptic &&
		certificate tls/ca tls/java "/CN=localhost" "$server" $elliptic &&
		openssl pkcs12 -export -inkey tls/java.key -in tls/java.pem -certfile tls/ca.pem -name java -passout pass:changeit -out tls/java.p12 &&
		keytool -list -keystore tls/java.p12 -storepass changeit
}
ok "keys and certificates are made by openssl" make_certificates
ok "the endpoint is compiled" javac -Xlint:all -Werror -d classes "$SOURCE_DIR"/tests/interop/java/*.java

# ---- API keys: the gateway keeps their digests alone ----

api_key()
{
	secret=$(openssl rand -hex 32)
	echo "sgk_$1_$secret" >"api-keys/$1"
	printf '%s %s %s %s %s -\n' "$1" "$2" "$3" "$(printf %s "$secret" | openssl dgst -sha256 -r | cut -d' ' -f1)" "$(date -u +%FT%TZ)" >>tokens
}
: >tokens
api_key k1 provider-1 provider
api_key k2 carrier-1 carrier
api_key k3 port-1 security
api_key k4 admin-1 admin
openssl rand -hex 32 >secrets/push-token
openssl rand -hex 32 >secrets/client

# ---- the gateway: its port is not known to the endpoint before, so it is chosen here ----

free_port()
{
	java -cp classes FreePort
}
port=$(free_port)
url=https://localhost:$port

cat >customs.properties <<END
tls.keystore = tls/java.p12
tls.password = changeit
seal.kind = rsa-pss
seal.key = keys/customs.key
seal.certificate = keys/customs.pem
reporters.ca = keys/ca.pem
client.id = port-gateway
client.secret = $(cat secrets/client)
schema = $schema
documents = customs
gateway.url = $url/customs/customs/notifications
gateway.token = $(cat secrets/push-token)
gateway.ca = tls/ca.pem
END
java -cp classes CustomsEndpoint customs.properties >customs.log 2>&1 &
started="$started $!"
java -cp classes WebhookReceiver tls/java.p12 changeit secrets/webhook hooks >hooks.log 2>&1 &
started="$started $!"
ok "the endpoint is ready" within 20 grep -q "^ready on" customs.log
ok "the webhook receiver is ready" within 20 grep -q "^ready on" hooks.log
customs=$(sed -n 's/^ready on //p' customs.log)
hooks=$(sed -n 's/^ready on //p' hooks.log)

cat >sealgate.yaml <<END
gateway: { name: Example Port, eori: NL123456789, country: NL, uri: "$url/", contact: { name: Duty desk, phone: "+31101234567" } }
listen: { address: 127.0.0.1, port: $port, certificate: tls/gateway.pem, key: tls/gateway.key, public_url: "$url" }
store: data
agreements: agreements
tokens: tokens
mappings: "$SOURCE_DIR/mappings"
schemas: "$SOURCE_DIR/schemas"
parties: { provider-1: { title: Trackers }, carrier-1: { smdg: SGT }, port-1: { title: Port security }, admin-1: { title: Operator } }
providers: { tracker-1: { party: provider-1, mapping: providers/native, interval: 6h } }
webhooks: { private_hosts: [ localhost ], first: 500ms, longest: 5s }
outgoing: { ca: tls/ca.pem }
END
cat >agreements/customs.yaml <<END
profile: wco-dms
purpose: sandbox
basis: { kind: consent, reference: test on one machine, granted_by: whoever runs it, from: 2015-01-01 }
country: NL
agency: Risk desk
kinds: [ integrity-report, assurance, withdrawal ]
signing: { key: ../keys/gateway.key, certificate: ../keys/gateway.pem }
answers: { signed: true, anchors: ../keys/customs-ca.pem, signer: Risk desk }
rest:
  url: $customs
  ca: ../tls/ca.pem
  private_hosts: [ localhost ]
  authorization: { grant: client_credentials, token_url: "$customs/oauth/token", client_id: port-gateway, client_secret: ../secrets/client, scope: write:customs-declaration }
  push: { token: ../secrets/push-token }
retry: { first: 500ms, longest: 5s }
END
"$sealgated" --config sealgate.yaml >gateway.out 2>gateway.log &
gateway=$!
started="$started $gateway"
ok "the gateway is ready" within 20 grep -q "ready on" gateway.out
tap_is_well || tap_end

# ---- a journey, and what the box reports ----

call()
{
	call_key=$1 call_method=$2 call_path=$3
	shift 3
	curl -sS --fail-with-body --cacert tls/ca.pem -X "$call_method" -H "Authorization: Bearer $(cat "api-keys/$call_key")" \
		-H "Content-Type: application/json" "$@" "$url$call_path"
}

at()
{
	date -u -d "$1" +%FT%TZ
}

cat >journey.json <<END
{ "id": "J-JAVA-1", "container": "CSQU3054383", "size_type": "45G1", "fullness": "5", "from": "$(at '-2 days')", "until": "$(at '+20 days')",
  "consignments": [ { "master": "SGTU6301234567", "references": [ { "type": "355", "id": "26NL0005101X7K2LF6" } ],
    "may_see": [ "port-1" ] } ],
  "legs": [ { "mode": "1", "carrier": { "smdg": "SGT" }, "vessel": { "imo": "9395044", "name": "Example Star" }, "voyage": "605E",
    "from": { "locode": "CNYSA" }, "to": { "locode": "NLRTM" }, "cut_off": "$(at '+1 day')", "etd": "$(at '+2 days')", "eta": "$(at '+16 days')" } ],
  "seals": [ { "number": "H1234567", "class": "H", "by": "SH", "at": "$(at '-2 days')" } ],
  "offices": { "first_entry": "NL000511" } }
END
event()
{
	printf '{ "id": "%s", "type": "%s", "time": "%s", "container": "CSQU3054383", "device": { "id": "356938035643809" }, "position": { "lat": "30.877701", "lon": "121.883003", "source": "gnss", "accuracy": "30" } }' "$1" "$2" "$3"
}
printf '[ %s, %s, %s ]\n' "$(event e1 position "$(at '-2 hours')")" "$(event e2 door_opened "$(at '-30 minutes')")" \
	"$(event e3 door_closed "$(at '-20 minutes')")" >events.json

subscribe()
{
	call k3 PUT /v1/subscriptions/control --data "{ \"url\": \"$hooks/hook\", \"types\": [ \"notice.control\" ] }" >subscription.json &&
		sed -n 's/.*"secret":"\(whsec_[^"]*\)".*/\1/p' subscription.json >secrets/webhook && test -s secrets/webhook
}
ok "port security subscribes to controls" subscribe
ok "the carrier registers the journey" call k2 PUT /v1/journeys/J-JAVA-1 --data @journey.json
ok "the tracker's events are taken" call k1 POST "/v1/events?provider=tracker-1" --data @events.json

# ---- what became of it ----

report_is_sent()
{
	call k4 GET "/v1/messages" >messages.json && grep -q '"state":"sent"' messages.json && grep -q '"kind":"integrity-report"' messages.json
}
log_says()
{
	grep -q "$1" "$2"
}
ok "the report is sent" within 30 report_is_sent
ok "the endpoint gave a token to the gateway" log_says "^token given to port-gateway, scope write:customs-declaration" customs.log
ok "the JDK verified the report's signature" log_says "^signature valid: CN=Gateway seal,O=Port,C=NL, ECDSA_P256" customs.log
ok "xmllint found the report valid" log_says "^schema valid: $schema" customs.log
ok "the endpoint accepted it" log_says "^accepted SG" customs.log
ok "the endpoint refused nothing" eval '! grep "^refused" customs.log'
ok "the control was pushed and taken" within 20 log_says "^pushed control for SG.*: the gateway answered 20" customs.log
ok "the control reached the webhook, rightly signed" within 20 log_says "^signature valid .*org.sealgate.notice.control" hooks.log
ok "no webhook was wrongly signed" eval '! grep "^signature wrong" hooks.log'
ok "the notice names the container, the place and whom to call" sh -c \
	'cat hooks/*.json | grep -q CSQU3054383 && cat hooks/*.json | grep -q NLRTMRIT && cat hooks/*.json | grep -q +31880000001'

notice_is_tied()
{
	call k3 GET "/v1/notices?container=CSQU3054383" >notices.json && grep -q '"kind":"control"' notices.json && grep -q 'J-JAVA-1' notices.json
}
ok "the notice is tied to container and journey" notice_is_tied

same_bytes()
{
	id=$(sed 's/.*"id":"\([^"]*\)".*"kind":"integrity-report".*/\1/' messages.json | head -n 1)
	call k4 GET "/v1/messages/$id/document" >document.xml && cmp document.xml customs/1.xml
}
ok "what customs got is what the gateway keeps, octet for octet" same_bytes

unsigned_is_refused()
{
	status=$(curl -sS --cacert tls/ca.pem -o refusal -w '%{http_code}' -H "Authorization: Bearer $(cat secrets/push-token)" \
		-H "Content-Type: application/xml" --data-binary @"$(ls customs/*.answer.xml | head -n 1)" "$url/customs/customs/notifications")
	test "$status" -ge 400
}
ok "the same control without its signature is refused" unsigned_is_refused
kill "$gateway"
wait "$gateway"
code=$?
ok "the gateway stops when it is told to, and says that it went well" test "$code" -eq 0
tap_end
