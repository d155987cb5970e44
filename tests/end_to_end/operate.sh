#!/bin/sh
# What an operator does: init, check, keys, a backup while the gateway runs and a start from it, subscriptions.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
cd "$TAP_FOLDER" || exit 99

# ---- init and check ----

ok "what init --demo makes is good" eval 'sealgate init demo --demo --mappings "$SOURCE_DIR/mappings" --schemas "$SOURCE_DIR/schemas" >/dev/null &&
	sealgate check --config demo/sealgate.yaml && test -s demo/agreements/hub.yaml'
ok "without the hub, too" sealgate check --config "$run/sealgate.yaml"
ok "and good for sealgated" sealgated --check --config "$run/sealgate.yaml"
ok "nobody else can read keys and secrets" eval 'test -z "$(find "$run/keys" "$run/tls" "$run/secrets" "$run/api-keys" -type f ! -name "*.pem" -perm /077)"'
init_again()
{
	find "$run" -type f -exec cksum {} + | sort >before
	! sealgate init "$run" --demo >/dev/null 2>&1 || return 1
	find "$run" -type f -exec cksum {} + | sort | diff before -
}
ok "init overwrites nothing" init_again
ok "the example that init makes without --demo says what is to be filled in" eval 'sealgate init fresh --mappings "$SOURCE_DIR/mappings" --schemas "$SOURCE_DIR/schemas" &&
	! sealgate check --config fresh/sealgate.yaml >told 2>&1 && grep -q "sealgate.yaml:[0-9]" told'
all_at_once()
{
	cp -r "$run" broken && sed -i -e 's/^store:.*/store: data\nstroe: data/' -e 's/interval: 6h/interval: six/' broken/sealgate.yaml &&
		sed -i 's/^country:.*/country: Netherlands/' broken/agreements/sandbox.yaml
	! sealgate check --config broken/sealgate.yaml >told 2>&1 || return 1
	grep -q "sealgate.yaml:[0-9]*.*stroe" told && grep -q "sealgate.yaml:[0-9]*.*interval" told && grep -q "sandbox.yaml:[0-9]*.*country" told
}
ok "check tells all that is wrong at once, with file and line" all_at_once
ok "a gateway does not start with that" eval '! sealgated --config broken/sealgate.yaml 2>told && grep -q stroe told'

ok "the gateway starts" gateway_start
ok "the sandbox starts" sandbox_start
[ "$tap_failed" -eq 0 ] || tap_end

# ---- keys ----

ok "a key is made while the gateway runs" eval 'sealgate token make --party port-1 --role security >"$run/api-keys/second.key" 2>/dev/null'
ok "it is taken" within 5 answers 200 second GET /v1/notices
ok "it is nowhere in the gateway's files" eval '! grep -rqF "$(cut -d_ -f3- "$run/api-keys/second.key")" "$run/tokens" "$run/data" "$run/log"'
id=$(cut -d_ -f2 "$run/api-keys/second.key")
ok "it is listed" eval 'sealgate token list --json | jq -es "any(.[]; .id == \"$id\" and .party == \"port-1\" and .roles == \"security\")"'
ok "it is revoked" sealgate token revoke "$id"
ok "and taken no longer" within 5 answers 401 second GET /v1/notices
ok "a key for a while" eval 'sealgate token make --party port-1 --role security --until 2020-01-01T00:00:00Z >"$run/api-keys/old.key" 2>/dev/null && answers 401 old GET /v1/notices'
refused "no key for a party that is not configured" sealgate token make --party nobody --role security
refused "no key with a role that there is not" sealgate token make --party port-1 --role king

# ---- subscriptions ----

subscribe()
{
	sealgate subscribe hook --key-file "$run/api-keys/port-1.key" "$@"
}
lines_of()
{
	grep -c "$1" "$run/log/listen.out"
}
ok "a subscription" subscribe --to "https://localhost:$((port + 2))/hook" --types 'finding.raised,notice.*' --secret-file "$run/secrets/hook"
ok "a receiver" listen_start
ok "a test delivery is asked for" subscribe --test
ok "it comes, rightly signed" within 10 grep -q "subscription.test.*(verified)" "$run/log/listen.out"
ok "the secret is turned" subscribe --to "https://localhost:$((port + 2))/hook" --types 'finding.raised,notice.*' --rotate --secret-file "$run/secrets/new"
refused "the new one is another" cmp "$run/secrets/hook" "$run/secrets/new"
ok "who has the old one still verifies" eval 'subscribe --test && within 10 eval "test \$(lines_of \"subscription.test.*(verified)\") -eq 2"'
ok "who has the new one too" eval 'cp "$run/secrets/new" "$run/secrets/hook"; subscribe --test && within 10 eval "test \$(lines_of \"subscription.test.*(verified)\") -eq 3"'
ok "nobody with another" eval 'echo "whsec_$(head -c 32 /dev/zero | base64)" >"$run/secrets/hook"; subscribe --test && within 10 grep -q "^refused: webhook-signature" "$run/log/listen.out"'
cp "$run/secrets/new" "$run/secrets/hook"
ok "the secret is shown to nobody later" is port-1 /v1/subscriptions/hook '(tostring | contains("whsec")) | not'
ok "somebody else's subscription is not there" answers 404 broker-1 GET /v1/subscriptions/hook
ok "nor can it be taken over" answers 403 broker-1 PUT /v1/subscriptions/hook --data '{ "url": "https://localhost:1/" }'
inside()
{
	call port-1 PUT /v1/subscriptions/inside --data "{ \"url\": \"https://127.0.0.1:$((port + 2))/hook\" }" &&
		call port-1 POST /v1/subscriptions/inside/test --data "" &&
		within 10 is port-1 "/v1/deliveries?subscription=inside" '.items | length == 1 and .[0].attempts >= 1 and .[0].last_status == null and
			(.[0].last_error | test("private|loopback|address"))' && call port-1 DELETE /v1/subscriptions/inside
}
ok "a private address that nobody named is never called" inside

