#!/bin/sh
# kill -9 of a gateway and of the sandbox's hub, again and again, while the one reports and the other asks: each report and each question
# takes effect once, and each has its verified receipt. COUNT says how many (60), CRASHES how often somebody is killed (8).
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
count=${COUNT:-60} crashes=${CRASHES:-8}
gateway_folder "$TAP_FOLDER/run" hub || exit 99
rm "$run/agreements/sandbox.yaml"
sed -i -e 's/^retry:.*/retry: { first: 100ms, longest: 500ms }/' -e 's/^breaker:.*/breaker: { failures: 100 }/' \
	-e 's/private_hosts: . localhost ./&, total_time: 5s/' "$run/agreements/hub.yaml"
sed -i -e 's/^clock:.*/clock: real\nanswer_after: 10ms/' -e 's/^  retry:.*/  retry: { every: 200ms, tries: 1000, receipt_within: 5s }/' "$run/sandbox.yaml"
hub_start()
{
	start sandbox sealgate-sandbox --config "$run/sandbox.yaml"
}
hub_kill()
{
	stop sandbox KILL
	test $? -eq 137
}
ok "the configuration is good" sealgate check --config "$run/sealgate.yaml"
ok "the hub starts" hub_start
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end

container_numbers "$count" >"$TAP_FOLDER/numbers"
file_journeys()
{
	while read -r number; do
		journey "$number" | jq -c --arg id "J-$number" '{ id: $id } + .'
	done <"$TAP_FOLDER/numbers" >"$TAP_FOLDER/journeys"
	post_lines carrier-1 /v1/journeys "$TAP_FOLDER/journeys" | jq -e ".stored == $count" >/dev/null
}
ok "$count journeys are filed" file_journeys

# The share of round $1: openings that lead to reports.
open_some()
{
	time=$(at '-5 minutes')
	sed -n "$((($1 - 1) * count / crashes + 1)),$(($1 * count / crashes))p" "$TAP_FOLDER/numbers" | while read -r number; do
		event "open-$number" door_opened "$time" "$number" | jq -c .
	done >"$TAP_FOLDER/events"
	post_lines provider-1 "/v1/events?provider=tracker-1" "$TAP_FOLDER/events" | jq -e ".stored > 0" >/dev/null
}
# Soon enough that most of them, or what they are answered with, are still on their way.
crash()
{
	open_some "$1" && sleep "0.$((1 + $(od -An -N1 -tu1 /dev/urandom) % 5))" && "${2}_kill" && "${2}_start"
}
round=1
while [ "$round" -le "$crashes" ]; do
	if [ $((round % 2)) -eq 1 ]; then side=hub; else side=gateway; fi
	ok "reports, and kill -9 of the $side, $round" crash "$round" "$side"
	round=$((round + 1))
done

all_sent()
{
	every /v1/messages .state | sort | uniq -c | tee "$TAP_FOLDER/states" | grep -qx " *$count sent" && test "$(wc -l <"$TAP_FOLDER/states")" -eq 1 ||
		{ cat "$TAP_FOLDER/states"; return 1; }
}
ok "in the end each of $count reports is sent" within 120 all_sent
every /v1/messages .id | sort >"$TAP_FOLDER/messages"
# What stands in the journal before the end of the process, each line or not.
journal()
{
	jq -R 'fromjson? // empty' "$run/hub/journal.jsonl" | jq -rs "$1"
}
taken_once()
{
	journal '.[] | select(.what == "taken").lrn' | sort >"$TAP_FOLDER/taken" && test -s "$TAP_FOLDER/taken" &&
		{ cmp "$TAP_FOLDER/messages" "$TAP_FOLDER/taken" || { diff "$TAP_FOLDER/messages" "$TAP_FOLDER/taken" | head; return 1; }; }
}
ok "each took effect at the hub, once" taken_once
questions_confirmed()
{
	journal '([.[] | select(.what == "receipt").message] | unique) == ([.[] | select(.what == "taken").out[].message] | sort)' | grep -qx true
}
ok "each question has its receipt" within 60 questions_confirmed
asked_once()
{
	every /v1/notices 'select(.kind == "question").message' | sort >"$TAP_FOLDER/asked"
	cmp "$TAP_FOLDER/messages" "$TAP_FOLDER/asked" || { diff "$TAP_FOLDER/messages" "$TAP_FOLDER/asked" | head; return 1; }
}
ok "each question came to the gateway, once" within 20 asked_once
confirmed()
{
	while read -r id; do
		is admin-1 "/v1/messages/$id/attempts" 'any(.receipts[]; .kind == "accepted" or .kind == "answer")' || return 1
	done <"$TAP_FOLDER/messages"
}
ok "each report is confirmed by a receipt or by the question" confirmed
ok "the hub's report finds no broken rule but pushes that nobody was there to answer" eval 'sealgate-sandbox --report --config "$run/sandbox.yaml" \
	>"$TAP_FOLDER/report" && ! grep -E "^    [a-z-]+, [0-9]+ times?" "$TAP_FOLDER/report" | grep -v "^    answer, "'
echo "# $(journal '[.[] | select(.what == "sent")] | length') tries of the hub; $(journal '[.[] | select(.what == "repeat")] | length') repeats of the gateway"
ok "the gateway stops when it is told to" gateway_stop
ok "the hub too" sandbox_stop
tap_end
