#!/bin/sh
# no_check.sh - reports the unit tests as skipped if Check was not found
echo '1..0 # SKIP the unit tests were not built: configure did not find Check >= 0.15'
