#!/bin/sh
# ./demo --once on voyage C: what it leaves is valid and signed by other people's programs, explained, made again byte for byte, shown
# to nobody whom it does not concern, and the same when the gateway is killed meanwhile.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_needs bash xmllint
tap_folder
plain=$TAP_FOLDER/plain killed=$TAP_FOLDER/killed
published=$REFERENCE/wco/hmrc-cds
run=$plain

demo()
{
	mkdir -p "$TAP_FOLDER/tmp"
	TMPDIR=$TAP_FOLDER/tmp "$SOURCE_DIR/demo" --once --build "$BUILD_DIR" --port "$1" --folder "$2"
}

# ---- two voyages at once: one is left alone ----

events_of_killed()
{
	[ "$(call admin-1 GET /v1/status 2>/dev/null | jq '.stored.events')" -ge "$1" ] 2>/dev/null
}

# The one that ./demo started, then those that were started here as ./demo does.
kill_three_times()
{
	within 60 grep -qs "ready on" "$killed/log/listen.out" || return 1
	gateway_use "$killed"
	within 120 events_of_killed 60 && kill -KILL "$(cat "$run/gateway.pid")" && gateway_start --play-clock &&
		within 120 events_of_killed 85 && gateway_kill && gateway_start --play-clock &&
		within 120 events_of_killed 500 && gateway_kill && gateway_start --play-clock
}
demo "$(free_ports)" "$plain" >"$TAP_FOLDER/plain.out" 2>&1 &
plain_pid=$!
demo "$(free_ports)" "$killed" >"$TAP_FOLDER/killed.out" 2>&1 &
killed_pid=$!
echo "$plain_pid $killed_pid" >>"$TAP_FOLDER/started"
ok "a gateway is killed before, between and after the openings" kill_three_times
wait "$killed_pid"
killed_code=$?
wait "$plain_pid"
plain_code=$?
run=$killed
stop gateway
ok "./demo --once ends well" test "$plain_code" -eq 0
ok "and so does the one whose gateway was killed" test "$killed_code" -eq 0
[ "$tap_failed" -eq 0 ] || sed 's/^/# /' "$TAP_FOLDER/plain.out" "$TAP_FOLDER/killed.out"
ok "the summary is the same" cmp "$plain/summary.json" "$killed/summary.json"

# ---- what is left of the one that was left alone ----

ok "findings >= 2; messages = receipts = answers >= 2; webhooks >= answers; nothing failed" jq -e '.findings >= 2 and .messages >= 2 and
	.receipts == .messages and .answers == .messages and .webhooks >= .answers and .failed == 0' "$plain/summary.json"

ok "the hub took messages, and asked; it was answered, and ordered controls; each message has its receipt" jq -e '.hub |
	.messages >= 1 and .receipts == .messages and .questions >= 1 and .answers == .questions and .controls == .answers' "$plain/summary.json"
ok "the hub kept as many receipts as it sent messages" eval 'test "$(ls "$plain"/hub/out/*.receipt.mime | wc -l)" -eq "$(ls "$plain"/hub/out/*.xml | wc -l)"'
ok "its report says that nothing was broken" eval 'sealgate-sandbox --report --config "$plain/sandbox.yaml" >"$TAP_FOLDER/report" &&
	grep -q "No rule was broken" "$TAP_FOLDER/report" && ! grep -q "What broke a rule" "$TAP_FOLDER/report"'
ok "nor by the gateway that was killed" eval 'sealgate-sandbox --report --config "$killed/sandbox.yaml" >"$TAP_FOLDER/report" &&
	! grep -E "^    [a-z-]+, [0-9]+ times?" "$TAP_FOLDER/report" | grep -v "^    answer, "'

gateway_use "$plain"
ok "the gateway starts on what the demo left" gateway_start --play-clock
messages=$(get admin-1 /v1/messages '.items[] | select(.agreement == "sandbox").id')
documents=$(get admin-1 /v1/documents '.items[] | select(.peer == "sandbox").id')
hub_messages=$(get admin-1 /v1/messages '.items[] | select(.agreement == "hub").id')
hub_documents=$(get admin-1 /v1/documents '.items[] | select(.peer == "hub").id')
count_of()
{
	printf '%s\n' "$@" | grep -c .
}
ok "there are as many messages and answers as the summary says" jq -e "[.messages, .answers, .hub.messages] ==
	[$(count_of "$messages" "$hub_messages"), $(count_of "$documents" "$hub_documents"), $(count_of "$hub_messages")]" "$plain/summary.json"
ok "a document of the hub is sealed by its channel, and claims no time" is admin-1 /v1/documents 'all(.items[]; .peer != "hub" or
	(.signature.form == "channel" and .signature.verdict == "valid" and (.signature | has("time") | not)))'

