# ranks.gnuplot - plots the table written by ranks.sh, in the current directory
set terminal svg size 560,380 font "sans-serif,12" background "white"
set output "ranks.svg"
set key left top Left reverse
set grid linecolor "#dddddd"
set logscale x 2
set yrange [0:*]
set xlabel "ranks, all on this machine"
set ylabel "ms, whole command"
plot "ranks.dat" using 1:2 with linespoints linewidth 1.5 pointtype 7 linecolor "#888888" \
		title "start-up: one file", \
	"ranks.dat" using 1:3 with linespoints linewidth 1.5 pointtype 7 linecolor "#1f5fa8" \
		title "small files of 1 column", \
	"ranks.dat" using 1:4 with linespoints linewidth 1.5 pointtype 7 linecolor "#c0504d" \
		title "small files of 200 columns"
