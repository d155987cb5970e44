#!/bin/sh
# One opening is reported over AS4 to a dozen hubs at once. Each misbehaves in its own way, as sealgate-sandbox can be told to; one is
# killed meanwhile. Every report takes effect once and has its receipt, every question comes once, nothing that is wrong is taken, and
# each hub's onboarding report finds that the gateway broke no rule.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder "$TAP_FOLDER/run" hub || exit 99
box=CSQU3054383

# hub NAME SCENARIO [push|pull]: a hub of its own party, and the agreement with it. What it asks comes late enough for the receipt to
# be there before: an answer would prove that the report has arrived, too.
hub()
{
	sed -e "s,^documents:.*,documents: customs/$1," -e "s,id: hub-sandbox,id: hub-$1," -e "s,^clock:.*,clock: real\nanswer_after: 3s," \
		-e "s,^  retry:.*,  retry: { every: 300ms }\n  store: hub/$1," "$run/sandbox.yaml" >"$run/sandbox-$1.yaml"
	hub_start "$1" "$2" 0 || return 1
	hub_url=$(sed -n 's/.*ready on //p' "$run/log/$1.out" | sed 's/127.0.0.1/localhost/')
	sed -e "s,https://localhost:$((port + 1)),$hub_url,g" -e "s,id: hub-sandbox,id: hub-$1," -e '/^retry:/d' \
		-e 's,private_hosts: . localhost .,&\, total_time: 2s,' "$run/hub.example" >"$run/agreements/$1.yaml"
	echo "retry: { first: 100ms, longest: 500ms }" >>"$run/agreements/$1.yaml"
	[ "${3:-push}" = push ] || sed -i 's,^as4:,as4:\n  pull: { every: 200ms },' "$run/agreements/$1.yaml"
}
hub_start()
{
	start "$1" sealgate-sandbox --config "$run/sandbox-$1.yaml" --port "$3" --scenario "$2"
}
hubs()
{
	rm "$run/agreements/sandbox.yaml" && mv "$run/agreements/hub.yaml" "$run/hub.example" && mkdir -p "$run/customs" "$run/hub" || return 1
	hub good good && hub proxy html-502=2 && hub silent receipt-none && hub digest receipt-wrong-digest && hub unsigned receipt-unsigned &&
		hub late receipt-late=3 && hub twice push-twice && hub path pkipath-leaf-first && hub double two-signatures && hub stray stray-part &&
		hub channel wrong-mpc && hub reject reject && hub stop registered,do-not-load && hub pull pull pull &&
		hub patient pull,two-signatures pull && hub killed receipt-none=3
}
ok "sixteen hubs are there" hubs
ok "the configuration is good" sealgate check --config "$run/sealgate.yaml"
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end
names=$(cd "$run/hub" && echo *)
refused "no second hub on the same folder" sealgate-sandbox --config "$run/sandbox-good.yaml" --port 0

# ---- a test message, and one opening ----

ok "a ping is confirmed" eval 'sealgate ping good | grep holds'
ok "a journey and an opening are taken" open_door "$box"

of()
{
	is admin-1 "/v1/messages?container=$box&limit=500" ".items[] | select(.agreement == \"$1\") | $2"
}
notices()
{
	is admin-1 "/v1/notices?container=$box&limit=500" "[.items[] | select(.peer == \"$1\") | .kind] == $2"
}
journal()
{
	jq -es "$2" "$run/hub/$1/journal.jsonl"
}
killed_twice()
{
	killed_port=$(sed -n 's/.*ready on .*://p' "$run/log/killed.out")
	for _ in 1 2; do
		sleep 0.4
		stop killed KILL
		hub_start killed receipt-none=3 "$killed_port" || return 1
	done
}
ok "a hub is killed twice meanwhile" killed_twice
all_sent()
{
	is admin-1 "/v1/messages?container=$box&limit=500" '(.items | length) == 16 and all(.items[]; .state == "sent")'
}
ok "every report is sent" within 40 all_sent
for name in $names; do
	case $name in
	reject) kinds='["rejected"]' ;;
	stop) kinds='["registered", "do_not_load", "question"]' ;;
	*) kinds='["question"]' ;;
	esac
	ok "$name: $kinds, once" within 20 notices "$name" "$kinds"
	ok "$name took the report once, under the id that it has here" journal "$name" \
		"[.[] | select(.what == \"taken\" and .action == \"SCI001\")] | length == 1 and .[0].lrn == \"$(get admin-1 "/v1/messages?container=$box&limit=500" \
			".items[] | select(.agreement == \"$name\") | .id")\""
	ok "$name has a good receipt for whatever it sent" within 10 journal "$name" '([.[] | select(.what == "receipt") | .message] | unique | length) ==
		([.[] | select(.what == "taken") | .out | length] | add)'
	receipt=accepted
	if [ "$name" = digest ]; then receipt=answer; fi   # a receipt that does not hold ends the tries; the question proves the delivery
	ok "$name: the gateway has its receipt" is admin-1 "/v1/messages/$(get admin-1 "/v1/messages?container=$box&limit=500" \
		".items[] | select(.agreement == \"$name\") | .id")/attempts" "[.receipts[].kind] | index(\"$receipt\")"
done

# ---- what each of them makes of it ----

told()
{
	sealgate-sandbox --report --config "$run/sandbox-$1.yaml" >"$TAP_FOLDER/report"
}
for name in $names; do
	ok "$name finds no broken rule" eval 'told "$name" && grep -q "No rule was broken" "$TAP_FOLDER/report" || { cat "$TAP_FOLDER/report"; exit 1; }'
done
ok "good: one try, and the ping" journal good '([.[] | select(.what == "taken") | .action] | sort) == ["SCI001", "ping"] and all(.[]; .what != "repeat")'
for name in silent unsigned late killed; do
	ok "$name: the same octets again, under the stored receipt" journal "$name" 'any(.[]; .what == "repeat") and any(.[]; .what == "taken")'
done
ok "twice: pushed twice, with one receipt each" journal twice '([.[] | select(.what == "receipt")] | length) == 2'
for pair in path:pkipath-leaf-first double:two-signatures stray:stray-part channel:wrong-mpc; do
	ok "${pair%:*}: what is wrong is refused with an error" eval "told ${pair%:*} && grep -q 'refused: ${pair#*:}\\.' \"$TAP_FOLDER/report\""
done
ok "patient: what was pulled and wrong is refused, and pulled again" journal patient '([.[] | select(.what == "sent")] | length) >= 2 and
	any(.[]; .what == "empty-pull")'
ok "the gateway stops when it is told to" gateway_stop
tap_end
