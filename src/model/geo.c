#include "model/geo.h"

#include <math.h>

#define EARTH_RADIUS_M 6371008.8

static double radians(double degrees)
{
	return degrees * M_PI / 180;
}

double geo_distance_m(struct geo_point a, struct geo_point b)
{
	double dlat = sin(radians(b.lat - a.lat) / 2), dlon = sin(radians(b.lon - a.lon) / 2);
	double h = dlat * dlat + cos(radians(a.lat)) * cos(radians(b.lat)) * dlon * dlon;
	return 2 * EARTH_RADIUS_M * asin(sqrt(h < 1 ? h : 1));
}

enum geo_relation geo_relate(struct geo_point centre, double radius_m, struct geo_point fix, double accuracy_m)
{
	double distance = geo_distance_m(centre, fix);
	if (distance <= radius_m - accuracy_m || (accuracy_m <= radius_m && distance <= radius_m))
		return GEO_INSIDE;
	return distance > radius_m + accuracy_m ? GEO_OUTSIDE : GEO_UNSURE;
}
