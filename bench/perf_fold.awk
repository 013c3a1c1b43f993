# perf_fold.awk - folds stacks of `perf script -F comm,pid,tid,ip,sym,dso`, as csv-report does
#
# Output  a line per stack, "thread 1 (main);main;work 12", in no particular order. Threads are
#         numbered in order of appearance; the main thread is 1. Frames outside main and symbol
#         versions are removed.

function flush(    i, n, stack, name, last) {
	if (n_frames == 0)
		return
	n = n_frames
	for (i = n_frames; i > 0; i--)
		if (frames[i] == "main") {
			n = i
			break
		}
	stack = root
	for (i = n; i > 0; i--) {
		name = frames[i]
		if (name ~ /^\[/ && name == last)
			continue
		stack = stack ";" name
		last = name
	}
	samples[stack]++
	n_frames = 0
}

# "comm pid/tid": starts a new sample.
/^[^ \t]/ {
	flush()
	match($0, /[0-9]+\/[0-9]+/)
	split(substr($0, RSTART, RLENGTH), ids, "/")
	if (ids[1] == ids[2])
		root = "thread 1 (main)"
	else {
		if (!(ids[2] in number))
			number[ids[2]] = ++n_others + 1
		root = "thread " number[ids[2]]
	}
	next
}

# "    address name (file)": a frame of the sample, innermost first.
NF >= 3 {
	name = $0
	sub(/^[ \t]*[0-9a-f]+ /, "", name)
	sub(/ \([^()]*\)$/, "", name)
	file = $NF
	gsub(/[][()]/, "", file)
	sub(/.*\//, "", file)
	sub(/@.*/, "", name)
	sub(/^__GI_/, "", name)
	gsub(/;/, ":", name)
	frames[++n_frames] = name == "[unknown]" ? "[" file "]" : name
}

END {
	flush()
	for (stack in samples)
		print stack, samples[stack]
}
