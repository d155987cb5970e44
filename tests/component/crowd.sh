# crowd.sh: what the tests with many clients share. Source it behind gateway.sh.
#
#   crowd_needs             the clients are built: $crowd
#   shown EXPRESSION        true of the figures that the clients wrote to $figures (jq)
#   within_memory NAME EXPRESSION
#                           a check of the gateway's memory; a sanitizer has its own, and it is skipped there

crowd=$BUILD_DIR/tests/component/crowd

crowd_needs()
{
	[ -x "$crowd" ] || tap_skip_all "crowd is not built"
}

shown()
{
	jq -e "$1" "$figures" >/dev/null || { cat "$figures"; return 1; }
}

within_memory()
{
	if grep -qE '__(asan|tsan)_init' "$BUILD_DIR/sealgated"; then
		skip "$1" "a sanitizer has its own"
	else
		ok "$1" shown "$2"
	fi
}
