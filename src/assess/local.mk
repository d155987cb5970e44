libsealgate_a_SOURCES += \
	src/assess/assess.c src/assess/assess.h \
	src/assess/coverage.c \
	src/assess/deadline.c \
	src/assess/fold.c \
	src/assess/inside.h \
	src/assess/place.c \
	src/assess/rule_hidden_entry.c \
	src/assess/rule_opening.c \
	src/assess/rule_seal.c \
	src/assess/rules.def \
	src/assess/states.c
