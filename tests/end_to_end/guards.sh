#!/bin/sh
# Withdrawal, arrival, assurance: what may be said to customs, on whose word, and what is refused and why; by command line and REST.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
sed -i 's,^clock:.*,clock: real,' "$run/sandbox.yaml"

# A second authority that has the declarant's mandate for arrivals; the first has none.
with_mandate()
{
	sed -e 's|^kinds:.*|kinds: [ arrival ]|' -e 's|/customs/sandbox/|/customs/office/|' "$run/agreements/sandbox.yaml" >"$run/agreements/office.yaml" &&
		echo 'mandate: { name: Example Importer, eori: NL987654321, function: "2", reference: mandate 17 }' >>"$run/agreements/office.yaml"
}
ok "an agreement with a mandate" with_mandate
ok "the configuration is good" sealgate check --config "$run/sealgate.yaml"
no_mandate()
{
	cp -r "$run" "$TAP_FOLDER/copy" && sed -i 's|^kinds:.*|kinds: [ integrity-report, arrival ]|' "$TAP_FOLDER/copy/agreements/sandbox.yaml"
	! sealgate check --config "$TAP_FOLDER/copy/sealgate.yaml" >"$TAP_FOLDER/told" 2>&1 && grep -q "mandate" "$TAP_FOLDER/told" &&
		grep -qE "agreements/sandbox.yaml:[0-9]+" "$TAP_FOLDER/told"
}
ok "check refuses arrivals without a mandate, with file and line" no_mandate
foreign_type()
{
	rm -rf "$TAP_FOLDER/copy"
	cp -r "$run" "$TAP_FOLDER/copy" && echo 'type_codes: { integrity-report: GPR }' >>"$TAP_FOLDER/copy/agreements/sandbox.yaml"
	! sealgate check --config "$TAP_FOLDER/copy/sealgate.yaml" >"$TAP_FOLDER/told" 2>&1 && grep -q "GPR" "$TAP_FOLDER/told"
}
ok "and a report that would speak of somebody's declaration" foreign_type
production()
{
	rm -rf "$TAP_FOLDER/copy"
	cp -r "$run" "$TAP_FOLDER/copy" && sed -i 's|^  url:.*|  url: https://api.service.hmrc.gov.uk|' "$TAP_FOLDER/copy/agreements/sandbox.yaml"
	! sealgate check --config "$TAP_FOLDER/copy/sealgate.yaml" >"$TAP_FOLDER/told" 2>&1 && grep -q "hmrc" "$TAP_FOLDER/told"
}
ok "and a production system of declarations" production
ok "the gateway starts" gateway_start
ok "the sandbox starts, and decides nothing" sandbox_start no-answer
[ "$tap_failed" -eq 0 ] || tap_end

state_is()
{
	is admin-1 "/v1/messages?container=$1" '[.items[] | select(.kind == "'"$2"'") | .state] == '"$3"
}

# ---- withdrawal ----

ok "a box is opened" open_door CSQU3054383
ok "the report is sent" within 10 state_is CSQU3054383 integrity-report '["sent"]'
report=$(message_of CSQU3054383 .id)
ok "the terminal may not withdraw it" answers 403 terminal-1 POST "/v1/messages/$report/withdraw" --data '{ "reason": "a drill" }'
ok "a carrier may not either" answers 403 carrier-1 POST "/v1/messages/$report/withdraw" --data '{ "reason": "a drill" }'
ok "an operator says why" eval '! answers 202 admin-1 POST "/v1/messages/$report/withdraw" --data "{}"'
held_without_identifier()
{
	sealgate withdraw "$report" --reason "Opened for a drill" >"$TAP_FOLDER/told" 2>&1
	within 5 is admin-1 "/v1/messages?container=CSQU3054383" 'any(.items[]; .kind == "withdrawal" and .state == "held" and
		(.reason | test("identifier|customs"; "i")))'
}
ok "without the identifier that customs gave to the report, the withdrawal is held" held_without_identifier
ok "the operator is told so" eval 'sealgate status >"$TAP_FOLDER/told"; test $? -eq 1 && grep -q "held" "$TAP_FOLDER/told"'

ok "customs answers from now on" eval 'sandbox_stop; sandbox_start reject'
ok "another box is opened, and its report answered" eval 'open_door TRHU2163080 && within 15 is admin-1 "/v1/notices?container=TRHU2163080" "[.items[].kind] == [\"rejected\"]"'
second=$(message_of TRHU2163080 .id)
ok "now a withdrawal goes out" sealgate withdraw "$second" --reason "Opened for a drill & <test>"
ok "it is sent" within 10 state_is TRHU2163080 withdrawal '["sent"]'
withdrawal=$(get admin-1 "/v1/messages?container=TRHU2163080" '.items[] | select(.kind == "withdrawal") | .id')
names_it()
{
	sealgate show "$withdrawal" --document >"$TAP_FOLDER/withdrawal.xml" &&
		grep -q "<ID>$(get admin-1 "/v1/messages/$second" .customs_id)</ID>" "$TAP_FOLDER/withdrawal.xml" &&
		grep -q "<FunctionCode>13</FunctionCode>" "$TAP_FOLDER/withdrawal.xml" && grep -q "&amp; &lt;test&gt;" "$TAP_FOLDER/withdrawal.xml"
}
ok "it names customs' identifier of the report, and the reason" names_it
if [ -f "$REFERENCE/wco/hmrc-cds/schemas/customs/wrapper_cancel.xsd" ] && command -v xmllint >/dev/null; then
	ok "it is valid under CANCEL and the declaration's schema" eval 'for schema in declaration.xsd schemas/customs/wrapper_cancel.xsd; do
		xmllint --nonet --noout --schema "$REFERENCE/wco/hmrc-cds/$schema" "$TAP_FOLDER/withdrawal.xml" || exit 1; done'
