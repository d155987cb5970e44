libsealgate_a_SOURCES += \
	src/lib/config/config.c src/lib/config/config.h \
	src/lib/config/yaml.c