ok "a box is opened" open_door CSQU3054383
ok "finding and control come" within 15 eval 'test "$(lines_of "finding.raised.*(verified)") $(lines_of "notice.control.*(verified)")" = "1 1"'
delivery=$(get port-1 "/v1/deliveries?subscription=hook&type=notice.control" '.items[0].id')
ok "the control's delivery is kept" eval 'test -f "$run/webhooks/$delivery.json" && mv "$run/webhooks/$delivery.json" kept.json'
ok "it is delivered again" answers 202 port-1 POST "/v1/deliveries/$delivery/redeliver" --data ""
ok "under the same id, with the same octets" within 10 cmp kept.json "$run/webhooks/$delivery.json"
ok "nobody else can ask for that" answers 404 broker-1 POST "/v1/deliveries/$delivery/redeliver" --data ""

gone()
{
	sed -i 's|^  private_hosts: \[ localhost \].*|  private_hosts: [ localhost ]\n  plain_hosts: [ localhost ]|' "$run/sealgate.yaml"
	gateway_restart && start gone perl "$SOURCE_DIR/tests/support/gone.pl" &&
		call port-1 PUT /v1/subscriptions/gone --data "{ \"url\": \"$(sed -n 's/.*ready on //p' "$run/log/gone.out")/hook\", \"types\": [ \"*\" ] }"
}
ok "a receiver that is gone" gone
ok "something happens" open_door TRHU2163080
ok "it answers 410: the subscription is switched off" within 10 is port-1 /v1/subscriptions/gone '.state != "active"'
ok "its owner is told on the stream" eval 'curl -sN --max-time 2 --cacert "$run/tls/ca.pem" -H "Authorization: Bearer $(cat "$run/api-keys/port-1.key")" -H "Last-Event-ID: 0" "$url/v1/stream" |
	grep -q "^event: org.sealgate.subscription.disabled"'
ok "the other subscription has all of it" within 15 eval 'test "$(lines_of "notice.control.*(verified)")" -ge 2'
ok "it is ended" sealgate subscribe gone --key-file "$run/api-keys/port-1.key" --delete
ok "and is no more" answers 404 port-1 GET /v1/subscriptions/gone

# ---- backup ----

# Events come in while it is made: what was acknowledged before is in it.
busy_backup()
{
	(for n in 1 2 3 4 5 6 7 8 9 10; do post_event "b-$n" position "$(at "-$((60 - n)) seconds")" CSQU3054383 >/dev/null; done) &
	busy_pid=$!
	post_event before position "$(at "-2 minutes")" TRHU2163080 >/dev/null && sealgate backup copy.db
	busy_code=$?
	wait "$busy_pid"
	return "$busy_code"
}
ok "a backup while the gateway runs, and takes events" busy_backup
ok "its owner alone can read it" test "$(stat -c %a copy.db)" = 600
ok "the gateway went on" is admin-1 "/v1/events?type=position&limit=500" '.items | length == 11'
ok "a second backup overwrites nothing" eval '! sealgate backup copy.db'

# The authority is away, so that a message waits; then the copy is made, and the original sends it.
waiting_in_copy()
{
	sandbox_stop
	open_door MSKU6011672 && within 10 is admin-1 "/v1/messages?container=MSKU6011672" '.items[0].state == "waiting"' && sealgate backup late.db &&
		sandbox_start no-answer && within 20 is admin-1 "/v1/messages?container=MSKU6011672" '.items[0].state == "sent"'
}
ok "a message waits while a copy is made, and is sent after it" waiting_in_copy
message=$(message_of MSKU6011672 .id)
restored()
{
	gateway_stop
	mv "$run/data" "$TAP_FOLDER/lost" && mkdir -m 700 "$run/data" && cp late.db "$run/data/sealgate.db" && gateway_start
}
ok "the store is lost; the gateway starts from the copy" restored
ok "what was acknowledged before the copy is there" is admin-1 "/v1/events?type=position&limit=500" '.items | length == 11'
ok "its status says that delivery is held" is auditor-1 /v1/status '.delivery_held == true'
ok "and sealgate status what to do" eval '! sealgate status >told; grep -q "sealgate release" told'
held()
{
	sleep 2
	is admin-1 "/v1/messages/$message" '.state != "sent"' && is admin-1 "/v1/messages/$message/attempts" 'all(.items[]; .status == null)'
}
ok "nothing is delivered" held
ok "not even by a new event" eval 'open_door HLXU4728125 && sleep 1 && is admin-1 "/v1/messages?container=HLXU4728125" ".items[0] | .state == \"ready\" and .attempts == 0"'
ok "a carrier may not let it go" answers 403 carrier-1 POST /v1/delivery/release --data ''
ok "the operator lets it go" sealgate release
ok "the new report is sent" within 15 is admin-1 "/v1/messages?container=HLXU4728125" '.items[0].state == "sent"'
ok "the one that had been sent is recognised by its id" within 15 is admin-1 "/v1/messages/$message" '.state == "sent"'
ok "customs has it once" test "$(find "$run/customs" -name "$message.xml" | wc -l) $(find "$run/customs" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' | wc -l)" = "1 4"
ok "nothing is held after a restart" eval 'gateway_restart && is auditor-1 /v1/status ".delivery_held == false"'
ok "the gateway stops when it is told to" gateway_stop
tap_end
