/* What the grid's files share. Private to tui. */
#ifndef LOCKSTEP_CELLS_GRID_PRIVATE_H
#define LOCKSTEP_CELLS_GRID_PRIVATE_H

#include "lockstep/cells/grid.h"

/* Room for one more link; NULL when there is none. */
struct ls_grid_link *grid_next_link(ls_grid *grid);

#endif
