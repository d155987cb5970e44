#!/bin/sh
# Fuzzes each target for a while, one after the other, with clang's libFuzzer under ASan and UBSan:
#
#   tests/fuzz/run.sh SECONDS [TARGET...]
#
# Builds in build-fuzz/. New inputs gather in build-fuzz/seeds/<target>/; what breaks a target is left in build-fuzz/ as
# <target>-crash-...: mend it, and put a small form of it into tests/fuzz/seeds/<target>/.
set -e
source=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
[ $# -gt 0 ] || set -- json event xml signature mapping_run mapping_load config mime as4 token receipt as4_signed \
	answer expression http

mkdir -p "$source/build-fuzz"
cd "$source/build-fuzz"
[ -f Makefile ] || CC=${CC:-clang} CFLAGS="-O1 -g" "$source/configure" -q --enable-fuzzing --with-sanitizer=address,undefined
make -s all
for target in "$@"; do
	make -s "tests/fuzz/fuzz_$target"
done
failed=0
for target in "$@"; do
	case $target in
	json | event | mapping_run) dictionary=json ;;
	xml | signature | receipt | as4_signed | answer) dictionary=xml ;;
	mime | as4) dictionary=mime ;;
	token) dictionary=config ;;
	mapping_load | expression) dictionary=mapping ;;
	*) dictionary=$target ;;
	esac
	mkdir -p "corpus/$target"
	"tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=16384 -print_final_stats=1 \
		-dict="$source/tests/fuzz/$dictionary.dict" -artifact_prefix="$target-" "corpus/$target" "$source/tests/fuzz/seeds/$target" \
		>"$target.log" 2>&1 && result=clean || { result="broken, see build-fuzz/$target.log"; failed=1; }
	echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log") inputs, $result"
done
exit $failed
