#!/bin/sh
# COUNT (10,000) clients connect over plain HTTP and then say nothing, or nothing more: they cost less than 100 MB, and others are answered.
# A connection that has been asked something holds as much as listen.header allows, so that this one is smaller in the second run.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
. "$SOURCE_DIR/tests/component/crowd.sh"
gateway_needs
tap_needs prlimit
crowd_needs
count=${COUNT:-10000}
[ "$("$crowd" files)" -gt $((count + 1000)) ] || tap_skip_all "only $("$crowd" files) files may be open"
tap_folder
gateway_folder || exit 99
gateway_plain "connections: $((count + 500))" 'connections_per_address: 1000' || exit 99

# idle silent|asked
idle()
{
	figures=$TAP_FOLDER/$1
	"$crowd" idle "$port" "$(cat "$run/gateway.pid")" "$count" 900 "$1" >"$figures"
}
# rests NAME SECONDS: what is true of clients that are cut after so many seconds: who came first may be gone where all took so long to come
rests()
{
	figures=$TAP_FOLDER/$1
	jq -r '"# \(.open) open after \(.seconds) s, memory \(.rss_before_kib) KiB, then \(.rss_kib) KiB"' "$figures"
	ok "$1: they are all there" shown ".open == .count or .seconds > $2"
	ok "$1: another one is answered" shown '.status == 200'
	within_memory "$1: the process has less than 100 MB" '.rss_kib * 1024 < 100000000'
}
few_files()
{
	start gateway prlimit --nofile=1024: sealgated --config "$run/sealgate.yaml"
}
ok "the gateway starts where 1024 files may be open at first" few_files
ok "silent: $count clients connect" idle silent
[ "$tap_failed" -eq 0 ] || tap_end
rests silent 8
ok "the gateway stops" gateway_stop
sed -i 's/^listen:/listen:\n  header: 4KiB/' "$run/sealgate.yaml"
ok "the gateway starts again" gateway_start
ok "asked: $count clients ask once" idle asked
[ "$tap_failed" -eq 0 ] || tap_end
rests asked 25
ok "asked: each was answered" shown '.answered == .count'
ok "the gateway stops when it is told to" gateway_stop
tap_end