else
	skip "it is valid under CANCEL and the declaration's schema" "xmllint or the schemas are not here (SEALGATE_REFERENCE)"
fi
ok "a second yes makes no second withdrawal" eval 'sealgate withdraw "$second" --reason again >/dev/null 2>&1; state_is TRHU2163080 withdrawal "[\"sent\"]"'
ok "a withdrawal itself cannot be withdrawn" eval '! sealgate withdraw "$withdrawal" --reason no'

ok "customs decides by itself from now on" eval 'sandbox_stop; sandbox_start good'
ok "a third box is opened, and a control ordered" eval 'open_door MSKU6011672 && within 15 is admin-1 "/v1/notices?container=MSKU6011672" "[.items[].kind] == [\"control\"]"'
third=$(message_of MSKU6011672 .id)
further_report()
{
	sealgate withdraw "$third" --reason "Opened for a drill" >"$TAP_FOLDER/told" 2>&1
	within 10 is admin-1 "/v1/messages?container=MSKU6011672" '[.items[].kind] == ["integrity-report", "integrity-report"]' &&
		id=$(get admin-1 "/v1/messages?container=MSKU6011672" '.items[1].id') && sealgate show "$id" --document | grep -q RETRACTED
}
ok "once a control stands, a further report with RETRACTED follows instead" further_report

# ---- arrival ----

arrival()
{
	printf '{ "kind": "arrival", "agreement": "%s", "mrn": "26NL0005101X7K2LF6" }' "$1"
}
# no_arrival PARTY AGREEMENT WORD: refused, and why
no_arrival()
{
	code=$(status "$1" POST /v1/containers/CSQU3054383/messages --data "$(arrival "$2")")
	test "$code" -ge 400 && grep -qi "$3" "$run/body" || { echo "$code"; cat "$run/body"; return 1; }
}
ok "where no arrivals were agreed on, none is made" no_arrival terminal-1 sandbox "arrival"
ok "an arrival without the declaration it is about is refused" eval 'code=$(status terminal-1 POST /v1/containers/CSQU3054383/messages --data "{ \"kind\": \"arrival\", \"agreement\": \"office\" }"); test "$code" -ge 400 && grep -qi mrn "$run/body"'
ok "a provider may not present goods" answers 403 provider-1 POST /v1/containers/CSQU3054383/messages --data "$(arrival office)"
ok "the terminal may, under the mandate" answers 202 terminal-1 POST /v1/containers/CSQU3054383/messages --data "$(arrival office)"
ok "it is sent" within 10 state_is CSQU3054383 arrival '["sent"]'
ok "an answer that comes in another authority's name is no answer to it, and says so" within 10 is admin-1 "/v1/notices?container=CSQU3054383" \
	'any(.items[]; .kind == "registered" and .peer == "sandbox" and .message == null and (.warnings | tostring | test("somebody else")))'
ok "nobody makes one by a tracker's word" eval 'post_event gate gate_in "$(at "-1 minute")" MSKU6011672 && within 5 quiet && state_is MSKU6011672 arrival "[]"'
ok "it names declaration and type" eval 'id=$(get admin-1 "/v1/messages?container=CSQU3054383" ".items[] | select(.kind == \"arrival\") | .id"); sealgate show "$id" --document >"$TAP_FOLDER/arrival.xml" &&
	grep -q 26NL0005101X7K2LF6 "$TAP_FOLDER/arrival.xml" && grep -q "<TypeCode>GPR</TypeCode>" "$TAP_FOLDER/arrival.xml"'

# ---- assurance ----

no_assurance()
{
	code=$(status carrier-1 POST "/v1/containers/$1/messages" --data '{ "kind": "assurance", "agreement": "sandbox" }')
	test "$code" -ge 400 && grep -qi "$2" "$run/body" || { echo "$code"; cat "$run/body"; return 1; }
}
ok "no assurance of a box with a finding" no_assurance MSKU6011672 "finding"
ok "a box that was hardly watched" eval 'file_journey J-4 HLXU4728125 && post_event p-1 position "$(at "-10 minutes")" HLXU4728125'
ok "no assurance of it, and why" eval 'within 10 is admin-1 /v1/containers/HLXU4728125 ".integrity.coverage != null" && no_assurance HLXU4728125 "cover"'
watched()
{
	for hours in 48 42 36 30 24 18 12 6 0; do event "w-$hours" position "$(at "-$hours hours")" HLXU4728125; done | jq -s . >"$run/events.json"
	call provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/events.json" &&
		within 10 is admin-1 /v1/containers/HLXU4728125 '(.integrity.coverage | tonumber) >= 90'
}
ok "then its tracker delivers what it had kept" watched
ok "now the carrier may have an assurance sent" answers 202 carrier-1 POST /v1/containers/HLXU4728125/messages --data '{ "kind": "assurance", "agreement": "sandbox" }'
ok "it is sent, and customs has it on file" within 10 is admin-1 "/v1/notices?container=HLXU4728125" '[.items[].kind] == ["accepted"]'
ok "of a box that no journey of his names nobody gets one" eval 'answers 404 terminal-1 POST /v1/containers/TCLU1234568/messages --data "{ \"kind\": \"assurance\" }"'
ok "the gateway stops when it is told to" gateway_stop
tap_end
