/* names: URIs of XML Signature and XAdES that writer and reader share. */
#ifndef SEALGATE_SIGN_NAMES_H
#define SEALGATE_SIGN_NAMES_H

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define XADES "http://uri.etsi.org/01903/v1.3.2#"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ENVELOPED "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define SHA384 "http://www.w3.org/2001/04/xmldsig-more#sha384"
#define SHA512 "http://www.w3.org/2001/04/xmlenc#sha512"
#define SIGNED_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"

#endif
