#!/bin/sh
# Nothing twice, nothing lost: one event from two connections at once; a gateway that is killed with kill -9 while it delivers.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
sed -i 's,^clock:.*,clock: real,' "$run/sandbox.yaml"
sed -i 's|^retry:.*|retry: { first: 200ms, longest: 1s }|' "$run/agreements/sandbox.yaml"
ok "the gateway starts" gateway_start
ok "the sandbox starts" sandbox_start
[ "$tap_failed" -eq 0 ] || tap_end

# ---- one event, twice at once ----

# Six posts of the same octets at the same time, each on a connection of its own; their status codes, sorted.
post_at_once()
{
	event twice door_opened "$(at '-5 minutes')" CSQU3054383 >"$run/event.json"
	key=$(cat "$run/api-keys/provider-1.key")
	curl -sS --parallel --parallel-immediate --cacert "$run/tls/ca.pem" -H "Authorization: Bearer $key" -H "Content-Type: application/json" \
		--data "@$run/event.json" -w '%{http_code} %{local_port}\n' -o "$TAP_FOLDER/answer.1" "$url/v1/events?provider=tracker-1" -o "$TAP_FOLDER/answer.2" "$url/v1/events?provider=tracker-1" \
		-o "$TAP_FOLDER/answer.3" "$url/v1/events?provider=tracker-1" -o "$TAP_FOLDER/answer.4" "$url/v1/events?provider=tracker-1" >"$TAP_FOLDER/codes"
}
subscribed()
{
	sealgate subscribe hook --key-file "$run/api-keys/port-1.key" --to "https://localhost:$((port + 2))/hook" --secret-file "$run/secrets/hook" >/dev/null &&
		listen_start
}
ok "port security subscribes to everything" subscribed
ok "the journey is filed" file_journey J-1 CSQU3054383
ok "one event is posted four times at once" post_at_once
ok "from four connections" test "$(cut -d' ' -f2 "$TAP_FOLDER/codes" | sort -u | wc -l)" -eq 4
ok "one made it, the others are told what is stored" test "$(cut -d' ' -f1 "$TAP_FOLDER/codes" | sort | tr '\n' ' ')" = "200 200 200 201 "
ok "all are told of the same event" test "$(cat "$TAP_FOLDER"/answer.? | jq -r .uid | sort -u | wc -l)" -eq 1
ok "the message is sent and answered" within 15 is admin-1 /v1/notices '.items | length == 1'
ok "then all is quiet" within 15 quiet
ok "one event" is admin-1 "/v1/events?type=door_opened" '.items | length == 1'
ok "one finding" is admin-1 /v1/findings '.items | length == 1'
ok "one message, tried once" is admin-1 /v1/messages '[.items[].attempts] == [1]'
ok "one delivery of each kind" is admin-1 "/v1/deliveries?subscription=hook" '[.items[].type | select(test("event.received|finding|message.sent|control"))] |
	length == 4 and (unique | length == 4)'
ok "each taken at the first try" is admin-1 "/v1/deliveries?subscription=hook" 'all(.items[]; .state == "sent" and .attempts == 1)'
ok "an exact repeat later is no news either" answers 200 provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/event.json"
other_content()
{
	sed 's/door_opened/door_closed/' "$run/event.json" >"$run/other.json"
	answers 409 provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/other.json"
}
ok "the same id with another content is refused" other_content
ok "and the refusal says why" jq -e '.status == 409 and (.detail | test("twice"))' "$run/body"
ok "members in another order are the same content" eval 'jq -c "to_entries | reverse | from_entries" "$run/event.json" >"$run/turned.json"
	answers 200 provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/turned.json"'
ok "nothing came of all that" is admin-1 /v1/status '.stored.findings == 1 and .stored["messages.sent"] == 1'

# ---- killed while it delivers ----

