# Every page is in the archive and installed. A program's page is added here, beside its program.
dist_man_MANS = \
	man/sealgate.1 \
	man/sealgate-agreement.5 \
	man/sealgate-errors.7 \
	man/sealgate-events.7 \
	man/sealgate-mapping.5 \
	man/sealgate-sandbox.8 \
	man/sealgate-states.7 \
	man/sealgate.yaml.5 \
	man/sealgated.8
