#!/bin/sh
# The gateway is killed at its Nth write or fsync, its disk fails at the Nth one or is full, its clock jumps. After each it is started
# again on what there is. In the end every event that was acknowledged is there once, every report took effect once at customs, the
# store's own check is clean, and the gateway's log told what happened.
#
# FAULTS says at how many places, spread over a run's writes, each kind of failure strikes (3); 0: at all of them, one after the other,
# until a run ends untouched. KINDS names the failures (kill torn eio enospc).
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
[ -s "$BUILD_DIR/tests/component/fault.so" ] || tap_skip_all "fault.so is not built"
tap_folder
gateway_folder || exit 99
faults=${FAULTS:-3} kinds=${KINDS:-kill torn eio enospc}
: >"$TAP_FOLDER/boxes"
: >"$TAP_FOLDER/acknowledged"
sed -i '/^retry:/d' "$run/agreements/sandbox.yaml"
echo "retry: { first: 100ms, longest: 500ms }" >>"$run/agreements/sandbox.yaml"
then=$(at '-2 hours')
container_numbers 999 >"$TAP_FOLDER/numbers"

# gateway_with NAME=VALUE...: starts it with these faults
gateway_with()
{
	start gateway env LD_PRELOAD="$BUILD_DIR/tests/component/fault.so" FAULT_FILES=/sealgate.db FAULT_COUNT="$TAP_FOLDER/writes" "$@" \
		sealgated --config "$run/sealgate.yaml"
}
has_ended()
{
	[ -s "$run/log/gateway.code" ]
}
# put METHOD PARTY PATH FILE: 0: acknowledged
put()
{
	put_code=$(status "$2" "$1" "$3" --data "@$4" 2>/dev/null)
	[ "$put_code" = 200 ] || [ "$put_code" = 201 ] || { echo "$put_code" >>"$TAP_FOLDER/refusals"; return 1; }
}
# One box: its journey, two events, and what the gateway makes of it until all is quiet; or as far as it gets.
file_box()
{
	journey "$1" >"$run/journey.json"
	put PUT carrier-1 "/v1/journeys/J-$1" "$run/journey.json" || [ "$put_code" = 428 ] || return 1  # 428: it is there
	for type in position door_opened; do
		event "$type-$1" "$type" "$then" "$1" >"$run/event.json"
		put POST provider-1 "/v1/events?provider=tracker-1" "$run/event.json" || return 1
		echo "$type-$1" >>"$TAP_FOLDER/acknowledged"
	done
}
rests()
{
	if has_ended; then return 0; fi
	quiet
}
next_box()
{
	box=$(sed -n "$(($(wc -l <"$TAP_FOLDER/boxes") + 1))p" "$TAP_FOLDER/numbers")
	echo "$box" >>"$TAP_FOLDER/boxes"
}
# strike KIND N: a run with this fault, and one without that goes on with it. `struck` tells whether it came to that.
strike()
{
	struck=yes
	rm -f "$TAP_FOLDER/writes"
	log_had=$(wc -l <"$run/log/gateway.log")
	next_box
	if gateway_with FAULT_KIND="$1" FAULT_AT="$2"; then
		file_box "$box"
		within 20 rests || return 1
		gateway_stop 2>/dev/null
	fi
	tail -n +"$((log_had + 1))" "$run/log/gateway.log" | grep -q '^fault: ' || struck=no
	[ "$struck" = yes ] || [ "$faults" -eq 0 ] || { echo "the run ended untouched, after $(cat "$TAP_FOLDER/writes") writes"; return 1; }
	said "$1" "$log_had" || return 1
	"$BUILD_DIR/tests/component/store_check" "$run/data" && gateway_start || return 1
	file_box "$box" || { echo "what is sent again is not taken: $put_code"; cat "$run/body"; return 1; }
	within 20 quiet || return 1
	gateway_stop
}
# A process that is killed says nothing; a failing disk is named, and nothing ends without a word. What fails while the store is closed,
# behind the last write that anybody waits for, costs nothing: the next start finds it in the log that SQLite writes ahead.
said()
{
	case $1 in kill | torn) return 0 ;; esac
	[ "$struck" = yes ] || return 0
	tail -n +"$(($2 + 1))" "$run/log/gateway.log" >"$TAP_FOLDER/log"
	sed -n '/finishing what is under way/,$p' "$TAP_FOLDER/log" | grep -q '^fault: ' && return 0
	grep -qE 'disk I/O error|no space left|disk is full|closed its transaction' "$TAP_FOLDER/log" ||
		{ echo "the log tells nothing of it:"; tail -n 5 "$TAP_FOLDER/log"; return 1; }
}

