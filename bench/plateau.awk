# plateau.awk - what a flame graph's eye-catcher is: from folded stacks to one line
#
# The plateau is the innermost function that at least two thirds of all samples are in, whatever the
# thread; behind it stands what it spends them on, the three widest functions that it calls. Functions
# without a name, in brackets, are their caller's.

{
	n = $NF
	total += n
	line = $0
	sub(/ [0-9]+$/, "", line)
	n_frames = split(line, frames, ";")
	split("", is_seen)
	n_named = 0
	for (i = 2; i <= n_frames; i++) # the first is the thread
		if (frames[i] !~ /^\[/) {
			name = frames[i]
			n_named++
			if (!(name in is_seen)) {
				samples[name] += n
				depth[name] += n * n_named
			}
			is_seen[name] = 1
		}
	lines[NR] = line
	weight[NR] = n
}

function share(n) {
	return sprintf("%.0f%%", 100 * n / total)
}

END {
	if (total == 0) {
		print "no samples"
		exit
	}
	plateau = ""
	for (name in samples)
		if (samples[name] * 3 >= total * 2 &&
		    (plateau == "" || depth[name] / samples[name] > depth[plateau] / samples[plateau]))
			plateau = name
	if (plateau == "") {
		print "no function has two thirds of the " total " samples"
		exit
	}
	for (k = 1; k <= NR; k++) {
		n_frames = split(lines[k], frames, ";")
		for (i = n_frames; i > 1 && frames[i] != plateau; i--)
			;
		for (i++; i <= n_frames && frames[i] ~ /^\[/; i++)
			;
		if (i > 2 && i <= n_frames)
			above[frames[i]] += weight[k]
	}
	printf "%s, in %s of %d samples", plateau, share(samples[plateau]), total
	for (k = 1; k <= 3; k++) {
		widest = ""
		for (name in above)
			if (widest == "" || above[name] > above[widest])
				widest = name
		if (widest == "" || above[widest] * 20 < total)
			break
		printf "%s %s %s", k == 1 ? ":" : ",", widest, share(above[widest])
		delete above[widest]
	}
	printf "\n"
}
