-- Days that have none yet get their partitions now; from here on the leader makes them.
SELECT lockstep.ensure_partitions();
