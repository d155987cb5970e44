#include "answer/answer.h"
#include "lib/base/text.h"
#include "sealgate/input.h"
#include "sealgate/output.h"
#include "sealgate/try.h"

int try_answer(struct bench *bench, const char *file, struct error *error)
{
	struct run *run = bench->run;
	const struct agreement *agreement = bench->agreement;
	struct bytes octets;
	struct json *notices;
	TRY(input_octets(run, file, &octets, error));
	TRY(answer_read(bench->set, bench->validator, agreement->profile, agreement->lenient, octets, run->arena, &notices, NULL, error));
	for (struct json_iter it = json_iter(notices); json_next(&it);) {
		if (run->json)
			out_json(run, it.value);
		else
			out_json_pretty(run, it.value);
	}
	if (!json_count(notices))
		note(run, "the answer says nothing that becomes a notice");
	return json_count(notices) ? EXIT_GOOD : EXIT_FAILED;
}
