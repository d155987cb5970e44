include src/lib/base/local.mk
