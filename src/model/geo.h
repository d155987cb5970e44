/* geo: places on the globe (WGS 84 degrees, metres). */
#ifndef SEALGATE_MODEL_GEO_H
#define SEALGATE_MODEL_GEO_H

#include <stdbool.h>

struct geo_point {
	double lat, lon;
};

double geo_distance_m(struct geo_point a, struct geo_point b);  /* great circle */

/* A circle, and a fix that is right to `accuracy_m`: surely inside, surely outside, or neither. */
enum geo_relation { GEO_INSIDE, GEO_OUTSIDE, GEO_UNSURE };
enum geo_relation geo_relate(struct geo_point centre, double radius_m, struct geo_point fix, double accuracy_m);

#endif