cd "$plain/documents" || exit 99
valid()
{
	xmllint --nonet --noout --schema "$1" "$2"
}
for id in $messages; do
	if [ -f "$published/declaration.xsd" ]; then
		ok "message $id is valid under the published schema" valid "$published/declaration.xsd" "$id.xml"
	else
		skip "message $id is valid under the published schema" "it is not here (SEALGATE_REFERENCE)"
	fi
	ok "message $id is what customs got" cmp "$id.xml" "$plain/customs/$id.xml"
done
for id in $documents; do
	if [ -f "$published/response.xsd" ]; then
		ok "answer $id is valid under the published schema" valid "$published/response.xsd" "$id.xml"
	else
		skip "answer $id is valid under the published schema" "it is not here (SEALGATE_REFERENCE)"
	fi
done

# What the hub got and sent, octet by octet.
kept_by_hub()
{
	for kept in "$plain/hub/$1"/*.xml; do
		if cmp -s "$2" "$kept"; then return 0; fi
	done
	return 1
}
for id in $hub_messages; do
	ok "message $id is what the hub got" kept_by_hub in "$id.xml"
done
for id in $hub_documents; do
	ok "document $id is what the hub sent" kept_by_hub out "$id.xml"
	case $(head -c 300 "$id.xml") in *"<IE3Q02"*) schema=IE3Q02 ;; *) schema=IE3N08 ;; esac
	ok "and valid under the schema of $schema" valid "$SOURCE_DIR/schemas/eu-hub/$schema.xsd" "$id.xml"
done

verify_xmlsec()
{
	xmlsec1 --verify --trusted-pem "$1" --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties "$2.sig.xml"
}
# An answer's signature names the file that customs wrote.
beside_its_name()
{
	named=$(sed -n 's/.*<ds:Reference Id="sealgate-document" URI="\([^"]*\)".*/\1/p' "$1.sig.xml")
	[ -f "$named" ] || cp "$1.xml" "$named"
}
for id in $messages $documents; do
	ok "sealgate verifies $id" sealgate verify "$id.xml" --signature "$id.sig.xml" --trust "$plain/keys/ca.pem"
	refused "and not by another authority" sealgate verify "$id.xml" --signature "$id.sig.xml" --trust "$plain/tls/ca.pem"
	if command -v xmlsec1 >/dev/null; then
		beside_its_name "$id"
		ok "xmlsec1 verifies $id" verify_xmlsec "$plain/keys/ca.pem" "$id"
		refused "and not by another authority" verify_xmlsec "$plain/tls/ca.pem" "$id"
	else
		skip "xmlsec1 verifies $id" "xmlsec1 is not installed"
	fi
