#!/bin/sh
# no_check.sh - stands in for the unit tests where Check was not found, so that they are missed aloud
echo '1..0 # SKIP the unit tests were not built: configure did not find Check >= 0.15'
