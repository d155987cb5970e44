#!/bin/sh
# ./demo on voyage H: nothing to report, so customs gets one assurance; with a third of the rows taken out it gets none, and why is told.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_needs bash xmllint
tap_folder
whole=$TAP_FOLDER/whole thin=$TAP_FOLDER/thin
run=$whole

demo()
{
	demo_folder=$1
	shift
	"$SOURCE_DIR/demo" --once --voyage H --build "$BUILD_DIR" --port "$(free_ports)" --folder "$demo_folder" "$@" >"$demo_folder.out" 2>&1
}
demo "$thin" --keep 2/3 &
thin_pid=$!
demo "$whole" &
whole_pid=$!
echo "$thin_pid $whole_pid" >"$TAP_FOLDER/started"
wait "$whole_pid"
ok "./demo --once --voyage H ends well" test $? -eq 0
wait "$thin_pid"
ok "and so does the one with a third of the rows taken out" test $? -eq 0
[ "$tap_failed" -eq 0 ] || sed 's/^/# /' "$whole.out" "$thin.out"

ok "no findings, one message to each of the two, answered; nothing failed" jq -e '.findings == 0 and .messages == 2 and .receipts == 2 and
	.answers == 2 and .webhooks >= 1 and .failed == 0' "$whole/summary.json"
ok "the hub asks nothing" jq -e '.hub == { messages: 1, receipts: 1, questions: 0, answers: 0, controls: 0 }' "$whole/summary.json"
ok "and has assessed the risk" grep -q "<containerIdentificationNumber>" "$whole"/hub/out/*-IE3N03.xml
message=$(basename "$whole"/customs/SG*[0-9A-Z].xml .xml)
document=$whole/documents/$message.xml
ok "it is an assurance" eval 'grep -q "<TypeCode>SCA</TypeCode>" "$document" && grep -q "F-NOFINDING" "$document"'
ok "that says how much was watched" grep -qE 'cov=(9[0-9]|100)' "$document"
published=$REFERENCE/wco/hmrc-cds/declaration.xsd
if [ -f "$published" ]; then
	ok "it is valid under the published schema" xmllint --nonet --noout --schema "$published" "$document"
else
	skip "it is valid under the published schema" "it is not here (SEALGATE_REFERENCE)"
fi
ok "its signature verifies" sealgate verify "$document" --signature "${document%.xml}.sig.xml" --trust "$whole/keys/ca.pem"

ok "of two thirds of the rows: no findings, no messages, nothing failed" jq -e '.findings == 0 and .messages == 0 and .answers == 0 and
	.hub.messages == 0 and .failed == 0' "$thin/summary.json"
ok "it says why" grep -qE "^not sent to sandbox: assurance: .*cover" "$thin.out"
gateway_use "$thin"
ok "its gateway starts again" gateway_start --play-clock
container=$(sed -n 's/^ *"container": "\([A-Z0-9]*\)".*/\1/p' "$SOURCE_DIR/tests/data/voyages/journey-H.json" | head -n 1)
ok "and tells it to whoever asks for the box" is port-1 "/v1/containers/$container" '.integrity.not_sent |
	length == 2 and any(.[]; .agreement == "sandbox" and .kind == "assurance" and (.reason | test("cover")))'
refused_order()
{
	answers 409 carrier-1 POST "/v1/containers/$container/messages" --data '{ "kind": "assurance" }' ||
		answers 422 carrier-1 POST "/v1/containers/$container/messages" --data '{ "kind": "assurance" }'
}
ok "an assurance that is asked for is refused for the same reason" refused_order
ok "the refusal says so" jq -e '.detail | test("cover")' "$run/body"
ok "the gateway stops when it is told to" gateway_stop
tap_end
