#!/bin/sh
# One opening is reported to a dozen authorities at once. Each misbehaves in its own way, as sealgate-sandbox can be told to; one is dead,
# and one is waited for until a person has agreed. What becomes of each message is as DESIGN and sealgate-states(7) say.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
box=CSQU3054383

authorities()
{
	peer good good && peer errors errors-500 && peer busy busy-429 && peer silence silence && peer slow slow=2 && peer reject reject &&
		peer documents documents && peer question question,release && peer hold hold && peer mute no-answer && peer twice duplicate-answers &&
		peer unsigned unsigned-answers && peer forged wrongly-signed-answers && peer disorder out-of-order-answers,question,release &&
		peer pull pull && peer code good || return 1
	sed -i 's,^  push:.*,  pull: { every: 200ms },' "$run/agreements/pull.yaml"
	sed -i 's,grant: client_credentials,grant: authorization_code,' "$run/agreements/code.yaml"
	sed 's,^  url:.*,  url: https://localhost:1,' "$run/agreements/good.yaml" >"$run/agreements/dead.yaml"  # its token server lives
}
ok "sixteen authorities are there" authorities
ok "the configuration is good" sealgate check --config "$run/sealgate.yaml"
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end

# ---- one opening ----

ok "a journey and an opening are taken" open_door "$box"

# of PEER EXPRESSION: true of the message to this peer
of()
{
	is admin-1 "/v1/messages?container=$box&limit=500" ".items[] | select(.agreement == \"$1\") | $2"
}
id_of()
{
	get admin-1 "/v1/messages?container=$box&limit=500" ".items[] | select(.agreement == \"$1\") | .id"
}
# tries PEER EXPRESSION, notices PEER EXPRESSION: of its message's attempts; of the list of its notices, in order
tries()
{
	is admin-1 "/v1/messages/$(id_of "$1")/attempts" "$2"
}
notices()
{
	is admin-1 "/v1/notices?container=$box&limit=500" "[.items[] | select(.peer == \"$1\")] | $2"
}
documents()
{
	is admin-1 "/v1/documents?limit=500" "[.items[] | select(.peer == \"$1\")] | $2"
}
# Customs has the report under one id, as the gateway keeps it, and nothing else.
has_it_once()
{
	id=$(id_of "$1")
	call admin-1 GET "/v1/messages/$id/document" | cmp - "$run/customs/$1/$id.xml" &&
		test "$(find "$run/customs/$1" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' | wc -l)" -eq 1
}
everybody_has_it()
{
	is admin-1 "/v1/messages?container=$box&limit=500" '[.items[] | select(.state != "sent") | .agreement] | sort == ["code", "dead"]'
}
ok "the good one answers within a second or two, whatever the others do" within 5 notices good '[.[].kind] == ["control"]'
ok "everybody has the report but the dead one, and the one that nobody agreed to" within 30 everybody_has_it
for name in good errors busy silence slow reject documents question hold mute twice unsigned forged disorder pull; do
	ok "$name has it once" has_it_once "$name"
done

ok "good: one try, a receipt, a control" eval 'tries good "(.items | length == 1) and .items[0].status == 202 and ([.receipts[].kind] | index(\"accepted\"))"'
ok "errors: 500, 500, then taken" tries errors '[.items[].status] == [500, 500, 202]'
ok "errors: a control follows" within 10 notices errors '[.[].kind] == ["control"]'
ok "busy: 429, 429, then taken" tries busy '[.items[].status] == [429, 429, 202]'
waits_as_told()
{
	tries busy '[.items[].started | sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601] | (.[2] - .[0]) >= 2'
}
ok "busy: Retry-After is kept" waits_as_told
ok "silence: no try was answered" tries silence '(.items | length >= 1) and all(.items[]; .outcome == "unknown")'
ok "silence: the answer proved it" within 10 notices silence '[.[].kind] == ["control"]'
ok "silence: no receipt says accepted" tries silence '[.receipts[] | select(.kind == "accepted")] == []'
ok "slow: the answer came before the receipt" eval 'tries slow ".items | length == 1" && notices slow "[.[].kind] == [\"control\"]"'
ok "reject: rejected, and where and why" within 10 notices reject '[.[].kind] == ["rejected"] and (.[0].errors[0] | .code == "SBX90000" and
	(.source | length > 0) and (.element | length > 0))'
