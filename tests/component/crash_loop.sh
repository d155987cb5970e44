#!/bin/sh
# kill -9 under load, again and again: every event that was acknowledged is there, once, and the store is whole. CRASHES says how
# often (4).
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
crashes=${CRASHES:-4}
mkdir "$TAP_FOLDER/told"

# lines ROUND POSTER NUMBER: twenty events
lines()
{
	line=0
	while [ "$line" -lt 20 ]; do
		echo "{ \"id\": \"r$1-p$2-n$3-$line\", \"type\": \"status\", \"time\": \"2016-02-03T01:00:00Z\", \"container\": \"CSQU3054383\", \"device\": { \"id\": \"d$2\" } }"
		line=$((line + 1))
	done
}

# Posts until the gateway is gone; what was acknowledged stands in told/, as ids.
post_until_it_dies()
{
	number=0
	while lines "$1" "$2" "$number" >"$TAP_FOLDER/body-$2" &&
		curl -sS --max-time 10 --cacert "$SEALGATE_CA" -H "Authorization: Bearer $(cat "$run/api-keys/provider-1.key")" \
			-H "Content-Type: application/x-ndjson" --data-binary "@$TAP_FOLDER/body-$2" -o "$TAP_FOLDER/answer-$2" "$url/v1/events" 2>/dev/null; do
		jq -r '.results[] | select(.status == 200 or .status == 201) | .id' "$TAP_FOLDER/answer-$2" >>"$TAP_FOLDER/told/$1-$2"
		number=$((number + 1))
	done
}

crash()
{
	gateway_start || return 1
	post_until_it_dies "$1" 1 &
	first=$!
	post_until_it_dies "$1" 2 &
	second=$!
	within 30 test -s "$TAP_FOLDER/told/$1-1" -a -s "$TAP_FOLDER/told/$1-2" || return 1
	sleep "0.$(($(od -An -N1 -tu1 /dev/urandom) % 10))"
	gateway_kill || return 1
	wait "$first" "$second"
}
round=1
while [ "$round" -le "$crashes" ]; do
	ok "kill -9 under load, $round" crash "$round"
	round=$((round + 1))
done
ok "the gateway starts again" gateway_start

# Every event that there is, page by page.
events()
{
	cursor=0 more=true
	: >"$TAP_FOLDER/events"
	while [ "$more" = true ]; do
		call provider-1 GET "/v1/events?limit=500&cursor=$cursor" >"$TAP_FOLDER/page" || return 1
		jq -r '.items[].id' "$TAP_FOLDER/page" >>"$TAP_FOLDER/events"
		cursor=$(jq -r .cursor "$TAP_FOLDER/page") more=$(jq -r .more "$TAP_FOLDER/page")
	done
	sort "$TAP_FOLDER/events" >"$TAP_FOLDER/sorted"
	test -s "$TAP_FOLDER/sorted"
}
ok "what is stored can be read" within 10 events
nothing_twice()
{
	uniq -d "$TAP_FOLDER/sorted" >"$TAP_FOLDER/twice"
	test ! -s "$TAP_FOLDER/twice" || { head "$TAP_FOLDER/twice"; return 1; }
}
ok "nothing is there twice" nothing_twice
nothing_lost()
{
	cat "$TAP_FOLDER"/told/* | sort -u >"$TAP_FOLDER/acknowledged"
	echo "$(wc -l <"$TAP_FOLDER/acknowledged") acknowledged, $(wc -l <"$TAP_FOLDER/sorted") stored"
	comm -23 "$TAP_FOLDER/acknowledged" "$TAP_FOLDER/sorted" >"$TAP_FOLDER/lost"
	test -s "$TAP_FOLDER/acknowledged" && test ! -s "$TAP_FOLDER/lost" || { head "$TAP_FOLDER/lost"; return 1; }
}
ok "what was acknowledged is there" nothing_lost

# A batch is stored whole or not at all: its twenty are one write.
whole_batches()
{
	sed 's/-[0-9]*$//' "$TAP_FOLDER/sorted" | sort | uniq -c | awk '$1 != 20 { print; bad = 1 } END { exit bad }'
}
ok "each request was stored whole" whole_batches
said_again()
{
	lines 1 1 0 | jq -s . >"$TAP_FOLDER/body"
	call provider-1 POST /v1/events --data-binary "@$TAP_FOLDER/body" | jq -e '.stored == 0 and .repeated == 20'
}
ok "who sends the first request again is told that it is stored" said_again
ok "the container was assessed" within 30 eval 'call admin-1 GET /v1/status | jq -e ".pending.containers == 0 and .stored[\"containers.held\"] == 0"'
ok "and the gateway stops when it is told to" gateway_stop
tap_end