# The ids under which customs has reports, and those that the gateway has.
customs_ids()
{
	find "$run/customs" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' -exec basename {} .xml \; | sort
}
gateway_ids()
{
	get admin-1 "/v1/messages?limit=500" '.items[].id' | sort
}
same_ids()
{
	customs_ids >"$TAP_FOLDER/customs.ids"
	gateway_ids >"$TAP_FOLDER/gateway.ids"
	diff "$TAP_FOLDER/customs.ids" "$TAP_FOLDER/gateway.ids" && test "$(wc -l <"$TAP_FOLDER/gateway.ids")" -eq "$1"
}
same_octets()
{
	for id in $(gateway_ids); do call admin-1 GET "/v1/messages/$id/document" | cmp - "$run/customs/$id.xml" || return 1; done
}
one_report_each()
{
	is admin-1 "/v1/messages?limit=500" '[.items[].container] | length == (unique | length)'
}
under_way()
{
	is admin-1 "/v1/messages?container=$1" '.items[0].state == "sending"'
}
has_left()
{
	is admin-1 "/v1/messages?container=$1" '[.items[0].state] | inside(["sending", "unknown", "sent"])' && test "$(customs_ids | wc -l)" -ge "$2"
}

# slow: customs has it, and takes its time to say so.
ok "the sandbox becomes slow" eval 'sandbox_stop; sandbox_start slow=2,no-answer'
ok "a second box is opened" open_door TRHU2163080
ok "customs has its report, and has not said so" within 10 has_left TRHU2163080 2
ok "it is being sent" under_way TRHU2163080
ok "the gateway is killed" gateway_kill
ok "it starts again" gateway_start
ok "the report is sent" within 15 is admin-1 "/v1/messages?container=TRHU2163080" '.items[0].state == "sent" and .items[0].attempts >= 2'
unknown_first()
{
	id=$(message_of "$1" .id)
	is admin-1 "/v1/messages/$id/attempts" '.items[-2].outcome == "unknown" and .items[-1].status == 409'
}
ok "that try is unknown; at the next customs says that it has it" unknown_first TRHU2163080
ok "under one id, with the same octets" eval 'same_ids 2 && same_octets'

# silence: customs never says so; its answer does.
ok "the sandbox becomes silent" eval 'sandbox_stop; sandbox_start silence'
ok "a third box is opened" open_door MSKU6011672
ok "customs has its report" within 10 has_left MSKU6011672 3
ok "the gateway is killed again" gateway_kill
ok "and starts again" gateway_start
ok "the answer proves that the report has arrived" within 20 is admin-1 "/v1/messages?container=MSKU6011672" '.items[0].state == "sent"'
ok "there is one control for it" within 10 is admin-1 "/v1/notices?container=MSKU6011672" '[.items[].kind] == ["control"]'
ok "still one id for each report, with the same octets" eval 'same_ids 3 && same_octets && one_report_each'

# Killed again and again while boxes are opened: what was acknowledged is there, once.
numbers='CSQU3054383 TRHU2163080 MSKU6011672'
kills()
{
	sandbox_stop
	sandbox_start good || return 1
	i=0
	for number in $numbers; do
		for _ in 1 2 3; do
			i=$((i + 1))
			post_event "more-$i" position "$(at "-$((40 - i)) seconds")" "$number" >"$TAP_FOLDER/post.$i" || return 1
		done
		gateway_kill && gateway_start || return 1
	done
	is admin-1 "/v1/events?type=position" '.items | length == 9'
}
ok "nothing that was acknowledged is lost" kills
ok "all comes to rest" within 15 quiet
ok "no second report of anything" eval 'same_ids 3 && one_report_each'
ok "every webhook came, and none under a second id" is admin-1 "/v1/deliveries?subscription=hook" '(.items | map(select(.state != "sent")) == []) and
	([.items[] | [.type, .about]] | map(select(.[0] | test("raised|message.sent|control"))) | length == (unique | length))'
ok "the gateway stops when it is told to" gateway_stop
tap_end
