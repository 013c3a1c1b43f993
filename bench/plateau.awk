# plateau.awk - summarizes the widest plateau of a flame graph in one line, from folded stacks
#
# The plateau is the innermost function that contains at least two thirds of all samples, counted
# over all threads. It is followed by the three widest functions that it calls. Unnamed functions,
# shown in brackets, are attributed to their caller.

{
	n = $NF
	total += n
	line = $0
	sub(/ [0-9]+$/, "", line)
	n_frames = split(line, frames, ";")
	split("", is_seen)
	n_named = 0
	for (i = 2; i <= n_frames; i++) # the first frame is the thread
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
		print "no function contains two thirds of the " total " samples"
		exit
	}
	for (k = 1; k <= NR; k++) {
		n_frames = split(lines[k], frames, ";")
		for (i = n_frames; i > 1 && frames[i] != plateau; i--)
			;
		for (i++; i <= n_frames && frames[i] ~ /^\[/; i++)
			;
		if (i > 2 && i <= n_frames)
			callees[frames[i]] += weight[k]
	}
	printf "%s, in %s of %d samples", plateau, share(samples[plateau]), total
	for (k = 1; k <= 3; k++) {
		widest = ""
		for (name in callees)
			if (widest == "" || callees[name] > callees[widest])
				widest = name
		if (widest == "" || callees[widest] * 20 < total)
			break
		printf "%s %s %s", k == 1 ? ":" : ",", widest, share(callees[widest])
		delete callees[widest]
	}
	printf "\n"
}
