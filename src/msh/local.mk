libsealgate_a_SOURCES += \
	src/msh/frame.c \
	src/msh/inside.h \
	src/msh/judge.c \
	src/msh/mode.c \
	src/msh/msh.h \
	src/msh/parts.c \
	src/msh/pull.c \
	src/msh/receive.c \
	src/msh/serve.c \
	src/msh/settle.c \
	src/msh/signal.c \
	src/msh/user.c
