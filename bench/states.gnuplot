# states.gnuplot - plots the tables written by states.sh, in the current directory
set terminal svg size 560,380 font "sans-serif,12" background "white"
set output "states.svg"
set key left top Left reverse
set grid linecolor "#dddddd"
set logscale xy
set xlabel "states merged"
set ylabel "ms"
set style line 1 linecolor "#1f5fa8" pointtype 7 pointsize 0.6 linewidth 1.5
set style line 2 linecolor "#b5523b" pointtype 7 pointsize 0.6 linewidth 1.5
set style line 3 linecolor "#1f5fa8" pointtype 6 pointsize 0.6 linewidth 1.5 dashtype 2
set style line 4 linecolor "#b5523b" pointtype 6 pointsize 0.6 linewidth 1.5 dashtype 2
plot "states-files-20.dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines \
		linestyle 1 title "one file each, 20 columns", \
	"states-files-200.dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines \
		linestyle 2 title "one file each, 200 columns", \
	"states-shares-20.dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines \
		linestyle 3 title "shards of one file, 20 columns", \
	"states-shares-200.dat" using 1:($2 * 1000):($3 * 1000):($4 * 1000) with yerrorlines \
		linestyle 4 title "shards of one file, 200 columns"