ok "documents: asked for, until when" within 10 notices documents '[.[].kind] == ["documents_requested"] and (.[0].respond_by | length > 0)'
ok "hold: on hold, until it is released" within 10 notices hold '[.[].kind] == ["hold"] and .[0].lifted_by == null'
ok "question: asked, then released, and lifted" within 10 notices question '([.[].kind] | sort) == ["question", "release", "release"] and
	all(.[] | select(.kind == "question"); .lifted_by != null)'
ok "mute: sent, and no answer" eval 'notices mute "length == 0" && of mute ".state == \"sent\""'
ok "twice: two documents came, one notice" within 10 notices twice '[.[].kind] == ["control"]'
ok "unsigned: the answer is kept and refused" within 10 documents unsigned '[.[].state] == ["refused"]'
ok "unsigned: nothing is believed" notices unsigned 'length == 0'
ok "forged: the answer is kept and refused" within 10 documents forged '[.[].state] == ["refused"]'
ok "forged: nothing is believed" notices forged 'length == 0'
ok "pull: the control was fetched" within 10 notices pull '[.[].kind] == ["control"]'
ok "disorder: all three come, and the box is not stopped" within 15 notices disorder '([.[].kind] | sort) == ["question", "release", "release"] and
	all(.[] | select(.kind == "question"); .lifted_by != null)'
ok "what was refused is told to the operator" eval 'sealgate status >"$TAP_FOLDER/told"; grep -qi "refused" "$TAP_FOLDER/told"'

# ---- the dead one ----

ok "dead: not sent, tried again and again" within 10 of dead '.state == "waiting" and .attempts >= 2'
second_box()
{
	open_door TRHU2163080 && within 5 is admin-1 "/v1/messages?container=TRHU2163080" '[.items[] | select(.agreement == "good") | .state] == ["sent"]'
}
ok "a second box's report reaches the living as fast" second_box
ok "an operator resends to it, and it stays the same message" eval 'id=$(id_of dead); sealgate resend "$id" >/dev/null; within 5 of dead ".id == \"$id\" and .state == \"waiting\""'

# ---- authorization code ----

ok "code: waits until somebody agrees" of code '.state != "sent" and .attempts == 0'
agree()
{
	sealgate authorize code </dev/null >"$TAP_FOLDER/authorize" 2>&1
	address=$(grep -o 'https://[^ ]*/oauth/authorize?[^ ]*' "$TAP_FOLDER/authorize") || { cat "$TAP_FOLDER/authorize"; return 1; }
	curl -sS --cacert "$run/tls/ca.pem" "$address" >"$TAP_FOLDER/page"
	code=$(grep -oE '[A-Za-z0-9_-]{20,}' "$TAP_FOLDER/page" | tail -n 1)  # what it shows, beside sentences
	sealgate authorize code --code "$code" || { cat "$TAP_FOLDER/authorize" "$TAP_FOLDER/page"; return 1; }
}
told_of_authorization()
{
	sealgate authorize code --code no-such-code && within 5 grep -q '"what":"authorization","id":"code".*no access token' "$run/log/gateway.log"
}
ok "code: what came of a wrong code is told" told_of_authorization
ok "code: a person agrees" agree
ok "code: then it is sent" within 10 of code '.state == "sent"'
ok "code: what waited behind it too" within 10 is admin-1 "/v1/messages?container=TRHU2163080" 'any(.items[]; .agreement == "code" and .state == "sent")'
ok "code: and the second box's report, each once" test "$(find "$run/customs/code" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' | wc -l)" -eq 2
refreshed()
{
	gateway_restart && open_door MSKU6011672 &&
		within 10 is admin-1 "/v1/messages?container=MSKU6011672" '[.items[] | select(.agreement == "code") | .state] == ["sent"]' &&
		grep -q "by refresh_token" "$run/log/code.log"
}
ok "code: after a restart the refresh token does, and nobody is asked" refreshed
ok "the gateway stops when it is told to" gateway_stop
tap_end
