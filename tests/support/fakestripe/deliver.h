#pragma once

#include "request.h"

/* Sends the answer the way it says. Called again after a sleep. */
enum MHD_Result deliver(struct request *q);
