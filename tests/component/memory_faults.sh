#!/bin/sh
# Each allocation of a module fails in turn (memory_faults.c). STEP: every STEPth one (37); 1: all.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
programs=$BUILD_DIR/tests/component
[ -s "$programs/fault_memory.so" ] && [ -x "$programs/memory_faults" ] || tap_skip_all "fault_memory.so or memory_faults is not built"
tap_folder
tap_lines env LD_PRELOAD="$programs/fault_memory.so" "$programs/memory_faults" "$TAP_FOLDER" "${STEP:-37}"
tap_end
