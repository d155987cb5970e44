#include "bench/floor_xmlsec.h"

#include <libxml/parser.h>
#include <libxml/xmlsave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#define XADES "http://uri.etsi.org/01903/v1.3.2#"

static xmlSecKey *key;
static struct bytes document;

static void *there(void *thing, const char *what)
{
	if (thing)
		return thing;
	fprintf(stderr, "bench: xmlsec1: %s failed\n", what);
	exit(1);
}

#define THERE(call) there((call), #call)
#define TEXT(text) ((const xmlChar *)(text))

void floor_xmlsec_open(const char *key_file, const char *certificate_file, struct bytes octets)
{
	document = octets;
	if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0)
		there(NULL, "xmlSecInit");
	key = THERE(xmlSecCryptoAppKeyLoad(key_file, xmlSecKeyDataFormatPem, NULL, NULL, NULL));
	if (xmlSecCryptoAppKeyCertLoad(key, certificate_file, xmlSecKeyDataFormatPem) < 0)
		there(NULL, "xmlSecCryptoAppKeyCertLoad");
}

/* The properties that our signature has, as a tree. */
static void properties_add(xmlNode *object)
{
	xmlNode *qualifying = THERE(xmlNewChild(object, NULL, TEXT("QualifyingProperties"), NULL));
	xmlNs *ns = THERE(xmlNewNs(qualifying, TEXT(XADES), TEXT("xades")));
	xmlSetNs(qualifying, ns);
	xmlNewProp(qualifying, TEXT("Target"), TEXT("#signature"));
	xmlNode *properties = THERE(xmlNewChild(qualifying, ns, TEXT("SignedProperties"), NULL));
	xmlNewProp(properties, TEXT("Id"), TEXT("properties"));
	xmlNode *of_signature = THERE(xmlNewChild(properties, ns, TEXT("SignedSignatureProperties"), NULL));
	xmlNewChild(of_signature, ns, TEXT("SigningTime"), TEXT("2016-02-03T01:50:12Z"));
	xmlNode *certificate = THERE(xmlNewChild(of_signature, ns, TEXT("SigningCertificateV2"), NULL));
	xmlNode *digest = xmlNewChild(xmlNewChild(certificate, ns, TEXT("Cert"), NULL), ns, TEXT("CertDigest"), NULL);
	xmlNewProp(xmlNewChild(digest, object->ns, TEXT("DigestMethod"), NULL), TEXT("Algorithm"), xmlSecHrefSha256);
	xmlNewChild(digest, object->ns, TEXT("DigestValue"), TEXT("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
	xmlNode *format = xmlNewChild(xmlNewChild(properties, ns, TEXT("SignedDataObjectProperties"), NULL), ns, TEXT("DataObjectFormat"), NULL);
	xmlNewProp(format, TEXT("ObjectReference"), TEXT("#document"));
	xmlNewChild(format, ns, TEXT("MimeType"), TEXT("application/xml"));
	const xmlChar *ids[] = { TEXT("Id"), NULL };
	xmlSecAddIDs(properties->doc, properties, ids);
}

void floor_xmlsec_sign(void *unused)
{
	(void)unused;
	xmlDoc *doc = THERE(xmlReadMemory((const char *)document.data, (int)document.size, NULL, NULL, XML_PARSE_NONET));
	xmlNode *signature = THERE(xmlSecTmplSignatureCreateNsPref(doc, xmlSecTransformExclC14NId, xmlSecTransformEcdsaSha256Id, TEXT("signature"), TEXT("ds")));
	xmlAddChild(xmlDocGetRootElement(doc), signature);
	xmlNode *whole = THERE(xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, TEXT("document"), TEXT(""), NULL));
	THERE(xmlSecTmplReferenceAddTransform(whole, xmlSecTransformEnvelopedId));
	THERE(xmlSecTmplReferenceAddTransform(whole, xmlSecTransformExclC14NId));
	xmlNode *part = THERE(xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL, TEXT("#properties"), TEXT("http://uri.etsi.org/01903#SignedProperties")));
	THERE(xmlSecTmplReferenceAddTransform(part, xmlSecTransformExclC14NId));
	xmlNode *info = THERE(xmlSecTmplSignatureEnsureKeyInfo(signature, NULL));
	xmlSecTmplX509DataAddCertificate(THERE(xmlSecTmplKeyInfoAddX509Data(info)));
	properties_add(THERE(xmlSecTmplSignatureAddObject(signature, NULL, NULL, NULL)));
	xmlSecDSigCtx *context = THERE(xmlSecDSigCtxCreate(NULL));
	context->signKey = key;  /* lent: to copy it and its certificate would cost half as much again */
	if (xmlSecDSigCtxSign(context, signature) < 0 || context->status != xmlSecDSigStatusSucceeded)
		there(NULL, "xmlSecDSigCtxSign");
	xmlChar *text = NULL;
	int size = 0;
	xmlDocDumpMemory(doc, &text, &size);
	xmlFree(THERE(text));
	context->signKey = NULL;
	xmlSecDSigCtxDestroy(context);
	xmlFreeDoc(doc);
}