done
if command -v javac >/dev/null; then
	mkdir "$TAP_FOLDER/classes"
	ok "the JDK's side is compiled" javac -Xlint:all -Werror -d "$TAP_FOLDER/classes" "$SOURCE_DIR"/tests/interop/java/*.java
	set --
	for id in $messages $documents; do set -- "$@" "$id.xml"; done
	tap_lines java -cp "$TAP_FOLDER/classes" Documents "$plain/keys/ca.pem" "$@"
else
	skip "the JDK verifies messages and answers" "no JDK is installed"
fi

# ---- explained, and made again ----

# An element has a WCO number unless it is of the wrapper (DocumentMetaData); its value comes from somewhere: a path or a line.
explained()
{
	sealgate explain "$1" --json >"$TAP_FOLDER/explained" &&
		jq -se 'length > 30 and all(.[]; (.place | test("document.xml:[0-9]+$")) and
			((.wco // "") != "" or (.element | test("^/MetaData/[A-Za-z]+$"))))' "$TAP_FOLDER/explained" >/dev/null &&
		jq -se 'any(.[]; .wco == "159" and .source == "container.number" and .value == "CSQU3054383") and
			any(.[]; .wco == "D011" and .source == "message.issued")' "$TAP_FOLDER/explained" >/dev/null &&
		sealgate explain "$1" >"$TAP_FOLDER/table" && grep -q "container.number" "$TAP_FOLDER/table"
}
made_again()
{
	sealgate try --message "$1" >"$TAP_FOLDER/again.xml" && cmp "$TAP_FOLDER/again.xml" "$1.xml"
}
for id in $messages; do
	ok "explain $id: number and source of each element" explained "$id"
	ok "try makes $id again, byte for byte" made_again "$id"
done

# ---- who sees what ----

message=$(printf '%s\n' "$messages" | head -n 1) document=$(printf '%s\n' "$documents" | head -n 1)
finding=$(get admin-1 /v1/findings '.items[0].id') notice=$(get admin-1 /v1/notices '.items[0].id')

# Words that only they know who may know: of findings, messages and the control.
secrets='F-OPENING|outside every permitted|control|integrity-report|sandbox|USLAXCES|unpack|'"$message|$document"

# asked PARTY PATH...: all that is answered, refusals without what they repeat of the question
asked()
{
	asked_key=$(cat "$run/api-keys/$1.key")
	shift
	for path in "$@"; do printf 'url = "%s/v1/%s"\n' "$url" "$path"; done >"$TAP_FOLDER/asked"
	curl -sS --max-time 60 --cacert "$run/tls/ca.pem" -H "Authorization: Bearer $asked_key" -K "$TAP_FOLDER/asked" |
		jq -c 'if .type == "urn:sealgate:problem:not-found" then del(.detail) else . end'
}
# Two seconds of the stream from its beginning; all parties' at once.
stream_of()
{
	curl -sN --max-time "$1" --cacert "$run/tls/ca.pem" -H "Authorization: Bearer $(cat "$run/api-keys/$2.key")" -H "Last-Event-ID: 0" \
		"$url/v1/stream" >"$TAP_FOLDER/stream.$2"
}
tells_nothing()
{
	! grep -qE "$secrets" "$1" || { grep -oE ".{60}($secrets)" "$1" | head -n 3; return 1; }
}
keeps_quiet()
{
	asked "$1" findings notices messages documents deliveries subscriptions containers/CSQU3054383 journeys/journey-C "findings/$finding" \
		"notices/$notice" "messages/$message" "messages/$message/document" "messages/$message/input" "messages/$message/attempts" \
		"messages/$message/explain" "documents/$document" "documents/$document/content" >"$TAP_FOLDER/said" &&
		test "$(wc -l <"$TAP_FOLDER/said")" -eq 17 && tells_nothing "$TAP_FOLDER/said"
}
# A page without what is shown, and one without anything, are the same page.
counts_nothing()
{
	set --
	for list in findings notices messages documents; do
		for filter in "container=CSQU3054383" "container=CSQU3054383&order=latest" "kind=control" "kind=F-OPENING" "limit=1"; do
			set -- "$@" "$list?$filter"
		done
	done
	asked carrier-1 "$@" >"$TAP_FOLDER/said"
	jq -es 'length == 20 and all(.[]; .items == [] and .cursor == "0" and .more == false)' "$TAP_FOLDER/said"
}
stream_is_quiet()
{
	grep -q "event: org.sealgate.event.received" "$TAP_FOLDER/stream.$1" && tells_nothing "$TAP_FOLDER/stream.$1"
}
no_figures()
{
	answers 403 "$1" GET /metrics && answers 403 "$1" GET /v1/status
}
for party in terminal-1 carrier-1 provider-1 broker-1; do
	stream_of 4 "$party" &
	eval "stream_${party%-1}=\$!"
done
wait "$stream_terminal" "$stream_carrier" "$stream_provider" "$stream_broker"
for party in terminal-1 carrier-1 provider-1; do
	ok "$party learns nothing of findings, messages and the control by REST" keeps_quiet "$party"
	ok "nor from the stream" stream_is_quiet "$party"
	ok "nor by figures" no_figures "$party"
done
ok "the broker's stream has them all" eval 'for type in finding.raised:2 message.sent:6 notice.control:4 notice.question:2; do
	test "$(grep -c "event: org.sealgate.${type%:*}" "$TAP_FOLDER/stream.broker-1")" -eq "${type#*:}" || exit 1; done'
ok "the carrier's lists are those of somebody to whom nothing has happened" counts_nothing
ok "the terminal is to hold the box, and not told why" is terminal-1 "/v1/notices?container=CSQU3054383" '([.items[] |
	select(.action.blocks | index("gate_out"))] | length) == 4 and (.items | length) == 6 and all(.items[]; .kind == "hold" and
	.disclosure == "block_only" and (keys - ["id", "kind", "container",
	"action", "lifted", "disclosure"] == []))'
ok "it does not find out by a filter" is terminal-1 "/v1/notices?kind=control" '.items == [] and .cursor == "0"'
ok "nor the rule" is terminal-1 "/v1/findings?code=F-OPENING" '.items == []'
ok "what it may see it finds" is terminal-1 "/v1/notices?kind=hold" '(.items | length) == 6'
ok "the stream tells it to hold" grep -q 'event: org.sealgate.notice.hold' "$TAP_FOLDER/stream.terminal-1"
ok "the provider may not ask for findings" answers 403 provider-1 GET /v1/findings
ok "but sees the events that it sent" is provider-1 "/v1/events?type=door_opened" '.items | length == 4'
for party in broker-1 auditor-1 port-1; do
	ok "$party sees the controls, the questions, the findings and the messages" eval "is $party /v1/notices '[.items[].kind] | group_by(.) |
		map([.[0], length]) == [[\"control\", 4], [\"question\", 2]]' && is $party /v1/findings '.items | length == 2' &&
		is $party /v1/messages '.items | length == 6' &&
		call $party GET /v1/messages/$message/document | cmp - $message.xml && call $party GET /v1/documents/$document/content | cmp - $document.xml"
done
ok "figures are for the auditor too" answers 200 auditor-1 GET /metrics
ok "and not for the broker" no_figures broker-1
ok "nobody without a key" eval "test \$(curl -sS --cacert '$run/tls/ca.pem' -o /dev/null -w '%{http_code}' '$url/v1/notices') = 401"
ok "the gateway stops when it is told to" gateway_stop
tap_end
