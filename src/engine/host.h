/* What the planner may ask of the machine. */
#ifndef TSOCI_ENGINE_HOST_H
#define TSOCI_ENGINE_HOST_H

#include "quickjs.h"

/* Makes the global object `host` (src/engine/host.ts says what its functions take and return). */
void host_define(JSContext *context);

/* From now on the functions answer; while a snapshot is made it must not learn of the machine that makes it. */
void host_open(int argc, char **argv);

#endif
