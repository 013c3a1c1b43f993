# coverage.awk - prints a table of directories and files from the data of lcov
#
# Usage   awk -v top=DIRECTORY/ -v usable='KERNEL... - KERNEL...' -f coverage.awk KERNELS COVERAGE
#         KERNELS   paths of files that contain one kernel, one per line
#         COVERAGE  a tracefile of lcov
#         usable    kernels that the CPU supports, and after the dash those that it lacks
# Output  the table; lines of parse/ and stats/ that were not run; the totals of both
# Exit    1 if lines of parse/ or stats/ were not run

function kernel_of(path)
{
	sub(/\.[ch]$/, "", path)
	sub(/.*_/, "", path)
	return path
}

function percent(n, of)
{
	return of == 0 ? "-" : sprintf("%.1f%%", int(1000 * n / of) / 10)
}

function row(name, lines_run, lines, branches_run, branches)
{
	printf "%-28s %8s %5d of %5d %8s %5d of %5d\n", name, percent(lines_run, lines), lines_run, lines,
		percent(branches_run, branches), branches_run, branches
}

# Adjacent lines are one entry.
function note(line)
{
	if (n_not_run > 0 && noted_path == path && noted_line == last_line)
		sub(/(-[0-9]+)?$/, "-" line, not_run[n_not_run])
	else
		not_run[++n_not_run] = path ":" line
	noted_path = path
	noted_line = line
}

function close_file()
{
	if (path == "" || is_excluded)
		return
	directory = path
	sub(/[^\/]*$/, "", directory)
	if (!(directory in n_files))
		directories[++n_directories] = directory
	files[directory, ++n_files[directory]] = path
}

BEGIN {
	split(usable, sides, " - *")
	n = split(sides[1], words, " ")
	for (i = 1; i <= n; i++)
		is_usable[words[i]] = 1
	n = split(sides[2], words, " ")
	for (i = 1; i <= n; i++)
		delete is_usable[words[i]]
}

FILENAME == ARGV[1] {
	kernel = kernel_of($0)
	if (!(kernel in is_usable)) {
		sub("^" top, "")
		excluded = excluded " " $0
	}
	is_kernel[top $0] = is_kernel[$0] = 1
	next
}

/^SF:/ {
	path = substr($0, 4)
	is_excluded = path in is_kernel && !(kernel_of(path) in is_usable)
	path = substr(path, length(top) + 1)
}

is_excluded { next }

/^DA:/ {
	split(substr($0, 4), part, ",")
	lines[path]++
	if (part[2] > 0)
		lines_run[path]++
	else if (path ~ /^(parse|stats)\//)
		note(part[1])
	last_line = part[1]
}

# The last of four fields is "-" if the line was not run.
/^BRDA:/ {
	split(substr($0, 6), part, ",")
	branches[path]++
	branches_run[path] += part[4] + 0 > 0
}

/^end_of_record/ { close_file() }

END {
	printf "%-28s %8s %14s %8s %14s\n", "", "lines", "", "branches", ""
	for (f = 1; f <= n_directories; f++) {
		directory = directories[f]
		a = b = c = d = 0
		for (i = 1; i <= n_files[directory]; i++) {
			path = files[directory, i]
			a += lines_run[path]
			b += lines[path]
			c += branches_run[path]
			d += branches[path]
		}
		row(directory, a, b, c, d)
		for (i = 1; i <= n_files[directory]; i++) {
			path = files[directory, i]
			row("  " substr(path, length(directory) + 1), lines_run[path], lines[path],
				branches_run[path], branches[path])
		}
		if (directory ~ /^(parse|stats)\//) {
			both[1] += a
			both[2] += b
			both[3] += c
			both[4] += d
		}
	}
	if (excluded != "")
		print "\nnot counted, because this CPU cannot run them:" excluded
	if (n_not_run > 0)
		print "\nlines of parse/ and stats/ that were not run:"
	for (i = 1; i <= n_not_run; i++)
		print "  src/" not_run[i]
	printf "\ncoverage: parse/ and stats/: lines %s (%d of %d), branches %s (%d of %d)\n",
		percent(both[1], both[2]), both[1], both[2], percent(both[3], both[4]), both[3], both[4]
	exit n_not_run > 0
}
