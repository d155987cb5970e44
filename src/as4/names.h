/* names: the URIs of ebMS, AS4 and WS-Security that writer and reader share. */
#ifndef SEALGATE_AS4_NAMES_H
#define SEALGATE_AS4_NAMES_H

#define NS_SOAP "http://www.w3.org/2003/05/soap-envelope"
#define NS_SOAP11 "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_EB "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
#define NS_EBBP "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"
#define NS_WSSE "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define NS_WSSE11 "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
#define NS_WSU "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define NS_DS "http://www.w3.org/2000/09/xmldsig#"
#define NS_XENC "http://www.w3.org/2001/04/xmlenc#"
#define NS_XENC11 "http://www.w3.org/2009/xmlenc11#"
#define NS_EC "http://www.w3.org/2001/10/xml-exc-c14n#"  /* also the algorithm */
#define NS_XML "http://www.w3.org/XML/1998/namespace"

/* ebMS 3 Core 5.2.2.8: a message that only tests the way, and is never delivered */
#define TEST_SERVICE NS_EB "service"
#define TEST_ACTION NS_EB "test"
/* ebMS 3 Core 5.2.2.1 */
#define DEFAULT_MPC NS_EB "defaultMPC"

#define BASE64_BINARY "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
#define TOKEN_PROFILE "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0"
#define TOKEN_PKIPATH TOKEN_PROFILE "#X509PKIPathv1"
#define TOKEN_X509V3 TOKEN_PROFILE "#X509v3"
#define TOKEN_SKI TOKEN_PROFILE "#X509SubjectKeyIdentifier"
#define TOKEN_ENCRYPTED_KEY "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey"

#define SWA "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1"
#define SWA_CONTENT_SIGNATURE SWA "#Attachment-Content-Signature-Transform"
#define SWA_CONTENT_ONLY SWA "#Attachment-Content-Only"
#define SWA_CIPHERTEXT SWA "#Attachment-Ciphertext-Transform"

#define DIGEST_SHA256 NS_XENC "sha256"
#define DIGEST_SHA384 "http://www.w3.org/2001/04/xmldsig-more#sha384"
#define DIGEST_SHA512 NS_XENC "sha512"
#define DIGEST_SHA1 NS_DS "sha1"
#define CIPHER_AES128_GCM NS_XENC11 "aes128-gcm"
#define TRANSPORT_OAEP NS_XENC11 "rsa-oaep"
#define MGF1_SHA256 NS_XENC11 "mgf1sha256"
#define MGF1_SHA1 NS_XENC11 "mgf1sha1"

#endif