ok "customs is there" sandbox_start
untouched()
{
	next_box
	gateway_with FAULT_AT=0 && file_box "$box" && within 20 quiet && gateway_stop
}
ok "a run without a fault makes the store" untouched
ok "another one counts the writes" untouched
[ "$tap_failed" -eq 0 ] || tap_end
writes=$(cat "$TAP_FOLDER/writes")
echo "# $writes writes and syncs in a run"

for kind in $kinds; do
	step=$((faults > 0 ? writes * 2 / 3 / faults : 1)) struck=yes  # a run has more or less of them, as its batches fall
	n=$((1 + step / 2)) tries=0
	while [ "$struck" = yes ] && { [ "$faults" -eq 0 ] || [ "$tries" -lt "$faults" ]; }; do
		if strike "$kind" "$n" >"$TAP_FOLDER/strike" 2>&1; then
			ok "$kind at write $n" true
		else
			ok "$kind at write $n" eval 'cat "$TAP_FOLDER/strike"; false'
			gateway_stop
		fi
		n=$((n + step)) tries=$((tries + 1))
	done
done

# ---- a full disk ----

full()
{
	touch "$TAP_FOLDER/full"
	event "full-1" position "$(at '-4 minutes')" "$(tail -n 1 "$TAP_FOLDER/boxes")" >"$run/full.json"
	code=$(status provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/full.json" -D "$TAP_FOLDER/headers")
	[ "$code" = 503 ] && grep -qi '^retry-after: [1-9]' "$TAP_FOLDER/headers" && grep -q "no space left" "$run/body" ||
		{ echo "answered $code"; cat "$TAP_FOLDER/headers" "$run/body"; return 1; }
}
ok "the gateway starts on a disk with room" gateway_with FAULT_WHILE="$TAP_FOLDER/full"
ok "on a full disk it answers 503, with Retry-After and why" full
ok "and is not ready" eval 'test "$(status admin-1 GET /readyz)" = 503'
ok "it lives, and reads" is provider-1 "/v1/events?type=position" '.items | length > 0'
ok "its log says so" grep -q "no space left" "$run/log/gateway.log"
taken_again()
{
	rm -f "$TAP_FOLDER/full"
	within 10 put POST provider-1 "/v1/events?provider=tracker-1" "$run/full.json" && echo full-1 >>"$TAP_FOLDER/acknowledged"
}
ok "with room again it takes the same event, by itself" taken_again
ok "and is ready" within 15 answers 200 admin-1 GET /readyz
ok "it stops" gateway_stop

# ---- the clock ----

# clock_is MILLISECONDS from the true time; the library looks ten times a second
clock_is()
{
	echo "$1" >"$TAP_FOLDER/clock" && sleep 0.2
}
answered()
{
	is admin-1 "/v1/notices?container=$(tail -n 1 "$TAP_FOLDER/boxes")" '.items | length == 1'
}
box_is_reported()
{
	next_box && file_box "$box" && within 20 quiet && is admin-1 "/v1/messages?container=$box" '[.items[].state] == ["sent"]'
}
# It has met a gateway that was away, and would wait for longer and longer.
ok "customs starts anew" eval 'sandbox_stop; sandbox_start'
echo 0 >"$TAP_FOLDER/clock"
ok "the gateway starts with the true time" gateway_with FAULT_CLOCK="$TAP_FOLDER/clock"
ok "a box is reported" box_is_reported
ok "an hour forward: the next box is reported, and answered" eval 'clock_is 3600000 && box_is_reported && within 20 answered'
ok "status has nothing to complain of" sealgate status --key-file "$run/api-keys/admin-1.key"
customs_by_itself()
{
	sandbox_stop
	sed -i 's/^clock:.*/clock: real/' "$run/sandbox.yaml" && sandbox_start
}
ok "customs, whose clock followed the reports, keeps to its own" customs_by_itself
ok "an hour back: what is filed then is taken, and reported" eval 'clock_is -3600000 && box_is_reported'
# Customs signed in what is now the future. That is refused, and told; customs tries again.
ok "an answer out of the future is refused, and the log says why" within 10 grep -q 'refused: SigningTime .* lies in the future' "$run/log/gateway.log"
ok "with the true time again it is taken" eval 'clock_is 0 && within 20 answered'
ok "the gateway stops" gateway_stop

# ---- what came of all that ----

ok "the gateway starts once more" gateway_start
every()
{
	cursor=0 more=true
	while [ "$more" = true ]; do
		call "$1" GET "$2?limit=500&cursor=$cursor" >"$TAP_FOLDER/page" || return 1
		jq -r ".items[] | $3" "$TAP_FOLDER/page"
		cursor=$(jq -r .cursor "$TAP_FOLDER/page") more=$(jq -r .more "$TAP_FOLDER/page")
	done
}
events_once()
{
	every provider-1 /v1/events .id | sort >"$TAP_FOLDER/events" && sort -u "$TAP_FOLDER/acknowledged" >"$TAP_FOLDER/told"
	cmp "$TAP_FOLDER/told" "$TAP_FOLDER/events" || { diff "$TAP_FOLDER/told" "$TAP_FOLDER/events" | head; return 1; }
	test -s "$TAP_FOLDER/events"
}
ok "every acknowledged event is there, once" events_once
reports_once()
{
	find "$run/customs" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' -exec basename {} .xml \; | sort >"$TAP_FOLDER/customs.ids"
	every admin-1 /v1/messages '"\(.id) \(.container) \(.state)"' | sort >"$TAP_FOLDER/messages"
	cut -d' ' -f1 "$TAP_FOLDER/messages" | cmp - "$TAP_FOLDER/customs.ids" || return 1
	cut -d' ' -f2 "$TAP_FOLDER/messages" | sort | uniq -c | awk '$1 != 1 { print; bad = 1 } END { exit bad }' || return 1
	grep -v ' sent$' "$TAP_FOLDER/messages" && return 1
	cut -d' ' -f2 "$TAP_FOLDER/messages" | sort >"$TAP_FOLDER/reported"
	grep -o 'door_opened-.*' "$TAP_FOLDER/acknowledged" | sed 's/.*-//' | sort -u | cmp - "$TAP_FOLDER/reported"
}
ok "every opening is one report, and customs has each once" within 20 reports_once
only_the_refused_answer()
{
	sealgate status --key-file "$run/api-keys/admin-1.key" >"$TAP_FOLDER/status"
	is admin-1 /v1/status '.stored | ."documents.refused" == 1 and ([to_entries[] | select(.key | test("failed|held|unknown|untied|disabled")) | .value] | add) == 0' &&
		grep -q "documents of customs were refused" "$TAP_FOLDER/status"
}
ok "status complains of the answer that was refused, and of nothing else" only_the_refused_answer
ok "the gateway stops" gateway_stop
ok "the store's own check is clean" "$BUILD_DIR/tests/component/store_check" "$run/data"
tap_end
