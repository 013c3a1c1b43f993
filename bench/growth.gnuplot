# growth.gnuplot - plots the tables written by growth.sh, in the current directory
#
# Points are medians, and error bars extend from the minimum to the maximum. The dotted line is
# proportional growth through the last point.
set terminal svg size 560,380 font "sans-serif,12" background "white"
set key left top Left reverse
set grid linecolor "#dddddd"
set logscale xy
set ylabel "ms"
set style line 1 linecolor "#1f5fa8" pointtype 7 pointsize 0.6 linewidth 1.5
set style line 2 linecolor "#888888" dashtype 3 linewidth 1.5

last(file) = system("tail -n 1 " . file)

do for [name in "bytes files"] {
	set output name . ".svg"
	line = last(name . ".dat")
	x1 = word(line, 1) + 0
	y1 = word(line, 2) * 1000
	set xlabel (name eq "bytes" ? "MB in one file" : "files of 10 rows")
	plot name . ".dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines \
			linestyle 1 title "csv-report", \
		y1 * x / x1 with lines linestyle 2 title "proportional"
}

set output "columns.svg"
set xlabel "columns (same total number of cells)"
set yrange [1:]
plot "columns.dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines linestyle 1 \
	title "csv-report"

set output "threads.svg"
line = system("head -n 1 threads.dat")
y1 = word(line, 2) * 1000
unset logscale x
set xlabel "threads"
set xtics 1
set yrange [*:*]
plot "threads.dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines linestyle 1 \
		title "csv-report, the largest file", \
	y1 / x with lines linestyle 2 title "ideal"
