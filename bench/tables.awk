# tables.awk - converts figures.tsv of bench.sh to tables in Markdown
#
# Input   tab-separated: workload, bytes, program, threads, runs; median, minimum and maximum wall
#         seconds; CPU seconds, peak KiB, "ok" or an error
# Set     most     the larger number of threads
#         kernels  names of kernels, best first
# Output  an overview, the targets, then a table for each workload. Ratios are of medians: that of
#         another program divided by that of csv-report with its best kernel and the same number of
#         threads. For a limit, the ratio is the share of it that csv-report reaches.

BEGIN {
	FS = "\t"
	split(kernels, kernel, " ")
	ours = "csv-report, " kernel[1]
}

{
	if (!($1 in bytes)) {
		order[++n_workloads] = $1
		bytes[$1] = $2
	}
	row[$1, ++n_rows[$1]] = $0
	if ($11 == "ok")
		median[$1, $3, $4] = $6
	if ($1 != "slow" && !(($3, $4) in is_known)) {
		is_known[$3, $4] = 1
		program[++n_programs] = $3 SUBSEP $4
	}
}

# Formats a number with three significant digits.
function digits(x) {
	return x >= 99.95 ? sprintf("%.0f", x) : x >= 9.995 ? sprintf("%.1f", x) : \
		x >= 0.9995 ? sprintf("%.2f", x) : sprintf("%.3f", x)
}

function overview(    i, j, part, line, value) {
	print "### Milliseconds, median\n"
	line = "| | threads |"
	for (j = 1; j <= n_workloads; j++)
		if (order[j] != "slow")
			line = line " " order[j] " |"
	print line
	gsub(/[^|]+/, "--:", line)
	sub(/--:\|--:/, "---|--:", line)
	print line
	for (i = 1; i <= n_programs; i++) {
		split(program[i], part, SUBSEP)
		line = "| " part[1] " | " part[2] " |"
		for (j = 1; j <= n_workloads; j++) {
			if (order[j] == "slow")
				continue
			value = median[order[j], part[1], part[2]]
			line = line " " (value > 0 ? digits(value * 1000) : "") " |"
		}
		print line
	}
	print ""
}

# The median of the first program divided by that of the second; "" if either was not measured.
function time_ratio(workload, first, first_threads, second, second_threads,    a, b) {
	a = median[workload, first, first_threads]
	b = median[workload, second, second_threads]
	return a > 0 && b > 0 ? a / b : ""
}

# Prints a line of the targets: at least `bound` is required, or at most -`bound` if it is negative.
function target(what, bound, reached, unit,    is_met) {
	if (reached == "")
		return
	if (unit == "%")
		reached *= 100
	is_met = bound < 0 ? reached <= -bound : reached >= bound
	printf "| %s | at %s %s%s | %s%s | %s |\n", what, bound < 0 ? "most" : "least",
		bound < 0 ? -bound : bound, unit, digits(reached), unit, is_met ? "yes" : "**no**"
}

function target_duckdb(workload, bound) {
	target(workload ": faster than DuckDB, threads: " most, bound,
		time_ratio(workload, "DuckDB, avg min max", most, ours, most), "x")
}

function targets(    fast, scan, list) {
	fast = "fast (mid, files in parallel)"
	scan = "limit: read and scan"
	list = "limit: list, open, read, close"
	print "### Targets\n"
	print "Of " ours " unless another kernel is named.\n"
	print "| | target | measured | met |\n|---|---|--:|---|"
	target("article: faster than fast, threads: 1", 15,
		time_ratio("article", fast, 1, ours, 1), "x")
	if (most != 1)
		target("article: faster than fast, threads: " most, 15,
			time_ratio("article", fast, most, ours, most), "x")
	target_duckdb("article", 30)
	target("article: of the limit, avx512, threads: 1", 25,
		time_ratio("article", scan, 1, "csv-report, avx512", 1), "%")
	target("article: of the limit, avx2, threads: 1", 12,
		time_ratio("article", scan, 1, "csv-report, avx2", 1), "%")
	if (most != 1)
		target("single: from 1 to " most " threads", 0.95 * most,
			time_ratio("single", ours, 1, ours, most), "x")
	target("small: of the limit, threads: 1", 50, time_ratio("small", list, 1, ours, 1), "%")
	if (most != 1)
		target("small: of the limit, threads: " most, 50,
			time_ratio("small", list, most, ours, most), "%")
	target_duckdb("floats", 5)
	target_duckdb("messy", 8)
	target_duckdb("wide", 15)
	target("article: default statistics against count, mean, min, max, threads: 1", -1.15,
		time_ratio("article", ours, 1, "csv-report, count mean min max only", 1), "x")
	print ""
}

function table(workload,    i, field, base, ratio) {
	printf "### %s: %.0f MB\n\n", workload, bytes[workload] / 1e6
	print "| what | threads | median s | min to max | MB/s | peak MiB | relative to csv-report |"
	print "|---|--:|--:|--:|--:|--:|--:|"
	for (i = 1; i <= n_rows[workload]; i++) {
		split(row[workload, i], field, FS)
		if (field[11] != "ok") {
			printf "| %s | %s | %s | | | | |\n", field[3], field[4], field[11]
			continue
		}
		base = median[workload, ours, field[4]]
		ratio = ""
		if (base != "" && field[3] ~ /^limit/)
			ratio = sprintf("%.0f%% of this limit", 100 * field[6] / base)
		else if (base != "" && field[3] != ours)
			ratio = sprintf("%.2f times", field[6] / base)
		printf "| %s | %s | %.4f | %.4f to %.4f | %.0f | %.1f | %s |\n", field[3], field[4],
			field[6], field[7], field[8], bytes[workload] / 1e6 / field[6],
			field[10] / 1024, ratio
	}
	if (median[workload, ours, 1] != "" && median[workload, ours, most] != "" && most != 1)
		printf "\n%s, from 1 to %s threads: %.2f times as fast.\n", ours, most,
			median[workload, ours, 1] / median[workload, ours, most]
	print ""
}

END {
	overview()
	targets()
	for (w = 1; w <= n_workloads; w++)
		if (order[w] != "slow")
			table(order[w])
	if (("slow" in bytes) && ("article" in bytes)) {
		slow = median["slow", "slow (regular expression per line)", 1]
		if (slow != "")
			printf "The article's `slow` was given %.1f MB and took %.2f s; for all of `article`" \
				" that makes %.0f s.\n", bytes["slow"] / 1e6, slow,
				slow * bytes["article"] / bytes["slow"]
	}
}
