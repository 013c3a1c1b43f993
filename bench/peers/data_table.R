# data_table.R - computes mean, minimum and maximum of every column with R's data.table
#
# Usage   Rscript data_table.R THREADS FILE...
suppressPackageStartupMessages(library(data.table))
arguments <- commandArgs(trailingOnly = TRUE)
setDTthreads(as.integer(arguments[1]))
all <- rbindlist(lapply(arguments[-1], fread))
print(all[, lapply(.SD, function(x) c(mean(x, na.rm = TRUE), range(x, na.rm = TRUE)))])
