# tap.sh: what TAP test scripts share. Source it, call `ok` for each thing that is shown, and end with `tap_end`.
#
# A script runs by hand too: SOURCE_DIR and BUILD_DIR are derived where the environment does not give them. What is missing
# on this machine (a JDK, say) skips the whole script: `tap_needs java javac`.

tap_count=0
tap_failed=0
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD_DIR=${BUILD_DIR:-$SOURCE_DIR/build}
REFERENCE=${SEALGATE_REFERENCE:-$SOURCE_DIR/../shared/data}

# ok WHAT COMMAND...: the command succeeds. Its output is shown where it does not.
ok()
{
	tap_what=$1
	shift
	tap_count=$((tap_count + 1))
	if tap_output=$("$@" 2>&1); then
		echo "ok $tap_count - $tap_what"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $tap_what"
		printf '%s\n' "$tap_output" | tail -n 20 | sed 's/^/# /'
	fi
}

# refused WHAT COMMAND...: the command fails by saying no, not by crashing.
refused()
{
	refused_what=$1
	shift
	ok "$refused_what" tap_says_no "$@"
}

tap_says_no()
{
	"$@" && return 1
	test $? -lt 126
}

# tap_lines COMMAND...: the command writes lines "ok - ..." and "not ok - ..." itself; they get numbers here. Fails where it
# ends with another code than its lines explain, or says nothing.
tap_lines()
{
	"$@" >"$TAP_FOLDER/lines" 2>"$TAP_FOLDER/complaints"
	tap_code=$?
	tap_bad=0
	while IFS= read -r tap_line; do
		case $tap_line in
		"ok - "*) tap_count=$((tap_count + 1)); echo "ok $tap_count ${tap_line#ok }" ;;
		"not ok - "*)
			tap_count=$((tap_count + 1)); tap_failed=$((tap_failed + 1)); tap_bad=$((tap_bad + 1))
			echo "not ok $tap_count ${tap_line#not ok }" ;;
		*) echo "# $tap_line" ;;
		esac
	done <"$TAP_FOLDER/lines"
	sed 's/^/# /' "$TAP_FOLDER/complaints"
	ok "$1 ran to its end" test -s "$TAP_FOLDER/lines" -a $((tap_bad > 0)) -eq "$tap_code"
}

# skip WHAT WHY
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# Nothing has failed yet.
tap_is_well()
{
	test "$tap_failed" -eq 0
}

tap_skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

tap_needs()
{
	for tap_program in "$@"; do
		command -v "$tap_program" >/dev/null || tap_skip_all "$tap_program is not installed"
	done
}

# A folder for this run, removed at its end; TAP_KEEP=1 leaves it. `tap_at_end` (a function of the script) runs before.
tap_folder()
{
	TAP_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/sealgate-tap-XXXXXX") || exit 99
	trap tap_clean EXIT
	trap 'exit 99' HUP INT TERM
}

tap_clean()
{
	if command -v tap_at_end >/dev/null; then tap_at_end; fi
	if [ -n "$TAP_KEEP" ]; then echo "# kept: $TAP_FOLDER"; else rm -rf "$TAP_FOLDER"; fi
}

tap_end()
{
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
