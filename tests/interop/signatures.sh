#!/bin/sh
# Our signatures under other people's verifiers (xmlsec1's command line, the JDK's XML Signature), theirs under ours.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
tap_folder
ours=$TAP_FOLDER/ours theirs=$TAP_FOLDER/theirs classes=$TAP_FOLDER/classes
helper=$BUILD_DIR/tests/interop/signatures

mkdir "$ours" "$theirs" "$classes"
for sample in "$SOURCE_DIR"/mappings/messages/wco-dms/*/sample.out.xml; do
	cp "$sample" "$ours/$(basename "$(dirname "$sample")").xml"
done
ok "documents are signed with every kind of key" "$helper" sign "$ours"

# xmlsec1 1.2 knows neither RSA-PSS nor Ed25519. It finds a detached signature's document by its name, from where it runs.
verify_xmlsec()
{
	(cd "$ours" && xmlsec1 --verify --trusted-pem "$1" \
		--id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties "$2")
}

changed()
{
	sed 's,WCOTypeName>DEC,WCOTypeName>DEX,' "$ours/$1" >"$ours/$2" && ! cmp -s "$ours/$1" "$ours/$2"
}

if command -v xmlsec1 >/dev/null; then
	for document in "$ours"/*.xml; do
		name=$(basename "$document" .xml)
		for kind in p256 p384 rsa-pkcs1; do
			ok "xmlsec1: $name $kind detached" verify_xmlsec ca.pem "$name.$kind.sig"
			ok "xmlsec1: $name $kind enveloped" verify_xmlsec ca.pem "$name.$kind.signed"
			refused "xmlsec1: $name $kind by a signer of another authority" verify_xmlsec other-ca.pem "$name.$kind.sig"
			ok "$name is changed" changed "$name.$kind.signed" changed
			refused "xmlsec1: $name $kind enveloped, document changed" verify_xmlsec ca.pem changed
			mv "$document" "$ours/kept" && changed kept "$name.xml"
			refused "xmlsec1: $name $kind detached, document changed" verify_xmlsec ca.pem "$name.$kind.sig"
			mv "$ours/kept" "$document"
		done
	done
	rm -f "$ours/changed"
else
	skip "xmlsec1 verifies our signatures" "xmlsec1 is not installed"
fi

if command -v javac >/dev/null; then
	ok "the JDK's side is compiled" javac -Xlint:all -Werror -d "$classes" "$SOURCE_DIR"/tests/interop/java/*.java
	tap_lines java -cp "$classes" Samples verify "$ours"
	cp "$ours"/*.xml "$ours"/*.pem "$ours"/*.key "$theirs"
	ok "the JDK signs the same documents" java -cp "$classes" Samples sign "$theirs"
	tap_lines "$helper" verify "$theirs"
else
	skip "the JDK verifies our signatures, and we verify its" "no JDK is installed"
fi
tap_end
