/* What can still be done about a finding, and until when: stop the loading; then control it where it arrives; then
 * hold it at the gate. */
#include "assess/inside.h"

void deadline_set(const struct run *run, struct finding *finding)
{
	const struct journey *journey = run->in->journey;
	finding->act = "gate_hold";
	finding->until = CLOCK_NONE;
	if (!journey)
		return;
	finding->until = journey->until;
	for (size_t i = 0; i < journey->leg_count; i++) {
		const struct leg *leg = &journey->legs[i];
		if (!leg->mode || leg->mode[0] != '1')
			continue;
		int64_t load = leg->cut_off != CLOCK_NONE ? leg->cut_off : leg->etd;
		int64_t arrival = leg->ata != CLOCK_NONE ? leg->ata : leg->eta;
		if (leg->atd == CLOCK_NONE && load != CLOCK_NONE && run->in->now < load) {
			finding->act = "do_not_load";
			finding->act_at = leg->from;
			finding->until = load;
			return;
		}
		if (arrival != CLOCK_NONE && run->in->now < arrival) {
			finding->act = "control";
			finding->act_at = leg->to;
			finding->until = arrival;
			return;
		}
	}
}
