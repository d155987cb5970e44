#!/bin/sh
# soak.sh: the component tests again and again, each with more of everything, for SOAK_MINUTES (60). A line a round; at the end a report in
# words, and in soak.json, one object a line. `make soak` runs it; exit code 1 where anything failed.
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD_DIR=${BUILD_DIR:-$SOURCE_DIR/build}
export SOURCE_DIR BUILD_DIR
minutes=${SOAK_MINUTES:-60} began=$(date +%s) rounds=0 checks=0 failed=0
report=$BUILD_DIR/soak.json log=$BUILD_DIR/soak.log
: >"$report"
: >"$log"

# round NAME [VARIABLE=VALUE...]: one script, with these
round()
{
	name=$1
	shift
	[ $(($(date +%s) - began)) -lt $((minutes * 60)) ] || return 0
	from=$(date +%s)
	env "$@" sh "$SOURCE_DIR/tests/component/$name.sh" >"$log.round" 2>&1
	good=$(grep -ac '^ok ' "$log.round") bad=$(grep -ac '^not ok ' "$log.round")
	grep -aq '^1\.\.' "$log.round" || bad=$((bad + 1))  # it did not come to its end
	[ "$bad" -eq 0 ] || cat "$log.round" >>"$log"
	rounds=$((rounds + 1)) checks=$((checks + good + bad)) failed=$((failed + bad))
	printf '{"round":%d,"test":"%s","passed":%d,"failed":%d,"seconds":%d}\n' "$rounds" "$name" "$good" "$bad" $(($(date +%s) - from)) | tee -a "$report"
}

while [ $(($(date +%s) - began)) -lt $((minutes * 60)) ]; do
	round store_faults FAULTS=$((11 + rounds % 7))  # other places in each round
	round crash_loop CRASHES=12
	round peer_cuts BYTES=$((17 + rounds % 13)) WAIT=240
	round as4_crash COUNT=120 CRASHES=16
	round overload SECONDS_EACH=20
	round dead_peer BOXES=60 SLOW=25
	round idle_connections
	round slow_clients COUNT=120
	[ "$rounds" -gt 4 ] || round memory_faults STEP=1
done
printf '{"rounds":%d,"checks":%d,"failed":%d,"minutes":%d}\n' "$rounds" "$checks" "$failed" $((($(date +%s) - began) / 60)) >>"$report"
rm -f "$log.round"
echo "soak: $rounds rounds in $((($(date +%s) - began) / 60)) minutes, $checks checks, $failed failed; $report has each round$([ "$failed" -eq 0 ] || echo ", $log what failed")"
[ "$failed" -eq 0 ]
