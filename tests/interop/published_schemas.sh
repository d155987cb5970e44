#!/bin/sh
# Documents that we write are valid under the schemas that HMRC published (WCO Data Model 3.6, DMS), as xmllint sees it, and
# under our own lean ones, which never take more than those.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
published=$REFERENCE/wco/hmrc-cds
tap_needs xmllint
[ -f "$published/declaration.xsd" ] || tap_skip_all "the published schemas are not here (SEALGATE_REFERENCE)"
tap_folder

valid()
{
	xmllint --nonet --noout --schema "$1" "$2"
}

# The document of a cancellation has a schema of its own in HMRC's set.
cancel=$published/schemas/customs/wrapper_cancel.xsd

for sample in "$SOURCE_DIR"/mappings/messages/wco-dms/*/sample*.out.xml; do
	kind=$(basename "$(dirname "$sample")")
	ok "$kind is valid under the published schema" valid "$published/declaration.xsd" "$sample"
	ok "$kind is valid under ours" valid "$SOURCE_DIR/schemas/wco-dms/declaration.xsd" "$sample"
	sed 's,<FunctionCode>[0-9]*,<FunctionCode>not a code at all,' "$sample" >"$TAP_FOLDER/bad.xml"
	refused "$kind with a FunctionCode that is none is refused by the published one" valid "$published/declaration.xsd" "$TAP_FOLDER/bad.xml"
	refused "$kind with a FunctionCode that is none is refused by ours" valid "$SOURCE_DIR/schemas/wco-dms/declaration.xsd" "$TAP_FOLDER/bad.xml"
done
if [ -f "$cancel" ]; then
	ok "withdrawal is valid under CANCEL" valid "$cancel" "$SOURCE_DIR/mappings/messages/wco-dms/withdrawal/sample.out.xml"
else
	skip "withdrawal is valid under CANCEL" "HMRC's CANCEL schema is not here"
fi
tap_end
